"""A device's log as a part of a case: walks over the bytes at hand, the search for a hash, the map of the slot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from forensics.judge.case import Case, Side
from forensics.judge.judgement import judge
from forensics.judge.logs.belonging import kinship
from forensics.judge.logs.evidence import walks_to_compare
from forensics.judge.logs.failures import Failure, failures_of
from forensics.judge.logs.proven import prove
from forensics.model.device import DeviceSettings
from forensics.model.finding import Finding
from forensics.model.log import DeviceLog, LogPass, LogQuote
from forensics.model.solve import SolveFacts, SolveLimits, SolveResult
from forensics.model.span import ByteSpan
from forensics.model.text import inert
from forensics.parse.logs import parse_log
from forensics.parse.logs.source import quote_lines, read_lines
from forensics.pipeline.sector_map import slot_map_of_log
from forensics.solve import solve
from forensics.spec.esp_image import SEGMENT_HEADER_SIZE
from forensics.verify.predict import predict_log

LONGEST_QUOTE = 400
"""Characters of one quoted line."""

_BOOTLOADERS_END = 0x2000
"""No chip has its bootloader further on."""

_RELEASE = re.compile(r"v[3-9]\.\d+(?:\.\d+)?")

_LARGEST_FLASH = 0x8000000
"""128 MiB; an image start beyond it was misread."""

AnyCase = TypeVar("AnyCase", bound=Case)


def read_device_log(case: AnyCase, text: str | bytes, name: str, chunk_sizes: Sequence[int] | None = None) -> AnyCase:
    """``case`` with what the log says, and with what the same device would have logged over the bytes at hand.

    Args:
        case: What is known of the files.
        text: The log as it was given.
        name: What commands call the log.
        chunk_sizes: Bytes of a chunk, when known.
    """
    log = parse_log(text)
    dump, sent = case.dump, case.sent
    suspect = sent if sent is not None and not sent.accepted else None
    return replace(
        case,
        device_log=log,
        log_name=name,
        failures=tuple(_held_against(one, sent) for one in failures_of(log)),
        chunk_sizes=tuple(chunk_sizes) if chunk_sizes else None,
        slot_map=slot_map_of_log(log, sent, dump, chunk_sizes),
        sent_walks=_walks_over(suspect, walks_to_compare(log, sent)) if suspect else {},
        dump_walks=_walks_over(dump, walks_to_compare(log, sent)) if dump else {},
    )


def _held_against(failure: Failure, sent: Side | None) -> Failure:
    found = kinship(failure.walk, sent) if sent is not None and failure.walk.segments else None
    return replace(failure, in_sent=found.agree) if found is not None and found.related else failure


def _walks_over(side: Side, logged: Iterable[LogPass]) -> dict[int, tuple[LogPass, ...]]:
    made: dict[tuple[int | None, str | None], tuple[LogPass, ...]] = {}
    found = {}
    for one in logged:
        key = one.image_start, one.idf_versions
        if key not in made:
            made[key] = tuple(predict_walks(side.data, one))
        found[one.lines[0]] = made[key]
    return found


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


def with_quotes(log: DeviceLog, text: str | bytes, findings: Sequence[Finding]) -> DeviceLog:
    """The log with the lines that the findings name, as they stand in the text."""
    named = [one.log_lines for one in findings] + [part.log_lines for one in findings for part in one.consequences]
    wanted = {line for lines in named for line in lines}
    last = sum(len(lines) for _, lines in read_lines(text)) + 1 if log.newest_first else 0
    found = quote_lines(text, {abs(last - line) for line in wanted})
    found = {abs(last - line): words for line, words in found.items()}
    quotes = (LogQuote(line=line, text=inert(found[line].strip()[:LONGEST_QUOTE])) for line in sorted(found))
    return replace(log, quotes=tuple(quotes))


_FAULT_OF_EVENT = {
    "disconnected": "link-lost",
    "reset": "link-lost",
    "panic": "link-lost",
    "gatt_write": "chunk-shortened",
    "storage_free": "tail-missing",
    "rollback": "no-bootable-app",
    "sector_map": "sectors-differ",
}
"""Faults to which lines may lead that show none by themselves."""


def faults_of_line(line: str) -> tuple[str, ...]:
    """The slugs of the faults that a pasted line of a log leads to, the most telling first; none for other text."""
    case = read_device_log(Case(), line, "device.log")
    findings = judge(case).findings
    told = [one.slug for one in findings] + [one.slug for finding in findings for one in finding.consequences]
    led = [_FAULT_OF_EVENT[event.kind] for event in case.log.events if event.kind in _FAULT_OF_EVENT]
    return tuple(dict.fromkeys([*told, *led]))
