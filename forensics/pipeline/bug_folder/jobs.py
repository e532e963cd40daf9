"""The right job for the files at hand: a comparison, a log with its image, an inspection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from forensics.errors import InputError, OtadiffError, UsageError
from forensics.model.evidence import LEAST_SHARE
from forensics.model.finding import Certainty, Verdict
from forensics.parse.image import parse_image
from forensics.pipeline.bug_folder.pairing import Roles, Taken
from forensics.pipeline.bug_folder.relation import is_dump
from forensics.pipeline.bug_folder.transfers import Carried
from forensics.pipeline.comparison import Options, compare_sources
from forensics.pipeline.inspection import inspect_source
from forensics.pipeline.triage import TriageOptions, triage_text
from forensics.pipeline.weighing import weighed
from forensics.read import read_evidence
from forensics.read.source import Source

if TYPE_CHECKING:
    from forensics.model.report import Report
    from forensics.pipeline.bug_folder.sorting import SortedFile

Progress = Callable[[int], None]

_TEXTS = ("log", "text", "hex-text", "base64-text", "hexdump", "write-log", "byte-list", "esp-log")
_LEAST_TEXT = 256
_MOST_TEXTS = 20
"""Texts of a bug that are read for bytes of the image."""

_LEAST_IMAGE = 4096
"""Bytes in a log from which on they are taken for an image, though it is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is held against what. ``labels`` are the names in the report: without folders where that is unmistakable.

    Attributes:
        carried: What the writes of ``capture`` carried, where it was decoded to find that out.
        left_out: Names of files that might have had a role, each with the reason why it has none.
    """

    labels: dict[str, str]
    sent: Taken | None = None
    received: Taken | None = None
    capture: Taken | None = None
    log: Taken | None = None
    carried: Carried | None = None
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def taken(self) -> tuple[Taken, ...]:
        """Everything that has a role."""
        return tuple(one for one in (self.sent, self.received, self.capture, self.log) if one is not None)

    def run(self, options: TriageOptions, progress: Progress | None) -> Report:
        """The report on these files.

        Raises:
            InputError: one of them turns out to be no use.
            UsageError: an impossible option.
        """
        if options.chunk_size is not None and options.chunk_size < 1:
            raise UsageError(f"a chunk size of {options.chunk_size} bytes is impossible")
        if self.sent is not None and (self.received is not None or self.capture is not None):
            return self._compare(options)
        if self.log is not None:
            return self._read_log(options, progress)
        return self._inspect()

    def suspect(self, error: OtadiffError) -> SortedFile | None:
        """The file to leave out after ``error``: the one that it names, else the least certain; None when it is the last."""
        if len(self.taken) < 2 or isinstance(error, UsageError):
            return None
        named = [one.file for one in self.taken if error.name in (one.file.name, self.labels.get(one.file.name))]
        order = [one.file for one in (self.capture, self.received, self.log, self.sent) if one is not None]
        return (named or order)[0]

    def _compare(self, options: TriageOptions) -> Report:
        received, capture = self.received, self.capture
        if received is None:
            received, capture = capture, None
        assert self.sent is not None
        assert received is not None
        log = self.log
        return compare_sources(
            self._source(self.sent),
            self._source(received),
            Options(
                chunk_size=options.chunk_size,
                capture=self._source(capture) if capture is not None else None,
                log=self._source(log).whole() if log is not None else None,
                log_name=self.labels[log.file.name] if log is not None else "",
            ),
        )

    def _read_log(self, options: TriageOptions, progress: Progress | None) -> Report:
        assert self.log is not None
        image, name = None, ""
        if self.sent is not None:
            evidence = read_evidence(self._source(self.sent))
            image, name = evidence.content, evidence.name
        elif self.capture is not None and self.carried is not None:
            image, name = self.carried.image, self.labels[self.capture.file.name]
        text, label = self._source(self.log).whole(), self.labels[self.log.file.name]
        return triage_text(text, image, options, progress, name=label, sent_name=name)

    def _inspect(self) -> Report:
        if self.sent is not None:
            container = self.sent.file.container
            as_it_is = container in ("raw", "flash", "slot")
            return inspect_source(self._source(self.sent), format=None if as_it_is else container)
        assert self.capture is not None
        if self.carried is None or not self.carried.image:
            raise InputError("none of its writes carries an image", name=self.labels[self.capture.file.name])
        name = self.labels[self.capture.file.name]
        report = inspect_source(Source(name=name, head=self.carried.image))
        whole = "a whole image" if report.verdict is Verdict.HEALTHY else "no whole image"
        carried = f"its writes carry {len(self.carried.image):,} bytes, {whole}"
        # Without the file that was sent, nobody can tell what the capture missed from what the sender left out.
        return replace(
            report,
            verdict=Verdict.INCONCLUSIVE,
            summary=f"{name} is a {self.capture.file.container} capture: {carried}; add the .bin that was sent",
            findings=tuple(replace(one, certainty=Certainty.POSSIBLE) for one in report.findings),
        )

    def _source(self, taken: Taken) -> Source:
        assert taken.file.source is not None
        return replace(taken.file.source, name=self.labels[taken.file.name])


def job_of(roles: Roles, files: Sequence[SortedFile]) -> Job | None:
    """The job for ``roles``; None when none of ``files`` says anything about a transfer."""
    sent, log, carried, received = roles.sent, roles.log, roles.carried, roles.received
    left_out = dict(roles.left_out)
    if received is not None and received.file.log is not None and not _shows_image(received.file, sent):
        log, received = log or received, None  # a hash, a key or an address, however it is printed
    stored = sent is not None and is_dump(sent.file) and not sent.file.is_valid_image
    if sent is not None and received is None and carried is None:
        received = _text_of_image(files, sent)
        log = log if received is None or log is None or log.file is not received.file else None
    if sent is not None and stored and received is None and log is not None:
        why = "it looks like what the device stored, and nothing shows what was sent"
        left_out[sent.file.name] = f"{sent.file.words}: {why}"
        sent = None
    capture = Taken(file=carried.file, why=carried.why) if carried is not None else None
    if carried is not None and sent is None and log is not None and not parse_image(carried.image).valid:
        capture = None
        why = "nothing shows what was sent, and what it carried is no whole image"
        left_out[carried.file.name] = f"{carried.file.words}: {why}"
    if sent is None and capture is None and log is None:
        log = _any_text(files)
    taken = [one.file for one in (sent, received, capture, log) if one is not None]
    if not taken:
        return None
    return Job(
        labels=_labels(taken),
        sent=sent,
        received=received,
        capture=capture,
        log=log,
        carried=carried,
        left_out=left_out,
    )


def _text_of_image(files: Sequence[SortedFile], sent: Taken) -> Taken | None:
    """The text that shows most of the image that was sent, whatever tool printed it."""
    texts = [file for file in files if file.kind in _TEXTS and file is not sent.file and (file.size or 0) >= _LEAST_TEXT]
    image = _bytes_of(sent.file) if texts else b""
    shares = [(_share_of_image(file, image), file) for file in texts[:_MOST_TEXTS]]
    share, best = max(shares, key=lambda one: one[0], default=(0.0, None))
    return Taken(file=best, why=f"a text that shows bytes of {sent.file.name}") if best and share >= LEAST_SHARE else None


def _shows_image(file: SortedFile, sent: Taken | None) -> bool:
    """The hex in a log is the image that was sent, or so much that it is another one."""
    if sent is None or file.source is None or len(read_evidence(file.source).content) >= _LEAST_IMAGE:
        return True
    return _share_of_image(file, _bytes_of(sent.file)) >= LEAST_SHARE


def _bytes_of(file: SortedFile) -> bytes:
    """The image in a file; empty where it cannot be read."""
    try:
        return read_evidence(file.source).content if file.source is not None else b""
    except OtadiffError:
        return b""


def _share_of_image(file: SortedFile, image: bytes) -> float:
    """How much of what a text shows is in the image that was sent."""
    try:
        if file.source is None or not image:
            return 0.0
        reading = weighed(read_evidence(file.source), file.source.whole(), image).reading
    except OtadiffError:
        return 0.0
    return reading.share if reading is not None else 0.0


def _any_text(files: Sequence[SortedFile]) -> Taken | None:
    """A text that the user named, though no line of a device was recognised in it."""
    text = next((file for file in files if file.kind == "text" and file.named), None)
    return Taken(file=text, why="a text, in which no line of a device was recognised") if text is not None else None


def _labels(files: Sequence[SortedFile]) -> dict[str, str]:
    """File names without folders, but where two of them are then alike."""
    names = {file.name for file in files}
    short = [name.rsplit("/", 1)[-1] for name in names]
    return {name: base if short.count(base := name.rsplit("/", 1)[-1]) == 1 else name for name in names}
