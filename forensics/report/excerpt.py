"""The bytes of both sides where an edit begins, one row above the other. Pure data, no drawing."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.alignment import Edit, EditKind, Relation
from forensics.model.report import Report
from forensics.report.origins import Origins


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcerptRow:
    """Up to 16 bytes of one side, from a file offset on; ``marked`` are the columns to look at."""

    side: str
    offset: int
    data: bytes
    marked: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcerptRows:
    """Both sides, None where a side has nothing there.

    Attributes:
        origin: Sent offset of the received bytes where these are other sent bytes unchanged, else None.
    """

    sent: ExcerptRow | None
    received: ExcerptRow | None
    origin: int | None

    @property
    def marked(self) -> tuple[int, ...]:
        """Columns marked on either side, ascending."""
        rows = (self.sent, self.received)
        return tuple(sorted({column for row in rows if row is not None for column in row.marked}))


def excerpt_rows(edit: Edit, report: Report, *, columns: int = 16) -> ExcerptRows | None:
    """The rows of an edit's excerpt, or None when it has none."""
    if edit.excerpt is None or columns < 1:
        return None
    sent, received = edit.excerpt.sent[:columns], edit.excerpt.received[:columns]
    if not sent and not received:
        return None
    start = edit.sent.start if edit.sent is not None else 0
    origin = _origin(edit.received.start, report) if sent and received else None
    in_sent, in_received = _marked(edit, sent, received) if origin is None else ((), ())
    return ExcerptRows(
        sent=_row("sent", start, sent, in_sent),
        received=_row("received", edit.received.start, received, in_received),
        origin=origin,
    )


def _row(side: str, offset: int, data: bytes, marked: tuple[int, ...]) -> ExcerptRow | None:
    return ExcerptRow(side=side, offset=offset, data=data, marked=marked) if data else None


def _marked(edit: Edit, sent: bytes, received: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Columns to mark: the bytes that came extra, or else those in which two versions of the bytes differ."""
    if edit.kind is EditKind.INSERTED:
        return (), tuple(range(min(edit.received.size, len(received))))
    pairs = zip(sent, received, strict=False)
    differing = tuple(column for column, (before, after) in enumerate(pairs) if before != after)
    return differing, differing


def _origin(received: int, report: Report) -> int | None:
    origins = Origins(report.spans)
    span = origins.span_at(received)
    return origins.sent_of(received) if span is not None and span.relation is Relation.SAME else None


def hex_columns(data: bytes) -> str:
    """``05 20 98``."""
    return data.hex(" ")


def text_columns(data: bytes) -> str:
    """The printable characters of ``data``; a dot for every other byte."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)
