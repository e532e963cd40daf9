"""What each file of a bug is, and what of it is needed to find its role."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forensics.errors import InputError, OtadiffError
from forensics.model.evidence import CAPTURE_CONTAINERS
from forensics.open.kinds import is_for_people
from forensics.parse.identify import identify
from forensics.parse.identify_text import is_text
from forensics.parse.image import looks_like_image, parse_image
from forensics.parse.logs import parse_log
from forensics.pipeline.triage.likeness import Blocks, blocks_of
from forensics.read import damaged_as, read_evidence
from forensics.read.weighing import is_print_out, shown_image
from forensics.write.marks import is_our_report, is_our_results

if TYPE_CHECKING:
    from forensics.model.evidence import Evidence
    from forensics.model.image import EspImage
    from forensics.model.log import DeviceLog
    from forensics.open import Content

_NOT_UNPACKED = ("xz", "bzip2", "zstd")
"""Archives that may hold evidence, and that nothing here opens."""

UNREADABLE = "unreadable"
LOG = "log"
REPORT = "report"

_LONGEST_LOG = 64 * 1024 * 1024
"""Bytes of a text that are read as a log; a serial line at 115200 baud needs an hour and a half for them."""

_HEAD = 64
"""Bytes: the image header, the first segment's and the beginning of its data."""

_ENCODED = ("hex-text", "base64-text")
_LEAST_ENCODED = 512
"""Bytes of text that an image would at least take; a few words of letters alone look like base64, too."""

_LEAST_SHOWN = 1024
"""Bytes that a text must show to be compared, unless they are a whole image."""

_NO_BYTES = ("text", "empty", *_ENCODED)
"""Kinds of files that hold no bytes of an image, but may show some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A file, and what is in it.

    Attributes:
        content: The file as it was opened.
        kind: A container (``btsnoop``, ``flash`` ...), a kind of file (``app``, ``elf`` ...), ``log``, ``report`` or
            ``unreadable``.
        words: What it is, for a sentence; of an unreadable one the reason.
        evidence: Its bytes, SENT unknown; of a text those of the image that it shows. None when it cannot be read.
        log: What a device's log in it says; None for every other file.
        blocks: By which other files are recognised that share bytes with it; None when it holds none of an image.
        head: The first of its bytes.
        lost: It, or a part of it, could not be read although it may be evidence.
    """

    content: Content
    kind: str
    words: str
    evidence: Evidence | None = None
    log: DeviceLog | None = None
    blocks: Blocks | None = None
    head: bytes = b""
    lost: bool = False

    @property
    def name(self) -> str:
        """Path below what the user named, with forward slashes; else the file's name. No two files have the same."""
        return self.content.name

    @property
    def named(self) -> bool:
        """The user named it, and not only the folder or archive that holds it."""
        return self.content.named

    @property
    def size(self) -> int | None:
        """Bytes of the file."""
        return None if self.evidence is None else self.evidence.raw_size

    @property
    def sha256(self) -> str | None:
        """Digest of the file, lower-case hex."""
        return None if self.evidence is None else self.evidence.raw_sha256

    @property
    def container(self) -> str:
        """What its bytes were taken from."""
        return "raw" if self.evidence is None else self.evidence.container

    @property
    def image(self) -> EspImage | None:
        """The image in it, with its checksum and digest; None when it holds none."""
        return None if self.evidence is None else self.evidence.image

    @property
    def is_capture(self) -> bool:
        """It holds writes, of which a protocol makes an image."""
        return self.container in CAPTURE_CONTAINERS

    @property
    def is_text(self) -> bool:
        """It is for people, and may show bytes."""
        return self.kind in (LOG, *_NO_BYTES)

    @property
    def is_valid_image(self) -> bool:
        """The device accepts it as it is."""
        return self.container == "raw" and self.image is not None and self.image.valid


def sort_file(content: Content) -> CaseFile:
    """Looks into ``content``. Never raises: what cannot be read says why."""
    no_evidence = is_for_people(content.name)
    unread = CaseFile(content=content, kind=UNREADABLE, words=content.problem or "", lost=content.lost and not no_evidence)
    if not content.is_readable:
        return unread
    try:
        file = _looked_into(content)
    except OtadiffError as error:
        return replace(unread, words=error.reason, lost=True)
    if file.kind == "unknown" and not file.named and no_evidence:
        return replace(unread, words="a picture or a document")
    packed = file.kind in _NOT_UNPACKED
    return replace(file, lost=unread.lost or packed, words=f"{file.words}, which is not opened" if packed else file.words)


def _looked_into(content: Content) -> CaseFile:
    try:
        evidence = damaged_as(read_evidence(content), content)
    except InputError as error:  # it was read, and holds nothing of what it begins as; it may be a log all the same
        raw = read_evidence(content, format="raw")
        log = _log(raw.content)
        file = CaseFile(content=content, kind=UNREADABLE, words=error.reason, evidence=raw)
        return file if log is None else replace(file, kind=LOG, words="a device's log", log=log)
    container = evidence.container
    file = CaseFile(content=content, kind=container, words=f"a {container} capture", evidence=evidence)
    if evidence.is_capture:
        return file
    data = evidence.content
    if is_our_report(data[:1024], data[-1024:]) or is_our_results(data[:1024]):
        return replace(file, kind=REPORT, words="a report that otadiff wrote")
    if container == "raw":
        return _plain(file, evidence)
    words = f"{len(data)} bytes as {container}"
    if container == "flash":
        words = f"a flash dump with the app slots {', '.join(slot.label for slot in evidence.slots)}"
    if container == "slot":
        words = f"a dump of a slot, its last {evidence.erased_tail} bytes erased"
    return _with_bytes(replace(file, words=words), evidence)


def _plain(file: CaseFile, evidence: Evidence) -> CaseFile:
    """A binary, or a text, which may be a device's log and show the bytes of an image."""
    log = _log(evidence.content)
    shown = shown_image(evidence) if is_print_out(evidence) else None
    if shown is not None and not _is_cut_short(shown):
        what, holder = ("a text", "text") if log is None else ("a device's log", LOG)
        return _with_bytes(replace(file, kind=holder, words=f"{what} that shows {len(shown.content)} bytes", log=log), shown)
    if log is not None:
        return replace(file, kind=LOG, words="a device's log", log=log)
    image = parse_image(evidence.content)
    kind = identify(evidence.content, image)
    if kind.kind in _NO_BYTES:
        short = kind.kind in _ENCODED and len(evidence.content) < _LEAST_ENCODED
        return replace(file, kind="text", words="plain text") if short else replace(file, kind=kind.kind, words=kind.words)
    return replace(_with_bytes(file, evidence, image), kind=kind.kind, words=kind.words)


def _is_cut_short(shown: Evidence) -> bool:
    """A console printed the beginning of an image and cut the rest: that is no dump of it."""
    return len(shown.content) < _LEAST_SHOWN and not parse_image(shown.content, digests=False).complete


def _with_bytes(file: CaseFile, evidence: Evidence, image: EspImage | None = None) -> CaseFile:
    content = evidence.content
    image = image or parse_image(content)
    evidence = replace(evidence, image=image if image.segments and looks_like_image(image) else None)
    return replace(file, evidence=evidence, blocks=blocks_of(content), head=content[:_HEAD])


def _log(content: bytes) -> DeviceLog | None:
    """What a device's log says; None for a text without any line of a device, and for everything else."""
    if not is_text(content):
        return None
    log = parse_log(content[:_LONGEST_LOG])
    return log if log.passes or log.events else None
