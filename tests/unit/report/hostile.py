"""User text that would do something in one format or another, and a report that is full of it."""

from __future__ import annotations

from dataclasses import replace

from forensics.model.check import Check, Outcome
from forensics.model.finding import Remedy, Where
from forensics.model.log import DeviceLog, LogError, LogPass
from forensics.model.report import DeviceWalks, Report
from tests.unit.report.chunk_reports import dropped

HOSTILE = (
    "[bold red]markup[/]",
    "\x1b[31mred\x1b]0;title\x07",
    "\x9b31m",
    "nul\0byte",
    "<script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    "](javascript:alert(1))",
    "%0A::error file=x::boom",
    "\n::error file=x::boom",
    "\r\n::add-mask::x",
    "| cell | `code` ``` fence",
    "</details><h1>big</h1>",
    "</script><script>alert(2)</script>",
    "<!-- -->]]>",
    "{{ 7 * 7 }}{% for x in y %}",
    "\u202egnp.exe",
    "\udcff\ud800",
    "@everyone #1 !important",
    "漢字 e\u0301",
    "=cmd|' /C calc'!A0",
    "\t tab \x0b\x0c\x85\u2028\u2029",
)
"""One trick a text."""


def hostile_report(text: str) -> Report:
    """A report whose every free text is ``text``."""
    report = dropped()
    assert report.sent is not None
    assert report.received is not None
    assert report.sent.image is not None
    assert report.sent.image.app is not None
    app = replace(report.sent.image.app, project_name=text, version=text, idf_ver=text)
    image = replace(report.sent.image, app=app, chip=text)
    finding = replace(
        report.findings[0],
        summary=text,
        notes=(text,),
        remedies=(Remedy(where=Where.DEVICE, text=text),),
        log_lines=(4,),
    )
    check = Check(step=text, outcome=Outcome.FAILED, expected=text, actual=text, lines=(text,), reason=text, source=text)
    error = LogError(kind="segment_invalid", fields={"reason": text}, line=4)
    walk = LogPass(
        image_start=None,
        segments=(),
        checksum=None,
        hash=None,
        errors=(error,),
        outcome="failed",
        lines=(1, 4),
    )
    return replace(
        report,
        summary=text,
        sent=replace(report.sent, name=text, image=image, container=text, transform=text),
        received=replace(report.received, name=text),
        findings=(finding,),
        device=DeviceWalks(sent=(check,), received=(check,)),
        log=DeviceLog(passes=(walk,), idf_versions=text, unread=()),
        not_checked=(text,),
    )
