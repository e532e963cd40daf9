"""What each file of a bug is, and what of it is needed to find its role."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forensics.errors import InputError, OtadiffError
from forensics.model.evidence import CAPTURE_CONTAINERS
from forensics.parse.esp8266 import is_esp8266_image
from forensics.parse.identify import identify
from forensics.parse.identify_firmware import looks_like_image
from forensics.parse.identify_text import is_text
from forensics.parse.image import parse_image
from forensics.parse.logs import parse_log
from forensics.pipeline.bug_folder.likeness import Blocks, blocks_of
from forensics.read import choose_reader, read_evidence
from forensics.write.marks import is_our_report, is_our_results

if TYPE_CHECKING:
    from forensics.model.evidence import Evidence
    from forensics.model.image import EspImage
    from forensics.model.log import DeviceLog
    from forensics.pipeline.bug_folder.gathering import FoundFile
    from forensics.read.source import Source

_NO_EVIDENCE = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".mp4", ".pdf", ".doc", ".docx", ".md", ".html")
"""Pictures and documents: what is in them is for people."""

UNREADABLE = "unreadable"
LOG = "log"
REPORT = "report"

_LONGEST_LOG = 64 * 1024 * 1024
"""Bytes of a text that are read as a log; a serial line at 115200 baud needs an hour and a half for them."""

_HEAD = 64
"""Bytes: the image header, the first segment's and the beginning of its data."""

_ERASED_SECTOR = b"\xff" * 4096
"""Ends the dump of a slot, which its reader cuts off."""

_ENCODED = {"hex-text": "hex", "base64-text": "base64"}
"""Texts that may be what a device stored, by the reader that decodes them."""

_LEAST_ENCODED = 512
"""Bytes of text that an image would at least take; a few words of letters alone look like base64, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedFile:
    """A file, and what is in it.

    Attributes:
        name: As in ``FoundFile``; ``named`` too.
        source: The open file; None when it cannot or shall not be read.
        kind: A container (``btsnoop``, ``flash`` ...), a kind of file (``app``, ``elf`` ...), ``log``, ``report`` or
            ``unreadable``.
        words: What it is, for a sentence; of an unreadable one the reason.
        size: Bytes, None when it was not read, as ``sha256``.
        container: Name of the reader that took it.
        log: What it says when it is a device's log.
        image: The image at the start of its content, or None.
        blocks: What its bytes can be recognised by; None for captures and plain texts.
        head: The first of its bytes.
        lost: It, or a part of it, could not be read although it may be evidence.
    """

    name: str
    kind: str
    words: str
    source: Source | None = None
    named: bool = False
    size: int | None = None
    sha256: str | None = None
    container: str = "raw"
    log: DeviceLog | None = None
    image: EspImage | None = None
    blocks: Blocks | None = None
    head: bytes = b""
    lost: bool = False

    @property
    def is_capture(self) -> bool:
        """It holds writes, of which a protocol makes an image."""
        return self.container in CAPTURE_CONTAINERS

    @property
    def is_valid_image(self) -> bool:
        """The device accepts it as it is."""
        return self.container == "raw" and self.image is not None and self.image.valid


def sort_file(found: FoundFile) -> SortedFile:
    """Looks into ``found``. Never raises: what cannot be read says why."""
    lost = found.lost and not found.name.lower().endswith(_NO_EVIDENCE)
    unread = SortedFile(name=found.name, kind=UNREADABLE, words=found.problem or "", named=found.named, lost=lost)
    if found.source is None:
        return unread
    try:
        file = replace(_looked_into(found.name, found.source), named=found.named)
        if file.kind == "unknown" and not file.named and file.name.lower().endswith(_NO_EVIDENCE):
            return replace(unread, words="a picture or a document")
        return file
    except OtadiffError as error:
        return replace(unread, words=error.reason, lost=True)


def _looked_into(name: str, source: Source) -> SortedFile:
    container = choose_reader(source.head).container
    if container in CAPTURE_CONTAINERS:
        evidence = read_evidence(source)
        return _sorted(name, source, evidence, kind=container, words=f"a {container} capture")
    content = source.whole()
    if is_our_report(content[:1024], content[-1024:]) or is_our_results(content[:1024]):
        return _plain(name, source, content, REPORT, "a report that otadiff wrote")
    log = _log(content)
    plain = container == "raw" and not content.endswith(_ERASED_SECTOR)
    try:
        evidence = read_evidence(source, format="raw" if plain else None)
    except InputError as error:
        if log is None:
            return _plain(name, source, content, UNREADABLE, error.reason)
        return replace(_plain(name, source, content, LOG, "a device's log"), log=log)
    return replace(_with_bytes(name, source, evidence), log=log) if log is None else _with_log(name, source, evidence, log)


def _with_log(name: str, source: Source, evidence: Evidence, log: DeviceLog) -> SortedFile:
    """A log; one that is full of hex holds bytes as well."""
    found = _sorted(name, source, evidence, kind=LOG, words="a device's log")
    if evidence.container == "raw":
        return replace(found, log=log)
    bytes_too = replace(_with_content(found, evidence), words=f"a device's log with {len(evidence.content)} bytes in hex")
    return replace(bytes_too, log=log)


def _with_bytes(name: str, source: Source, evidence: Evidence) -> SortedFile:
    if evidence.container != "raw":
        words = f"{len(evidence.content)} bytes as {evidence.container}"
        if evidence.container == "flash":
            words = f"a flash dump with the app slots {', '.join(slot.label for slot in evidence.slots)}"
        if evidence.container == "slot":
            words = f"a dump of a slot, its last {evidence.erased_tail} bytes erased"
        return _with_content(_sorted(name, source, evidence, kind=evidence.container, words=words), evidence)
    kind = identify(evidence.content)
    if kind.kind in _ENCODED and len(evidence.content) < _LEAST_ENCODED:
        return _sorted(name, source, evidence, kind="text", words="plain text")
    found = _sorted(name, source, evidence, kind=kind.kind, words=kind.words)
    if kind.kind in _ENCODED:
        try:
            return replace(found, blocks=blocks_of(read_evidence(source, format=_ENCODED[kind.kind]).content))
        except OtadiffError:
            return found
    return found if kind.kind in ("text", "empty") else _with_content(found, evidence)


def _with_content(found: SortedFile, evidence: Evidence) -> SortedFile:
    content = evidence.content
    image = parse_image(content)
    known = image.segments and (looks_like_image(image) or is_esp8266_image(content))
    return replace(found, image=image if known else None, blocks=blocks_of(content), head=content[:_HEAD])


def _sorted(name: str, source: Source, evidence: Evidence, *, kind: str, words: str) -> SortedFile:
    return SortedFile(
        name=name,
        kind=kind,
        words=words,
        source=source,
        size=evidence.raw_size,
        sha256=evidence.raw_sha256,
        container=evidence.container,
    )


def _plain(name: str, source: Source, content: bytes, kind: str, words: str) -> SortedFile:
    digest = hashlib.sha256(content).hexdigest()
    return SortedFile(name=name, kind=kind, words=words, source=source, size=len(content), sha256=digest)


def _log(content: bytes) -> DeviceLog | None:
    """What a device's log says; None for a text without any line of a device, and for everything else."""
    if not is_text(content):
        return None
    log = parse_log(content[:_LONGEST_LOG])
    return log if log.passes or log.events else None
