"""The right job for the files at hand: a comparison, a log with its image, an inspection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from forensics.errors import InputError, OtadiffError, UsageError
from forensics.model.evidence import LEAST_SHARE, Evidence
from forensics.model.finding import Certainty, Verdict
from forensics.open import Content
from forensics.parse.image import parse_image
from forensics.pipeline.comparison import Options, compare_read, sent_evidence
from forensics.pipeline.inspection import inspect_evidence, inspect_source
from forensics.pipeline.log_report import TriageOptions, triage_text
from forensics.pipeline.triage.pairing import Roles, Taken
from forensics.pipeline.triage.relation import is_dump
from forensics.pipeline.triage.transfers import Carried
from forensics.read import damaged_as, read_evidence
from forensics.read.weighing import told_by

if TYPE_CHECKING:
    from forensics.model.report import Report
    from forensics.pipeline.triage.sorting import CaseFile

Progress = Callable[[int], None]

_LEAST_TEXT = 256
_MOST_TEXTS = 20
"""Texts of a bug that are read for bytes of the image."""


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
            raise UsageError(
                f"a chunk size of {options.chunk_size} bytes is impossible", next_step="give the bytes of image in one write"
            )
        if self.sent is not None and (self.received is not None or self.capture is not None):
            return self._compare(options)
        if self.log is not None:
            return self._read_log(options, progress)
        return self._inspect()

    def suspect(self, error: OtadiffError) -> CaseFile | None:
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
        return compare_read(
            self._sent(received),
            self._evidence(received),
            Options(
                chunk_size=options.chunk_size,
                capture=self._evidence(capture) if capture is not None else None,
                log=self.log.file.content.whole() if self.log is not None else None,
                log_name=self.labels[self.log.file.name] if self.log is not None else "",
            ),
        )

    def _read_log(self, options: TriageOptions, progress: Progress | None) -> Report:
        assert self.log is not None
        image, name = None, ""
        if self.sent is not None:
            evidence = self._evidence(self.sent)
            image, name = evidence.content, evidence.name
        elif self.capture is not None and self.carried is not None:
            image, name = self.carried.image, self.labels[self.capture.file.name]
        text, label = self.log.file.content.whole(), self.labels[self.log.file.name]
        return triage_text(text, image, options, progress, name=label, sent_name=name)

    def _inspect(self) -> Report:
        if self.sent is not None:
            evidence = self._evidence(self.sent)
            report = inspect_evidence(evidence)
            if evidence.damaged and evidence.notes:
                return _of_unknown_origin(report, f"{evidence.name}: {evidence.notes[0]}")
            if evidence.container == "raw" and self.sent.file.is_text:
                return _of_unknown_origin(report, f"{evidence.name} is a text")
            if evidence.reading is None or evidence.reading.is_certain:
                return report
            return _of_unknown_origin(report, f"{evidence.name} is a text that shows {len(evidence.content):,} bytes")
        assert self.capture is not None
        name = self.labels[self.capture.file.name]
        if self.carried is None or not self.carried.image:
            raise InputError(
                "none of its writes carries an image", name=name, next_step="see what it holds with otadiff inspect"
            )
        report = inspect_source(Content(name=name, head=self.carried.image))
        writes = f"its writes carry {len(self.carried.image):,} bytes"
        return _of_unknown_origin(report, f"{name} is a {self.capture.file.container} capture: {writes}")

    def _sent(self, received: Taken) -> Evidence:
        assert self.sent is not None
        file = self.sent.file
        if file.container in ("raw", "text"):
            return self._evidence(self.sent)
        return sent_evidence(replace(file.content, name=self.labels[file.name]), received.file.content)

    def _evidence(self, taken: Taken) -> Evidence:
        assert taken.file.evidence is not None
        return replace(taken.file.evidence, name=self.labels[taken.file.name])


def _of_unknown_origin(report: Report, shows: str) -> Report:
    """Without the file that was sent, nobody can tell what the evidence missed from what the sender left out."""
    whole = "a whole image" if report.verdict is Verdict.HEALTHY else "no whole image"
    return replace(
        report,
        verdict=Verdict.INCONCLUSIVE,
        summary=f"{shows}, {whole}; add the .bin that was sent",
        findings=tuple(replace(one, certainty=Certainty.POSSIBLE) for one in report.findings),
    )


def job_of(roles: Roles, files: Sequence[CaseFile]) -> Job | None:
    """The job for ``roles``; None when none of ``files`` says anything about a transfer."""
    sent, log, carried, received = roles.sent, roles.log, roles.carried, roles.received
    left_out = dict(roles.left_out)
    if sent is not None and received is not None and received.file.is_text:
        received = replace(received, file=_weighed(received.file, sent.file))
    stored = sent is not None and is_dump(sent.file) and not sent.file.is_valid_image
    if sent is not None and received is None and carried is None:
        received = _text_of_image(files, sent)
        log = log if received is None or log is None or log.file.name != received.file.name else None
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


def _text_of_image(files: Sequence[CaseFile], sent: Taken) -> Taken | None:
    """The text that shows most of the image that was sent, whatever tool printed it."""
    texts = [file for file in files if file.is_text and file is not sent.file and (file.size or 0) >= _LEAST_TEXT]
    read = [_weighed(file, sent.file) for file in texts[:_MOST_TEXTS]]
    share, best = max(((_share(file), file) for file in read), key=lambda one: one[0], default=(0.0, None))
    return Taken(file=best, why=f"a text that shows bytes of {sent.file.name}") if best and share >= LEAST_SHARE else None


def _weighed(text: CaseFile, sent: CaseFile) -> CaseFile:
    """The text with the bytes that it shows, now that SENT is known; as it is where it cannot be read."""
    if sent.evidence is None:
        return text
    try:
        shown = told_by(read_evidence(text.content, format="raw"), sent.evidence.content)
        return replace(text, evidence=damaged_as(shown, text.content))
    except OtadiffError:
        return text


def _share(text: CaseFile) -> float:
    reading = text.evidence.reading if text.evidence is not None else None
    return reading.share if reading is not None and text.container == "text" else 0.0


def _any_text(files: Sequence[CaseFile]) -> Taken | None:
    """A text that the user named, though no line of a device was recognised in it."""
    text = next((file for file in files if file.kind == "text" and file.named), None)
    return Taken(file=text, why="a text, in which no line of a device was recognised") if text is not None else None


def _labels(files: Sequence[CaseFile]) -> dict[str, str]:
    """File names without folders, but where two of them are then alike."""
    names = {file.name for file in files}
    short = [name.rsplit("/", 1)[-1] for name in names]
    return {name: base if short.count(base := name.rsplit("/", 1)[-1]) == 1 else name for name in names}
