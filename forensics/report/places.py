"""Where an edit lies in both files, in words."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.alignment import Edit, EditKind, Relation
from forensics.model.finding import Finding, Where
from forensics.model.report import Report
from forensics.model.span import ByteSpan
from forensics.report.grid import edit_chunks, grid_of, span_chunks
from forensics.report.origins import Origins
from forensics.report.words import counted, hex_offset, hex_range, numbered, segment_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place line: the file, the range of file offsets and what is to be said of it."""

    name: str
    offset: int
    where: str
    remark: str


def places_of(edit: Edit, report: Report) -> tuple[Place, ...]:
    """The places of an edit: in the sent file, then in the received file."""
    places = []
    if edit.sent is not None and report.sent is not None:
        remark = _sent_remark(edit, edit.sent, report)
        places.append(_place(report.sent.name, edit.sent, remark))
    if report.received is not None:
        places.append(_place(report.received.name, edit.received, _received_remark(edit, report)))
    return tuple(places)


def place_words(edit: Edit, report: Report) -> str | None:
    """How far the place of an edit is open, or None when the bytes allow only this one."""
    back, forward = edit.slack
    if not back and not forward:
        return None
    anchor = edit.sent if edit.sent is not None and report.sent is not None else edit.received
    low, high = max(0, anchor.start - back), anchor.start + forward
    return f"the bytes around are equal: it may begin anywhere from {hex_offset(low)} to {hex_offset(high)}"


def concise_place(finding: Finding, report: Report) -> str:
    """``received.bin:0xc6d4`` for the first place of a finding, ``log:4`` when only the log carries it."""
    edit = next((report.edits[index] for index in finding.edits if 0 <= index < len(report.edits)), None)
    if edit is not None and report.received is not None:
        return f"{report.received.name}:{hex_offset(edit.received.start)}"
    if finding.log_lines:
        return f"log:{finding.log_lines[0]}"
    return subject_name(finding, report)


def subject_name(finding: Finding, report: Report) -> str:
    """The file that a finding without a place is about."""
    first, second = report.received, report.sent
    if finding.where is Where.FILE or finding.code.startswith("OTA1"):
        first, second = second, first
    artefact = first or second
    return artefact.name if artefact is not None else "log"


def _place(name: str, span: ByteSpan, remark: str) -> Place:
    return Place(name=name, offset=span.start, where=hex_range(span), remark=remark)


def _sent_remark(edit: Edit, span: ByteSpan, report: Report) -> str:
    words = [counted(span.size, "byte")] if span.size else []
    size = report.sent.size if report.sent is not None else 0
    chunks = edit_chunks(edit, grid_of(report.chunking), size)
    if chunks is not None:
        words.append(numbered("chunk", *chunks) if span.size else f"before chunk {chunks[0]}")
    elif not span.size:
        words.append("the place")
    segment = segment_words(report.sent.image if report.sent is not None else None, span)
    if segment:
        words.append(segment)
    return ", ".join(words)


def _received_remark(edit: Edit, report: Report) -> str:
    if not edit.received.size:
        return "the file ends here" if edit.kind is EditKind.TRUNCATED else "missing here"
    same = edit.sent is not None and edit.sent.size == edit.received.size
    size = "" if same else counted(edit.received.size, "byte")
    words = {
        EditKind.REORDERED: "where it landed",
        EditKind.DUPLICATED: "the same bytes once more",
        EditKind.FILLED: f"only 0x{edit.value or 0:02x}",
        EditKind.ALTERED: pattern_words(edit),
        EditKind.REPLACED: source_words(edit, report),
        EditKind.INSERTED: "never sent",
    }
    if edit.kind in (EditKind.TRUNCATED, EditKind.TRAILING):
        place = "in its place" if edit.kind is EditKind.TRUNCATED else "after the end of the image"
        return f"{content_words(edit, report)} {place}"
    return ", ".join(part for part in (size, words.get(edit.kind, "")) if part)


def content_value(edit: Edit, origins: Origins) -> int | None:
    """The byte that alone stands at the end of RECEIVED, or None when there are others."""
    span = origins.span_at(edit.received.start)
    if edit.value is None and span is not None and span.relation is Relation.FILL:
        return span.value if span.received.end >= edit.received.end else None
    return edit.value


def content_words(edit: Edit, report: Report) -> str:
    """What stands at the end of RECEIVED: ``512 bytes of erased flash (0xff)``."""
    size = counted(edit.received.size, "byte")
    kinds = {"erased": "erased flash (0xff)", "zero": "zeros", "stale": "older data"}
    kind = kinds.get(edit.content or "")
    if kind is not None:
        return f"{size} of {kind}"
    value = content_value(edit, Origins(report.spans))
    return f"{size} of 0x{value:02x}" if value is not None else size


def pattern_words(edit: Edit) -> str:
    """How bytes were altered: ``3 bits flipped``."""
    words = {
        "flips": "flipped",
        "and": "cleared, as writing over flash that was not erased does",
        "noise": "changed throughout",
    }
    how = words.get(edit.pattern or "", f"changed ({edit.pattern})" if edit.pattern else "changed")
    return f"{counted(edit.bits, 'bit')} {how}" if edit.bits is not None else how


def source_words(edit: Edit, report: Report) -> str:
    """Which sent bytes stand in another place: ``the bytes of chunk 44, sent at 0x577c``."""
    if edit.source is None:
        return "other sent bytes"
    grid = grid_of(report.chunking)
    where = f"sent at {hex_offset(edit.source.start)}"
    size = report.sent.size if report.sent is not None else 0
    chunks = span_chunks(edit.source, grid, size) if grid is not None else None
    return f"the bytes of {numbered('chunk', *chunks)}, {where}" if chunks is not None else f"the bytes {where}"
