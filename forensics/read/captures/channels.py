"""L2CAP channels that the two sides agree on: which of them carry ATT, and in what form.

ATT has a fixed channel of its own; enhanced ATT (from Bluetooth 5.2) and ATT over classic Bluetooth open others.

Source: Bluetooth Core Specification 5.4, volume 3, part A, sections 4.2, 4.3, 4.22 to 4.26; part F, section 9; the
assigned numbers for 0x001F and 0x0027.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from forensics.read.captures.recorder import OpenConnection

FIRST_DYNAMIC_CHANNEL = 0x0040
SIGNALLING_CHANNELS = (0x0001, 0x0005)
"""Of classic Bluetooth, and of LE."""

_ATT_CLASSIC, _ATT_ENHANCED = 0x001F, 0x0027
_CONNECTION_REQUEST, _CONNECTION_RESPONSE = 0x02, 0x03
_DISCONNECTION_RESPONSE = 0x07
_LE_CREDIT_REQUEST, _LE_CREDIT_RESPONSE = 0x14, 0x15
_ENHANCED_REQUEST, _ENHANCED_RESPONSE = 0x17, 0x18
_HEADER = struct.Struct("<BBH")
_MAX_OPEN = 1024

_Side = tuple[int, bool]
"""Connection, and whether the host sent it."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A channel that carries ATT.

    Attributes:
        number: Tells the bearers of one connection apart: each has requests and responses of its own.
        segmented: Its PDUs are spread over credit-based frames, the first of which begins with the size of the whole.
    """

    number: int
    segmented: bool


@dataclass(frozen=True, slots=True)
class _Request:
    """What one side asked for: the service, the channels at which it will listen, and the largest PDU it takes there."""

    service: int
    channels: tuple[int, ...]
    mtu: int = 0


class Channels:
    """The dynamic channels of all connections of one capture."""

    def __init__(self) -> None:
        self._asked: dict[tuple[int, bool, int], _Request] = {}
        self._bearers: dict[tuple[int, bool, int], Bearer | None] = {}
        self._count = 0

    def bearer(self, connection: OpenConnection, from_host: bool, channel: int) -> Bearer | None:
        """The ATT bearer that a frame belongs to, by its sender and the channel it is addressed to; else None."""
        return self._bearers.get((connection.index, from_host, channel))

    def is_known(self, connection: OpenConnection, from_host: bool, channel: int) -> bool:
        """The capture shows what was agreed on for this channel."""
        return (connection.index, from_host, channel) in self._bearers

    def signal(self, connection: OpenConnection, from_host: bool, data: bytes) -> int | None:
        """Reads the commands of one signalling PDU; a damaged one is passed over.

        Gives the ATT MTU of enhanced bearers that it opened, or None.
        """
        position = 0
        mtu: int | None = None
        while position + _HEADER.size <= len(data):
            code, identifier, size = _HEADER.unpack_from(data, position)
            body = data[position + _HEADER.size : position + _HEADER.size + size]
            position += _HEADER.size + size
            try:
                mtu = self._command((connection.index, from_host), code, identifier, body) or mtu
            except struct.error:
                break
        return mtu

    def _command(self, side: _Side, code: int, identifier: int, body: bytes) -> int | None:
        if code in (_CONNECTION_REQUEST, _LE_CREDIT_REQUEST):
            service, source = struct.unpack_from("<HH", body)
            self._ask(side, identifier, service, (source,))
        elif code == _ENHANCED_REQUEST:
            service, mtu = struct.unpack_from("<HH", body)
            self._ask(side, identifier, service, _numbers(body[8:]), mtu)
        elif code == _CONNECTION_RESPONSE:
            target, source, result = struct.unpack_from("<HHH", body)
            if result == 0:
                self._open(side, identifier, (target,), segmented=False, by_source=source)
        elif code == _LE_CREDIT_RESPONSE:
            (target,) = struct.unpack_from("<H", body)
            self._open(side, identifier, (target,), segmented=True)
        elif code == _ENHANCED_RESPONSE:
            (mtu,) = struct.unpack_from("<H", body)
            asked = self._open(side, identifier, _numbers(body[8:]), segmented=True)
            return min(mtu, asked.mtu) if asked is not None and asked.service == _ATT_ENHANCED else None
        elif code == _DISCONNECTION_RESPONSE:
            target, source = struct.unpack_from("<HH", body)
            self._bearers.pop((side[0], not side[1], target), None)
            self._bearers.pop((side[0], side[1], source), None)
        return None

    def _ask(self, side: _Side, identifier: int, service: int, channels: tuple[int, ...], mtu: int = 0) -> None:
        if len(self._asked) < _MAX_OPEN:
            self._asked[(*side, identifier)] = _Request(service, channels, mtu)

    def _open(
        self, side: _Side, identifier: int, targets: tuple[int, ...], *, segmented: bool, by_source: int | None = None
    ) -> _Request | None:
        """The other side's request was granted: each pair of channels is one bearer, addressed differently by each side."""
        connection, answers = side
        asked = self._asked.pop((connection, not answers, identifier), None)
        if asked is None or (by_source is not None and by_source not in asked.channels):
            return None
        wanted = _ATT_ENHANCED if segmented else _ATT_CLASSIC
        for source, target in zip(asked.channels, targets, strict=False):
            if target < FIRST_DYNAMIC_CHANNEL or len(self._bearers) >= _MAX_OPEN:
                continue
            self._count += 1
            bearer = Bearer(self._count, segmented) if asked.service == wanted else None
            self._bearers[connection, not answers, target] = bearer
            self._bearers[connection, answers, source] = bearer
        return asked


def _numbers(body: bytes) -> tuple[int, ...]:
    """Channel numbers, end to end."""
    return struct.unpack_from(f"<{len(body) // 2}H", body)
