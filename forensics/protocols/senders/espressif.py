"""Sends to Espressif's 0x8018 service, sector by sector, each with its CRC and its acknowledgment.

Source: espressif/esp-iot-solution ``ble_ota`` 0.1.16 and ``ble_ota_raw`` 0.2.0; gb88/BLEOTA 1.0.6 wants the STOP.
"""

from __future__ import annotations

from forensics.protocols.espressif import LAST_IN_SECTOR, NAME, SECTOR_SIZE, crc16
from forensics.protocols.exchange import short_uuid
from forensics.protocols.senders.steps import Finished, Outcome, Script, ScriptPart, Sender, Wait, Write

SERVICE, DATA, COMMAND = short_uuid(0x8018), short_uuid(0x8020), short_uuid(0x8022)
HEADER_SIZE, CRC_SIZE = 3, 2
SMALLEST_CHUNK = 17
"""Bytes. Sequence numbers are one byte and 0xFF marks the last packet, so a sector has at most 255 packets."""

_START, _STOP, _ANSWER = 1, 2, 3
_FRAME_SIZE = 20
_OK, _WRONG_CRC, _WRONG_INDEX, _WRONG_LENGTH = 0, 1, 2, 3
_SIGNATURE_ERROR = 3
_STATUS_WORDS = {_WRONG_CRC: "CRC error", _WRONG_INDEX: "index error", _WRONG_LENGTH: "length error", 5: "not started"}
_REPEATED = (_WRONG_CRC, _WRONG_LENGTH)
_WANTED, _WINDOW = 4, 6
"""Where an answer names the sector that the device wants, and how many sectors may be under way."""
_ANSWERED = 2
"""Where it names the command."""
MOST_SECTORS = 64
"""The largest window that ``ble_ota_raw`` offers."""
_MOST_TRIES = 5
_START_SECONDS, _SECTOR_SECONDS, _STOP_SECONDS = 30.0, 10.0, 5.0


