"""Report -> its JSON document, from which every other format can be made again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from forensics.model.alignment import Span
from forensics.model.report import Report
from forensics.model.text import UNSAFE


def document_of(report: Report, *, excerpts: bool = True) -> dict[str, Any]:
    """``Report.to_dict()``, on request without the image bytes in it."""
    document = report.to_dict()
    if not excerpts:
        _leave_out_excerpts(document["edits"])
        _leave_out_excerpts(document["solve"])
    return document


def _leave_out_excerpts(value: object) -> None:
    """Empty every ``excerpt``, at whatever depth: the solutions of a search hold edits too."""
    if isinstance(value, dict):
        if "excerpt" in value:
            value["excerpt"] = None
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _leave_out_excerpts(item)


def json_text(document: object) -> str:
    """``document`` as JSON, inert, ending in a line feed."""
    return UNSAFE.sub(_escaped, json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def render_json(report: Report, *, excerpts: bool = True) -> str:
    """The document, two spaces a level, each span on one line, ending in a line feed.

    Characters that would steer a terminal or that UTF-8 cannot hold are written as JSON escapes.

    Args:
        report: What to write.
        excerpts: Keep up to 16 bytes of each side where an edit begins.
    """
    # The spans of a large image in small chunks are millions, so they are written without a dictionary for each.
    document = document_of(replace(report, spans=()), excerpts=excerpts)
    text = json_text(document)
    if not report.spans:
        return text
    # A line feed inside a JSON string is escaped, so this line is the key itself.
    head, key, tail = text.partition('\n  "spans": []')
    spans = ",\n    ".join(map(_span_line, report.spans))
    return f"{head}{key[:-1]}\n    {spans}\n  ]{tail}"


def _span_line(span: Span) -> str:
    received, sent = span.received, span.sent
    of_sent = "null" if sent is None else f"[{sent.start}, {sent.end}]"
    value = "null" if span.value is None else span.value
    place = f'"received": [{received.start}, {received.end}], "relation": "{span.relation.value}"'
    return f'{{{place}, "sent": {of_sent}, "value": {value}}}'


def _escaped(hit: re.Match[str]) -> str:
    character = hit[0]
    if character == "\n":
        return character
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"
