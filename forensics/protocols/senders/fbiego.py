"""Sends as fbiego's apps do: parts of 16 000 bytes, each chunk with its position, the device asking for parts.

Source: fbiego/ESP32_BLE_OTA_Arduino and BLE_OTA_Python. All numbers are big endian.
"""

from __future__ import annotations

from forensics.protocols.fbiego import CHUNK, NAME, PART_END, PART_SIZE, PARTS, SIZE, START
from forensics.protocols.senders.steps import Finished, Outcome, Script, ScriptPart, Sender, Wait, Write

SERVICE = "fb1e4001-54ae-4a28-9f74-dfccb248601d"
RECEIVE = "fb1e4002-54ae-4a28-9f74-dfccb248601d"
TELL = "fb1e4003-54ae-4a28-9f74-dfccb248601d"
HEADER_SIZE = 2
SMALLEST_CHUNK = -(-PART_SIZE // 256)
"""Bytes. The position is one byte, so smaller chunks do not cover a part."""

_MODE, _NEXT_PART, _COMPLETE, _RESULT = 0xAA, 0xF1, 0xF2, 0x0F
_FAST = 1
_MOST_TRIES = 5
_MODE_SECONDS, _PART_SECONDS, _RESULT_SECONDS = 10.0, 30.0, 60.0
_REFUSALS = ("error", "fail", "not enough", "incomplete", "expected")
_SUCCESS = "success"


class FbiegoSender(Sender):
    """Start, length, plan, then the parts; the device asks for each, or takes them without asking in fast mode."""

    name = NAME

    def __init__(self, image: bytes, *, chunk_size: int) -> None:
        super().__init__(image, subscriptions=(TELL,), data=RECEIVE, chunk_size=chunk_size)

    def _conversation(self) -> Script:
        count = -(-len(self.image) // PART_SIZE)
        yield _message(START)
        yield _message(SIZE, (len(self.image), 4))
        yield _message(PARTS, (count, 2), (self.chunk_size, 2))
        mode = yield _wait("the device to say how it wants the parts", _MODE_SECONDS, _MODE)
        fast = mode is not None and mode[1:2] == bytes([_FAST])
        part = 0
        for _ in range(_MOST_TRIES * count):
            yield from self._part(part)
            if part == count - 1:
                return (yield from self._ending_of_transfer())
            part += 1
            if fast:
                continue
            request = yield _wait(f"the request for part {part}", _PART_SECONDS, _NEXT_PART)
            if request is None:
                return Finished(outcome=Outcome.BROKEN_OFF, text=f"the device did not ask for part {part}")
            part = int.from_bytes(request[1:3], "big")
            if part >= count:
                break
            self.acknowledged = part * PART_SIZE
        return Finished(outcome=Outcome.BROKEN_OFF, text=f"the device keeps asking for part {part} of {count}")

    def _part(self, number: int) -> ScriptPart:
        content = self.image[number * PART_SIZE : (number + 1) * PART_SIZE]
        chunks_before = number * -(-PART_SIZE // self.chunk_size)
        for position, start in enumerate(range(0, len(content), self.chunk_size)):
            piece = content[start : start + self.chunk_size]
            yield Write(
                characteristic=RECEIVE,
                value=bytes([CHUNK, position]) + piece,
                response=False,
                offset=number * PART_SIZE + start,
                start=HEADER_SIZE,
                length=len(piece),
                chunk=chunks_before + position,
            )
        yield _message(PART_END, (len(content), 2), (number, 2), response=True)
        return None

    def _ending_of_transfer(self) -> Script:
        complete = yield _wait("the device to have all parts", _PART_SECONDS, _COMPLETE)
        if complete is None:
            return Finished(outcome=Outcome.UNCONFIRMED, text="the device did not say that it has all parts")
        self.acknowledged = len(self.image)
        text = "the device has all parts; its log tells whether the image passed its checks"
        self._ending = received = Finished(outcome=Outcome.RECEIVED, text=text)
        result = yield _wait("the result of the update", _RESULT_SECONDS, _RESULT)
        if result is None:
            return received
        said = " ".join(result[1:].decode("utf-8", "replace").split())
        if any(word in said.lower() for word in _REFUSALS):
            return Finished(outcome=Outcome.REFUSED, text=f"the device says: {said}")
        outcome = Outcome.ACCEPTED if _SUCCESS in said.lower() else Outcome.RECEIVED
        return Finished(outcome=outcome, text=f"the device says: {said}")


def _message(code: int, *numbers: tuple[int, int], response: bool = False) -> Write:
    """A message of numbers, each with its size in bytes."""
    value = bytes([code]) + b"".join(number.to_bytes(size, "big") for number, size in numbers)
    return Write(characteristic=RECEIVE, value=value, response=response)


def _wait(reason: str, seconds: float, code: int) -> Wait:
    def fits(value: bytes) -> bool:
        return value[:1] == bytes([code])

    return Wait(reason=reason, seconds=seconds, characteristic=TELL, fits=fits)
