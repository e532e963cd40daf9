"""Whether text from a stranger's file became a line, a tag or a command in any format of a report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree

from forensics.cli.output import render
from forensics.errors import ReportError
from forensics.model.inspection import InspectionReport
from forensics.model.report import Report
from forensics.model.text import UNSAFE
from forensics.report import RENDERERS

HOSTILE = (
    "x\n::error::pwned",
    "x\r::warning::pwned",
    "x\u2028::set-output name=pwned::1",
    "x\n##[error]pwned",
    "x\nHEALTHY  pwned",
    "x\x1b[2J\x1b]0;pwned\x07",
    "x\u202epwned\u200b",
    "</summary><pwned onerror=alert(1)>",
    "<img src=x onerror=pwned()>",
    "`</code><pwned>`",
    "]]><pwned/>",
    "$(touch pwned);pwned",
    "%0A::error::pwned",
)
"""What a stranger may write where the tool quotes; each is at most 32 bytes, the room of a name in an app descriptor."""

_FORGED = re.compile(r"^\s*(?:::[\w-]+(?: name=pwned)?::(?:pwned)?|##\[\w+\]pwned|(?:HEALTHY|FAULTY)\s+pwned)", re.MULTILINE)
_FENCE = re.compile(r"^( *)(`{3,}|~{3,}).*?^ *\2`*$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"(?<![`\\])(`+)(?!`)(?:(?!\n\n).)+?(?<!`)\1(?!`)", re.DOTALL)
_HTML_IN_MARKDOWN = re.compile(r"<summary>.*?</summary>", re.DOTALL)
_TAG = re.compile(r"(?<!\\)<(?:pwned|img)\b")
_SHELL = re.compile(r"(?<!['\"\\])\$\(touch pwned\)")


class _Tags(HTMLParser):
    """Collects what a browser would make of a hostile string."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("pwned", "img") or any(name.startswith("on") for name, _value in attrs):
            self.found.append(tag)


def all_formats(report: Report) -> dict[str, str]:
    """The report in every format by its name."""
    return {row.name: render(report, row.name) for row in RENDERERS}


def load(document: object) -> Report:
    """A saved report, as ``otadiff render`` reads it.

    Raises:
        ReportError: it is none.
    """
    if not isinstance(document, dict):
        raise ReportError("is no object")
    return InspectionReport.from_dict(document) if "inspection" in document else Report.from_dict(document)


def forgeries(report: Report) -> list[str]:
    """What is forged in which format, in words; none when every hostile string stayed text."""
    return [f"{name}: {what}" for name, text in all_formats(report).items() for what in forged_in(name, text)]


def forged_in(name: str, text: str) -> Iterator[str]:
    """What is forged in a text of one format."""
    control = UNSAFE.search(text.replace("\n", ""))
    if control:
        yield f"a raw {control[0]!r} behind {text.replace(chr(10), '')[: control.start()][-30:]!r}"
    if name == "html":
        parser = _Tags()
        parser.feed(text)
        yield from (f"an element <{tag}>" for tag in parser.found)
    elif name == "junit":
        root = ElementTree.fromstring(text)
        yield from (f"an element <{item.tag}>" for item in root.iter() if "pwned" in item.tag)
    elif name in ("json", "sarif"):
        json.loads(text)
    else:
        yield from (f"a line {line[0].strip()!r}" for line in _FORGED.finditer(text))
        if name in ("markdown", "github-summary"):
            outside_code = _CODE_SPAN.sub("", _FENCE.sub("", _HTML_IN_MARKDOWN.sub("", text)))
            places = [*_HTML_IN_MARKDOWN.findall(text), outside_code]
            yield from (
                f"a tag in {place[max(0, tag.start() - 40) : tag.end()]!r}"
                for place in places
                for tag in _TAG.finditer(place)
            )


def unquoted_commands(report: Report) -> list[str]:
    """Commands to paste in which a shell would run a part of a file's name."""
    lines = render(report, "terminal").splitlines()
    return [line.strip() for line in lines if line.strip().startswith(("otadiff ", "help: otadiff")) and _SHELL.search(line)]
