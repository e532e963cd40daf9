"""User text in every format: whatever stands in a name, a log line or an image, it is shown and does nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from forensics.model.report import Report
from forensics.model.text import UNSAFE
from forensics.report import RENDERERS
from forensics.report.capture_contents import render_capture, render_capture_json
from forensics.report.fragment import render_fragment
from forensics.report.terminal import render_terminal
from tests.unit.report.hostile import HOSTILE, hostile_capture, hostile_inspection, hostile_report

STYLE = re.compile(r"\x1b\[[0-9;]*m")
COMMAND = re.compile(r"::(error|warning|notice) (file=[^,:\n]+,)?title=[^,:\n]+::[^\n]*")
MARKDOWN_TAGS = {
    *("p", "strong", "em", "code", "pre", "ul", "li", "br", "hr", "sub", "details", "summary"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
JUNIT_TAGS = {"testsuites", "testsuite", "testcase", "failure", "skipped", "error", "system-out"}
REPORTS: dict[str, Callable[[str], Report]] = {"comparison": hostile_report, "inspection": hostile_inspection}


class Elements(HTMLParser):
    """Every element and attribute of a page, in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href", "action")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", ()))

    def handle_pi(self, data: str) -> None:
        self.found.append(("instruction", ()))


def same_elements(text: str, harmless: str) -> None:
    page = Elements(text)
    assert page.found == Elements(harmless).found
    assert all(link.startswith("#") for link in page.links)


def inert_markdown(text: str, harmless: str) -> None:
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    page = Elements(html)
    assert {tag for tag, _ in page.found} <= MARKDOWN_TAGS
    assert not page.links
    plain = Elements(MarkdownIt("commonmark", {"html": True}).enable("table").render(harmless))
    assert [tag for tag, _ in page.found].count("details") == [tag for tag, _ in plain.found].count("details")
    assert [tag for tag, _ in page.found].count("tr") == [tag for tag, _ in plain.found].count("tr")
    assert not re.search(r"(?<!&#8203;)@\w|www\.(?!&#8203;)\w", re.sub(r"`[^`]*`", "", text).replace("www&#8203;.", ""))


def inert_annotations(text: str, harmless: str) -> None:
    assert len(text.splitlines()) == len(harmless.splitlines())
    for line in text.splitlines():
        assert COMMAND.fullmatch(line)
        assert not re.search(r"%(?!25|3A|2C)", line)


def inert_xml(text: str, harmless: str) -> None:
    tags = [element.tag for element in ET.fromstring(text.encode()).iter()]
    assert tags == [element.tag for element in ET.fromstring(harmless.encode()).iter()]
    assert set(tags) <= JUNIT_TAGS


def inert_sarif(text: str, harmless: str) -> None:
    assert shape(json.loads(text)) == shape(json.loads(harmless))
    for artifact in json.loads(text)["runs"][0]["artifacts"]:
        assert re.fullmatch(r"[A-Za-z0-9_.~%-]*", artifact["location"]["uri"])


def shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__


def same_lines(text: str, harmless: str) -> None:
    assert len(text.splitlines()) == len(harmless.splitlines())


def is_json(text: str, harmless: str) -> None:
    assert json.loads(text).keys() == json.loads(harmless).keys()


def anything(text: str, harmless: str) -> None:
    assert text.endswith("\n") == harmless.endswith("\n")


HOLDS = {
    "terminal": anything,
    "concise": same_lines,
    "json": is_json,
    "markdown": inert_markdown,
    "html": same_elements,
    "sarif": inert_sarif,
    "junit": inert_xml,
    "github": inert_annotations,
    "github-summary": inert_markdown,
}
"""What must hold of each format beside that it has no steering character."""


@pytest.mark.parametrize("kind", REPORTS)
@pytest.mark.parametrize("text", HOSTILE)
def test_every_format_is_inert(text: str, kind: str) -> None:
    report, harmless = REPORTS[kind](text), REPORTS[kind]("x")
    for renderer in RENDERERS:
        rendered = renderer.render(report)
        assert not UNSAFE.search(rendered.replace("\n", "")), renderer.name
        rendered.encode()
        HOLDS[renderer.name](rendered, renderer.render(harmless))


@pytest.mark.parametrize("kind", REPORTS)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_notebook_cell_and_a_terminal_are_inert(text: str, kind: str) -> None:
    report = REPORTS[kind](text)
    fragment = render_fragment(report)
    assert not UNSAFE.search(fragment.replace("\n", ""))
    same_elements(fragment, render_fragment(REPORTS[kind]("x")))
    for width in (80, 120, None):
        colored = render_terminal(report, width=width, color=True, verbose=True)
        assert not UNSAFE.search(STYLE.sub("", colored).replace("\n", ""))
        assert render_terminal(report, width=width, unicode=False, verbose=True).isascii()


@pytest.mark.parametrize("text", HOSTILE)
def test_the_contents_of_a_capture_are_inert(text: str) -> None:
    contents = hostile_capture(text)
    lines = render_capture(contents)
    assert not UNSAFE.search(lines.replace("\n", ""))
    assert len(lines.splitlines()) == len(render_capture(hostile_capture("x")).splitlines())
    document = render_capture_json(contents)
    assert not UNSAFE.search(document.replace("\n", ""))
    assert json.loads(document)["name"] == text
    document.encode()


def test_each_format_has_a_rule() -> None:
    assert list(HOLDS) == [renderer.name for renderer in RENDERERS]
