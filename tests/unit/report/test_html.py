"""The HTML page: well formed, inert, self-contained, complete, small."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from forensics.model.alignment import Edit, EditKind, Relation, Repeat, Span
from forensics.model.finding import Explanation, Fault
from forensics.model.report import Report
from forensics.model.span import ByteSpan
from forensics.report.html import EMBEDDED_CHARACTERS, render_html
from forensics.report.words import UNSAFE, inert
from tests.unit.report.hostile import HOSTILE, hostile_report
from tests.unit.report.parts import artefact, same
from tests.unit.report.reports import REPORTS

VOID = {"meta", "br", "link", "img", "input", "hr"}
LIMIT = 2_000_000


class Page(HTMLParser):
    """Collects tags, attributes, text and the embedded document; tags must be closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.document = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script":
            self.document += data
        elif not self._open or self._open[-1] != "style":
            self.words.append(data)


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
    assert inert(text, keep_lines=True) in "".join(page.words)
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


@pytest.mark.parametrize("pieces", [4096, 32768])
def test_a_large_image_stays_a_small_page(pieces: int) -> None:
    text = render_html(large_report(pieces))
    assert len(text.encode()) < LIMIT
    document = Page(text).document
    if not document:
        assert "too large to embed" in text
    assert len(document) <= EMBEDDED_CHARACTERS


def test_chromium_finds_no_fault(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium is installed")
    file = tmp_path / "report.html"
    file.write_text(render_html(hostile_report("<script>alert(1)</script>\x1b[0m")), encoding="utf-8")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert "CONSOLE" not in done.stderr
    assert "</html>" in done.stdout
    assert "<script>alert" not in done.stdout
