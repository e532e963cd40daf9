"""Archives as folders: every member of a zip file, the content of a gzip file, archives inside archives.

Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4; RFC 1952. The standard library lists the members of a zip file; those
that are stored or deflated, as nearly all are, are unpacked here, since the library gives nothing of a damaged one.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from forensics.errors import InputError
from forensics.model.limits import DEFAULT_LIMITS, Limits
from forensics.model.text import inert
from forensics.open import btsnooz
from forensics.open.content import HEAD_SIZE, Archive, Content, Damage
from forensics.open.inflate import GZIP, RARE, RAW, Inflated, inflate, inflate_rare
from forensics.open.kinds import GZIP_MAGIC, ZIP_ENTRY, archive_kind, holds_files, is_for_people
from forensics.spec.flash import ERASED_SECTOR

HIDDEN = "a hidden file"
"""Why a file is not read that is no evidence: one of the system's own."""

_DEEPEST = 4
_NO_PADDING = re.compile(rb"[^\0]")
_MOST_READ = 2 * 1024 * 1024 * 1024
"""Bytes of the files of one call."""

_CENTRAL_ENTRY = b"PK\x01\x02"
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _SIZES_FOLLOW = 1, 8
_CAPTURES = ("btsnoop_hci.log", "btsnoop_hci.log.last", ".pklg", ".btsnoop", ".snoop", ".pcapng", ".pcap", ".cfa", ".jsonl")
"""Ends of names that say what a file is among many, as in an Android bug report."""

_ABOUT = ("readme", "license", "changelog")
_BUG_REPORT = "bugreport-"
"""The text of an Android bug report, which holds a short snoop log of its own."""

_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
"""What ``zipfile`` raises over damaged or encrypted archives."""


_EMPTY = "is a zip file with no files in it"
_BY_HAND = "unpack it by hand, or save it again"


class Budget:
    """Counts what was opened and unpacked for one call, so that no folder and no archive is too much.

    Attributes:
        passed_over: Files that were one too many.
        room: Bytes that archives may still unpack to. Archives of the user make some; what an archive holds does not.
        entries: Files that archives may still list.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or DEFAULT_LIMITS
        self.passed_over = 0
        self.room = min(self.limits.free, self.limits.unpacked)
        self.entries = self.limits.entries
        self._objects = self.limits.objects
        self._read = _MOST_READ
        self._granted = self.room

    def opens(self, size: int = 0) -> bool:
        """Counts a file of ``size`` bytes that is about to be read; false when it is one too many, or too much."""
        if not self._objects or size > self._read:
            self.passed_over += 1
            return False
        self._objects -= 1
        self._read -= size
        return True

    def has_archive(self, size: int) -> None:
        """Makes room for what an archive of ``size`` bytes, which the user has, may unpack to."""
        more = min(size * self.limits.ratio, self.limits.unpacked - self._granted)
        self._granted += more
        self.room += more

    def unpacked(self, size: int) -> bool:
        """Counts ``size`` bytes that were unpacked; false when they were more than there was room for."""
        fits = size <= self.room
        self.room -= min(size, self.room)
        return fits

    @property
    def full(self) -> str:
        """What is said of a member for which there is no room."""
        return f"unpacks to more than {self._granted >> 20} MiB; unpack it by hand if you trust it"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One file in a zip file; ``start`` is the offset of its ``packed`` bytes, ``crc32`` None when it is not known."""

    name: str
    method: int
    start: int
    packed: int
    size: int
    encrypted: bool
    crc32: int | None


def is_archive(content: Content) -> bool:
    """A person made it: an archive with erased flash behind it is what a device stored."""
    return archive_kind(content.head) is not None and not content.whole().endswith(ERASED_SECTOR)


def members(content: Content, budget: Budget, folder: str = "", *, depth: int = _DEEPEST) -> Iterator[Content]:
    """Every file in an archive, and in archives in it. What cannot be read says why.

    Args:
        content: The archive.
        budget: What may be unpacked.
        folder: What the names of its files begin with.
        depth: How many archives inside one another are still opened.
    """
    content = replace(content, head=content.whole(), path=None, unpack=None)
    if depth == _DEEPEST:
        budget.has_archive(len(content.head))
    found: Iterable[tuple[_Entry | None, str]]
    if archive_kind(content.head) == "zip":
        try:
            entries, damage = _entries(content, budget)
        except InputError as error:
            yield replace(content, head=b"", problem=error.reason, lost=True)
            return
        if damage:
            yield replace(content, head=b"", problem=damage, lost=True)
        found = ((entry, posixpath.join(folder, inside(entry.name))) for entry in sorted(entries, key=lambda one: one.name))
    else:
        name = posixpath.basename(content.name).removesuffix(".gz")
        found = [(None, posixpath.join(posixpath.dirname(folder), name))]
    for entry, name in found:
        if entry is not None and _is_hidden(entry):
            yield Content(name=name, problem=HIDDEN)
        elif budget.opens():
            member = replace(_unpacked(content, entry, budget), name=name)
            if depth and member.is_readable and holds_files(member.head):
                yield from members(member, budget, name, depth=depth - 1)
            elif len(member.head) > HEAD_SIZE:
                again = partial(_again, content, entry, len(member.head))
                yield replace(member, head=member.head[:HEAD_SIZE], unpack=again)
            else:
                yield member


