"""A log, alone or with the image that was sent and a dump, through all the stages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forensics.classify.facts import Side
from forensics.classify.logs import log_findings
from forensics.classify.logs.facts import SlotMap
from forensics.classify.logs.outcome import log_summary, log_verdict
from forensics.errors import InputError, UsageError
from forensics.model.alignment import Chunking, ChunkSource
from forensics.model.evidence import Evidence
from forensics.model.finding import Finding
from forensics.model.log import DeviceLog
from forensics.model.report import Artefact, DeviceWalks, Report, Tool
from forensics.model.solve import Reading, Solution, SolveLimits, SolveResult
from forensics.parse.image import parse_image
from forensics.parse.logs import parse_log
from forensics.pipeline.comparison import Options, Source, compare_sources
from forensics.pipeline.log_support import locate, predict_walks, search, with_log, with_quotes
from forensics.pipeline.sector_map import slot_map_of_log
from forensics.pipeline.sides import side_of
from forensics.read import choose_reader, read_evidence
from forensics.read.source import open_source
from forensics.version import VERSION

_PRINTABLE = bytes((*range(0x20, 0x7F), 0x09, 0x0A, 0x0D, 0x1B))
_CONTROL = bytes((*range(0x01, 0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F))
_MOST_CONTROL = 0.05
_LEAST_PRINTABLE = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageOptions:
    """How to read the evidence.

    Attributes:
        chunk_size: Bytes of one application write, when known.
        solve_seconds: Stops the search for the calculated hash early; null never does.
        solve_hypotheses: How many damaged images that search hashes at most, which no clock decides.
    """

    chunk_size: int | None = None
    solve_seconds: float | None = 10.0
    solve_hypotheses: int = SolveLimits().hypotheses


@dataclass(frozen=True, slots=True, kw_only=True)
class _Image:
    """An image or a dump: ``content`` is what it holds of the image, ``source`` what the user named."""

    name: str
    content: bytes
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inputs:
    """The inputs, sorted out; ``text`` is the log as it was given."""

    name: str
    text: bytes
    sent: _Image | None = None
    received: _Image | None = None


def triage_sources(
    sources: Sequence[Source], options: TriageOptions | None = None, progress: Callable[[int], None] | None = None
) -> Report:
    """What a log proves, with the image that was sent and a dump where they are given.

    Args:
        sources: A log, and up to two images in any order: the first is SENT, the second what the device stored.
        options: How to read them.
        progress: Told how many damaged images were hashed so far, several times a second.

    Raises:
        InputError: an input cannot be read, or none is a log.
        UsageError: more inputs than one log and two images, or a chunk size that cannot be.
    """
    options = options or TriageOptions()
    if options.chunk_size is not None and options.chunk_size < 1:
        raise UsageError(f"a chunk size of {options.chunk_size} bytes is impossible")
    return _report(_sorted(sources), options, progress)


def triage_text(
    text: str | bytes,
    sent: bytes | None = None,
    options: TriageOptions | None = None,
    progress: Callable[[int], None] | None = None,
    *,
    name: str = "device.log",
    sent_name: str = "sent.bin",
) -> Report:
    """``triage_sources`` for a log, and an image, that are at hand and called ``name`` and ``sent_name``."""
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    image = _Image(name=sent_name, content=sent, source=sent) if sent is not None else None
    return _report(_Inputs(name=name, text=content, sent=image), options or TriageOptions(), progress)


def _sorted(sources: Sequence[Source]) -> _Inputs:
    """The inputs by content: which is the log, which the images."""
    if [str(one) for one in sources].count("-") > 1:
        raise UsageError("only one input can be standard input")
    logs: list[tuple[str, bytes]] = []
    images: list[_Image] = []
    for source in sources:
        opened = open_source(source)
        content = opened.whole()
        if is_log(content):
            logs.append((opened.name, content))
        else:
            kept = content if str(source) == "-" else source
            images.append(_Image(name=opened.name, content=_image_bytes(content, opened.name), source=kept))
    if not logs:
        raise InputError(
            "none of the inputs is a log",
            next_step="give the text that the device printed, or compare images with otadiff SENT RECEIVED",
        )
    if len(logs) > 1 or len(images) > 2:
        raise UsageError("triage takes one log, the image that was sent and one dump of the slot")
    return _Inputs(
        name=logs[0][0],
        text=logs[0][1],
        sent=images[0] if images else None,
        received=images[1] if len(images) > 1 else None,
    )


def _image_bytes(content: bytes, name: str) -> bytes:
    if parse_image(content).segments:
        return content
    evidence: Evidence = read_evidence(content, name=name)
    if evidence.is_capture:
        raise InputError("is a capture, not an image", name=evidence.name, next_step="leave it out, or give the .bin file")
    return evidence.content


def is_log(content: bytes) -> bool:
    """Text, and neither an image nor a dump of one in text."""
    if not is_text(content):
        return False
    if choose_reader(content[:0x20000]).container == "raw":
        return True
    found = parse_log(content)
    return bool(found.passes or found.events)


def is_text(content: bytes) -> bool:
    """Mostly printable, and no image that is full of texts; a serial line's noise between the lines is let pass."""
    if content[:1] in (b"\xe9", b"\xea") and parse_image(content).segments:
        return False
    head = content[:0x20000].replace(b"\0", b"")
    if not head:
        return False
    control = len(head) - len(head.translate(None, _CONTROL))
    printable = len(head) - len(head.translate(None, _PRINTABLE))
    return control <= _MOST_CONTROL * len(head) and printable >= _LEAST_PRINTABLE * len(head)


