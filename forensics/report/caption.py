"""What happened at the marked place of a picture, in a few words."""

from __future__ import annotations

from forensics.model.alignment import Edit, EditKind
from forensics.model.report import Report
from forensics.report.grid import grid_of, span_chunks
from forensics.report.places import content_words
from forensics.report.words import counted, hex_offset, numbered


def caption_of(edit: Edit, report: Report) -> str:
    """The marked place in a few words: ``509 bytes missing``."""
    words = _kind_words(edit, report)
    if edit.repeat is not None and edit.repeat.count > 1:
        step = edit.repeat.sent_step or edit.repeat.received_step
        words += f", {edit.repeat.count} times, every {counted(step, 'byte')}"
    return words


def _kind_words(edit: Edit, report: Report) -> str:
    size = counted(edit.sent.size if edit.sent is not None else edit.received.size, "byte")
    stored = counted(edit.received.size, "byte")
    instead = f"; {content_words(edit, report)} instead" if edit.received.size else ""
    return {
        EditKind.DROPPED: f"{size} missing",
        EditKind.TRUNCATED: f"{size} never arrived{instead}",
        EditKind.REORDERED: "arrived in this order",
        EditKind.DUPLICATED: f"{stored} are here once more",
        EditKind.REPLACED: f"{size} overwritten by {_source_words(edit, report)}",
        EditKind.FILLED: f"{size} of 0x{edit.value or 0:02x} instead",
        EditKind.ALTERED: f"{counted(edit.bits, 'bit')} changed" if edit.bits is not None else f"{size} changed",
        EditKind.INSERTED: f"{stored} that were never sent",
        EditKind.TRAILING: f"{content_words(edit, report)} after the end of the image",
    }[edit.kind]


def _source_words(edit: Edit, report: Report) -> str:
    if edit.source is None:
        return "other sent bytes"
    grid = grid_of(report.chunking)
    chunks = span_chunks(edit.source, grid, report.sent.size if report.sent else 0) if grid is not None else None
    return numbered("chunk", *chunks) if chunks is not None else f"the bytes sent at {hex_offset(edit.source.start)}"
