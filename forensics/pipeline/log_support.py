"""Brings the stages together that a log needs: walks over bytes, look-ups in SENT, the search for a hash."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from forensics.classify.facts import Side
from forensics.classify.findings import summary_of, verdict_of
from forensics.classify.logs import faults_of_log, log_findings
from forensics.classify.logs.belonging import kinship
from forensics.classify.logs.findings import join_findings
from forensics.classify.logs.proven import prove
from forensics.model.device import DeviceSettings
from forensics.model.finding import Finding
from forensics.model.log import DeviceLog, LogPass, LogQuote
from forensics.model.report import Report
from forensics.model.solve import LengthHit, SolveFacts, SolveLimits, SolveResult
from forensics.model.span import ByteSpan
from forensics.parse.logs import parse_log
from forensics.parse.logs.source import quote_lines
from forensics.pipeline.sector_map import slot_map_of_log
from forensics.solve import locate_length, solve
from forensics.spec.esp_image import SEGMENT_HEADER_SIZE
from forensics.verify.predict import predict_log

LONGEST_QUOTE = 400
"""Characters of one quoted line."""

_BOOTLOADERS_END = 0x2000
"""No chip has its bootloader further on."""

_RELEASE = re.compile(r"v[3-9]\.\d+(?:\.\d+)?")

_LARGEST_FLASH = 0x8000000
"""128 MiB; an image start beyond it was misread."""


def predict_walks(data: bytes, logged: LogPass) -> Iterator[LogPass]:
    """The walks that the device of ``logged`` would log over ``data``, every line of them.

    Made with the release that the image names, then with the first of those that print the lines of ``logged``, since
    releases differ in what they refuse.
    """
    start = logged.image_start or 0
    if start + len(data) > _LARGEST_FLASH:
        return
    # A bootloader's place is verified by other rules, and an address of 0 may stand for no address at all.
    settings = DeviceSettings(partition_offset=start) if start > _BOOTLOADERS_END else DeviceSettings()
    first = _RELEASE.match(logged.idf_versions or "")
    for idf in (None, first.group()) if first else (None,):
        passes = parse_log("\n".join(predict_log(data, replace(settings, idf=idf)).lines)).passes
        yield from passes[:1]


def locate(sent: bytes, length: int, at: int, chunk_sizes: Sequence[int] | None) -> tuple[LengthHit, ...]:
    """``locate_length`` as findings ask for it."""
    return locate_length(sent, length, at, chunk_sizes=chunk_sizes)


def search(
    log: DeviceLog, sent: Side, limits: SolveLimits, progress: Callable[[int], None] | None = None
) -> SolveResult | None:
    """The search for the damage that has the calculated hash; None when the log shows none or it is SENT's own."""
    for one in reversed(log.passes):
        facts = solve_facts(one, sent)
        if facts is not None:
            return solve(sent.data, facts, limits, progress)
    return None


def solve_facts(logged: LogPass, sent: Side) -> SolveFacts | None:
    """What ``logged`` proves for a search; None unless it is about SENT, failed its digest and shows the hash."""
    hashes, proof = logged.hash, prove(logged)
    failed = any(error.kind == "hash_failed" for error in logged.errors)
    if not failed or hashes is None or not hashes.calculated or set(hashes.calculated) == {"0"}:
        return None
    if proof.covered is None or proof.covered > len(sent.data) or not kinship(logged, sent).complete:
        return None
    prefix = bytes.fromhex(hashes.calculated[:64])
    if sent.image.end != proof.covered or (sent.image.digest_calculated or "").startswith(prefix.hex()):
        return None
    shown = [one for one in proof.segments if one.data is not None]
    headers = [ByteSpan(one.data - SEGMENT_HEADER_SIZE, one.data) for one in shown if one.data is not None]
    stored = bytes.fromhex(hashes.expected[:64]) if hashes.expected else None
    return SolveFacts(
        hash_prefix=prefix,
        covered=proof.covered,
        segments=tuple(segment.data for segment in sent.image.segments),
        # Byte 3 is shown without its low nibble, and bytes 8 to 23 not at all.
        protected=(ByteSpan(0, 3), ByteSpan(4, 8), *headers) if logged.header else (ByteSpan(0, 2), *headers),
        xor_passed=True,
        stored_hash=stored,
    )


def with_quotes(log: DeviceLog, text: str | bytes, findings: Iterable[Finding]) -> DeviceLog:
    """The log with the lines that the findings name, as they stand in the text."""
    found = quote_lines(text, {line for one in findings for line in one.log_lines})
    quotes = (LogQuote(line=line, text=found[line].strip()[:LONGEST_QUOTE]) for line in sorted(found))
    return replace(log, quotes=tuple(quotes))


def with_log(report: Report, text: str | bytes, sent: Side, received: Side, name: str) -> Report:
    """A comparison's report with what the log beside it says, and whether the dump is the image that it speaks of.

    Args:
        report: The comparison of ``sent`` and ``received``.
        text: The log as it was given.
        sent: The image that was sent.
        received: The dump, as it was compared.
        name: How the log is called in commands.
    """
    log = parse_log(text)
    slot_map = slot_map_of_log(log, sent, received)
    said = log_findings(log, sent, received, predict=predict_walks, slot_map=slot_map, name=name)
    findings = join_findings(report.findings, said)
    return replace(
        report,
        verdict=verdict_of(findings),
        summary=summary_of(findings, received.name),
        findings=findings,
        log=with_quotes(log, text, findings),
    )


def faults_of_line(line: str) -> tuple[str, ...]:
    """The slugs of the faults that a pasted line of a log leads to, the most telling first; none for other text."""
    return faults_of_log(parse_log(line))
