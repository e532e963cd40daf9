"""Text of ``tshark -r FILE -Y btatt -T fields -e frame.number -e frame.time_epoch -e btatt.opcode ...``.

Columns are ``frame.number``, ``frame.time_epoch``, ``btatt.opcode``, ``btatt.handle``, ``btatt.value`` in any
order and with any separator; with ``-E header=y`` they are known by name, else by what stands in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from forensics.errors import InputError
from forensics.model.capture import REJECTED, Operation
from forensics.read.captures.att import ERROR_RESPONSE
from forensics.read.captures.recorder import Origin, Recorder
from forensics.read.text_lines import read_lines

_OPCODES = {0x01, 0x02, 0x03, 0x12, 0x13, 0x16, 0x17, 0x18, 0x19, 0x1B, 0x1D, 0x1E, 0x52, 0xD2}
_CARRIES_VALUE = {int(operation) for operation in Operation} - {Operation.LONG_WRITE}
_SHORT_HEX = re.compile(r"0x[0-9a-f]{2}(?:,0x[0-9a-f]{2})*\Z")
_HANDLE = re.compile(r"0x[0-9a-f]{4}(?:,0x[0-9a-f]{4})*\Z")
_TIME = re.compile(r"\d{1,11}\.\d{3,9}\Z")
_NUMBER = re.compile(r"\d{1,9}\Z")
_VALUE = re.compile(r"(?:[0-9a-f]{2}[:,]?)+\Z")
_TRIAL_LINES = 200


class _Columns:
    """Which column holds what; found by name or by content."""

    def __init__(self, separator: str) -> None:
        self.separator = separator
        self.places: dict[str, int] = {}

    def text(self, cells: list[str], name: str) -> str:
        """What a line holds in the column ``name``; empty when it has no such column."""
        place = self.places.get(name)
        return cells[place].strip('"') if place is not None and place < len(cells) else ""


def sniff(head: bytes) -> bool:
    """The first lines have a column of ATT opcodes and one of handles."""
    return _columns(_first_lines(head)) is not None


def record(stream: BinaryIO, recorder: Recorder, name: str) -> None:
    """Records every value of the text; damaged lines are problems.

    Raises:
        InputError: no columns of opcodes, handles and values.
    """
    data = stream.read()
    columns = _columns(_first_lines(data))
    if columns is None:
        raise InputError(
            "has no columns of ATT opcodes, handles and values",
            name=name,
            offset=0,
            next_step="export with -e btatt.opcode -e btatt.handle -e btatt.value, or give the capture itself",
        )
    recorder.note("tshark's text has no connections: all values are shown as of one")
    connection = recorder.connect(0, 0)
    requests: dict[int, int] = {}
    for line_number, line in enumerate(read_lines(data), 1):
        cells = line.split(columns.separator)
        opcodes = columns.text(cells, "opcode")
        if not _SHORT_HEX.match(opcodes):
            continue
        number = columns.text(cells, "number")
        time = columns.text(cells, "time")
        microseconds = round(float(time) * 1_000_000) if _TIME.match(time) else 0
        recorder.packets += 1
        values = list(_values(columns, cells, opcodes))
        if not values and any(int(item, 16) in _CARRIES_VALUE for item in opcodes.split(",")):
            recorder.problem("unreadable", line_number, "lines whose columns do not fit together")
        for opcode, handle, value in values:
            outgoing = Operation(opcode).is_write
            packet = int(number) if _NUMBER.match(number) else line_number
            row = recorder.record(Origin(packet, microseconds, connection, outgoing), handle, opcode, value)
            if opcode == Operation.WRITE_REQUEST:
                requests[handle] = row
        if int(opcodes[:4], 16) == ERROR_RESPONSE:
            _reject(recorder, requests, columns.text(cells, "handle"))


def _reject(recorder: Recorder, requests: dict[int, int], handle: str) -> None:
    """An error response names the handle of the request that it refuses."""
    row = requests.pop(int(handle, 16), None) if _HANDLE.match(handle) and len(handle) == 6 else None
    if row is not None:
        recorder.flags[row] |= REJECTED


def _values(columns: _Columns, cells: list[str], opcodes: str) -> Iterator[tuple[int, int, bytes]]:
    """Opcode, handle and value of each PDU that one frame carries."""
    codes = [code for code in (int(item, 16) for item in opcodes.split(",")) if code in _CARRIES_VALUE]
    handles = columns.text(cells, "handle").split(",")
    text = columns.text(cells, "value")
    values = text.split(",") if len(codes) > 1 else [text]
    if len(codes) != len(values) or len(handles) < len(codes):
        return
    for opcode, handle, value in zip(codes, handles, values, strict=False):
        digits = value.replace(":", "").replace(",", "")
        if re.fullmatch(r"0x[0-9a-f]{1,4}", handle) and re.fullmatch(r"(?:[0-9a-f]{2})*", digits):
            yield opcode, int(handle, 16), bytes.fromhex(digits)


def _first_lines(data: bytes) -> list[str]:
    lines: list[str] = []
    for line in read_lines(data):
        lines.append(line)
        if len(lines) == _TRIAL_LINES:
            break
    return lines


def _columns(lines: list[str]) -> _Columns | None:
    for separator in ("\t", ";", "|", ",", " "):
        columns = _Columns(separator)
        if lines and "btatt.opcode" in lines[0]:
            if separator not in lines[0]:
                continue
            for place, cell in enumerate(lines[0].split(separator)):
                columns.places.setdefault(cell.strip().rpartition(".")[2].replace("time_epoch", "time"), place)
        else:
            _guess(columns, lines)
        if {"opcode", "handle", "value"} <= columns.places.keys() and _fits(columns, lines):
            return columns
    return None


def _fits(columns: _Columns, lines: list[str]) -> bool:
    """Most lines have an opcode and a handle where the columns say."""
    fitting = 0
    for line in lines:
        cells = line.split(columns.separator)
        opcode, handle = columns.text(cells, "opcode"), columns.text(cells, "handle")
        fitting += bool(_SHORT_HEX.match(opcode) and (not handle or _HANDLE.match(handle)))
    return fitting > 0 and fitting * 2 >= sum(bool(line.strip()) for line in lines)


def _guess(columns: _Columns, lines: list[str]) -> None:
    for line in lines:
        for place, cell in enumerate(line.split(columns.separator)):
            kind = _kind(cell.strip('" '))
            if kind is not None and place not in columns.places.values():
                columns.places.setdefault(kind, place)


def _kind(cell: str) -> str | None:
    if _SHORT_HEX.match(cell) and all(int(item, 16) in _OPCODES for item in cell.split(",")):
        return "opcode"
    if _HANDLE.match(cell):
        return "handle"
    if _TIME.match(cell):
        return "time"
    if _NUMBER.match(cell) and len(cell) < 8:
        return "number"
    return "value" if _VALUE.match(cell) and len(cell) >= 8 else None