def _report(inputs: _Inputs, options: TriageOptions, progress: Callable[[int], None] | None) -> Report:
    if inputs.sent is not None and inputs.received is not None:
        return _with_dump(inputs, options)
    log = parse_log(inputs.text)
    sent = side_of(inputs.sent.name, inputs.sent.content) if inputs.sent else None
    sizes = (options.chunk_size,) if options.chunk_size else None
    solved = _solved(log, sent, options, sizes, progress)
    slot_map = slot_map_of_log(log, sent, chunk_sizes=sizes)
    findings = log_findings(
        log,
        sent,
        locate=locate,
        predict=predict_walks,
        solved=solved,
        chunk_sizes=sizes,
        slot_map=slot_map,
        name=inputs.name,
    )
    best = _best_reading(solved, slot_map)
    return Report(
        tool=Tool(name="otadiff", version=VERSION),
        verdict=log_verdict(log, findings, sent, slot_map),
        summary=log_summary(log, findings, sent, slot_map),
        sent=_artefact(sent) if sent else None,
        chunking=_chunking(options, best.chunk_size if best else None, best.reset if best else None),
        edits=best.edits if best else (),
        findings=findings,
        device=DeviceWalks(sent=sent.checks if sent else ()),
        log=with_quotes(log, inputs.text, findings),
        solve=solved,
        not_checked=_not_checked(log, findings),
    )


def _solved(
    log: DeviceLog,
    sent: Side | None,
    options: TriageOptions,
    sizes: tuple[int, ...] | None,
    progress: Callable[[int], None] | None,
) -> SolveResult | None:
    if sent is None:
        return None
    limits = SolveLimits(chunk_sizes=sizes, hypotheses=options.solve_hypotheses, seconds=options.solve_seconds)
    return search(log, sent, limits, progress)


def _best_reading(solved: SolveResult | None, slot_map: SlotMap | None) -> Solution | Reading | None:
    """What tells the edits: a hash says more than the checksums of sectors."""
    if solved is not None and solved.solutions:
        return solved.solutions[0]
    return slot_map.readings[0] if slot_map is not None and slot_map.readings else None


def _with_dump(inputs: _Inputs, options: TriageOptions) -> Report:
    """The comparison of both images, with what the log says of them."""
    sent, received = inputs.sent, inputs.received
    assert sent is not None
    assert received is not None
    report = compare_sources(sent.source, received.source, Options(chunk_size=options.chunk_size))
    sides = side_of(sent.name, sent.content), side_of(received.name, received.content)
    return with_log(report, inputs.text, *sides, inputs.name)


def _artefact(side: Side) -> Artefact:
    from hashlib import sha256  # noqa: PLC0415 - the one place that needs it

    image = side.image if side.image.header else None
    return Artefact(name=side.name, size=len(side.data), sha256=sha256(side.data).hexdigest(), image=image)


def _chunking(options: TriageOptions, size: int | None, reset: int | None) -> Chunking | None:
    if options.chunk_size is not None:
        return Chunking(size=options.chunk_size, source=ChunkSource.GIVEN)
    return Chunking(size=size, reset=reset, source=ChunkSource.INFERRED, support=2) if size else None


def _not_checked(log: DeviceLog, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """What the log cannot show."""
    if not log.passes or all(finding.benign for finding in findings):
        return ()
    last = log.passes[-1]
    if last.outcome != "failed" or not last.errors:
        return ()
    if last.checksum is None and last.hash is None and not last.last_segment_reached:
        return ("checksum and digest: the device stopped before them",)
    return ("digest: the device stopped at the checksum",) if last.checksum is not None else ()
