"""User text that would do something in one format or another, and a report that is full of it."""

from __future__ import annotations

from dataclasses import fields, replace

from forensics.model.capture import CaptureProblem, Connection, Operation, TimelineEvent
from forensics.model.capture_contents import CaptureContents, FoundTransfer, ValueStream
from forensics.model.check import Check, Outcome
from forensics.model.file_kind import FileKind
from forensics.model.finding import Remedy, Where
from forensics.model.flash import PartitionTable
from forensics.model.inspection import FlashContents, FlashPart, Inspection, InspectionReport
from forensics.model.log import DeviceLog, LogError, LogEvent, LogPass, LogQuote, LogSegment
from forensics.model.report import DeviceWalks, InputFile, InputRole, Report
from forensics.model.span import ByteSpan
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
    "a" * 700,
    "www.example.com/x https://example.com <a@example.com> [x]: y",
    "    indented\n- item\n# head\n<div>\n> quote\n1. one\n***",
    "$(reboot) `reboot` ; rm -rf ~ & | > x",
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
    told = LogEvent(kind=text, fields={text: text}, line=5)
    walk = LogPass(
        image_start=0x110000,
        segments=(LogSegment(index=0, paddr=0x110020, vaddr=0x3F400020, size=16, map=True, line=2),),
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
        log=DeviceLog(passes=(walk,), idf_versions=text, unread=(), events=(told,), quotes=(LogQuote(line=4, text=text),)),
        timeline=(
            TimelineEvent(number=1, time=5, connection=0, kind=text, text=text),
            TimelineEvent(number=2, time=7, connection=None, kind="finding", text=f"OTA202 {text}"),
        ),
        inputs=(InputFile(name=text, role=InputRole.LEFT_OUT, kind=text, why=text, protocol=text, size=1),),
        not_checked=(text,),
    )


def hostile_inspection(text: str) -> InspectionReport:
    """The report of one file whose every free text is ``text``: names in the image, in the flash and in the table."""
    report = hostile_report(text)
    table = PartitionTable(
        span=ByteSpan(0x8000, 0x8C00),
        partitions=(),
        md5_stored=None,
        md5_calculated=None,
        problems=(text,),
    )
    part = FlashPart(
        label=text, subtype=text, span=ByteSpan(0, 4096), address=0x10000, size=4096, holds=text, accepted=False
    )
    inspection = Inspection(
        kind=FileKind(kind="app", words=text, advice=text),
        idf=text,
        chip=text,
        err=-1,
        partition_offset=0x110000,
        flash=FlashContents(base=0, parts=(part,), table=table, boots=text, why=text, slot=text),
    )
    shared = {field.name: getattr(report, field.name) for field in fields(report)}
    return InspectionReport(**{**shared, "received": None, "log": None, "spans": (), "edits": ()}, inspection=inspection)


def hostile_capture(text: str) -> CaptureContents:
    """The contents of a capture whose every free text is ``text``."""
    return CaptureContents(
        name=text,
        container=text,
        packets=1,
        connections=(Connection(index=0, handle=64, peer=text, uuids={3: text}),),
        streams=(
            ValueStream(
                connection=0, handle=3, uuid=text, operation=Operation.WRITE_COMMAND, count=1, size=1, rejected=0,
                shortest=1, longest=1, first_time=0, last_time=0,
            ),
        ),
        transfers=(
            FoundTransfer(
                protocol=text, connection=0, handle=3, size=1, chunks=1, chunk_size=1, announced_size=1, notes=(text,)
            ),
        ),
        timeline=(TimelineEvent(number=1, time=0, connection=0, kind=text, text=text),),
        problems=(CaptureProblem(kind=text, count=1, first_packet=1, text=text),),
        notes=(text,),
    )  # fmt: skip
