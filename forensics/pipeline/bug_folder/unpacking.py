"""Archives as folders: every member of a zip file, the content of a gzip file, archives inside archives."""

from __future__ import annotations

import io
import lzma
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from forensics.errors import InputError
from forensics.read import archive_gzip, archive_zip
from forensics.read.source import MAX_INPUT_SIZE

if TYPE_CHECKING:
    from forensics.read.source import Source

_MOST_NESTING = 3
_MOST_MEMBERS = 2000
_MOST_UNPACKED = 512 * 1024 * 1024
"""Bytes unpacked for one bug: members are held in memory until the report is made."""

_FREE_SIZE = 64 * 1024 * 1024
_MOST_RATIO = 300
"""Deflate reaches 1032 for zeros; beyond this only so many bytes that no bomb is built of them."""

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
"""What ``zipfile`` raises over damaged or encrypted archives."""

HIDDEN = "a hidden file"
"""Why a file is not read that is no evidence: one of the system's own."""

Member = tuple[str, "bytes | str"]
"""Name, and the content or the reason why there is none."""


def is_archive(head: bytes) -> bool:
    """A zip or gzip file begins with ``head``."""
    return archive_zip.sniff(head) or archive_gzip.sniff(head)


class Unpacker:
    """Unpacks the archives of one bug, and counts what all of them gave."""

    def __init__(self) -> None:
        self._unpacked = 0

    def members(self, source: Source, folder: str) -> Iterator[Member]:
        """What an archive holds, by name; ``folder`` stands before each, and before those of inner archives theirs.

        A member that is damaged, encrypted, hidden or a bomb gives the reason; so does a damaged archive as a whole.
        """
        if archive_gzip.sniff(source.head):
            yield from self._gzip(source.whole(), source.name, posixpath.dirname(folder), 0)
        elif source.path is not None:
            try:
                with source.path.open("rb") as stream:
                    yield from self._zip(stream, source.name, folder, 0)
            except OSError as error:
                yield source.name, f"cannot be read: {error.strerror}"
        else:
            yield from self._zip(io.BytesIO(source.head), source.name, folder, 0)

    def _content(self, content: bytes, name: str, depth: int) -> Iterator[Member]:
        """A member, or the members of the archive that it is."""
        if not is_archive(content[:8]) or depth >= _MOST_NESTING:
            yield name, content
        elif archive_gzip.sniff(content):
            yield from self._gzip(content, name, posixpath.dirname(name), depth + 1)
        else:
            yield from self._zip(io.BytesIO(content), name, name, depth + 1)

    def _gzip(self, data: bytes, name: str, folder: str, depth: int) -> Iterator[Member]:
        inner = posixpath.join(folder, posixpath.basename(name).removesuffix(".gz"))
        try:
            _member, content, cut, damage = archive_gzip.unpack(data, name)
        except InputError as error:
            yield name, error.reason
            return
        if cut or damage:
            yield name, f"a damaged gzip file: {damage or 'it ends too early'}"
        if self._has_room(len(content)):
            yield from self._content(content, inner, depth)
        else:
            yield name, _too_much()

    def _zip(self, stream: BinaryIO, name: str, folder: str, depth: int) -> Iterator[Member]:
        try:
            with zipfile.ZipFile(stream) as archive:
                infos = sorted((info for info in archive.infolist() if not info.is_dir()), key=lambda info: info.filename)
                for info in infos[:_MOST_MEMBERS]:
                    member = posixpath.join(folder, _inside(info.filename))
                    content = self._read(archive, info)
                    if isinstance(content, str):
                        yield member, content
                    else:
                        yield from self._content(content, member, depth)
                if len(infos) > _MOST_MEMBERS:
                    more = len(infos) - _MOST_MEMBERS
                    yield f"{more} more files in {name}", f"only {_MOST_MEMBERS} of a zip file are read"
        except _DAMAGE as error:
            yield name, f"a damaged zip file: {error}"
            yield from self._salvaged(stream, name, folder, depth)

    def _salvaged(self, stream: BinaryIO, name: str, folder: str, depth: int) -> Iterator[Member]:
        """The evidence that is left of a damaged archive."""
        stream.seek(0)
        try:
            unpacked = archive_zip.unpack(stream.read(MAX_INPUT_SIZE), name)
        except InputError:
            return
        if self._has_room(len(unpacked.content)):
            yield from self._content(unpacked.content, posixpath.join(folder, _inside(unpacked.member)), depth)

    def _read(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | str:
        """The content of one member, or why there is none."""
        if any(part.startswith((".", "__MACOSX")) for part in _inside(info.filename).split("/")):
            return HIDDEN
        if info.flag_bits & 1:
            return "encrypted: unzip it with its password"
        limit = min(MAX_INPUT_SIZE, max(_FREE_SIZE, max(info.compress_size, 1) * _MOST_RATIO))
        try:
            with archive.open(info) as stream:
                content = stream.read(min(limit, _MOST_UNPACKED - self._unpacked) + 1)
        except _DAMAGE as error:
            return f"damaged in the zip file: {error}"
        if len(content) > limit:
            return f"unpacks to more than {limit >> 20} MiB"
        return content if self._has_room(len(content)) else _too_much()

    def _has_room(self, size: int) -> bool:
        if self._unpacked + size > _MOST_UNPACKED:
            return False
        self._unpacked += size
        return True


def _too_much() -> str:
    return f"the archives unpack to more than {_MOST_UNPACKED >> 20} MiB in all"


def _inside(name: str) -> str:
    """The name of a member as a path inside its archive, whatever it claims to be."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(parts).encode("utf-8", "backslashreplace").decode() or "unnamed"
