"""Espressif's 0x8018 service: ``ble_ota``, ``ble_ota_raw``, h2zero NimBLEOta, gb88 BLEOTA.

Source: espressif/esp-iot-solution ``ble_ota`` 0.1.16 and ``ble_ota_raw`` 0.2.0; h2zero/NimBLEOta;
gb88/BLEOTA 1.0.6.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass, field

from forensics.model.transfer import DecodedTransfer
from forensics.protocols.exchange import Exchange, Message, Messages, short_uuid
from forensics.protocols.image_builder import ImageBuilder

NAME = "espressif-ble-ota"
SECTOR_SIZE = 4096
LAST_IN_SECTOR = 0xFF
LAST_SECTOR = 0xFFFF
"""NimBLEOta's script sends this number for a last sector that is shorter than 4096 bytes."""

_DATA = short_uuid(0x8020)
_FRAME_SIZE = 20
_START, _STOP, _ACK = 1, 2, 3
_HEADER_SIZE = 3
_CRC_SIZE = 2
_TRIAL_WRITES = 600
_GAP = (
    "Espressif's NimBLE receiver answers a lost chunk with an index error at the end of the sector; its "
    "Bluedroid receiver moves up what follows, lets the CRC into the image and pads the sector with zeros"
)


def crc16(data: bytes) -> int:
    """CRC-16 with polynomial 0x1021 and initial value 0 (``crc_hqx``)."""
    return binascii.crc_hqx(data, 0)


def find(exchange: Exchange) -> int | None:
    """The data handle, by UUID, by a START frame on another handle or by a sector's CRC; None when absent."""
    handle = exchange.handle_of(_DATA)
    if handle is not None and exchange.writes_to(handle):
        return handle
    for message in exchange.commands:
        if _command(message.value) == _START:
            return next((busy for busy in exchange.busiest() if busy != message.handle), None)
    return next((busy for busy in exchange.busiest() if _ends_a_sector(exchange.writes_to(busy))), None)


def _ends_a_sector(writes: Messages) -> bool:
    """Among the first writes is a last packet of a sector whose CRC fits: the capture began after START."""
    pieces: list[bytes] = []
    for message in writes[:_TRIAL_WRITES]:
        value = message.value
        if len(value) <= _HEADER_SIZE + _CRC_SIZE:
            return False
        if value[2] == 0:
            pieces = []
        if value[2] == LAST_IN_SECTOR and pieces:
            content = b"".join(pieces) + value[_HEADER_SIZE:-_CRC_SIZE]
            if crc16(content) == int.from_bytes(value[-_CRC_SIZE:], "little"):
                return True
        pieces.append(value[_HEADER_SIZE:])
    return False


def decode(exchange: Exchange, handle: int) -> DecodedTransfer:
    """Sectors in their places; of a sector that was sent again, the last pass counts."""
    return _Decoder(exchange, handle).decode()


def _command(value: bytes) -> int | None:
    if len(value) != _FRAME_SIZE or crc16(value[:18]) != int.from_bytes(value[18:], "little"):
        return None
    return int.from_bytes(value[:2], "little")


@dataclass(slots=True)
class _Pass:
    """One sending of one sector: its packets, the next number, and what is wrong with it."""

    sector: int
    pieces: list[tuple[bytes, Message]] = field(default_factory=list)
    expected: int = 0
    gap: bool = False
    wrong_crc: bool = False


