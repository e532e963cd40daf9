"""A log, alone or with the image that was sent and a dump, through all the stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from forensics.judge.case import Case, Side
from forensics.judge.judgement import judge
from forensics.judge.logs.slot_map import SlotMap
from forensics.model.alignment import Chunking, ChunkSource
from forensics.model.finding import Finding
from forensics.model.limits import Limits
from forensics.model.log import DeviceLog
from forensics.model.report import Artefact, DeviceWalks, Report, Tool
from forensics.model.solve import Reading, Solution, SolveLimits, SolveResult
from forensics.pipeline.comparison import given_chunking, side_of
from forensics.pipeline.device_log import read_device_log, search, with_quotes
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
    given_chunking(options.chunk_size)
    content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    sent_side = side_of(sent_name, sent) if sent is not None else None
    sizes = (options.chunk_size,) if options.chunk_size else None
    case = read_device_log(Case(sent=sent_side), content, name, sizes)
    case = replace(case, solved=_solved(case, options, progress))
    judgement = judge(case)
    best = _best_reading(case.solved, case.slot_map)
    return Report(
        tool=Tool(name="otadiff", version=VERSION),
        verdict=judgement.verdict,
        summary=judgement.summary,
        sent=_artefact(sent_side) if sent_side else None,
        chunking=_chunking(options, best.chunk_size if best else None, best.reset if best else None),
        edits=best.edits if best else (),
        findings=judgement.findings,
        device=DeviceWalks(sent=sent_side.checks if sent_side else ()),
        log=with_quotes(case.log, content, judgement.findings),
        solve=case.solved,
        not_checked=_not_checked(case.log, judgement.findings),
    )


def _solved(case: Case, options: TriageOptions, progress: Callable[[int], None] | None) -> SolveResult | None:
    if case.sent is None:
        return None
    limits = SolveLimits(chunk_sizes=case.chunk_sizes, hypotheses=options.solve_hypotheses, seconds=options.solve_seconds)
    return search(case.log, case.sent, limits, progress)


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