def evidence_in(content: Content, budget: Budget) -> Content:
    """The one file in an archive that is evidence, under the name of the archive: captures first, by its own name.

    Raises:
        InputError: nothing in it can be read, it is encrypted, a bomb, holds no candidate or several of one kind.
    """
    packed, kind = content.whole(), archive_kind(content.head) or ""
    member = btsnooz.MEMBER if kind == "btsnooz" else ""
    archive = Archive(container=kind, size=len(packed), sha256=hashlib.sha256(packed).hexdigest(), member=member)
    opened = replace(content, head=packed, path=None)
    budget.has_archive(len(packed))
    for _ in range(_DEEPEST):
        entry, damage = None, None
        if archive_kind(opened.head) == "zip":
            entries, damage = _entries(opened, budget)
            entry = _choose(entries, content.name)
            archive = archive if archive.member else replace(archive, member=inside(entry.name))
        opened = _unpacked(opened, entry, budget)
        if damage and opened.is_readable:  # it may have held more
            opened = replace(opened, damage=opened.damage or Damage.CUT, problem=damage)
        if not opened.is_readable:
            raise InputError(opened.problem or "", name=content.name, next_step=_BY_HAND)
        if not is_archive(opened):
            return replace(opened, archive=archive, named=content.named)
    raise InputError(f"archives inside archives, more than {_DEEPEST} deep", name=content.name, next_step=_BY_HAND)


def _unpacked(content: Content, entry: _Entry | None, budget: Budget) -> Content:
    """One member, as far as it can be read; ``entry`` is None for archives that hold one file."""
    kind = archive_kind(content.head) or ""
    called = f"{inside(entry.name)} in it" if entry is not None else "it"
    closed = Content(name=content.name, lost=True)
    if entry is not None and entry.encrypted:
        return replace(closed, problem=f"{called} is encrypted: unzip it with its password")
    if entry is not None and entry.size > budget.room:
        return replace(closed, problem=f"{called} {budget.full}")
    try:
        found = _inflated(content, entry, budget.room)
    except InputError as error:
        return replace(closed, problem=error.reason)
    if not budget.unpacked(len(found.content)):
        return replace(closed, problem=f"{called} {budget.full}")
    if found.complete and content.damage is None:
        return Content(name=content.name, head=found.content)
    damage = content.damage or (Damage.CUT if found.damage is None or found.left else Damage.BROKEN)
    problem = f"a damaged {kind} file: {found.damage or 'it ends too early'}"
    if not found.content:
        return replace(closed, problem=f"is {problem}")
    return replace(closed, head=found.content, damage=damage, problem=problem)


def _inflated(content: Content, entry: _Entry | None, limit: int) -> Inflated:
    """What one member gives, and at most one byte more than ``limit``."""
    if entry is not None:
        return _member(content.head, entry, limit)
    if archive_kind(content.head) == "btsnooz":
        return btsnooz.unpack(content.head, content.name)
    return _gunzipped(content.head, limit)


def _again(content: Content, entry: _Entry | None, size: int) -> bytes:
    """The bytes of a member that was unpacked before, and had ``size``."""
    return _inflated(content, entry, size).content[:size]


def _gunzipped(data: bytes, limit: int) -> Inflated:
    """The content of all members of a gzip file, end to end."""
    pieces: list[bytes] = []
    total = position = 0
    packed = memoryview(data)
    while data[position : position + 2] == GZIP_MAGIC:
        found = inflate(packed[position:], GZIP, limit - total)
        pieces.append(found.content)
        total += len(found.content)
        position += found.used
        if not found.complete:
            return replace(found, content=b"".join(pieces))
        if total > limit:
            break
        goes_on = _NO_PADDING.search(data, position)  # tapes and flashes pad with zeros
        position = goes_on.start() if goes_on is not None else len(data)
    left = len(data) - position
    damage = f"{left:,} bytes behind its end are no gzip data" if left and total <= limit else None
    return Inflated(content=b"".join(pieces), used=position, complete=damage is None, damage=damage, left=left)


