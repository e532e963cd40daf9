"""Journals of ``otadiff live send``: JSON Lines, one record an event.

The first line names the schema; every other line is an event with the keys of ``JournalEvent``, its time as
seconds (``"time": 12.345678``), its CRC as a number and its value, where there is one, as hex.
"""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from forensics.errors import InputError
from forensics.model.capture import JournalEvent, Operation
from forensics.read.captures.recorder import OpenConnection, Origin, Recorder
from forensics.read.text.lines import read_lines

SCHEMA = "otadiff.journal/1"
_MAX_LENGTH = 0x10000
_MAX_HANDLES = 1000


def sniff(head: bytes) -> bool:
    """The first line is an object of our schema."""
    first = next(read_lines(head[:4096]), "")
    return first.startswith("{") and '"otadiff.journal/' in first


def record(stream: BinaryIO, recorder: Recorder, name: str) -> None:
    """Reads all events; a line cut by a crash is a problem of the evidence, not an error.

    Raises:
        InputError: another version of the schema.
    """
    connection = recorder.connect(0, 0)
    handles: dict[str, int] = {}
    for number, line in enumerate(read_lines(stream.read()), 1):
        if not line.strip():
            continue
        entry = _parse(line)
        if entry is None:
            recorder.problem("cut", number, "lines of the journal that are cut or damaged")
        elif "schema" in entry:
            if entry["schema"] != SCHEMA:
                raise InputError(f"journal schema {entry['schema']!r} is not {SCHEMA}", name=name)
        else:
            event = _event(entry, number)
            if event is None:
                recorder.problem("unreadable", number, "lines of the journal without the keys of an event")
            else:
                recorder.journal.append(event)
                _store(event, recorder, connection, handles)
        recorder.packets = number


def _parse(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _event(entry: dict[str, Any], line: int) -> JournalEvent | None:
    """The event of one line, or null when a key is missing or holds the wrong kind of value."""
    try:
        value = entry.get("value")
        offset, crc32 = entry.get("offset"), entry.get("crc32")
        length = int(entry.get("length") or 0)
        event = JournalEvent(
            line=line,
            time=round(float(entry["time"]) * 1_000_000),
            kind=str(entry["event"]),
            outgoing=entry.get("direction") == "out",
            characteristic=None if entry.get("characteristic") is None else str(entry["characteristic"]).lower(),
            response=entry.get("response"),
            offset=None if offset is None else int(offset),
            length=length,
            crc32=None if crc32 is None else int(crc32),
            value=None if value is None else bytes.fromhex(value),
            result=None if entry.get("result") is None else str(entry["result"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    negative = event.offset is not None and event.offset < 0
    return None if negative or not 0 <= length <= _MAX_LENGTH or abs(event.time) >= 1 << 62 else event


def _store(event: JournalEvent, recorder: Recorder, connection: OpenConnection, handles: dict[str, int]) -> None:
    if event.kind not in ("write", "notification") or event.characteristic is None:
        recorder.event(event.line, event.time, event.kind, event.result or "", connection)
        return
    if len(handles) == _MAX_HANDLES and event.characteristic not in handles:
        return
    handle = handles.setdefault(event.characteristic, len(handles) + 1)
    connection.server_uuids[0][handle] = event.characteristic
    operation = Operation.NOTIFICATION
    if event.kind == "write":
        operation = Operation.WRITE_REQUEST if event.response else Operation.WRITE_COMMAND
    value = bytes(event.length) if event.value is None else event.value
    lost = event.length if event.value is None else 0
    origin = Origin(event.line, event.time, connection, event.outgoing)
    recorder.record(origin, handle, operation, value, missing=lost)
