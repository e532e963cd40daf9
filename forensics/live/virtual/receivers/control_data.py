"""A control and a data characteristic, the shape of most private projects; and michael-angerer's, where it began.

Source: michael-angerer/esp32_ble_ota; the words of the protocol are those of ``forensics.protocols.control_data``.
"""

from __future__ import annotations

from forensics.live.virtual.ota import OtaUpdate, error_name
from forensics.live.virtual.receivers.base import (
    NOTIFY,
    READ,
    WRITE,
    WRITE_COMMAND,
    AttError,
    GattCharacteristic,
    ImagePiece,
    Receiver,
    ReceiverBoard,
)
from forensics.protocols.control_data import ACCEPTED, DONE, DONE_ACCEPTED, DONE_REFUSED, REQUEST
from forensics.spec.esp_err import ESP_OK

SERVICE = "d6f1d96d-594c-4c53-b1c6-144a1dfde6d8"
CONTROL = "7ad671aa-21c0-46a4-b722-270e3ae3d830"
DATA = "23408888-1f40-4cd8-9b89-ca8d45f8a5b0"

_TAG = "ble_ota"
_BUFFER_SIZE = 512
_INVALID_LENGTH = 0x0D
"""ATT error. Source: Bluetooth Core Specification 5.4, volume 3, part F, section 3.4.1.1."""


class ControlData(Receiver):
    """Queues each write as long as it is; the flash task appends it.

    Attributes:
        chunks: Chunks since the request.
    """

    service = SERVICE
    chunk_place = DATA
    characteristics = (
        GattCharacteristic(uuid=CONTROL, properties=frozenset({READ, WRITE, NOTIFY})),
        GattCharacteristic(uuid=DATA, properties=frozenset({WRITE, WRITE_COMMAND})),
    )

    def __init__(self, board: ReceiverBoard) -> None:
        super().__init__(board)
        self._update: OtaUpdate | None = None
        self._taken = self.chunks = 0
        self._size = 0

    def is_chunk(self, uuid: str, value: bytes) -> bool:
        """Before the request was accepted, data is the chunk size."""
        return uuid == DATA and self._update is not None

    def piece(self, value: bytes) -> ImagePiece:
        """Appended to what came before."""
        return ImagePiece(offset=self._taken, content=value)

    def on_write(self, uuid: str, value: bytes) -> None:
        """Control words, the chunk size and chunks."""
        if uuid == CONTROL:
            self._on_control(value)
        elif self._update is None:
            self._size = int.from_bytes(value[:2], "little")
        else:
            self._taken += len(value)
            self.chunks += 1
            self.on_chunk(value)

    def on_chunk(self, value: bytes) -> None:
        """A chunk came while an update is open."""
        self.board.queue(value)

    def store(self, piece: bytes) -> None:
        """Appends; an error of the flash driver is printed, and the transfer goes on."""
        if self._update is None:
            return
        err = self._update.write(piece)
        if err != ESP_OK:
            self.board.serial.error(_TAG, f"esp_ota_write failed ({error_name(err)})")

    @property
    def announced(self) -> int:
        """Bytes of a chunk, as the sender said before it asked."""
        return self._size

    def _on_control(self, value: bytes) -> None:
        if value[:1] == bytes([REQUEST]):
            self.board.wait_for_flash()
            self.board.begin_transfer()
            self._update = self.board.begin_update()
            self._taken = self.chunks = 0
            self.board.serial.info(_TAG, f"OTA requested, chunks of {self._size} bytes")
            self.board.notify(CONTROL, bytes([ACCEPTED]))
        elif value[:1] == bytes([DONE]):
            self.board.wait_for_flash()
            self.board.notify(CONTROL, bytes([DONE_ACCEPTED if self._end() else DONE_REFUSED]))

    def _end(self) -> bool:
        update, self._update = self._update, None
        if update is None:
            self.board.serial.error(_TAG, "OTA is done before it was requested")
            return False
        self.board.serial.info(_TAG, f"{update.written} bytes written")
        err = self.board.end_update(update)
        if err != ESP_OK:
            self.board.serial.error(_TAG, f"esp_ota_end failed ({error_name(err)})")
        return err == ESP_OK


class MichaelAngerer(ControlData):
    """Copies each write into a static buffer of 512 bytes and flashes the announced size of it, whatever came."""

    def __init__(self, board: ReceiverBoard) -> None:
        super().__init__(board)
        self._buffer = bytearray(_BUFFER_SIZE)

    def piece(self, value: bytes) -> ImagePiece:
        """Every write moves the image on by the announced size."""
        return ImagePiece(offset=self.chunks * self.announced, content=value)

    def on_chunk(self, value: bytes) -> None:
        """A write that the buffer cannot hold is refused, and old bytes are flashed all the same."""
        fits = len(value) <= _BUFFER_SIZE
        if fits:
            self._buffer[: len(value)] = value
        self.board.queue(bytes(self._buffer[: self.announced]))
        if not fits:
            raise AttError(_INVALID_LENGTH)
