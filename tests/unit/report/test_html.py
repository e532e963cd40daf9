"""The HTML page: well formed, inert, self-contained, complete, small."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from forensics.model.alignment import Edit, EditKind, Relation, Repeat, Span
from forensics.model.capture import TimelineEvent
from forensics.model.finding import Explanation, Fault
from forensics.model.log import DeviceLog, LogError, LogPass, LogQuote, LogSegment
from forensics.model.report import InputFile, InputRole, Report
from forensics.model.span import ByteSpan
from forensics.model.text import UNSAFE, inert
from forensics.report.html import EMBEDDED_CHARACTERS, render_html
from tests.unit.report.hostile import HOSTILE, hostile_report
from tests.unit.report.pages import Page
from tests.unit.report.parts import artefact, same
from tests.unit.report.reports import REPORTS

LIMIT = 2_000_000


def explained(code: str, text: str) -> dict[str, Fault]:
    lines = (text,)
    explanation = Explanation(
        meaning=text, symptoms=lines, causes=lines, confirm=lines, fix_sender=lines, fix_device=lines,
        confused_with=lines, sources=lines,
    )  # fmt: skip
    return {code: Fault(code=code, slug=text, title=text, explanation=explanation)}


@pytest.mark.parametrize("name", REPORTS)
def test_page_is_whole_and_needs_nothing_else(name: str) -> None:
    report = REPORTS[name]()
    text = render_html(report)
    page = Page(text)
    assert not re.search(r"https?:", text)
    assert not {name for name, _ in page.attributes} & {"src", "onload", "onclick", "action"}
    assert all(value.startswith("#") for name, value in page.attributes if name == "href")
    assert page.tags.count("script") == 1
    assert ("type", "application/json") in page.attributes
    words = "".join(page.words)
    assert report.summary in words
    assert all(finding.summary in words for finding in report.findings)
    assert len(text.encode()) < LIMIT


@pytest.mark.parametrize("name", REPORTS)
def test_the_embedded_report_renders_again(name: str) -> None:
    report = REPORTS[name]()
    text = render_html(report)
    again = Report.from_dict(json.loads(Page(text).document))
    assert again == report
    assert render_html(again) == text


def test_anchors_are_unique_and_led_to() -> None:
    page = Page(render_html(REPORTS["twelve-findings"]()))
    anchors = [value for name, value in page.attributes if name == "id"]
    assert len(anchors) == len(set(anchors))
    assert {value[1:] for name, value in page.attributes if name == "href"} <= set(anchors)
    assert "OTA202-4" in anchors


def test_each_chunk_is_a_square_with_words() -> None:
    words = Page(render_html(REPORTS["dropped"]())).words
    titles = [word for word in words if word.startswith("chunk ")]
    assert len([title for title in titles if "..0x" in title]) == 359
    assert "chunk 100, 0xc6d4..0xc8d1, segment 2 IRAM: missing" in titles


def test_no_excerpt_means_no_image_bytes() -> None:
    report = REPORTS["dropped"]()
    assert "05209883" in render_html(report)
    text = render_html(report, excerpts=False)
    assert "05209883" not in text
    assert "05 20 98" not in text


def test_the_explanation_is_folded_under_the_finding() -> None:
    page = Page(render_html(REPORTS["dropped"](), faults=explained("OTA202", "number the chunks")))
    assert "details" in page.tags
    assert page.words.count("number the chunks") == 8


@pytest.mark.parametrize("excerpts", [False, True])
@pytest.mark.parametrize("text", HOSTILE)
def test_user_text_is_inert(text: str, excerpts: bool) -> None:
    report = hostile_report(text)
    rendered = render_html(report, faults=explained("OTA202", text), excerpts=excerpts)
    harmless = Page(render_html(hostile_report("x"), faults=explained("OTA202", "x"), excerpts=excerpts))
    page = Page(rendered)
    assert not UNSAFE.search(rendered.replace("\n", ""))
    assert page.tags == harmless.tags
    assert {name for name, _ in page.attributes} == {name for name, _ in harmless.attributes}
    assert inert(text) in "".join(page.words)
    assert json.loads(page.document)["summary"] == text


def large_report(pieces: int) -> Report:
    """16 MiB with a 4-byte header in each of very many chunks, every piece a span of its own."""
    size = 16 << 20
    step = size // pieces
    spans: list[Span] = []
    for index in range(pieces):
        start = index * (step + 4)
        spans.append(Span(received=ByteSpan(start, start + 4), relation=Relation.FOREIGN))
        spans.append(same(start + 4, start + 4 + step, index * step))
    edit = Edit(
        kind=EditKind.INSERTED,
        sent=ByteSpan(0, 0),
        received=ByteSpan(0, 4),
        repeat=Repeat(count=pieces, sent_step=step, received_step=step + 4),
    )
    report = REPORTS["header-in-every-chunk"]()
    assert report.chunking is not None
    return replace(
        report,
        sent=artefact("sent.bin", size),
        received=artefact("received.bin", size + 4 * pieces),
        chunking=replace(report.chunking, size=step),
        spans=tuple(spans),
        edits=(edit,),
    )


def crowded_report(report: Report) -> Report:
    """``report`` with hundreds of findings, files and walks, thousands of events, and long words in all of them."""
    finding = replace(report.findings[0], notes=("word " * 60,) * 4, log_lines=tuple(range(1, 60)))
    codes = [f"OTA{200 + number % 50}" for number in range(600)]
    segment = LogSegment(index=0, paddr=0x110020, vaddr=0x3F400020, size=16, map=True, line=2)
    walk = LogPass(
        image_start=0x110000, segments=(segment,) * 16, checksum=None, hash=None,
        errors=(LogError(kind="hash_failed", line=4),) * 20, outcome="failed", lines=(1, 4),
    )  # fmt: skip
    event = TimelineEvent(number=1, time=0, connection=0, kind="mtu", text="words " * 25)
    file = InputFile(name="n" * 200, role=InputRole.LEFT_OUT, kind="text", why="word " * 40)
    return replace(
        report,
        edits=report.edits[:1] * 3000,
        findings=tuple(
            replace(finding, code=code, edits=tuple(range(number, number + 9))) for number, code in enumerate(codes)
        ),
        log=DeviceLog(
            passes=(walk,) * 500,
            idf_versions=None,
            unread=(),
            quotes=tuple(LogQuote(line=number, text="q" * 400) for number in range(1, 60)),
        ),
        timeline=tuple(replace(event, number=number, time=number) for number in range(5000)),
        inputs=(file,) * 3000,
    )


@pytest.mark.parametrize("base", ["swapped", "large"])
def test_a_crowded_page_keeps_its_size(base: str) -> None:
    report = crowded_report(large_report(4096) if base == "large" else REPORTS[base]())
    faults = {code: fault for finding in report.findings for code, fault in explained(finding.code, "x" * 600).items()}
    text = render_html(report, faults=faults)
    assert len(text.encode()) < LIMIT
    page = Page(text)
    shown = page.tags.count("article")
    assert shown >= 6
    assert f"and {600 - shown} more findings" in "".join(page.words)
    anchors = {value for name, value in page.attributes if name == "id"}
    assert {value[1:] for name, value in page.attributes if name == "href"} <= anchors


@pytest.mark.parametrize("pieces", [4096, 32768])
def test_a_large_image_stays_a_small_page(pieces: int) -> None:
    text = render_html(large_report(pieces))
    assert len(text.encode()) < LIMIT
    document = Page(text).document
    if not document:
        assert "too large to embed" in text
    assert len(document) <= EMBEDDED_CHARACTERS
