"""Report -> one self-contained HTML file: no script, no network, readable from disk and on paper."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from forensics.model.finding import Fault
from forensics.model.report import Report
from forensics.report.byte_map import CellState
from forensics.report.checks import step_words
from forensics.report.excerpt import text_columns
from forensics.report.html_views import FINDINGS_SHOWN, check_rows, command_of, finding_views, log_words
from forensics.report.svg_map import map_squares
from forensics.report.svg_shift import plot_shift
from forensics.report.words import UNSAFE, chunking_words, hex_offset, hex_range, image_words, inert

TEMPLATES = Path(__file__).parent / "templates"
EMBEDDED_CHARACTERS = 800_000
"""Largest JSON document that the page carries; a larger one is left out, and the page says so."""
SPAN_CHARACTERS = 60
"""A span takes at least so many characters of it."""


def render_html(report: Report, *, faults: Mapping[str, Fault] | None = None, excerpts: bool = True) -> str:
    """The whole report as one page.

    Args:
        report: What to show.
        faults: Registered faults by code; their explanations stand folded under the findings.
        excerpts: Show up to 16 bytes of each side where an edit begins, and embed them with the document.
    """
    sent_size = report.sent.size if report.sent is not None else None
    chunking = report.chunking if report.spans else None
    page = _environment().get_template("report.html.j2")
    return page.render(
        report=report,
        findings=finding_views(report, faults or {}, excerpts=excerpts),
        more_findings=max(0, len(report.findings) - FINDINGS_SHOWN),
        square_map=map_squares(report),
        shift_plot=plot_shift(report),
        states=tuple(CellState),
        checks=check_rows(report),
        chunking=chunking_words(chunking, sent_size) if chunking is not None else None,
        command=command_of(report),
        document=_embedded(report, excerpts=excerpts),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_inert,
    )
    environment.filters.update(
        hexrange=hex_range,
        hexoffset=hex_offset,
        textcolumns=text_columns,
        stepwords=step_words,
        logwords=log_words,
        imagewords=image_words,
        stateclass=lambda state: state.value.replace(" ", "-"),
    )
    return environment


def _inert(value: object) -> object:
    """Applied to whatever the template prints, before it is escaped."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return inert(value, keep_lines=True)


def _embedded(report: Report, *, excerpts: bool) -> Markup | None:
    """The JSON document, inert inside a ``script`` element, or null when it is too large."""
    if len(report.spans) * SPAN_CHARACTERS > EMBEDDED_CHARACTERS:
        return None
    content = report.to_dict()
    if not excerpts:
        for edit in content["edits"]:
            edit["excerpt"] = None
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    if len(text) > EMBEDDED_CHARACTERS:
        return None
    text = UNSAFE.sub(lambda hit: json.dumps(hit[0])[1:-1] if hit[0] != "\x7f" else "\\u007f", text)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)
