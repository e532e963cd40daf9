"""The parts of the page that show evidence: an inspected file, the log beside the prediction, the timeline."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import forensics
from forensics.model.capture import TimelineEvent
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.inspection import InspectionReport
from forensics.model.report import InputFile, InputRole, Report
from forensics.report.html import render_html
from forensics.report.log_beside_walk import log_beside_walk
from forensics.report.log_view import search_words
from forensics.report.markdown import render_markdown
from forensics.report.terminal import render_terminal
from forensics.report.timeline import EVENTS_SHOWN, MARKS_SHOWN, timeline_of
from forensics.synth.faults import inject
from forensics.synth.image import build_image
from tests.unit.report.pages import Page
from tests.unit.report.reports import REPORTS

IMAGE = build_image(size=8192)
SAMPLES = Path(__file__).parents[3] / "samples"


def words_of(report: Report) -> str:
    return " ".join(" ".join(Page(render_html(report)).words).split())


def with_timeline(*events: TimelineEvent) -> Report:
    report = REPORTS["dropped"]()
    finding = replace(report.findings[0], notes=("in the capture: behind packet 85 (0.270 s after the first chunk)",))
    return replace(report, findings=(finding,), timeline=events)


def event(number: int, time: int, kind: str = "mtu", text: str = "ATT MTU 247") -> TimelineEvent:
    return TimelineEvent(number=number, time=time, connection=0, kind=kind, text=text)


@pytest.mark.parametrize("size", [len(IMAGE), 5000])
def test_an_inspection_shows_what_the_terminal_shows(size: int) -> None:
    report = forensics.inspect_image(IMAGE[:size])
    page, markdown = words_of(report), render_markdown(report)
    lines = render_terminal(report, width=None).splitlines()
    names = ("project", "built", "asks for", "header", "checksum")
    told = [line[15:].strip() for line in lines if line[:15].strip() in names]
    assert len(told) == 5
    for words in told:
        assert " ".join(words.split()) in page
        assert words in markdown
    assert report.sent is not None
    assert report.sent.image is not None
    for segment in report.sent.image.segments:
        assert f"0x{segment.load_addr:08x}" in page
        assert f"0x{segment.load_addr:08x}" in markdown
    assert "</svg>" in render_html(report)


def test_an_inspection_is_embedded_whole() -> None:
    report = forensics.inspect_image(IMAGE)
    text = render_html(report)
    again = InspectionReport.from_dict(json.loads(Page(text).document))
    assert again == report
    assert render_html(again) == text


def test_the_prediction_stands_beside_the_log() -> None:
    received = inject(IMAGE, "drop-one", ChunkPlan(size=244), 1).received
    predicted = "\n".join(forensics.predict_log(received).lines)
    same = log_beside_walk(forensics.compare(IMAGE, received, log=predicted))
    other = log_beside_walk(forensics.compare(IMAGE, received, log="\n".join(forensics.predict_log(IMAGE).lines)))
    assert same is not None
    assert other is not None
    assert same.walks
    assert not any(row.differs for view in same.walks for row in view.rows)
    assert any(row.differs for view in other.walks for row in view.rows)


def test_another_number_in_the_same_error_differs() -> None:
    received = inject(IMAGE, "drop-one", ChunkPlan(size=244), 1).received
    lines = forensics.predict_log(received).lines
    assert "invalid segment length 0x" in lines[-1]
    log = "\n".join((*lines[:-1], lines[-1].rsplit(" ", 1)[0] + " 0x503f0008"))
    view = log_beside_walk(forensics.compare(IMAGE, received, log=log))
    assert view is not None
    assert [row.differs for row in view.walks[0].rows] == [False] * (len(view.walks[0].rows) - 1) + [True]


def test_a_merged_file_is_not_walked_as_an_image() -> None:
    report = forensics.inspect_image(SAMPLES / "merged-image" / "sent.bin")
    page = render_html(report)
    assert "What the flash holds" in page
    assert 'id="checks"' not in page
    assert "1 partition, at flash address 0x8000" in render_markdown(report)


def test_a_failed_step_that_was_predicted_to_pass_differs() -> None:
    report = REPORTS["log-only"]()
    view = log_beside_walk(report)
    assert view is not None
    assert [row.step for row in view.walks[0].rows if row.differs] == ["segment 3"]
    assert "segment 3 differs" in words_of(report)
    assert log_beside_walk(REPORTS["dropped"]()) is None


def test_events_lead_to_the_findings_that_rest_on_them() -> None:
    report = with_timeline(event(1, 1_000_000), event(85, 1_352_000, "last-chunk", "the end"))
    view = timeline_of(report)
    assert view is not None
    assert [row.findings for row in view.rows] == [(), (0,)]
    assert [row.seconds for row in view.rows] == ["0.000 s", "0.352 s"]
    page = Page(render_html(report))
    assert ("href", "#OTA202-1") in page.attributes
    assert "0.352 s, packet 85, last-chunk: the end" in page.words


def test_an_event_that_names_a_code_leads_there_alone() -> None:
    view = timeline_of(with_timeline(event(7, 5, "finding", "OTA202 chunk-missing"), event(85, 5, "finding", "OTA999 x")))
    assert view is not None
    assert [row.findings for row in view.rows] == [(0,), ()]


@pytest.mark.parametrize("time", [1, 10**9, 10**400])
def test_a_long_timeline_is_cut_but_keeps_what_findings_name(time: int) -> None:
    events = [event(number, number * time, f"kind {number % 12}") for number in range(5000)]
    view = timeline_of(with_timeline(*reversed(events), event(85, 5000 * time)))
    assert view is not None
    assert len(view.rows) == EVENTS_SHOWN
    assert len(view.rows) + view.more == 5001
    assert {row.event.number for row in view.rows if row.findings} == {85}
    assert len(view.marks) <= MARKS_SHOWN
    assert all(0 <= mark.x <= view.width for mark in view.marks)


def test_markdown_keeps_half_of_a_device_address_back() -> None:
    report = with_timeline(event(1, 0, "connected", "connected to c0:ff:ee:01:02:03 as central"))
    assert "c0:ff:ee:xx:xx:xx" in render_markdown(report)
    assert "01:02:03" not in render_markdown(report)
    assert "c0:ff:ee:01:02:03" in words_of(report)


def test_the_search_for_a_hash_is_told() -> None:
    case = SAMPLES / "forum-case"
    report = forensics.triage(case / "device.log", case / "sent.bin", solve_seconds=None)
    assert report.solve is not None
    words = search_words(report.solve)
    assert words in words_of(report)
    assert words in render_markdown(report)


def test_the_report_says_how_it_was_made() -> None:
    report = REPORTS["dropped"]()
    assert report.sent is not None
    assert report.received is not None
    named = replace(report, sent=replace(report.sent, name="-a b.bin"))
    files = (
        InputFile(name="boot.log", role=InputRole.LOG, kind="log", why="it has lines of the verifier"),
        InputFile(name="notes.txt", role=InputRole.LEFT_OUT, kind="text", why="no line of a device in it"),
    )
    log = REPORTS["log-only"]().log
    triaged = replace(report, inputs=files)
    page = words_of(replace(named, log=log, inputs=files))
    assert "otadiff './-a b.bin' received.bin --log boot.log" in page
    assert f"{report.received.sha256} received.bin" in page
    assert "left out notes.txt" in page
    assert "no line of a device in it" in render_markdown(triaged)
    assert "left out: notes.txt (text): no line of a device in it" in render_terminal(triaged, width=None)


def test_an_image_that_names_no_segments_has_a_page() -> None:
    sent = bytearray(build_image(size=16384))
    sent[1] = 0  # the number of segments
    assert "chunk-missing" in render_html(forensics.compare(bytes(sent), bytes(sent[:4880] + sent[5124:])))