class _Decoder:
    def __init__(self, exchange: Exchange, handle: int) -> None:
        self._exchange = exchange
        self._handle = handle
        self._builder = ImageBuilder()
        self._announced: int | None = None
        self._pass: _Pass | None = None
        self._last_sector = -1
        self._gaps: list[str] = []
        self._nacks: dict[int, int] = {}
        self._acked = 0

    def decode(self) -> DecodedTransfer:
        """Reads the messages in order and places what they carry."""
        for message in self._exchange.messages:
            if message.is_write and message.handle == self._handle:
                self._data(message)
            elif message.is_write:
                self._start(message)
            elif message.handle == self._handle and len(message.value) == _FRAME_SIZE:
                self._ack(message.value)
        self._finish()
        self._notes()
        return self._builder.transfer(
            self._exchange,
            protocol=NAME,
            handle=self._handle,
            gap=_GAP,
            overhead=_HEADER_SIZE,
            reset=SECTOR_SIZE,
            announced_size=self._announced,
        )

    def _start(self, message: Message) -> None:
        if _command(message.value) == _START:
            self._finish()
            if self._announced is not None and self._builder.chunks:
                self._builder.note("the transfer was started again; the earlier sectors remain where no later one came")
            self._announced = int.from_bytes(message.value[2:6], "little")
            self._last_sector = -1

    def _data(self, message: Message) -> None:
        if len(message.value) <= _HEADER_SIZE:
            return
        sector, sequence = int.from_bytes(message.value[:2], "little"), message.value[2]
        last = sequence == LAST_IN_SECTOR
        payload = message.value[_HEADER_SIZE : -_CRC_SIZE if last else None]
        current = self._pass
        if current is None or current.sector != sector or (sequence == 0 and current.pieces):
            self._finish()
            current = self._pass = _Pass(sector)
        if not last and sequence != current.expected:
            self._gaps.append(f"sector {sector}: packet {current.expected} is not there, packet {sequence} is")
            current.gap = True
        current.expected = sequence + 1
        current.pieces.append((payload, message))
        if last:
            content = b"".join(piece for piece, _message in current.pieces)
            if crc16(content) != int.from_bytes(message.value[-_CRC_SIZE:], "little"):
                current.wrong_crc = True
                self._builder.note(f"sector {sector}: the CRC does not fit its packets")
            self._finish()

    def _finish(self) -> None:
        """Places the sector that was sent; behind a gap, packets stand by their sequence number."""
        current, self._pass = self._pass, None
        if current is None:
            return
        sector = current.sector
        if sector == LAST_SECTOR:
            sector = self._last_sector + 1
        self._last_sector = sector
        offset = sector * SECTOR_SIZE
        usual = len(current.pieces[0][0])
        current.gap |= self._lacks_packets(current, sector)
        for payload, message in current.pieces:
            sequence = message.value[2]
            if current.gap and sequence != LAST_IN_SECTOR:
                offset = sector * SECTOR_SIZE + sequence * usual
            elif current.gap:
                end = min((sector + 1) * SECTOR_SIZE, self._announced or (sector + 1) * SECTOR_SIZE)
                offset = max(offset, end - len(payload))
            self._builder.put(offset, payload, message)
            offset += len(payload)

    def _lacks_packets(self, current: _Pass, sector: int) -> bool:
        """The last packet came too early for a full sector: the gap lies just before it, where no number tells."""
        size = SECTOR_SIZE
        if self._announced is not None:
            size = min(size, self._announced - sector * SECTOR_SIZE)
        elif any(message.damaged for _payload, message in current.pieces):
            return False
        return current.wrong_crc and sum(len(payload) for payload, _message in current.pieces) < size

    def _ack(self, value: bytes) -> None:
        status = int.from_bytes(value[2:4], "little")
        if status:
            self._nacks[status] = self._nacks.get(status, 0) + 1
        else:
            self._acked += 1

    def _notes(self) -> None:
        names = {1: "CRC error", 2: "index error", 3: "length error", 5: "start error"}
        for status, count in self._nacks.items():
            self._builder.note(f"the device refused {count} sectors: {names.get(status, f'status {status}')}")
        if self._acked:
            self._builder.note(f"the device acknowledged {self._acked} sectors")
        for text in self._gaps[:5]:
            self._builder.note(text)
        if len(self._gaps) > 5:
            self._builder.note(f"{len(self._gaps) - 5} more gaps in the packet numbers")
