"""Devices that answer a sender machine as healthy firmware does, and a driver that plays both."""

from __future__ import annotations

from collections.abc import Callable

from forensics.protocols.espressif import crc16
from forensics.protocols.senders import control_data, espressif, fbiego
from forensics.protocols.senders.steps import Finished, Sender, Wait, Write
from tests.unit.protocols.senders import COMMAND, CONTROL, DATA, NOTIFY, REQUEST, Step

Told = list[tuple[str, bytes]]
Device = Callable[[Write], Told]
MOST_STEPS = 200_000


def frame(*numbers: int) -> bytes:
    body = b"".join(number.to_bytes(2, "little") for number in numbers).ljust(18, b"\0")
    return body + crc16(body).to_bytes(2, "little")


def control_data_device(write: Write) -> Told:
    if write.characteristic != control_data.CONTROL:
        return []
    return [(control_data.CONTROL, bytes([{1: 2, 4: 5}[write.value[0]]]))]


class EspressifDevice:
    """``ble_ota_raw``: sequence, length and CRC are looked at.

    Attributes:
        deaf: Numbers of answers, counted from 0, that get lost.
    """

    def __init__(self, window: int = 1, deaf: tuple[int, ...] = ()) -> None:
        self.window = window
        self.deaf = deaf
        self.answers = 0
        self.size = 0
        self.image = bytearray()
        self.buffer = bytearray()
        self.expected = 0

    def __call__(self, write: Write) -> Told:
        if write.characteristic == espressif.COMMAND:
            command = int.from_bytes(write.value[:2], "little")
            if command == 1:
                self.size = int.from_bytes(write.value[2:6], "little")
            return [(espressif.COMMAND, frame(3, command, 0, self.window))]
        sector, sequence, payload = int.from_bytes(write.value[:2], "little"), write.value[2], write.value[3:]
        if sequence == 0:
            self.buffer.clear()
            self.expected = 0
        if sequence not in (self.expected, 0xFF):
            self.expected = -1000
        self.expected += 1
        self.buffer += payload
        return self.end_of(sector) if sequence == 0xFF else []

    def end_of(self, sector: int) -> Told:
        content, crc = bytes(self.buffer[:-2]), int.from_bytes(self.buffer[-2:], "little")
        wanted = -(-len(self.image) // 4096)
        gap = self.expected < 0
        self.buffer.clear()
        self.expected = 0
        status = 0
        if sector != wanted or gap:
            status = 2
        elif len(content) != min(4096, self.size - len(self.image)):
            status = 3
        elif crc16(content) != crc:
            status = 1
        else:
            self.image += content
        self.answers += 1
        if self.answers - 1 in self.deaf:
            return []
        return [(espressif.DATA, frame(sector, status, wanted))]


class FbiegoDevice:
    """Asks for part after part, or takes them as they come in fast mode."""

    def __init__(self, fast: bool = False) -> None:
        self.fast = fast
        self.parts = 0

    def __call__(self, write: Write) -> Told:
        code = write.value[0]
        if code == 0xFF:
            self.parts = int.from_bytes(write.value[1:3], "big")
            return [(fbiego.TELL, bytes([0xAA, self.fast]))]
        if code == 0xFC:
            following = int.from_bytes(write.value[3:5], "big") + 1
            if following == self.parts:
                done = b"\xf2" + following.to_bytes(2, "big")
                return [(fbiego.TELL, done), (fbiego.TELL, b"\x0fUpdate successfully completed.")]
            return [] if self.fast else [(fbiego.TELL, b"\xf1" + following.to_bytes(2, "big"))]
        return []


def drive(
    sender: Sender, device: Device, alter: Callable[[Write], list[Write]] = lambda write: [write]
) -> tuple[Finished, list[Step]]:
    """Plays a transfer to its end; gives what crossed the link, for the decoders."""
    crossed: list[Step] = []
    for _ in range(MOST_STEPS):
        step = sender.step()
        if isinstance(step, Finished):
            return step, crossed
        if isinstance(step, Wait):
            sender.timed_out()
            continue
        for write in alter(step):
            handle = DATA if write.characteristic == sender.data else CONTROL
            crossed.append(Step(REQUEST if write.response else COMMAND, handle, write.value))
            for characteristic, value in device(write):
                crossed.append(Step(NOTIFY, DATA if characteristic == sender.data else CONTROL, value))
                sender.receive(characteristic, value)
    raise AssertionError("the transfer does not end")
