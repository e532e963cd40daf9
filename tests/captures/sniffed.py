"""What a sniffer receives of a connection on a bad day: the link's own retransmissions, and packets it damages or misses."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.captures.conversation import ACCESS_ADDRESS, AirPacket, AttPdu, data_pdu, opening
from tests.captures.layouts import l2cap

_INTERVAL = 30_000
"""Microseconds, as the opening says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How often something goes wrong, as probabilities for each packet.

    Attributes:
        lost: The other side does not receive it, so the sender sends it again.
        damaged: The sniffer receives it with a wrong CRC, with a few bytes changed.
        missed: The sniffer receives nothing.
        silence: For each event: the sniffer hears nothing of this one and of eleven more.
    """

    lost: float = 0.03
    damaged: float = 0.02
    missed: float = 0.02
    silence: float = 0.003


@dataclass(slots=True)
class _Side:
    """One side of the connection: what it has to send, what it sent and was not acknowledged, and its sequence numbers."""

    queue: list[tuple[int, bytes]]
    under_way: tuple[int, bytes] | None = None
    sequence: int = 0
    expected: int = 0

    @property
    def is_done(self) -> bool:
        """Nothing of it waits to be sent or acknowledged."""
        return not self.queue and (self.under_way is None or not self.under_way[1])

    def packet(self) -> bytes:
        """The same PDU until it is acknowledged, then the next; an empty one when there is nothing to say."""
        if self.under_way is None:
            self.under_way = self.queue.pop(0) if self.queue else (1, b"")
        return data_pdu(*self.under_way, self.sequence, self.expected)

    def hear(self, sequence: int, expected: int) -> None:
        """The other side's PDU with its two numbers arrived whole."""
        if sequence == self.expected:
            self.expected ^= 1
        if expected != self.sequence:
            self.sequence ^= 1
            self.under_way = None


def sniffed(pdus: Iterable[AttPdu], *, seed: int, weather: Weather, fragment: int = 251) -> list[AirPacket]:
    """The packets that a sniffer stores of a connection that carries ``pdus``, one fragment an event."""
    rng = random.Random(seed)
    sides = {True: _Side([]), False: _Side([])}
    parts = iter([part for pdu in pdus for part in _fragments(pdu, fragment)])
    packets = [opening(ACCESS_ADDRESS)]
    event = silent = 0
    part = next(parts, None)
    while part is not None or not (sides[True].is_done and sides[False].is_done):
        if part is not None and sides[True].is_done and sides[False].is_done:
            sides[part[0]].queue.append(part[1:])
            part = next(parts, None)
        event += 1
        silent = 12 if rng.random() < weather.silence else max(0, silent - 1)
        heard = list(_event(event, sides, rng, weather))
        packets += [] if silent else heard
    return packets


def _fragments(pdu: AttPdu, size: int) -> Iterator[tuple[bool, int, bytes]]:
    frame = l2cap.PDU.build({"length": len(pdu.data), "channel": pdu.channel, "payload": pdu.data})
    for offset in range(0, len(frame), size):
        yield pdu.from_central, 1 if offset else 2, frame[offset : offset + size]


def _event(event: int, sides: dict[bool, _Side], rng: random.Random, weather: Weather) -> Iterator[AirPacket]:
    """The central's packet and, where the peripheral heard it, the answer; what the sniffer has of both."""
    time = event * _INTERVAL
    for from_central in (True, False):
        sender, receiver = sides[from_central], sides[not from_central]
        pdu = sender.packet()
        if rng.random() >= weather.missed:
            yield _stored(pdu, time, event, rng, weather, from_central=from_central)
        time += (len(pdu) + 8) * 8 + 150
        if rng.random() >= weather.lost:
            receiver.hear(sender.sequence, sender.expected)
        elif from_central and rng.random() < 0.5:
            return


def _stored(pdu: bytes, time: int, event: int, rng: random.Random, weather: Weather, *, from_central: bool) -> AirPacket:
    good = rng.random() >= weather.damaged
    if not good and len(pdu) > 2:
        place = rng.randrange(2, len(pdu))
        pdu = pdu[:place] + bytes([pdu[place] ^ rng.randrange(1, 256)]) + pdu[place + 1 :]
    return AirPacket(
        time=time,
        from_central=from_central,
        access_address=ACCESS_ADDRESS,
        pdu=pdu,
        crc_good=good,
        event=event & 0xFFFF,
    )
