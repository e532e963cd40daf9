"""How much work one call may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Ceilings of one call; what lies beyond them is named in the report and makes nothing ``healthy``.

    Attributes:
        unpacked: Bytes that archives may unpack to, all together.
        objects: Files that are opened, members of archives included.
        steps: Damaged images that a search for a logged hash tries.
        seconds: Ends that search early; None never does.
    """

    unpacked: int = 512 * 1024 * 1024
    objects: int = 2000
    steps: int | None = None
    seconds: float | None = 10.0


DEFAULT_LIMITS = Limits()
