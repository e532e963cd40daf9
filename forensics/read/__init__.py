"""From the outside world to ``Evidence``: opens the input, recognises its container, unwraps it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, cast

from forensics.errors import InputError, UsageError
from forensics.model.evidence import CAPTURE_CONTAINERS, Evidence
from forensics.model.span import ByteSpan
from forensics.read.prefilter import bug_report, flash_table, never, packet_records, starts_with, text
from forensics.read.reader import Reader, ReaderModule, Reading, Unpacked
from forensics.read.source import HEAD_SIZE, Source, open_source

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.model.evidence import FlashSlot

_READ = "forensics.read"

READERS: tuple[Reader, ...] = (
    Reader(container="zip", module=f"{_READ}.archive_zip", may_be=starts_with(b"PK\x03\x04", b"PK\x05\x06")),
    Reader(container="gzip", module=f"{_READ}.archive_gzip", may_be=starts_with(b"\x1f\x8b\x08")),
    Reader(container="btsnooz", module=f"{_READ}.btsnooz", may_be=bug_report),
    Reader(container="btsnoop", module=f"{_READ}.captures.btsnoop", may_be=starts_with(b"btsnoop\0")),
    Reader(
        container="pcap",
        module=f"{_READ}.captures.pcap",
        may_be=starts_with(*(bytes.fromhex(magic) for magic in ("a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1"))),
    ),
    Reader(container="pcapng", module=f"{_READ}.captures.pcapng", may_be=starts_with(b"\x0a\x0d\x0d\x0a")),
    Reader(container="packetlogger", module=f"{_READ}.captures.packet_logger", may_be=packet_records),
    Reader(container="uf2", module=f"{_READ}.uf2", may_be=starts_with(b"UF2\n")),
    Reader(container="journal", module=f"{_READ}.captures.journal", may_be=text),
    Reader(container="btmon", module=f"{_READ}.captures.btmon", may_be=text),
    Reader(container="tshark", module=f"{_READ}.captures.tshark_fields", may_be=text),
    Reader(container="intel-hex", module=f"{_READ}.intel_hex", may_be=text),
    Reader(container="s-record", module=f"{_READ}.s_record", may_be=text),
    Reader(container="esp-log", module=f"{_READ}.text.esp_log", may_be=text),
    Reader(container="python-bytes", module=f"{_READ}.text.python_bytes", may_be=text),
    Reader(container="node-buffer", module=f"{_READ}.text.node_buffer", may_be=text),
    Reader(container="nrf-connect", module=f"{_READ}.text.nrf_connect", may_be=text),
    Reader(container="hexdump", module=f"{_READ}.text.hexdump", may_be=text),
    Reader(container="write-log", module=f"{_READ}.text.write_log", may_be=text),
    Reader(container="byte-list", module=f"{_READ}.text.byte_list", may_be=text),
    Reader(container="hex", module=f"{_READ}.text.bare_hex", may_be=never),
    Reader(container="base64", module=f"{_READ}.text.bare_base64", may_be=never),
    Reader(container="flash", module=f"{_READ}.flash_dump", may_be=flash_table),
    Reader(container="slot", module=f"{_READ}.slot_dump", may_be=never),
    Reader(container="raw", module=f"{_READ}.slot_dump", may_be=never),
)
"""Every container, most specific first; ``raw`` takes what no other does."""

_RAW = READERS[-1]
_SLOT = READERS[-2]
ARCHIVES = ("zip", "gzip", "btsnooz")
"""Containers of another container."""
_MAX_NESTING = 4
_ERASED_SECTOR = b"\xff" * 4096

FORMATS = tuple(reader.container for reader in READERS)
"""What ``--format`` accepts."""


def read_evidence(
    source: bytes | bytearray | memoryview | str | Path | Source,
    *,
    name: str | None = None,
    format: str | None = None,
    slot: str | None = None,
) -> Evidence:
    """Opens ``source``, recognises what it is and unwraps it.

    Args:
        source: A path, ``-`` for stdin, the content itself as bytes, or an input that ``open_source`` opened, which
            may be read again although it is a pipe.
        name: How to call it in reports; else the file's name.
        format: One of ``FORMATS``, when it must not be recognised by content.
        slot: Label of the partition to take from a whole-flash dump (``ota_1``).

    Raises:
        InputError: it cannot be opened, is too large, or is not of the format that was named.
        UsageError: no such format, or a slot was named for an input that holds no partition table.
    """
    opened = source if isinstance(source, Source) else open_source(source, name=name)
    return _unwrap(opened, format, slot, _MAX_NESTING)


def choose_slot(evidence: Evidence, slot: FlashSlot) -> Evidence:
    """The same whole-flash dump, with the content of one of its ``slots``.

    Raises:
        InputError: the dump ends before the slot begins.
    """
    from forensics.read.flash_dump import read_slot  # noqa: PLC0415 - not needed for a plain file

    reading = read_slot(evidence.content, slot, evidence.name)
    return replace(
        evidence,
        content=reading.content,
        region=reading.region or evidence.region,
        notes=evidence.notes + reading.notes,
        erased_tail=reading.erased_tail,
        slots=(),
    )


def choose_reader(head: bytes, format: str | None = None) -> Reader:
    """The row of ``READERS`` for an input whose first bytes are ``head``.

    Raises:
        UsageError: ``format`` names no reader.
    """
    if format is not None:
        for reader in READERS:
            if reader.container == format:
                return reader
        raise UsageError(f"no such format: {format}", next_step=f"use one of {', '.join(FORMATS)}")
    start = head[:HEAD_SIZE]
    for reader in READERS:
        if reader.may_be(start) and _module(reader).sniff(start):
            return reader
    return _RAW


def _unwrap(source: Source, format: str | None, slot: str | None, depth: int) -> Evidence:
    reader = choose_reader(source.head, format)
    if format != "raw" and choose_reader(source.head).container in ARCHIVES and not _is_stored(source):
        return _unpack(source, format, slot, depth)
    if reader.container in ARCHIVES:
        if not _is_stored(source):
            raise InputError(f"is not a {reader.container} file", name=source.name)
        reader = _RAW
    if slot is not None and reader.container != "flash":
        raise UsageError(f"holds no partition table, so no slot {slot}", name=source.name)
    if reader.container in CAPTURE_CONTAINERS and source.path is not None:
        return _streamed(source, reader)
    data = source.whole()
    if reader.container in CAPTURE_CONTAINERS or format == "raw":
        return _evidence(source.name, reader, data, Reading(content=data))
    if reader is _RAW:
        if not data.endswith(_ERASED_SECTOR):
            return _evidence(source.name, reader, data, Reading(content=data))
        reader = _SLOT
    return _evidence(source.name, reader, data, _module(reader).read(data, source.name, slot))


def _is_stored(source: Source) -> bool:
    """Erased flash follows the archive: a device stored it as it is, and nobody unpacked it."""
    return source.whole().endswith(_ERASED_SECTOR)


def _unpack(source: Source, format: str | None, slot: str | None, depth: int) -> Evidence:
    """The evidence inside an archive, with the name and the digest of the archive itself."""
    if depth == 0:
        raise InputError(f"archives inside archives, more than {_MAX_NESTING} deep", name=source.name)
    data = source.whole()
    archive = choose_reader(source.head)
    unpacked = import_module(archive.module).unpack(data, source.name)
    inner_format = None if format in ARCHIVES else format
    inner = _unwrap(Source(name=unpacked.member or source.name, head=unpacked.content), inner_format, slot, depth - 1)
    note = f"taken from {unpacked.member} in the {archive.container} file" if unpacked.member else "unpacked from gzip"
    return replace(
        inner,
        name=source.name,
        raw_size=len(data),
        raw_sha256=hashlib.sha256(data).hexdigest(),
        region=ByteSpan(0, len(data)),
        notes=(note, *_damage_notes(unpacked, archive), *inner.notes),
        damaged=_damage(unpacked, inner),
    )


def _damage_notes(unpacked: Unpacked, archive: Reader) -> tuple[str, ...]:
    if unpacked.damage:
        return (f"the {archive.container} file is damaged ({unpacked.damage}): any byte taken from it may be wrong",)
    return (f"the {archive.container} file is cut: only the beginning of what was in it is there",) if unpacked.cut else ()


def _damage(unpacked: Unpacked, inner: Evidence) -> tuple[ByteSpan, ...]:
    """What the damage of the archive means for its content: a cut one lacks the end, a damaged one proves no byte."""
    end = len(inner.content) + inner.erased_tail
    if unpacked.damage:
        return (ByteSpan(0, end),)
    return (*inner.damaged, ByteSpan(end, end)) if unpacked.cut else inner.damaged


def _streamed(source: Source, reader: Reader) -> Evidence:
    """A capture in a file: only its digest is taken now, its packets are streamed later."""
    path = cast("Path", source.path)
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", name=source.name) from error
    return Evidence(
        name=source.name,
        container=reader.container,
        raw_size=size,
        raw_sha256=digest,
        content=b"",
        region=ByteSpan(0, size),
        stream=path,
    )


def _evidence(name: str, reader: Reader, data: bytes, reading: Reading) -> Evidence:
    return Evidence(
        name=name,
        container=reading.container or reader.container,
        raw_size=len(data),
        raw_sha256=hashlib.sha256(data).hexdigest(),
        content=reading.content,
        region=reading.region or ByteSpan(0, len(data)),
        notes=reading.notes,
        damaged=reading.damaged,
        erased_tail=reading.erased_tail,
        pieces=reading.pieces,
        slots=reading.slots,
    )


def _module(reader: Reader) -> ReaderModule:
    return cast("ReaderModule", import_module(reader.module))
