"""Journals of ``otadiff live send``: JSON Lines, one record an event.

The first line names the schema; every other line is an event with the keys of ``JournalEvent``, its time as
seconds (``"time": 12.345678``), its CRC as a number and its value, where there is one, as hex. A write of image
bytes shows only what the protocol puts ``before`` and ``behind`` them: with the sent image and the CRC that is all.
"""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from forensics.errors import InputError
from forensics.model.capture import ACKNOWLEDGED, REJECTED, JournalEvent, Operation
from forensics.model.text import inert
from forensics.read.captures.recorder import OpenConnection, Origin, Recorder
from forensics.read.text_lines import read_lines

SCHEMA = "otadiff.journal/1"
_MAX_LENGTH = 0x10000
_MAX_HANDLES = 1000
_SMALLEST_MTU, _LARGEST_MTU = 23, 0xFFFF
_SILENT = frozenset({"service"})
"""Events of the beginning that say nothing of the course of a transfer."""
_WORDS = {"write": "write-failed"}
"""A write that reached nobody is no value of the link."""


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
                raise InputError(
                    f"journal schema {entry['schema']!r} is not {SCHEMA}", name=name, next_step="update otadiff"
                )
        else:
            event = _event(entry, number)
            if event is None:
                recorder.problem("unreadable", number, "lines of the journal without the keys of an event")
            else:
                recorder.journal.append(event)
                _store(event, entry, recorder, connection, handles)
        recorder.packets = number


def _parse(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _event(entry: dict[str, Any], line: int) -> JournalEvent | None:
    """The event of one line, or None when a key is missing or holds the wrong kind of value."""
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
            start=_start(entry, length, value),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    negative = event.offset is not None and event.offset < 0
    return None if negative or not 0 <= length <= _MAX_LENGTH or abs(event.time) >= 1 << 62 else event


def _start(entry: dict[str, Any], length: int, value: str | None) -> int:
    """Where the image begins in the value: behind what stands before it, else so that it ends the value."""
    before = entry.get("before")
    if before is not None:
        return min(len(bytes.fromhex(before)), _MAX_LENGTH)
    return 0 if value is None else max(0, len(bytes.fromhex(value)) - length)


def _store(
    event: JournalEvent, entry: dict[str, Any], recorder: Recorder, connection: OpenConnection, handles: dict[str, int]
) -> None:
    """A value for the table of values, or an event for the timeline."""
    if event.characteristic is not None and (len(handles) < _MAX_HANDLES or event.characteristic in handles):
        handle = handles.setdefault(event.characteristic, len(handles) + 1)
        connection.server_uuids[0][handle] = event.characteristic
        if event.kind == "notification" or (event.kind == "write" and event.result != "failed"):
            _value(event, entry, recorder, connection, handle)
            return
    if event.kind == "mtu":
        _mtu(entry, connection)
    if event.kind not in _SILENT:
        recorder.event(event.line, event.time, _WORDS.get(event.kind, event.kind), _text(event, entry), connection)


def _value(event: JournalEvent, entry: dict[str, Any], recorder: Recorder, connection: OpenConnection, handle: int) -> None:
    operation, flags = Operation.NOTIFICATION, 0
    if event.kind == "write":
        operation = Operation.WRITE_REQUEST if event.response else Operation.WRITE_COMMAND
        flags = {"refused": REJECTED, "acknowledged": ACKNOWLEDGED}.get(event.result or "", 0)
    value, lost = event.value, 0
    if value is None and not recorder.may_pad(event.start + event.length):
        recorder.problem("unreadable", event.line, "writes of a journal that claims more bytes than any flash holds")
        return
    if value is None:
        value, lost = bytes(event.start) + bytes(event.length), event.length
        around = _around(entry)
        if around is not None:
            value = around[0] + bytes(event.length) + around[1]
    origin = Origin(event.line, event.time, connection, event.outgoing)
    recorder.record(origin, handle, operation, value, flags=flags, missing=lost)
    if flags & REJECTED:
        recorder.event(event.line, event.time, "write-rejected", _text(event, entry), connection)


def _around(entry: dict[str, Any]) -> tuple[bytes, bytes] | None:
    """The bytes of the protocol before and behind the image in a write, or None when the line does not tell."""
    try:
        return bytes.fromhex(entry["before"])[:_MAX_LENGTH], bytes.fromhex(entry["behind"])[:_MAX_LENGTH]
    except (KeyError, TypeError, ValueError):
        return None


def _mtu(entry: dict[str, Any], connection: OpenConnection) -> None:
    """A stack that knows only the smallest MTU has not told the MTU."""
    mtu = entry.get("mtu")
    if isinstance(mtu, int) and _SMALLEST_MTU < mtu <= _LARGEST_MTU:
        connection.mtu, connection.mtu_exchanged = mtu, True


def _text(event: JournalEvent, entry: dict[str, Any]) -> str:
    """What happened, with the reason or the number of the chunk where the line has them."""
    parts = [event.result or ""]
    parts += [str(entry[key]) for key in ("text", "reason") if isinstance(entry.get(key), str)]
    if isinstance(entry.get("chunk"), int):
        parts.append(f"chunk {entry['chunk']}")
    return inert(": ".join(part for part in parts if part))