def _entries(content: Content, budget: Budget) -> tuple[list[_Entry], str | None]:
    """The files in a zip file, and what is wrong with its list of them: without one, their own headers are followed.

    Raises:
        InputError: no file is in it.
    """
    data, damage = content.head, None
    listed = data.count(_CENTRAL_ENTRY)
    if listed > budget.entries:
        entries, damage = _walked(data, budget.entries), f"lists {listed:,} files, of which {budget.entries:,} are read"
    else:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                entries = [_listed(data, info) for info in archive.infolist() if not info.filename.endswith("/")]
        except _DAMAGES as error:
            entries, damage = _walked(data, budget.entries), f"is a damaged zip file: {error}"
    budget.entries -= len(entries)
    if not entries:
        raise InputError(damage or _EMPTY, name=content.name, next_step=_BY_HAND)
    return entries, damage


def _listed(data: bytes, info: zipfile.ZipInfo) -> _Entry:
    fields = _LOCAL.unpack_from(data, info.header_offset)
    return _Entry(
        name=info.filename,
        method=info.compress_type,
        start=info.header_offset + _LOCAL.size + fields[9] + fields[10],
        packed=info.compress_size,
        size=info.file_size,
        encrypted=bool(info.flag_bits & _ENCRYPTED),
        crc32=info.CRC,
    )


def _walked(data: bytes, most: int) -> list[_Entry]:
    """The first ``most`` files by their own headers, each up to the next."""
    found: list[_Entry] = []
    place = data.find(ZIP_ENTRY)
    while place >= 0 and place + _LOCAL.size <= len(data) and len(found) < most:
        _magic, _version, flags, method, _time, _date, crc, packed, size, name_size, extra = _LOCAL.unpack_from(data, place)
        start = place + _LOCAL.size + name_size + extra
        follow = bool(flags & _SIZES_FOLLOW)
        place = data.find(ZIP_ENTRY, start if follow else max(start, min(start + packed, len(data))))
        end = len(data) if place < 0 else place
        title = data[start - name_size - extra : start - extra].decode("utf-8", "replace")
        known = not follow and start + packed <= end
        if start < len(data) and not title.endswith("/") and (size or follow):
            found.append(
                _Entry(
                    name=title,
                    method=method,
                    start=start,
                    packed=packed if known else end - start,
                    size=size or 1,
                    encrypted=bool(flags & _ENCRYPTED),
                    crc32=crc if known else None,
                )
            )
    return found


def _choose(entries: list[_Entry], name: str) -> _Entry:
    """The file that is evidence: a capture among many, else the only one that is not there for people."""
    left = [entry for entry in entries if entry.size and not _is_hidden(entry)]
    for ending in _CAPTURES if len(left) > 1 else ():
        found = [entry for entry in left if entry.name.lower().endswith(ending)]
        reports = [entry for entry in found if _BUG_REPORT in entry.name.lower()]
        if len(found) == 1 or len(reports) == 1:
            return (reports or found)[0]
    found = [entry for entry in left if not _is_for_people(entry)] or left
    if not found:
        raise InputError(_EMPTY, name=name, next_step=_BY_HAND)
    if len(found) > 1:
        listed = ", ".join(inside(entry.name) for entry in found[:5])
        raise InputError(
            f"holds {len(found)} candidates: {listed}{' ...' if len(found) > 5 else ''}",
            name=name,
            next_step="unzip it and name one, or give all of it to otadiff triage",
        )
    return found[0]


def _is_hidden(entry: _Entry) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in inside(entry.name).split("/"))


def _is_for_people(entry: _Entry) -> bool:
    base = inside(entry.name).rsplit("/", 1)[-1].lower()
    return is_for_people(base) or base.startswith(_ABOUT)


def _member(data: bytes, entry: _Entry, limit: int) -> Inflated:
    """The bytes of one entry, up to a cut or damage."""
    packed = memoryview(data)[entry.start : entry.start + entry.packed]
    if entry.method == _STORED:
        found = Inflated(content=bytes(packed), used=len(packed), complete=entry.crc32 is not None)
    elif entry.method == _DEFLATED:
        found = inflate(packed, RAW, limit)
    elif entry.method in RARE:
        found = inflate_rare(packed, entry.method, entry.size, limit)
    else:
        return Inflated(content=b"", used=0, complete=False, damage=f"compression method {entry.method} is not known")
    whole = found.complete and entry.crc32 is not None and len(found.content) <= limit
    if whole and zlib.crc32(found.content) != entry.crc32:
        return replace(found, complete=False, damage="its CRC-32 does not fit")
    return found


def inside(name: str) -> str:
    """The name of a member as a path inside its archive, whatever it claims to be."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return inert("/".join(parts)) or "unnamed"
