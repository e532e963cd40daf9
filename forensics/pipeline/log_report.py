"""A log, alone or with the image that was sent and a dump, through all the stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forensics.classify.facts import Side
from forensics.classify.logs import log_findings
from forensics.classify.logs.facts import SlotMap
from forensics.classify.logs.outcome import log_summary, log_verdict
from forensics.errors import UsageError
from forensics.model.alignment import Chunking, ChunkSource
from forensics.model.finding import Finding
from forensics.model.limits import Limits
from forensics.model.log import DeviceLog
from forensics.model.report import Artefact, DeviceWalks, Report, Tool
from forensics.model.solve import Reading, Solution, SolveLimits, SolveResult
from forensics.parse.logs import parse_log
from forensics.pipeline.log_support import locate, predict_walks, search, with_quotes
from forensics.pipeline.sector_map import slot_map_of_log
from forensics.pipeline.sides import side_of
from forensics.version import VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageOptions:
    """How to read the evidence.

    Attributes:
        chunk_size: Bytes of one application write, when known.
        solve_seconds: Stops the search for the calculated hash early; None never does.
        solve_hypotheses: How many damaged images that search hashes at most, which no clock decides.
        limits: How much may be opened and unpacked.
    """

    chunk_size: int | None = None
    solve_seconds: float | None = 10.0
    solve_hypotheses: int = SolveLimits().hypotheses
    limits: Limits | None = None


def triage_text(
    text: str | bytes,
    sent: bytes | None = None,
    options: TriageOptions | None = None,
    progress: Callable[[int], None] | None = None,
    *,
    name: str = "device.log",
    sent_name: str = "sent.bin",
) -> Report:
    """What a log proves, with the image that was sent where it is given.

    Args:
        text: The log.
        sent: The image.
        options: How to read them.
        progress: Told how many damaged images were hashed so far, several times a second.
        name: What the report calls the log.
        sent_name: What it calls the image.

    Raises:
        UsageError: a chunk size that cannot be.
    """
    options = options or TriageOptions()
    if options.chunk_size is not None and options.chunk_size < 1:
        raise UsageError(f"a chunk size of {options.chunk_size} bytes is impossible", next_step="leave --chunk out")
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    log = parse_log(content)
    side = side_of(sent_name, sent) if sent is not None else None
    sizes = (options.chunk_size,) if options.chunk_size else None
    solved = _solved(log, side, options, sizes, progress)
    slot_map = slot_map_of_log(log, side, chunk_sizes=sizes)
    findings = log_findings(
        log,
        side,
        locate=locate,
        predict=predict_walks,
        solved=solved,
        chunk_sizes=sizes,
        slot_map=slot_map,
        name=name,
    )
    best = _best_reading(solved, slot_map)
    return Report(
        tool=Tool(name="otadiff", version=VERSION),
        verdict=log_verdict(log, findings, side, slot_map),
        summary=log_summary(log, findings, side, slot_map),
        sent=_artefact(side) if side else None,
        chunking=_chunking(options, best.chunk_size if best else None, best.reset if best else None),
        edits=best.edits if best else (),
        findings=findings,
        device=DeviceWalks(sent=side.checks if side else ()),
        log=with_quotes(log, content, findings),
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