class EspressifSender(Sender):
    """START with the length, the sectors with their acknowledgments, STOP.

    Args:
        window: How many sectors may be under way without an acknowledgment. A device may allow fewer.
    """

    name = NAME
    restarts_when_accepted = True

    def __init__(self, image: bytes, *, chunk_size: int, window: int = 1) -> None:
        self._window = window
        self._tries: dict[int, int] = {}
        self._passed_over = 0
        super().__init__(image, subscriptions=(COMMAND, DATA), data=DATA, chunk_size=chunk_size)

    def write_refused(self, write: Write) -> None:
        """A sector that misses a packet is refused by its acknowledgment, and then sent again."""
        if write.offset is None:
            super().write_refused(write)

    def _conversation(self) -> Script:
        yield _command(_START, len(self.image).to_bytes(4, "little"))
        answer = yield _wait_for_command(_START, "the device to accept the transfer", _START_SECONDS)
        if answer is None:
            return Finished(outcome=Outcome.BROKEN_OFF, text="the device did not answer START")
        if _command_status(answer) != _OK:
            return Finished(outcome=Outcome.REFUSED, text=f"the device refused START with status {_command_status(answer)}")
        # Only ble_ota_raw tells a window here; the others leave zeros and take one sector at a time.
        broken = yield from self._sectors(min(self._window, answer[_WINDOW] or 1))
        if broken is not None:
            return broken
        text = "the device acknowledged every sector; its log tells whether the image passed its checks"
        self._ending = received = Finished(outcome=Outcome.RECEIVED, text=text)
        yield _command(_STOP, b"")
        answer = yield _wait_for_command(_STOP, "the device to accept the end", _STOP_SECONDS)
        status = _OK if answer is None else _command_status(answer)
        if status == _SIGNATURE_ERROR:
            return Finished(outcome=Outcome.REFUSED, text="the device refused the signature of the image")
        if status != _OK:  # the verdict of gb88/BLEOTA; NimBLEOta has ended by itself and knows no STOP any more
            text = f"the device acknowledged every sector, then refused STOP with status {status}"
            return Finished(outcome=Outcome.UNCONFIRMED, text=text)
        return received

    def _sectors(self, window: int) -> ScriptPart:
        """Up to ``window`` sectors under way; a sector that is refused, or that nobody speaks of, is sent again."""
        count = -(-len(self.image) // SECTOR_SIZE)
        first = following = 0
        while first < count:
            if following < min(count, first + window):
                yield from self._sector(following)
                following += 1
                continue
            answer = yield _wait_for_sector(first)
            if answer is not None and self._is_of_the_past(answer, first):
                continue
            if answer is not None and _status(answer) == _OK:
                first = _number(answer) + 1
            else:
                wanted = self._wanted(answer, first)
                if not 0 <= wanted <= count or not self._may_send_again(wanted):
                    return self._given_up(first, answer)
                self._passed_over = following - first - 1
                first = following = wanted
            self.acknowledged = min(first * SECTOR_SIZE, len(self.image))
        return None

    def _is_of_the_past(self, answer: bytes, first: int) -> bool:
        """It answers a sector that was acknowledged before, or one behind a refused one."""
        if _status(answer) == _OK:
            return _number(answer) < first
        self._passed_over -= 1
        return self._passed_over >= 0

    def _wanted(self, answer: bytes | None, first: int) -> int:
        """The sector to go on with; a device that has the sector, whose answer was lost, names the one behind it."""
        if answer is None or _status(answer) in _REPEATED:
            return first
        return _number(answer[_WANTED:]) if _status(answer) == _WRONG_INDEX else -1

    def _sector(self, number: int) -> ScriptPart:
        content = self.image[number * SECTOR_SIZE : (number + 1) * SECTOR_SIZE]
        chunks_before = number * -(-SECTOR_SIZE // self.chunk_size)
        for sequence, start in enumerate(range(0, len(content), self.chunk_size)):
            piece = content[start : start + self.chunk_size]
            last = start + self.chunk_size >= len(content)
            header = number.to_bytes(2, "little") + bytes([LAST_IN_SECTOR if last else sequence])
            yield Write(
                characteristic=DATA,
                value=header + piece + (crc16(content).to_bytes(CRC_SIZE, "little") if last else b""),
                offset=number * SECTOR_SIZE + start,
                start=HEADER_SIZE,
                length=len(piece),
                chunk=chunks_before + sequence,
            )
        return None

    def _may_send_again(self, sector: int) -> bool:
        self._tries[sector] = self._tries.get(sector, 1) + 1
        return self._tries[sector] <= _MOST_TRIES

    def _given_up(self, sector: int, answer: bytes | None) -> Finished:
        tries = self._tries.get(sector, 1)
        times = f" in {tries} tries" if tries > 1 else ""
        if answer is None:
            return Finished(outcome=Outcome.BROKEN_OFF, text=f"the device did not acknowledge sector {sector}{times}")
        status = _status(answer)
        said = _STATUS_WORDS.get(status, f"status {status}")
        return Finished(outcome=Outcome.REFUSED, text=f"the device refused sector {sector}{times}: {said}")


def _command_status(value: bytes) -> int:
    """Of the answer to a command."""
    return _number(value[4:])


def _command(number: int, payload: bytes) -> Write:
    body = number.to_bytes(2, "little") + payload.ljust(_FRAME_SIZE - 4, b"\0")
    return Write(characteristic=COMMAND, value=body + crc16(body).to_bytes(CRC_SIZE, "little"), response=True)


def _wait_for_command(number: int, reason: str, seconds: float) -> Wait:
    def fits(value: bytes) -> bool:
        return len(value) == _FRAME_SIZE and _number(value) == _ANSWER and _number(value[_ANSWERED:]) == number

    return Wait(reason=reason, seconds=seconds, characteristic=COMMAND, fits=fits)


def _wait_for_sector(number: int) -> Wait:
    def fits(value: bytes) -> bool:
        return len(value) == _FRAME_SIZE

    return Wait(reason=f"the acknowledgment of sector {number}", seconds=_SECTOR_SECONDS, characteristic=DATA, fits=fits)


def _number(value: bytes) -> int:
    return int.from_bytes(value[:2], "little")


def _status(value: bytes) -> int:
    """Of the acknowledgment of a sector."""
    return _number(value[2:])
