"""Report -> its JSON document, from which every other format can be made again."""

from __future__ import annotations

import json

from forensics.model.report import Report
from forensics.report.words import UNSAFE


def render_json(report: Report) -> str:
    """The document of ``Report.to_dict()``, two spaces a level, each span on one line, ending in a line feed.

    Characters that would steer a terminal or that UTF-8 cannot hold are written as JSON escapes.
    """
    document = report.to_dict()
    spans = ",\n    ".join(json.dumps(span) for span in document["spans"])
    if spans:
        document["spans"] = []
    text = json.dumps(document, indent=2, ensure_ascii=False)
    if spans:
        # A line feed inside a JSON string is escaped, so this line is the key itself.
        text = text.replace('\n  "spans": []', f'\n  "spans": [\n    {spans}\n  ]', 1)
    return UNSAFE.sub(lambda hit: hit[0] if hit[0] == "\n" else _escaped(hit[0]), text) + "\n"


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if ord(character) != 0x7F else "\\u007f"
