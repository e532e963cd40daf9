"""Protocol bytes were stored as part of the image."""

from __future__ import annotations

import itertools

from forensics.judge.case import Compared
from forensics.judge.wording import amount, consequence, finding_of, indexes, notes, times, total
from forensics.model.alignment import Edit, EditKind, LayerKind
from forensics.model.finding import Finding, Where

_LONGEST_HEADER = 8
_SAMPLE = 64


def detect(case: Compared) -> Finding | None:
    """The same few bytes in front of every chunk: protocol bytes that were stored with the data."""
    frames = next((layer for layer in case.alignment.layers if layer.kind is LayerKind.FRAMES), None)
    if frames is not None:
        return _frames(case, frames.header or 0, frames.trailer or 0)
    edits = [(index, edit) for index, edit in case.of_kind(EditKind.INSERTED) if edit.received.size <= _LONGEST_HEADER]
    sizes = {edit.received.size for _, edit in edits}
    if total(edits) < 3 or len(sizes) != 1:
        return None
    size = sizes.pop()
    return finding_of(
        "header-in-payload",
        summary=f"{amount(size, 'protocol byte')} stored with each of {amount(total(edits), 'chunk')}",
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes(_described(case.received.data, [edit for _, edit in edits], size), consequence(case)),
    )


def _frames(case: Compared, header: int, trailer: int) -> Finding | None:
    """Bytes before and behind each chunk; between two chunks a trailer and the next header are side by side."""
    inserted = case.of_kind(EditKind.INSERTED)
    edits = [(index, edit) for index, edit in inserted if edit.received.size in (header, trailer, header + trailer)]
    if not edits:
        return None
    size = case.chunking.size
    words = f"{amount(header or trailer, 'protocol byte')} stored {'before' if header else 'behind'}"
    words += f" and {trailer} behind" if header and trailer else ""
    return finding_of(
        "header-in-payload",
        summary=f"{words} each chunk of {size}",
        edits=indexes(edits),
        where=Where.DEVICE,
        notes=notes(_described(case.received.data, [edit for _, edit in edits], header + trailer), consequence(case)),
    )


def _described(data: bytes, edits: list[Edit], size: int) -> str:
    """What the header's bytes are: constant, counting, or varying."""
    starts = [start for edit in edits if edit.received.size == size for start in _starts(edit)][:_SAMPLE]
    columns = [bytes(data[start + place] for start in starts) for place in range(size)]
    words = [f"byte {place} {_column(column)}" for place, column in enumerate(columns)]
    return f"the header: {', '.join(words)}"


def _starts(edit: Edit) -> list[int]:
    step = edit.repeat.received_step if edit.repeat else 0
    return [edit.received.start + number * step for number in range(min(times(edit), _SAMPLE))]


def _column(column: bytes) -> str:
    if column.count(column[:1]) == len(column):
        return f"is always 0x{column[0]:02x}"
    if all((after - before) % 256 == 1 for before, after in itertools.pairwise(column)):
        return f"counts up from {column[0]}"
    return "varies"
