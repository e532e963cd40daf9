"""Report -> one self-contained HTML file: no script, no network, readable from disk and on paper."""

from __future__ import annotations

import json
from collections.abc import Mapping

from markupsafe import Markup

from forensics.model.finding import Fault
from forensics.model.report import Report
from forensics.model.text import UNSAFE
from forensics.report.byte_map import CellState
from forensics.report.facts import checks_shown
from forensics.report.html_environment import environment
from forensics.report.html_views import (
    check_rows,
    commands_of,
    finding_views,
    inspection_view,
    predicted_lines,
)
from forensics.report.inputs import INPUTS_LISTED
from forensics.report.json_format import document_of
from forensics.report.log_beside_walk import log_beside_walk
from forensics.report.log_view import search_words
from forensics.report.svg_map import map_squares
from forensics.report.svg_shift import plot_shift
from forensics.report.timeline import timeline_of
from forensics.report.words import chunking_words

FINDINGS_SHOWN = (200, 60, 20, 6)
"""Findings on the page: as many of them as its size allows."""
PAGE_CHARACTERS = 1_900_000
"""Largest page; the byte map and the embedded document have bounds of their own."""
EMBEDDED_CHARACTERS = 700_000
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
    content = _content(report, excerpts=excerpts)
    views = finding_views(report, faults or {}, excerpts=excerpts)
    page = environment().get_template("report.html.j2")
    text = ""
    for most in FINDINGS_SHOWN:
        shown = views[:most]
        text = page.render(**content, findings=shown, more_findings=len(report.findings) - len(shown))
        if len(text) <= PAGE_CHARACTERS:
            break
    return text


def _content(report: Report, *, excerpts: bool) -> dict[str, object]:
    """Everything on the page beside the findings."""
    sent_size = report.sent.size if report.sent is not None else None
    chunking = report.chunking if report.spans else None
    return {
        "report": report,
        "square_map": map_squares(report),
        "shift_plot": plot_shift(report),
        "states": tuple(CellState),
        "checks": check_rows(report) if checks_shown(report) else (),
        "chunking": chunking_words(chunking, sent_size) if chunking is not None else None,
        "predicted": predicted_lines(report),
        "inspection": inspection_view(report),
        "log": log_beside_walk(report),
        "search": search_words(report.solve) if report.solve is not None else "",
        "timeline": timeline_of(report),
        "inputs_listed": INPUTS_LISTED,
        "commands": commands_of(report),
        "document": _embedded(report, excerpts=excerpts),
    }


def _embedded(report: Report, *, excerpts: bool) -> Markup | None:
    """The JSON document, inert inside a ``script`` element, or None when it is too large."""
    if len(report.spans) * SPAN_CHARACTERS > EMBEDDED_CHARACTERS:
        return None
    text = json.dumps(document_of(report, excerpts=excerpts), separators=(",", ":"), ensure_ascii=False)
    if len(text) > EMBEDDED_CHARACTERS:
        return None
    text = UNSAFE.sub(lambda hit: json.dumps(hit[0])[1:-1] if hit[0] != "\x7f" else "\\u007f", text)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text) if len(text) <= EMBEDDED_CHARACTERS else None
