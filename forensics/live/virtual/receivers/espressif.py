"""Espressif's 0x8018 service as its receivers behave: ``ble_ota`` on NimBLE and on Bluedroid, and ``ble_ota_raw``.

Source: espressif/esp-iot-solution ``ble_ota`` 0.1.16 and ``ble_ota_raw`` 0.2.0; the frames are those of
``forensics.protocols.espressif``.
"""

from __future__ import annotations

from typing import ClassVar

from forensics.live.virtual.ota import OtaUpdate, error_name
from forensics.live.virtual.receivers.base import (
    INDICATE,
    NOTIFY,
    READ,
    WRITE,
    WRITE_COMMAND,
    GattCharacteristic,
    ImagePiece,
    Receiver,
    ReceiverBoard,
)
from forensics.protocols.espressif import LAST_IN_SECTOR, LAST_SECTOR, SECTOR_SIZE, crc16
from forensics.protocols.exchange import short_uuid
from forensics.spec.esp_err import ESP_OK

DATA, PROGRESS, COMMAND, CUSTOMER = (short_uuid(number) for number in (0x8020, 0x8021, 0x8022, 0x8023))

_START, _STOP, _ACK = 1, 2, 3
_ACCEPTED, _REFUSED = 0, 1
_SECTOR_OK, _WRONG_CRC, _WRONG_INDEX, _WRONG_LENGTH = 0, 1, 2, 3
_HEADER_SIZE, _CRC_SIZE = 3, 2
_FRAME_SIZE = 18
_TAG = "ESP_BLE_OTA"


def _frame(*fields: int) -> bytes:
    """20 bytes: numbers of 16 bits, zeros and the CRC-16 of both."""
    body = b"".join(field.to_bytes(2, "little") for field in fields).ljust(_FRAME_SIZE, b"\0")
    return body + crc16(body).to_bytes(2, "little")


