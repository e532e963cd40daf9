"""From what was opened to ``Evidence``: recognises its container and unwraps it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, cast

from forensics.errors import InputError, UsageError
from forensics.model.evidence import CAPTURE_CONTAINERS, TEXT_NAMES, Evidence, HowRead
from forensics.model.span import ByteSpan
from forensics.open.content import HEAD_SIZE, Content, Damage, open_content
from forensics.open.kinds import archive_kind, begins_as_text
from forensics.read.prefilter import flash_table, never, packet_records, starts_with
from forensics.read.reader import Reader, ReaderModule, Reading
from forensics.spec.flash import ERASED_SECTOR

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.model.evidence import FlashSlot
    from forensics.model.limits import Limits

_READ = "forensics.read"

READERS: tuple[Reader, ...] = (
    Reader(container="btsnoop", module=f"{_READ}.captures.btsnoop", may_be=starts_with(b"btsnoop\0")),
    Reader(
        container="pcap",
        module=f"{_READ}.captures.pcap",
        may_be=starts_with(*(bytes.fromhex(magic) for magic in ("a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1"))),
    ),
    Reader(container="pcapng", module=f"{_READ}.captures.pcapng", may_be=starts_with(b"\x0a\x0d\x0d\x0a")),
    Reader(container="packetlogger", module=f"{_READ}.captures.packet_logger", may_be=packet_records),
    Reader(container="uf2", module=f"{_READ}.uf2", may_be=starts_with(b"UF2\n")),
    Reader(container="journal", module=f"{_READ}.captures.journal", may_be=begins_as_text),
    Reader(container="btmon", module=f"{_READ}.captures.btmon", may_be=begins_as_text),
    Reader(container="tshark", module=f"{_READ}.captures.tshark_fields", may_be=begins_as_text),
    Reader(container="intel-hex", module=f"{_READ}.intel_hex", may_be=begins_as_text),
    Reader(container="s-record", module=f"{_READ}.s_record", may_be=begins_as_text),
    Reader(container="flash", module=f"{_READ}.flash_dump", may_be=flash_table),
    Reader(container="slot", module=f"{_READ}.slot_dump", may_be=never),
    Reader(container="raw", module=f"{_READ}.slot_dump", may_be=never),
)
"""Every container, most specific first; ``raw`` takes what no other does."""

_RAW = READERS[-1]
_SLOT = READERS[-2]
ARCHIVES = ("zip", "gzip", "btsnooz")
"""Containers of another container, which are opened before anything is read."""

FORMATS = (*ARCHIVES, *TEXT_NAMES, *(reader.container for reader in READERS))
"""What ``--read-as`` accepts."""


def read_evidence(
    source: bytes | bytearray | memoryview | str | Path | Content,
    *,
    name: str | None = None,
    format: str | None = None,
    slot: str | None = None,
    limits: Limits | None = None,
) -> Evidence:
    """Opens ``source``, recognises what it is and unwraps it. A text stays as it is: only SENT tells what it shows.

    Args:
        source: A path, ``-`` for stdin, the content itself as bytes, or what ``open_content`` gave for it, which may
            be read again although it is a pipe.
        name: How to call it in reports; else the file's name.
        format: One of ``FORMATS``, when it must not be recognised by content.
        slot: Label of the partition to take from a whole-flash dump (``ota_1``).
        limits: How much may be unpacked.

    Raises:
        InputError: it cannot be opened, is too large, or is not of the format that was named.
        UsageError: no such format, or a slot was named for an input that holds no partition table.
    """
    opened = open_content(source, name=name)
    if format != "raw" and archive_kind(opened.head) is not None:
        from forensics.open.archives import Budget, evidence_in, is_archive  # noqa: PLC0415 - not needed for a plain file

        opened = replace(opened, head=opened.whole(), path=None)
        if is_archive(opened):
            return _from_archive(evidence_in(opened, Budget(limits)), None if format in ARCHIVES else format, slot)
    if format in ARCHIVES:
        raise InputError(f"is not a {format} file", name=opened.name, next_step="leave --format out")
    return _unwrap(opened, format, slot)


def choose_slot(evidence: Evidence, slot: FlashSlot) -> Evidence:
    """The same whole-flash dump, with the content of one of its ``slots``.

    Raises:
        InputError: the dump ends before the slot begins.
    """
    from forensics.read.flash_dump import read_slot  # noqa: PLC0415 - not needed for a plain file

    reading = read_slot(evidence.content, slot, evidence.name)
    return replace(
        evidence.holding(reading.content),
        region=reading.region or evidence.region,
        notes=evidence.notes + reading.notes,
        damaged=reading.damaged,
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
        if format in FORMATS:
            return _RAW
        raise UsageError(f"no such format: {format}", next_step=f"use one of {', '.join(FORMATS)}")
    start = head[:HEAD_SIZE]
    for reader in READERS:
        if reader.may_be(start) and _module(reader).sniff(start):
            return reader
    return _RAW


def _unwrap(content: Content, format: str | None, slot: str | None) -> Evidence:
    reader = choose_reader(content.head, format)
    if slot is not None and reader.container != "flash":
        raise UsageError(f"holds no partition table, so no slot {slot}", name=content.name, next_step="leave --slot out")
    if reader.container in CAPTURE_CONTAINERS and content.path is not None:
        return _streamed(content, reader)
    data = content.whole()
    if format in TEXT_NAMES:
        from forensics.read.weighing import forced  # noqa: PLC0415 - not needed for a plain file

        return forced(_evidence(content.name, _RAW, data, Reading(content=data)), format or "")
    if reader.container in CAPTURE_CONTAINERS or format == "raw":
        return _evidence(content.name, reader, data, Reading(content=data))
    if reader is _RAW:
        if not data.endswith(ERASED_SECTOR):
            return _evidence(content.name, reader, data, Reading(content=data))
        reader = _SLOT
    return _evidence(content.name, reader, data, _module(reader).read(data, content.name, slot))


def _from_archive(content: Content, format: str | None, slot: str | None) -> Evidence:
    """The evidence inside an archive, with the digest of the archive itself."""
    inner = damaged_as(_unwrap(content, format, slot), content)
    archive = content.archive
    assert archive is not None
    where = f"the {archive.container} file"
    how = f"taken from {archive.member} in {where}" if archive.member else f"unpacked from {where}"
    return replace(
        inner,
        raw_size=archive.size,
        raw_sha256=archive.sha256,
        region=ByteSpan(0, archive.size),
        notes=(how, *inner.notes),
        reading=HowRead(how=how, share=1.0, cut=inner.damaged),
    )


def damaged_as(evidence: Evidence, content: Content) -> Evidence:
    """Evidence of which the way to its file damaged some: a cut archive lacks the end, a damaged one proves no byte."""
    if content.damage is None:
        return evidence
    end = len(evidence.content) + evidence.erased_tail
    if content.damage is Damage.BROKEN:
        why = f"the archive is damaged ({content.problem}): any byte taken from it may be wrong"
        return replace(evidence, damaged=(ByteSpan(0, end),), notes=(why, *evidence.notes))
    why = f"the archive is cut ({content.problem}): only the beginning of what was in it is there"
    return replace(evidence, damaged=(*evidence.damaged, ByteSpan(end, end)), notes=(why, *evidence.notes), unread=why)


def _streamed(content: Content, reader: Reader) -> Evidence:
    """A capture in a file: only its digest is taken now, its packets are streamed later."""
    path = cast("Path", content.path)
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", name=content.name, next_step="copy it to another place and name the copy"
        ) from error
    return Evidence(
        name=content.name,
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
