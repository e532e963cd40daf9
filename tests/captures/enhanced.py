"""ATT over channels that are opened for it: enhanced ATT, and ATT over classic Bluetooth."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tests.captures.conversation import AttPdu

_ENHANCED, _CLASSIC = 0x27, 0x1F
_LE_SIGNALS, _CLASSIC_SIGNALS = 5, 1


def enhanced_channels(client: int, server: int, *, service: int = _ENHANCED, mtu: int = 247, time: int = 0) -> list[AttPdu]:
    """The credit-based connection request and its response; ``client`` and ``server`` are the channels of the two sides."""
    request = struct.pack("<HHHHH", service, mtu, mtu, 100, client)
    response = struct.pack("<HHHHH", mtu, mtu, 100, 0, server)
    return [
        AttPdu(time=time, from_central=True, data=_signal(0x17, request), channel=_LE_SIGNALS),
        AttPdu(time=time + 100, from_central=False, data=_signal(0x18, response), channel=_LE_SIGNALS),
    ]


def classic_channel(client: int, server: int, *, service: int = _CLASSIC, time: int = 0) -> list[AttPdu]:
    """The connection request of classic Bluetooth and its response."""
    request, response = struct.pack("<HH", service, client), struct.pack("<HHHH", server, client, 0, 0)
    return [
        AttPdu(time=time, from_central=True, data=_signal(2, request), channel=_CLASSIC_SIGNALS),
        AttPdu(time=time + 100, from_central=False, data=_signal(3, response), channel=_CLASSIC_SIGNALS),
    ]


def over_channel(pdus: Iterable[AttPdu], client: int, server: int, *, frame: int | None = None) -> Iterator[AttPdu]:
    """``pdus`` addressed to the other side's channel; in credit-based frames of ``frame`` bytes where that is given."""
    for pdu in pdus:
        channel = server if pdu.from_central else client
        if frame is None:
            yield replace(pdu, channel=channel)
            continue
        whole = len(pdu.data).to_bytes(2, "little") + pdu.data
        for start in range(0, len(whole), frame):
            yield replace(pdu, data=whole[start : start + frame], channel=channel)


def _signal(code: int, body: bytes) -> bytes:
    return struct.pack("<BBH", code, 1, len(body)) + body