class EspressifNimble(Receiver):
    """Gathers a sector; a gap in its packets empties the buffer and is refused when the sector ends.

    Attributes:
        window: Sectors that may be under way unacknowledged, as the answer to START tells; 0 tells nothing.
    """

    window: ClassVar[int] = 0
    restarts = True

    service = short_uuid(0x8018)
    chunk_place = DATA
    characteristics: ClassVar[tuple[GattCharacteristic, ...]] = (
        GattCharacteristic(uuid=DATA, properties=frozenset({WRITE, INDICATE})),
        GattCharacteristic(uuid=PROGRESS, properties=frozenset({READ, INDICATE})),
        GattCharacteristic(uuid=COMMAND, properties=frozenset({WRITE, INDICATE})),
        GattCharacteristic(uuid=CUSTOMER, properties=frozenset({WRITE, INDICATE})),
    )

    def __init__(self, board: ReceiverBoard) -> None:
        super().__init__(board)
        self._update: OtaUpdate | None = None
        self._size = 0
        self._stored = 0
        self.sector = 0
        self.packet = 0
        self.buffer = bytearray()
        self.broken = False

    def is_chunk(self, uuid: str, value: bytes) -> bool:
        """All data is image."""
        return uuid == DATA

    def piece(self, value: bytes) -> ImagePiece:
        """Behind what this sector holds already."""
        end = -_CRC_SIZE if value[2:3] == bytes([LAST_IN_SECTOR]) else None
        offset = self.sector * SECTOR_SIZE + len(self.buffer)
        return ImagePiece(offset=offset, content=value[_HEADER_SIZE:end])

    def on_write(self, uuid: str, value: bytes) -> None:
        """A command frame or a data packet."""
        if uuid == COMMAND:
            self._on_command(value)
        elif uuid == DATA and len(value) > _HEADER_SIZE and self._update is not None:
            self._on_packet(int.from_bytes(value[:2], "little"), value[2], value[_HEADER_SIZE:])

    def store(self, piece: bytes) -> None:
        """Writes a sector; when all announced bytes came, the update ends."""
        update = self._update
        if update is None:
            return
        err = update.write(piece)
        if err != ESP_OK:
            self.board.serial.error(_TAG, f"esp_ota_write failed ({error_name(err)})")
        self._stored += len(piece)
        if self._stored >= self._size:
            self._update = None
            err = self.board.end_update(update)
            if err != ESP_OK:
                self.board.serial.error(_TAG, f"esp_ota_end failed ({error_name(err)})!")

    def take(self, sequence: int, payload: bytes) -> None:
        """One packet of the sector under way."""
        last = sequence == LAST_IN_SECTOR
        if not last and sequence != self.packet:
            self.board.serial.error(_TAG, f"packet sequence error, cur: {sequence}, last: {self.packet}")
            self.buffer.clear()
            self.broken = True
        self.buffer += payload[: -_CRC_SIZE if last else None]

    def judge(self, crc: int) -> int:
        """Status of the sector that ended; this receiver does not look at its CRC."""
        return _WRONG_INDEX if self.broken else _SECTOR_OK

    def content(self) -> bytes:
        """What is stored of the sector that ended."""
        return bytes(self.buffer)

    @property
    def wanted(self) -> int:
        """Bytes that this sector has in the image."""
        return min(SECTOR_SIZE, self._size - self.sector * SECTOR_SIZE)

    def _on_command(self, value: bytes) -> None:
        command = int.from_bytes(value[:2], "little")
        if crc16(value[:_FRAME_SIZE]) != int.from_bytes(value[_FRAME_SIZE:], "little"):
            self.board.serial.error(_TAG, "command CRC error")
            self.board.notify(COMMAND, _frame(_ACK, command, _REFUSED))
            return
        if command == _START:
            self.board.wait_for_flash()
            self.board.begin_transfer()
            self._size = int.from_bytes(value[2:6], "little")
            self._stored = self.sector = self.packet = 0
            self.buffer.clear()
            self._update = self.board.begin_update()
            self.board.serial.info(_TAG, f"recv ota start cmd, fw_length = {self._size}")
        self.board.notify(COMMAND, _frame(_ACK, command, _ACCEPTED, self.window))

    def _on_packet(self, sector: int, sequence: int, payload: bytes) -> None:
        if sequence == 0:
            self.buffer.clear()
            self.packet, self.broken = 0, False
        if sector not in (self.sector, LAST_SECTOR):
            self.board.serial.error(_TAG, f"sector index error, cur: {self.sector}, recv: {sector}")
            self.broken = True
        self.take(sequence, payload)
        self.packet = sequence + 1
        if sequence == LAST_IN_SECTOR:
            self._end_sector(sector, int.from_bytes(payload[-_CRC_SIZE:], "little"))

    def _end_sector(self, sector: int, crc: int) -> None:
        status, expected = self.judge(crc), self.sector
        if status == _SECTOR_OK:
            self.board.queue(self.content())
            self.sector += 1
        self.buffer.clear()
        self.packet, self.broken = 0, False
        self.board.notify(DATA, _frame(sector, status, *([expected] if status == _WRONG_INDEX else [])))


class EspressifRaw(EspressifNimble):
    """``ble_ota_raw``: write commands, several sectors under way, and a CRC that is looked at."""

    window = 4

    characteristics = (
        GattCharacteristic(uuid=DATA, properties=frozenset({WRITE_COMMAND, NOTIFY})),
        *EspressifNimble.characteristics[1:],
    )

    def judge(self, crc: int) -> int:
        """Index, length, then CRC."""
        if self.broken:
            return _WRONG_INDEX
        if len(self.buffer) != self.wanted:
            return _WRONG_LENGTH
        return _SECTOR_OK if crc16(bytes(self.buffer)) == crc else _WRONG_CRC


class EspressifBluedroid(EspressifNimble):
    """Appends whatever comes, the sector's CRC too, always stores 4096 bytes and always says that all is well."""

    def take(self, sequence: int, payload: bytes) -> None:
        """A gap is printed and not minded."""
        if sequence not in (self.packet, LAST_IN_SECTOR):
            self.board.serial.error(_TAG, f"packet sequence error, cur: {sequence}, last: {self.packet}")
        self.buffer += payload

    def judge(self, crc: int) -> int:
        """Success."""
        return _SECTOR_OK

    def content(self) -> bytes:
        """The whole buffer, zeros behind what came."""
        return bytes(self.buffer[:SECTOR_SIZE]).ljust(SECTOR_SIZE, b"\0")
