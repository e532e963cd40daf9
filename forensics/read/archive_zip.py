"""Zip files that hold evidence: bug reports of Android, ``idf.py diag`` reports, whatever a user zipped.

Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4. The standard library lists the members; those that it stores
or deflates, as nearly all do, are unpacked here, since it gives nothing of a damaged one.
"""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from dataclasses import dataclass

from forensics.errors import InputError
from forensics.read.inflate import RAW, inflate
from forensics.read.reader import Unpacked
from forensics.read.source import MAX_INPUT_SIZE

_MAX_MEMBERS = 20000
_FREE_SIZE = 64 * 1024 * 1024
_MAX_RATIO = 300
_LOCAL_MAGIC = b"PK\x03\x04"
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _SIZES_FOLLOW = 1, 8
_PREFERRED = (
    "btsnoop_hci.log",
    "btsnoop_hci.log.last",
    ".pklg",
    ".btsnoop",
    ".snoop",
    ".pcapng",
    ".pcap",
    ".cfa",
    ".jsonl",
    ".bin",
    ".hex",
    ".log",
    ".txt",
)
_BUG_REPORT = "bugreport-"
"""The text of an Android bug report, which holds a short snoop log of its own."""
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """One file in the archive; ``start`` is the offset of its packed bytes, ``crc32`` None when it is not known."""

    name: str
    method: int
    start: int
    packed: int
    encrypted: bool
    crc32: int | None


def sniff(head: bytes) -> bool:
    """``head`` begins with a file header, or the end of an empty archive."""
    return head.startswith((_LOCAL_MAGIC, b"PK\x05\x06"))


def unpack(data: bytes, name: str) -> Unpacked:
    """The one member that is evidence: by the kind that its file name says, captures first.

    An archive without its end, where the list of members stands, gives what its beginning holds.

    Raises:
        InputError: nothing in it can be read, it is encrypted, a bomb, holds no candidate or several of one kind.
    """
    member = _choose(_members(data, name), name)
    if member.encrypted:
        raise InputError(f"{member.name} in it is encrypted", name=name, next_step="unzip it with its password")
    return _content(data, member, name)


def _members(data: bytes, name: str) -> list[_Member]:
    """The files in the archive, by its list at the end or, where that is not there, by their own headers."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = [info for info in archive.infolist()[:_MAX_MEMBERS] if not info.is_dir() and info.file_size]
            return [_listed(data, info) for info in listed]
    except _DAMAGE as error:
        found = _walked(data)
        if not found:
            raise InputError(f"is a damaged zip file: {error}", name=name) from error
        return found


def _listed(data: bytes, info: zipfile.ZipInfo) -> _Member:
    fields = _LOCAL.unpack_from(data, info.header_offset)
    return _Member(
        name=info.filename,
        method=info.compress_type,
        start=info.header_offset + _LOCAL.size + fields[9] + fields[10],
        packed=info.compress_size,
        encrypted=bool(info.flag_bits & _ENCRYPTED),
        crc32=info.CRC,
    )


def _walked(data: bytes) -> list[_Member]:
    """The files by their own headers, each up to the next."""
    found: list[_Member] = []
    place = data.find(_LOCAL_MAGIC)
    while place >= 0 and place + _LOCAL.size <= len(data) and len(found) < _MAX_MEMBERS:
        _magic, _version, flags, method, _time, _date, crc, packed, size, name_size, extra = _LOCAL.unpack_from(data, place)
        start = place + _LOCAL.size + name_size + extra
        follow = bool(flags & _SIZES_FOLLOW)
        place = data.find(_LOCAL_MAGIC, start if follow else max(start, min(start + packed, len(data))))
        end = len(data) if place < 0 else place
        title = data[start - name_size - extra : start - extra].decode("utf-8", "replace")
        known = not follow and start + packed <= end
        if start < len(data) and not title.endswith("/") and (size or follow):
            found.append(
                _Member(
                    name=title,
                    method=method,
                    start=start,
                    packed=packed if known else end - start,
                    encrypted=bool(flags & _ENCRYPTED),
                    crc32=crc if known else None,
                )
            )
    return found


def _choose(members: list[_Member], name: str) -> _Member:
    if not members:
        raise InputError("is a zip file with no files in it", name=name)
    if len(members) == 1:
        return members[0]
    for ending in _PREFERRED:
        found = [member for member in members if member.name.lower().endswith(ending)]
        reports = [member for member in found if _BUG_REPORT in member.name.lower()]
        if len(found) == 1 or len(reports) == 1:
            return (reports or found)[0]
        if found:
            listed = ", ".join(member.name for member in found[:5])
            raise InputError(f"holds {len(found)} candidates: {listed}", name=name, next_step="unzip it and name one")
    raise InputError(f"holds {len(members)} files, none a capture, log or image", name=name, next_step="unzip it")


def _content(data: bytes, member: _Member, name: str) -> Unpacked:
    limit = min(MAX_INPUT_SIZE, max(_FREE_SIZE, member.packed * _MAX_RATIO))
    packed = memoryview(data)[member.start : member.start + member.packed]
    if member.method == _STORED:
        found = Unpacked(member=member.name, content=bytes(packed), cut=member.crc32 is None)
    elif member.method == _DEFLATED:
        inflated = inflate(packed, RAW, limit)
        cut = not inflated.complete and inflated.damage is None
        found = Unpacked(member=member.name, content=inflated.content, cut=cut, damage=inflated.damage)
    else:
        found = _by_library(data, member, name, limit)
    if len(found.content) > limit:
        raise InputError(f"{member.name} in it unpacks to more than {limit >> 20} MiB", name=name)
    if not found.content:
        raise InputError(f"is a damaged zip file: {found.damage or 'it ends too early'}", name=name)
    if member.crc32 is not None and not (found.cut or found.damage) and zlib.crc32(found.content) != member.crc32:
        return found._replace(damage="its CRC-32 does not fit")
    return found


def _by_library(data: bytes, member: _Member, name: str, limit: int) -> Unpacked:
    """A member of a rare method, whole or not at all."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(member.name) as stream:
            return Unpacked(member=member.name, content=stream.read(limit + 1))
    except _DAMAGE as error:
        raise InputError(f"is a damaged zip file: {error}", name=name) from error
