"""Text of ``btmon`` and of the older ``hcidump``: decoded ATT PDUs, one packet a paragraph.

Source: BlueZ 5.66 ``monitor/packet.c`` and ``monitor/att.c``; for hcidump the form that users paste.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

from forensics.model.capture import REJECTED, Operation
from forensics.read.captures.att import ERROR_RESPONSE
from forensics.read.captures.recorder import OpenConnection, Origin, Recorder
from forensics.read.text_lines import read_lines

_PACKET = re.compile(r"^([<>@=]) ")
_ACL = re.compile(r"^[<>] ACL [Dd]ata(?: [TR]X)?: [Hh]andle (\d{1,5})")
_STAMP = re.compile(r"#(\d{1,9}) \[[^\]]{0,40}\] (?:\d{4}-\d\d-\d\d \d\d:\d\d:)?(\d{1,11}\.\d{1,9})\s*$")
_ATT = re.compile(r"^\s+ATT: .*\(0x([0-9a-f]{2})\)")
_HANDLE = re.compile(r"^\s+[Hh]andle:? 0x([0-9a-f]{4})")
_DATA = re.compile(r"^\s+(?:Data|Value)(?:\[\d+\])?: ?([0-9a-f]*)")
_HCIDUMP_VALUE = re.compile(r"value\s+((?:0x[0-9a-f]{2} ?)+)")
_MORE_DATA = re.compile(r"^\s+([0-9a-f]{2,})$")
_MTU = re.compile(r"(?:Client RX MTU|Server RX MTU|client rx mtu|server rx mtu):? (\d{1,5})")
_ACL_SNIFF = re.compile(rb"^[<>] ACL [Dd]ata", re.MULTILINE)


@dataclass(slots=True)
class _Pdu:
    number: int
    time: int
    connection: OpenConnection
    sent: bool
    opcode: int
    handle: int | None = None
    value: bytearray | None = None


def sniff(head: bytes) -> bool:
    """A line begins an ACL packet and a later one names an ATT PDU."""
    return bool(_ACL_SNIFF.search(head)) and b"ATT: " in head


def record(stream: BinaryIO, recorder: Recorder, name: str) -> None:
    """Records the values that the text shows whole."""
    _Reader(recorder).read(stream.read())


class _Reader:
    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._connections: dict[int, OpenConnection] = {}
        self._number = 0
        self._time = 0
        self._connection: OpenConnection | None = None
        self._sent = True
        self._pdu: _Pdu | None = None
        self._requests: dict[tuple[int, int], int] = {}

    def read(self, data: bytes) -> None:
        """Reads the whole text."""
        for line in read_lines(data):
            if _PACKET.match(line):
                self._store()
                self._packet(line)
            elif self._connection is not None:
                self._detail(line)
        self._store()
        self._recorder.packets = self._number

    def _packet(self, line: str) -> None:
        self._number += 1
        stamp = _STAMP.search(line)
        if stamp:
            self._number = int(stamp[1])
            self._time = round(float(stamp[2]) * 1_000_000)
        match = _ACL.match(line)
        self._connection = None
        if match:
            self._sent = line[0] == "<"
            handle = int(match[1])
            if handle not in self._connections:
                self._connections[handle] = self._recorder.connect(handle, self._time)
            self._connection = self._connections[handle]

    def _detail(self, line: str) -> None:
        connection = self._connection
        if connection is None:
            return
        att = _ATT.match(line)
        if att:
            self._store()
            self._pdu = _Pdu(self._number, self._time, connection, self._sent, int(att[1], 16))
            return
        pdu = self._pdu
        if pdu is None:
            return
        mtu = _MTU.search(line)
        if mtu:
            self._mtu(connection, pdu, int(mtu[1]))
        handle = _HANDLE.match(line)
        if handle and pdu.handle is None:
            pdu.handle = int(handle[1], 16)
        data = _DATA.match(line)
        dump = _HCIDUMP_VALUE.search(line)
        more = _MORE_DATA.match(line)
        if data and pdu.value is None:
            pdu.value = bytearray(_bytes(data[1]))
        elif dump:
            pdu.value = bytearray(_bytes(dump[1].replace("0x", "").replace(" ", "")))
        elif more and pdu.value is not None:
            pdu.value += _bytes(more[1])

    def _mtu(self, connection: OpenConnection, pdu: _Pdu, mtu: int) -> None:
        if pdu.opcode == 2:
            connection.client_mtu = mtu
        else:
            connection.mtu = max(23, min(mtu, connection.client_mtu or mtu))
            connection.mtu_exchanged = True
            self._recorder.event(pdu.number, pdu.time, "mtu", f"ATT MTU {connection.mtu}", connection)

    def _store(self) -> None:
        pdu, self._pdu = self._pdu, None
        if pdu is None:
            return
        if pdu.opcode in (Operation.LONG_WRITE, 0x16):
            self._recorder.note("prepared writes are not read from text: use the binary capture")
        elif pdu.opcode in tuple(Operation) and pdu.handle is not None:
            if pdu.value is None:
                text = "values that the text does not show"
                self._recorder.problem("truncated", pdu.number, text)
                return
            origin = Origin(pdu.number, pdu.time, pdu.connection, pdu.sent)
            row = self._recorder.record(origin, pdu.handle, pdu.opcode, bytes(pdu.value))
            if pdu.opcode == Operation.WRITE_REQUEST:
                self._requests[pdu.connection.index, pdu.handle] = row
        elif pdu.opcode == ERROR_RESPONSE and pdu.handle is not None:
            row_of_request = self._requests.pop((pdu.connection.index, pdu.handle), None)
            if row_of_request is not None:
                self._recorder.flags[row_of_request] |= REJECTED


def _bytes(digits: str) -> bytes:
    return bytes.fromhex(digits[: len(digits) & ~1])
