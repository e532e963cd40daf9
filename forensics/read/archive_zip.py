"""Zip files that hold evidence: bug reports of Android, ``idf.py diag`` reports, whatever a user zipped."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib

from forensics.errors import InputError
from forensics.read.source import MAX_INPUT_SIZE

_MAX_MEMBERS = 20000
_HEAD_SIZE = 4096
_FREE_SIZE = 64 * 1024 * 1024
_MAX_RATIO = 300
_PREFERRED = (
    "btsnoop_hci.log",
    ".pklg",
    ".btsnoop",
    ".pcapng",
    ".pcap",
    ".cfa",
    ".jsonl",
    ".bin",
    ".hex",
    ".log",
    ".txt",
)
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


def sniff(head: bytes) -> bool:
    """``head`` begins with a file header, or the end of an empty archive (PKWARE APPNOTE 6.3.10, 4.3)."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def unpack(data: bytes, name: str) -> tuple[str, bytes]:
    """The one member that is evidence: by the kind that its file name says, captures first.

    Raises:
        InputError: a damaged or encrypted archive, a bomb, no candidate, or several of the same kind.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            member = _choose(archive, name)
            return member.filename, _content(archive, member, name)
    except _DAMAGE as error:
        raise InputError(f"is a damaged zip file: {error}", name=name) from error


def _choose(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    members = [info for info in archive.infolist()[:_MAX_MEMBERS] if not info.is_dir() and info.file_size]
    if not members:
        raise InputError("is a zip file with no files in it", name=name)
    if len(members) == 1:
        return members[0]
    for ending in _PREFERRED:
        found = [info for info in members if info.filename.lower().endswith(ending)]
        if len(found) == 1:
            return found[0]
        if found:
            listed = ", ".join(info.filename for info in found[:5])
            raise InputError(f"holds {len(found)} candidates: {listed}", name=name, next_step="unzip it and name one")
    raise InputError(f"holds {len(members)} files, none a capture, log or image", name=name, next_step="unzip it")


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    if member.flag_bits & 1:
        raise InputError(f"{member.filename} in it is encrypted", name=name, next_step="unzip it with its password")
    packed = max(member.compress_size, 1)
    limit = min(MAX_INPUT_SIZE, max(_FREE_SIZE, packed * _MAX_RATIO))
    with archive.open(member) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise InputError(f"{member.filename} in it unpacks to more than {limit >> 20} MiB", name=name)
    return content
