"""What the numbers beside the bytes mean: addresses and counters, and what follows for the place of the bytes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from enum import Enum
from itertools import pairwise
from operator import add, eq, itemgetter
from typing import NamedTuple

from forensics.read.table.known import Known
from forensics.read.table.rules import Problem, Row, Rule

MOST_FILLED = 1 << 26
"""Bytes that a ``*`` of a dump may stand for."""

_WRITES = frozenset((0x52, 0x12, 0x1B, 0x1D, 0xD2))
"""ATT opcodes of writes and notifications, Core Specification 5.4, Vol 3, Part F, 3.4.8."""

_SAMPLED = 4000
_DUMPED = (4, 8, 16, 32, 64)
"""Bytes that tools print in one row."""

_MOST_DUMPS, _LEAST_DUMP = 4, 1024
"""Dumps in one text, and bytes of each."""

_MOST_LOST = 1 << 16
"""Bytes that a text may have lost behind one row; a larger step leads to another part of the flash."""

_ALONE = re.compile(r"\s*(0x)?([0-9a-fA-F]+):?\s*")


class Counts(Enum):
    """What a number does from line to line."""

    ADDRESS = "address"
    """It grows by the bytes of the line before."""
    COUNTER = "counter"
    """It grows by one."""


class Column(NamedTuple):
    """A number of every line: which one, its base, and what it does."""

    word: int
    base: int
    counts: Counts

    def of(self, row: Row) -> int | None:
        """Its value in ``row``; None where the row has none."""
        text = row.numbers[self.word] if self.word < len(row.numbers) else None
        try:
            return int(text, self.base) if text is not None else None
        except ValueError:
            return None

    def places(self, rows: Sequence[Row]) -> list[int | None]:
        """Its values in ``rows``."""
        try:
            return [int(row.numbers[self.word] or "", self.base) for row in rows]
        except (ValueError, IndexError):
            return [self.of(row) for row in rows]


def column_of(rule: Rule, rows: Sequence[Row]) -> Column | None:
    """The number of the rows that is an address or a counter; clocks are left out, whatever they grow by."""
    clocks = _clocks(rule.prefix)
    best: tuple[int, Column | None] = (0, None)
    some = rows[:_SAMPLED]
    for index in range(len(rows[0].numbers) if len(rows) > 3 else 0):
        for base in () if index in clocks else (10, 16, 8):
            values = _values(some, index, base)
            if values is None:
                continue
            back = sum(after <= before for before, after in pairwise(values))
            growth = [after - before for before, after in pairwise(values)]
            for counts, fit in (
                (Counts.ADDRESS, sum(one == len(row.data) for one, row in zip(growth, some, strict=False))),
                (Counts.COUNTER, growth.count(1)),
            ):
                if fit > best[0] and fit * 5 >= 3 * (len(growth) - back) and fit * 10 >= 3 * len(growth):
                    best = (fit, Column(index, base, counts))
    return best[1]


def _clocks(prefix: str) -> set[int]:
    """Numbers that are written as a time: with colons, points and fractions between them."""
    pattern = prefix.replace("([0-9A-Za-z_]+)", "V")
    found: set[int] = set()
    for hit in re.finditer(r"V:V(?::V|\\\.V)+(?:[,.]V)?|V\\\.V", pattern):
        before = pattern[: hit.start()].count("V")
        found |= set(range(before, before + hit[0].count("V")))
    return found


def _values(rows: Sequence[Row], index: int, base: int) -> list[int] | None:
    try:
        return [int(row.numbers[index] or "", base) for row in rows]
    except ValueError:
        return None


def without_headings(rows: list[Row], known: Known) -> list[Row]:
    """The rows without the few whose address is of another width than all others, as the heading of a dump has.

    One that goes on in SENT where its neighbours leave off is no heading: the last value of a log is often shorter.
    """
    for index in range(len(rows[0].numbers) if len(rows) > 20 else 0):
        widths = Counter(len(row.numbers[index] or "") for row in rows)
        usual, times = widths.most_common(1)[0]
        if usual > 3 and 0 < len(rows) - times <= max(2, len(rows) // 200):
            around = zip((None, *rows[:-1]), rows, (*rows[1:], None), strict=True)
            rows = [
                row
                for before, row, after in around
                if len(row.numbers[index] or "") == usual
                or known.cover(row.data)
                or known.fits(before.data[-4:] if before else b"", row.data, after.data[:4] if after else b"")
            ]
    return rows


def joined_frames(rows: list[Row], column: Column | None, known: Known) -> tuple[list[Row], str]:
    """Rows whose addresses begin anew are one frame each; headers that all frames have are left out.

    Returns:
        The rows, and what was left out, in words.
    """
    restarted = False
    if column is not None and column.counts is Counts.ADDRESS:
        values = [place or 0 for place in column.places(rows)]
        restarts = sum(after <= before for before, after in pairwise(values))
        if 2 <= restarts < len(rows) - 1:
            restarted, rows = True, _frames(rows, values)
    some = rows[:: max(1, len(rows) // 200)]
    heads: Counter[int] = Counter()
    tails: Counter[int] = Counter()
    for row in some:
        runs = known.cover(row.data)
        if runs:
            heads[runs[0].start] += 1
            tails[len(row.data) - runs[-1].end] += 1
    head, votes = heads.most_common(1)[0] if heads else (0, 0)
    tail, times = tails.most_common(1)[0] if tails else (0, 0)
    if not head or votes * 2 < heads.total() or votes < 3:
        return rows, ""
    good = [row.data[:head] for row in some if len(row.data) > head and known.cover(row.data[head:])]
    writes = head >= 3 and good and sum(one[-3] in _WRITES for one in good) * 10 > 9 * len(good)
    if not (writes or (restarted and head < 64)):
        return rows, ""
    usual = {at: Counter(one[at] for one in good).most_common(1)[0] for at in range(head)}
    sign = {at: value for at, (value, n) in usual.items() if n * 20 >= 19 * len(good)}
    tail = tail if times * 2 > tails.total() else 0
    kept = [
        row._replace(data=row.data[head : len(row.data) - tail])
        for row in rows
        if len(row.data) > head + tail and sum(row.data[at] != value for at, value in sign.items()) * 2 <= len(sign)
    ]
    return kept, f"; {head} bytes before and {tail} behind each value are headers"


def _frames(rows: list[Row], values: list[int]) -> list[Row]:
    frames: list[list[Row]] = []
    for index, row in enumerate(rows):
        goes_on = index and values[index] == values[index - 1] + len(rows[index - 1].data)
        if goes_on:
            frames[-1].append(row)
        else:
            frames.append([row])
    return [
        frame[0]._replace(
            data=b"".join(row.data for row in frame),
            problem=next((row.problem for row in frame if row.problem), None),
        )
        for frame in frames
    ]


def in_order(rows: list[Row], column: Column | None) -> list[Row]:
    """The rows of a dump by their addresses, each once, where no two say different things of one address.

    A log of writes with offsets looks the same, and there the order says what happened: its values are no powers of two.
    """
    sizes = Counter(len(row.data) // row.lines for row in rows).most_common(1)
    if column is None or column.counts is not Counts.ADDRESS or sizes[0][0] not in _DUMPED:
        return rows
    placed = {(place or 0, row.data): row for place, row in zip(column.places(rows), rows, strict=True)}
    order = sorted(placed, key=itemgetter(0))
    overlap = any(place + len(data) > after for (place, data), (after, _) in pairwise(order))
    return rows if overlap else [placed[one] for one in order]


def with_losses(rows: list[Row], column: Column | None, lines: Sequence[str], *, is_dump: bool) -> list[Row]:
    """The rows, those marked behind which the text lost bytes: their address plus their size is not the next address.

    A row that is shorter than all others has lost digits. In a dump, which prints every row, whole rows may be lost as well,
    but for those that a ``*`` stands for; in a log of writes they may never have come.
    """
    if column is None or column.counts is not Counts.ADDRESS:
        stars = _stars(lines) if is_dump else set()
        return [row._replace(problem=Problem.UNCOUNTED) if row.line + row.lines in stars else row for row in rows]
    places, sizes = column.places(rows), [len(row.data) for row in rows]
    if None not in places and all(map(eq, places[1:], map(add, places, sizes))):
        return rows
    if is_dump and (second := _second_dump(places, sizes)) is not None:
        return [*rows[:second], rows[second]._replace(problem=Problem.AGAIN), *rows[second + 1 :]]
    usual, stars = Counter(sizes).most_common(1)[0][0], _stars(lines)
    out: list[Row] = []
    for row, size, start, end in zip(rows, sizes, places, (*places[1:], None), strict=True):
        lost = end - start - size if start is not None and end is not None else 0
        is_starred = row.line + row.lines in stars
        is_cut = size < usual == size + lost
        if lost > 0 and row.problem is None and not is_starred and (is_cut or (is_dump and lost < _MOST_LOST)):
            row = row._replace(problem=Problem.LOST, missing=lost)  # noqa: PLW2901 - the row that is kept
        out.append(row)
    return out


def _stars(lines: Sequence[str]) -> set[int]:
    """The lines that are nothing but a ``*``, by which dumps leave out rows."""
    return {number for number, line in enumerate(lines) if len(line) < 8 and line.strip() == "*"}


def _second_dump(places: list[int | None], sizes: list[int]) -> int | None:
    """The row at which another dump begins; None where there is but one, or many short ones, which are frames."""
    begins = [0, *(at for at in range(1, len(places)) if places[at] == places[0]), len(places)]
    parts = [sum(sizes[start:end]) for start, end in pairwise(begins)]
    return begins[1] if 1 < len(parts) <= _MOST_DUMPS and min(parts) >= _LEAST_DUMP else None


def with_repeats(rows: list[Row], column: Column | None, lines: Sequence[str]) -> list[Row]:
    """The rows of a dump with those that it shows as ``*``; its last address gives the size."""
    if column is None or column.counts is not Counts.ADDRESS or not rows:
        return rows
    stars = _stars(lines)
    places = column.places(rows)
    out: list[Row] = [] if stars else rows[:-1]
    end = 0
    for row, address in zip(rows, places, strict=True) if stars else ((rows[-1], places[-1]),):
        if out and address is not None and row.line - 1 in stars and 0 < address - end < MOST_FILLED:
            again = out[-1].data
            if (address - end) % len(again) == 0:
                out.append(Row(row.line - 1, again * ((address - end) // len(again)), out[-1].numbers))
        out.append(row)
        if address is not None:
            end = address + len(row.data)
    last = rows[-1].line
    following = (hit for line in lines[last + 1 : last + 4] if (hit := _ALONE.fullmatch(line)))
    final = next(following, None)
    if final is None or (column.base == 8 and re.search("[89a-fA-F]", final[2])):
        return out
    gap = int(final[2], column.base if column.base != 10 or final[2].isdigit() else 16) - end
    if last + 1 in stars and 0 < gap < MOST_FILLED:
        again = out[-1].data
        out.append(Row(last + 1, (again * (gap // len(again) + 1))[:gap], out[-1].numbers))
    elif -8 < gap < 0 and len(rows[-1].data) + gap > 0:
        out[-1] = out[-1]._replace(data=out[-1].data[:gap])  # words that padded the last row
    return out
