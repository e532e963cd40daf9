"""How much work one call may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Ceilings of one call; what lies beyond them is named in the report and makes nothing ``healthy``.

    Attributes:
        unpacked: Bytes that archives may unpack to, all together, however large they are.
        free: Bytes that the smallest archive may unpack to: what the largest flash of the family holds, and logs.
        ratio: Bytes that each byte of a larger archive may unpack to.
        objects: Files that are opened, members of archives included.
        entries: Files that archives may list.
        steps: Damaged images that a search for a logged hash tries.
        seconds: Ends that search early; None never does.
        case_seconds: CPU seconds of one case of a batch, where the system can count them.
    """

    unpacked: int = 512 * 1024 * 1024
    free: int = 40 * 1024 * 1024
    ratio: int = 40
    objects: int = 2000
    entries: int = 20_000
    steps: int | None = None
    seconds: float | None = 10.0
    case_seconds: float = 120.0


DEFAULT_LIMITS = Limits()
