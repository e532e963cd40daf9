"""Markdown: golden texts, and what becomes of it when it is rendered."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from forensics.model.text import UNSAFE, inert
from forensics.report.markdown import render_markdown
from forensics.report.markdown_text import coded, escaped, fenced
from tests.unit.report.goldens import assert_golden
from tests.unit.report.hostile import HOSTILE, hostile_report
from tests.unit.report.reports import REPORTS

TAGS = re.compile(r"<(/?[a-zA-Z!][^>]*)>")
OWN_TAGS = {
    *("p", "strong", "em", "code", "pre", "ul", "li", "br", "hr", "sub", "details", "summary"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def as_html(markdown: str) -> str:
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))


@pytest.mark.parametrize("name", REPORTS)
def test_golden(name: str) -> None:
    assert_golden(f"{name}.md", render_markdown(REPORTS[name]()))


def test_no_excerpt_means_no_image_bytes() -> None:
    report = REPORTS["dropped"]()
    assert "05 20 98 83" in render_markdown(report)
    assert "05 20 98" not in render_markdown(report, excerpts=False)


@pytest.mark.parametrize("text", HOSTILE)
def test_user_text_is_inert(text: str) -> None:
    rendered = render_markdown(hostile_report(text))
    assert not UNSAFE.search(rendered.replace("\n", ""))
    html = as_html(rendered)
    for tag in TAGS.findall(html):
        assert tag.strip("/ ").split()[0].lower() in OWN_TAGS, tag
    assert not re.search(r"<a\b|<img\b|javascript:[^)]*\"", html)
    assert html.count("<details>") == html.count("</details>") == rendered.count("<details>")


@pytest.mark.parametrize("text", [text for text in HOSTILE if "\n" not in text and text.strip() == text])
def test_user_text_reads_as_it_was(text: str) -> None:
    plain = re.sub(r"<[^>]*>", "", as_html(f"x {escaped(text)}"))
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&"), ("\u200b", "")):
        plain = plain.replace(entity, sign)
    assert plain.strip() == f"x {inert(text)}"


@pytest.mark.parametrize("text", HOSTILE)
def test_code_is_closed(text: str) -> None:
    assert as_html(f"{fenced(text)}\n\nafter").endswith("<p>after</p>\n")
    assert as_html(f"{coded(text)} after").endswith("</code> after</p>\n")


def test_an_issue_body_holds_it() -> None:
    assert len(render_markdown(REPORTS["twelve-findings"]())) < 65536
