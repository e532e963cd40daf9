"""What a device offers, and how much of it one write can carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bleak.backends.service import BleakGATTServiceCollection

LONGEST_ATTRIBUTE = 512
"""Bytes of the longest attribute value. A write command with more is dropped by the device without a word, and the
stacks let it pass. Source: Bluetooth Core Specification 5.4, volume 3, part F, section 3.2.9."""

WRITE, WRITE_COMMAND = "write", "write-without-response"
"""Properties: write request, write command."""
_TELLS = ("notify", "indicate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """One characteristic.

    Attributes:
        uuid: 36 characters in lower case; ``service`` is that of its service.
        handle: Attribute handle as the stack counts: the declaration's on Linux, one below the value's.
        properties: Names as in bleak: ``read``, ``write``, ``write-without-response``, ``notify``, ``indicate`` ...
    """

    uuid: str
    service: str
    handle: int
    properties: tuple[str, ...]

    @property
    def takes_requests(self) -> bool:
        """Write requests are allowed."""
        return WRITE in self.properties

    @property
    def takes_commands(self) -> bool:
        """Write commands are allowed."""
        return WRITE_COMMAND in self.properties

    @property
    def tells(self) -> bool:
        """It can notify or indicate."""
        return any(name in self.properties for name in _TELLS)


def characteristics_of(services: BleakGATTServiceCollection) -> tuple[Characteristic, ...]:
    """Everything that was discovered, in the order of its handles."""
    found = [
        Characteristic(
            uuid=one.uuid.lower(),
            service=one.service_uuid.lower(),
            handle=one.handle,
            properties=tuple(str(name) for name in one.properties),
        )
        for one in services.characteristics.values()
    ]
    return tuple(sorted(found, key=_handle))


def _handle(characteristic: Characteristic) -> int:
    return characteristic.handle
