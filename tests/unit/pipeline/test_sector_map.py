"""The map of the slot in a log: read through what pasting does to it, and held against the files."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.model.device import DeviceSettings
from forensics.model.finding import Certainty, Verdict
from forensics.model.report import Report
from forensics.parse.identify_text import is_text
from forensics.parse.logs import parse_log
from forensics.pipeline.comparison import Options, compare_sources
from forensics.pipeline.log_report import TriageOptions, triage_text
from forensics.pipeline.sector_map import printed_map
from forensics.synth.image import build_image
from forensics.synth.tap import map_line, map_lines, sector_crcs
from forensics.verify.predict import predict_log

SENT = build_image(size=72 * 1024, seed=31)
HERE = 100 * 244
LOST = SENT[:HERE] + SENT[HERE + 244 :]


def log_of(slot: bytes, *, walk: bool = False) -> str:
    lines = [f"I ({48000 + number}) otatap: {line}" for number, line in enumerate(map_lines(slot))]
    walked = predict_log(slot.ljust(len(SENT), b"\xff"), DeviceSettings(level="info")).lines if walk else ()
    return "\n".join([*lines, *walked])


def triaged(text: str, sent: bytes | None = SENT, chunk_size: int | None = None) -> Report:
    return triage_text(text, sent, TriageOptions(chunk_size=chunk_size, solve_hypotheses=2000))


PASTES: dict[str, Callable[[Sequence[str]], Sequence[str]]] = {
    "bare": lambda lines: lines,
    "esp-idf": lambda lines: [f"I (48210) otatap: {line}" for line in lines],
    "other tag": lambda lines: [f"I (48210) my_ota: {line}" for line in lines],
    "arduino": lambda lines: [f"[ 48210][I][ota.cpp:33] loop(): {line}" for line in lines],
    "serial monitor": lambda lines: [f"14:22:01.123 -> {line}" for line in lines],
    "coloured": lambda lines: [f"\x1b[0;32mI (48210) otatap: {line}\x1b[0m" for line in lines],
    "colours lost": lambda lines: [f"[0;32mI (48210) otatap: {line}[0m" for line in lines],
    "quoted": lambda lines: [f"> {line}" for line in lines],
    "numbered": lambda lines: [f"{number:4} I (48210) otatap: {line}" for number, line in enumerate(lines)],
    "blanks doubled": lambda lines: [line.replace(" ", "  ") for line in lines],
    "tabs": lambda lines: [line.replace(" ", "\t") for line in lines],
    "upper case": lambda lines: [line.upper() for line in lines],
    "carriage returns": lambda lines: [f"{line}\r" for line in lines],
    "twice": lambda lines: [*lines, *lines],
    "wrapped": lambda lines: [part for line in lines for part in (f"I (48210) otatap: {line[:40]}", line[40:])],
}


@pytest.mark.parametrize("paste", PASTES)
def test_the_map_survives_pasting(paste: str) -> None:
    text = "\n".join(PASTES[paste](map_lines(SENT)))
    found = printed_map(parse_log(text))
    assert found is not None
    assert found.crcs == dict(enumerate(sector_crcs(SENT)))
    assert (found.damaged, found.earlier) == ((), 0)
    assert is_text(text.encode())


@settings(deadline=None)
@given(st.data())
def test_a_line_that_lost_or_changed_a_character_is_never_believed(data: st.DataObject) -> None:
    crcs = sector_crcs(SENT)[:4]
    line = map_line(0, crcs)
    at = data.draw(st.integers(len("OTAMAP "), len(line) - 1))
    other = data.draw(st.sampled_from(["", *"0123456789abcdef ="]))
    found = printed_map(parse_log(line[:at] + other + line[at + 1 :]))
    assert found is None or set(found.crcs.items()) <= set(enumerate(crcs))


@given(st.text(alphabet="OTAMP 0123456789abcdef=\n", max_size=200))
def test_any_text_is_survived(text: str) -> None:
    triaged("OTAMAP " + text)


def test_sectors_beyond_any_flash_cost_nothing() -> None:
    lines = [map_line(0xFFFFFFF0 + number, (number,)) for number in range(4)]
    report = triaged("\n".join([*map_lines(SENT), *lines]))
    assert report.verdict is Verdict.INCONCLUSIVE or report.verdict is Verdict.HEALTHY


def test_a_lost_chunk_is_proven_without_a_dump() -> None:
    report = triaged(log_of(LOST))
    (finding,) = report.findings
    assert (report.verdict, finding.slug, finding.certainty) == (Verdict.FAULTY, "chunk-missing", Certainty.PROVEN)
    edit = report.edits[finding.edits[0]]
    assert (edit.chunks, edit.sent and edit.sent.start) == ((100, 100), HERE)
    assert report.chunking is not None
    assert report.chunking.size == 244
    assert finding.log_lines
    assert report.log is not None


def test_the_map_tells_what_the_failed_check_cannot() -> None:
    report = triaged(log_of(LOST, walk=True))
    assert report.findings[0].slug == "chunk-missing"
    assert report.findings[0].consequences


def test_a_slot_that_holds_the_file_is_healthy_and_says_so() -> None:
    report = triaged(log_of(SENT))
    assert (report.verdict, report.findings) == (Verdict.HEALTHY, ())
    assert report.summary == "the slot holds sent.bin: all 18 sectors have its checksums"


def test_a_map_of_a_part_says_how_much() -> None:
    report = triaged("\n".join(map_lines(SENT)[1:]))
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.summary.startswith("14 of 18 sectors are in the map")


def test_arduino_writes_the_first_bytes_last() -> None:
    report = triaged(log_of(b"\xff" * 16 + SENT[16:]))
    assert (report.verdict, report.findings) == (Verdict.INCONCLUSIVE, ())
    assert "first 16 bytes were still erased" in report.summary
    lost = triaged(log_of(b"\xff" * 16 + LOST[16:]))
    assert (lost.verdict, lost.findings[0].slug) == (Verdict.FAULTY, "chunk-missing")


def test_a_map_alone_says_nothing_yet() -> None:
    report = triaged(log_of(LOST), sent=None)
    assert report.verdict is Verdict.INCONCLUSIVE


def test_a_map_that_fits_contradicts_a_failed_check() -> None:
    walk = predict_log(LOST.ljust(len(SENT), b"\xff"), DeviceSettings(level="info")).lines
    report = triaged("\n".join([*map_lines(SENT), *walk]))
    assert report.findings[0].slug == "dump-of-another-attempt"


def test_the_last_of_several_maps_counts() -> None:
    report = triaged("\n".join([*map_lines(LOST), "I (9) wifi: again", *map_lines(SENT)]))
    assert report.verdict is Verdict.HEALTHY
    found = printed_map(parse_log("\n".join([*map_lines(LOST), *map_lines(SENT)])))
    assert found is not None
    assert found.earlier == 1


def test_damage_that_no_single_fault_explains_names_the_sectors() -> None:
    noise = random.Random(1).randbytes(300)
    report = triaged(log_of(SENT[:20000] + noise + SENT[20300:]))
    (finding,) = report.findings
    assert (finding.slug, finding.certainty) == ("sectors-differ", Certainty.PROVEN)
    assert "the first is sector 4" in finding.summary


def test_a_line_that_was_cut_is_told() -> None:
    first, second, *rest = map_lines(LOST)
    report = triaged("\n".join([first, second[:30], *rest]))
    (finding,) = report.findings
    assert finding.slug == "chunk-missing"
    assert any("damaged" in note for note in finding.notes)


def test_with_a_dump_the_bytes_speak_and_the_map_vouches() -> None:
    report = compare_sources(SENT, LOST, Options(log=log_of(LOST)))
    assert [one.slug for one in report.findings if not one.benign] == ["chunk-missing"]


def test_a_dump_of_another_attempt_is_told_by_the_map() -> None:
    other = SENT[:5000] + bytes(244) + SENT[5244:]
    report = compare_sources(SENT, other, Options(log=log_of(LOST)))
    assert "dump-of-another-attempt" in [one.slug for one in report.findings]
