"""Which Bluetooth stack bleak talks to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bleak.backends.client import BaseBleakClient
    from bleak.backends.scanner import BaseBleakScanner


@dataclass(frozen=True, slots=True, kw_only=True)
class Backends:
    """Classes for bleak's ``backend=``.

    Attributes:
        scanner: Class of the scanner; the platform's own when None.
        client: Class of the client; the platform's own when None.
    """

    scanner: type[BaseBleakScanner] | None = None
    client: type[BaseBleakClient] | None = None


PLATFORM = Backends()
"""The Bluetooth stack of this machine."""
