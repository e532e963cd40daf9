"""fbiego's receiver: two part buffers that take turns and are never cleared, a staged file, then the update.

Source: fbiego/ESP32_BLE_OTA_Arduino; the opcodes are those of ``forensics.protocols.fbiego``.
"""

from __future__ import annotations

from forensics.live.virtual.receivers.base import (
    NOTIFY,
    READ,
    WRITE,
    WRITE_COMMAND,
    GattCharacteristic,
    ImagePiece,
    Receiver,
    ReceiverBoard,
)
from forensics.protocols.fbiego import CHUNK, PART_END, PART_SIZE, PARTS, SIZE, START
from forensics.spec.esp_err import ESP_OK

RECEIVE = "fb1e4002-54ae-4a28-9f74-dfccb248601d"
TELL = "fb1e4003-54ae-4a28-9f74-dfccb248601d"

_MODE, _NEXT_PART, _COMPLETE, _RESULT = 0xAA, 0xF1, 0xF2, 0x0F
_PART_BUFFER = 16384
_HEADER_SIZE = 2
_TAG = "OTA"


class Fbiego(Receiver):
    """Position-addressed chunks; a chunk that never comes shows what the buffer held two parts before."""

    service = "fb1e4001-54ae-4a28-9f74-dfccb248601d"
    chunk_place = RECEIVE
    characteristics = (
        GattCharacteristic(uuid=RECEIVE, properties=frozenset({WRITE, WRITE_COMMAND})),
        GattCharacteristic(uuid=TELL, properties=frozenset({READ, NOTIFY})),
    )

    def __init__(self, board: ReceiverBoard) -> None:
        super().__init__(board)
        self._buffers = bytearray(_PART_BUFFER), bytearray(_PART_BUFFER)
        self._current = 0
        self._part = 0
        self._parts = 0
        self._chunk = 0
        self._size = 0
        self._staged = bytearray()

    def is_chunk(self, uuid: str, value: bytes) -> bool:
        """The opcode says so."""
        return uuid == RECEIVE and value[:1] == bytes([CHUNK])

    def piece(self, value: bytes) -> ImagePiece:
        """At its position in the part under way."""
        offset = self._part * PART_SIZE + value[1] * self._chunk if len(value) > 1 else 0
        return ImagePiece(offset=offset, content=value[_HEADER_SIZE:])

    def on_write(self, uuid: str, value: bytes) -> None:
        """One message; numbers are big endian."""
        code, body = value[:1], value[1:]
        if code == bytes([CHUNK]) and body:
            place = body[0] * self._chunk
            payload = body[1:][: max(0, _PART_BUFFER - place)]
            self._buffers[self._current][place : place + len(payload)] = payload
        elif code == bytes([PART_END]):
            self._end_part(int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big"))
        elif code == bytes([START]):
            self.board.begin_transfer()
            self._staged.clear()
            self._part = 0
            self.board.notify(TELL, bytes([_MODE, 0]))
        elif code == bytes([SIZE]):
            self._size = int.from_bytes(body[:4], "big")
        elif code == bytes([PARTS]):
            self._parts, self._chunk = int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big")

    def store(self, piece: bytes) -> None:
        """Appends a part to the staged file."""
        self._staged += piece

    def _end_part(self, length: int, number: int) -> None:
        """The main loop asks for the next part before it writes this one; behind the last one the update begins."""
        part = bytes(self._buffers[self._current][:length])
        self._current ^= 1
        self._part = number + 1
        following = self._part.to_bytes(2, "big")
        self.board.notify(TELL, bytes([_NEXT_PART if self._part < self._parts else _COMPLETE]) + following)
        self.board.queue(part)
        if self._part == self._parts:
            self.board.wait_for_flash()
            self._update()

    def _update(self) -> None:
        if len(self._staged) != self._size:
            self.board.serial.error(_TAG, f"Incomplete. Expected: {self._size} Received: {len(self._staged)}")
            return
        update = self.board.begin_update()
        err = update.write(bytes(self._staged))
        err = err or self.board.end_update(update)
        text = f"Written : {self._size} successfully" if err == ESP_OK else "Error #: 9"
        self.board.serial.info(_TAG, text)
        self.board.notify(TELL, bytes([_RESULT]) + text.encode())
