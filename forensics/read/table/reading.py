"""Reads every text that shows bytes: its lines are looked at for bytes of SENT, and what is around them becomes the rule.

No tool is known here. Kinds of lines are learned from those in which bytes of SENT are found in runs too long for chance,
and then applied to all lines by structure alone, so that damaged bytes stay bytes.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from forensics.read.table.known import LEAST_RUN, Known
from forensics.read.table.learning import SAMPLE, learn, sample
from forensics.read.table.lines import Text, split, unwrapped
from forensics.read.table.placing import (
    Counts,
    column_of,
    in_order,
    joined_frames,
    with_losses,
    with_repeats,
    without_headings,
)
from forensics.read.table.rules import OPENING, Problem, Row, Rule
from forensics.read.table.tokens import ALL, Notation

_MOST_KINDS = 12
"""Kinds of lines in one text."""

_LEAST_FRESH = 48
_UNWRAPPED = 1 << 22


class Value(NamedTuple):
    """Bytes of one line: ``start`` to ``end`` of the data.

    Attributes:
        line: Number of the line, from 1.
        place: Its counter or address, as ``counts`` says; None without one.
    """

    line: int
    start: int
    end: int
    place: int | None = None
    counts: Counts | None = None


@dataclass(frozen=True, slots=True)
class Flaw:
    """A value that the text does not show in full: ``start`` to ``end`` of the data are what is there.

    Attributes:
        line: Number of the line, from 1.
        problem: What is wrong.
        missing: How many bytes, where the text says so.
    """

    line: int
    start: int
    end: int
    problem: Problem
    missing: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReading:
    """One way to read a text.

    Attributes:
        data: The bytes.
        values: Where each of them is from.
        how: How it was read, in words.
        share: How much of it is in SENT, 0 to 1.
        flaws: What the text lacks.
        worth: Bytes found in SENT less bytes not found.
        left: Characters of lines that the reading does not explain.
        is_of_others: It is of other lines than the best reading.
        is_labelled: Something before the bytes marks their lines, as a log of writes does and a plain dump does not.
    """

    data: bytes
    values: tuple[Value, ...]
    how: str
    share: float
    flaws: tuple[Flaw, ...]
    worth: int
    left: int
    is_labelled: bool
    is_of_others: bool = False

    @property
    def is_of_writes(self) -> bool:
        """Each value is one write of a log, and no row of a dump."""
        return self.is_labelled and not any(value.counts is Counts.ADDRESS for value in self.values)

    @property
    def skipped(self) -> tuple[tuple[int, int, int], ...]:
        """Numbers of the lines' own count that never come: first, last, and the offset of the data where they would be."""
        counted = sorted(
            (one.place, one.end) for one in self.values if one.counts is Counts.COUNTER and one.place is not None
        )
        gaps = ((before[0] + 1, after[0] - 1, before[1]) for before, after in pairwise(counted))
        return tuple(gap for gap in gaps if gap[0] <= gap[1])


def readings(content: bytes, known: Known, notations: Sequence[Notation] = ALL) -> tuple[TextReading, ...]:
    """The readings of a text, best first: more than one where they differ and explain as much; none if nothing does.

    Args:
        content: The text.
        known: The image whose bytes it may show.
        notations: How they may be written.
    """
    text = split(content)
    found = _read(text, known, notations)
    doubt = not found or found[0].share < 0.995 or found[0].left * 8 > len(content)
    if doubt or (found[0].share < 1 and len(content) < _UNWRAPPED):
        wide = unwrapped(text, doubt=doubt)
        other = _read(wide, known, notations) if wide is not None else ()
        if other and (not found or (other[0].worth > 1.01 * found[0].worth and len(other[0].flaws) <= len(found[0].flaws))):
            found = other
    return found


def _read(text: Text, known: Known, notations: Sequence[Notation]) -> tuple[TextReading, ...]:
    """Learns a kind, applies it to all lines, and learns the next from those that are left."""
    lines = text.lines
    rest = list(range(len(lines)))
    accepted: list[tuple[Rule, list[Row]]] = []
    again: list[tuple[Rule, list[Row]]] = []
    rivals: list[Rule] = []
    seen = bytearray(len(known.sent))
    for turn in range(_MOST_KINDS):
        learned = learn(sample(lines, rest, SAMPLE if not turn else SAMPLE // 3), known, notations)
        taken = _first_that_shows_more(learned, lines, rest, known, seen, alone=not accepted)
        if taken is None:
            break
        rule, rows, is_new = taken
        if not turn:
            near = (one for one in learned if one.score * 200 > rule.score * 199)
            rivals = [one for one in near if one.notation is not rule.notation and one.seen != rule.seen][:2]
        rest = _without(rest, rows)
        (accepted if is_new else again).append((rule, rows))
    if not accepted:
        return ()
    for rule, rows in list(accepted):
        more = _relaxed(rule, rows, lines, rest, known)
        rest = _without(rest, [row for _, some in more for row in some])
        accepted += more
    best = finished(accepted, text, rest, known)
    return (best, *_rivals(best, accepted[0], again, rivals, text, known))


def _without(numbers: list[int], rows: list[Row]) -> list[int]:
    """Those of the lines, in order, that none of the rows is."""
    explained: set[int] = set()
    for row in rows:
        explained.update(range(row.line, row.line + row.lines))
    return sorted(set(numbers) - explained)


def _first_that_shows_more(
    learned: list[Rule], lines: list[str], rest: list[int], known: Known, seen: bytearray, *, alone: bool
) -> tuple[Rule, list[Row], bool] | None:
    """The best rule whose rows show something of SENT, its rows, and whether most of it was not shown before."""
    for rule in learned[:3]:
        rows = _without_chatter(rule, rule.rows(zip(rest, map(lines.__getitem__, rest), strict=True)), known)
        weight = known.weigh(b"".join(row.data for row in rows), seen)
        if rows and (not alone or weight.fresh >= _LEAST_FRESH or weight.fresh * 2 > weight.found):
            return rule, rows, alone or weight.fresh * 2 >= weight.found
    return None


def _rivals(
    best: TextReading,
    first: tuple[Rule, list[Row]],
    again: list[tuple[Rule, list[Row]]],
    rules: list[Rule],
    text: Text,
    known: Known,
) -> Iterator[TextReading]:
    """Readings that differ and explain as much: other lines that show the same bytes, other notations of the same lines."""
    for rule, rows in again:
        if len(rows) * 10 > 9 * len(first[1]):
            other = finished([(rule, rows)], text, [], known)
            if other.data != best.data and other.worth * 10 > best.worth * 9 and not other.flaws:
                yield replace(other, is_of_others=True)
    for rule in rules:
        other = finished([(rule, rule.rows(enumerate(text.lines)))], text, [], known)
        longer = len(other.data) >= len(best.data)
        if other.data != best.data and other.worth >= 0.9995 * best.worth and longer and not other.flaws:
            yield other


def _without_chatter(rule: Rule, rows: list[Row], known: Known) -> list[Row]:
    """Without anything before the bytes, a short line must fit its neighbours in SENT to count."""
    if rule.is_marked or not rows:
        return rows
    usual = Counter(len(row.data) for row in rows).most_common(1)[0][0]
    kept: list[Row] = []
    for index, row in enumerate(rows):
        before = rows[index - 1].data[-4:] if index else b""
        after = rows[index + 1].data[:4] if index + 1 < len(rows) else b""
        ends = index + 1 == len(rows) or rule.notation.words
        last = ends and index > 0 and row.line == rows[index - 1].line + 1
        if len(row.data) in (usual, *range(LEAST_RUN, len(row.data) + 1)) or last or known.fits(before, row.data, after):
            kept.append(row)
    return kept


def _relaxed(rule: Rule, rows: list[Row], lines: list[str], rest: list[int], known: Known) -> list[tuple[Rule, list[Row]]]:
    """Lines that begin otherwise (rows that go on, first and last lines) count where they fit their neighbours."""
    heads = [(OPENING, rule.suffix)] if rule.prefix != OPENING else []
    heads += [(rule.prefix, r"(?![0-9A-Za-z]).*$")] if rule.rank == 1 else []
    literal = re.search(r"[^)]*$", rule.prefix)
    if literal and literal[0] != rule.prefix and re.search(r"[^\s\\*+^]", re.sub(r"\\s[*+]", "", literal[0])):
        heads.append(("^.*?" + literal[0].lstrip("^"), rule.suffix))
    have = {row.line: row.data for row in rows}
    order = sorted(have)
    if len(rest) > 4 * len(rows) + 1000:
        near = {number + step for number in have for step in range(-2, 9)}
        rest = [number for number in rest if number in near]
    found: list[tuple[Rule, list[Row]]] = []
    for prefix, suffix in heads:
        other = Rule(rule.notation, prefix, rule.payload, suffix, rule.example, rule.rank)
        kept = _fitting(other.rows((number, lines[number]) for number in rest if number not in have), have, order, known)
        if kept:
            found.append((other, kept))
    return found


def _fitting(rows: list[Row], have: dict[int, bytes], order: list[int], known: Known) -> list[Row]:
    """Those of ``rows`` that fit between the lines around them; ``have`` learns them."""
    have |= {row.line: row.data for row in rows}
    fits: set[int] = set()
    follows: set[int] = set()
    last: int | None = None
    for row in rows:
        place = bisect.bisect(order, row.line)
        before = order[place - 1] if place else -1
        before = max(before, last) if last is not None else before
        after = have[order[place]][:4] if place < len(order) else b""
        if known.fits(have[before][-4:] if before >= 0 else b"", row.data, after):
            fits.add(row.line)
        if before == row.line - 1:
            follows.add(row.line)
        if row.line in fits or row.line in follows:
            last = row.line
    if len(fits & follows) * 10 >= 6 * len(follows):
        fits |= follows
    for row in rows:
        if row.line not in fits:
            del have[row.line]
    return [row for row in rows if row.line in fits]


def finished(kinds: list[tuple[Rule, list[Row]]], text: Text, rest: list[int], known: Known) -> TextReading:
    """The reading that these rows make together, in the order of the lines."""
    everything: list[tuple[Row, int | None, Counts | None]] = []
    how: list[str] = []
    for rule, found in kinds:
        rows = without_headings(found, known)
        column = column_of(rule, rows)
        rows = in_order(rows, column) if rule.is_dump else rows
        rows, headers = joined_frames(with_losses(rows, column, text.lines, is_dump=rule.is_dump), column, known)
        if not headers:
            rows = with_repeats(rows, column, text.lines)
        meaning = f", with a{'n' if column.counts is Counts.ADDRESS else ''} {column.counts.value}" if column else ""
        count = sum(row.lines for row in rows)
        how.append(f"{rule.notation.name} in {count} lines like {rule.example.strip()[-60:]!r}{meaning}{headers}")
        places = column.places(rows) if column else [None] * len(rows)
        everything += [
            (row, place, column.counts if column and place is not None else None)
            for row, place in zip(rows, places, strict=True)
        ]
    if len(kinds) > 1:
        everything.sort(key=lambda one: one[0].line)
    values: list[Value] = []
    flaws: list[Flaw] = []
    end = 0
    for row, place, counts in everything:
        start, end = end, end + len(row.data)
        number = text.numbers[row.line]
        values.append(Value(number, start, end, place, counts))
        if row.problem:
            flaws.append(Flaw(number, start, end, row.problem, row.missing))
    data = b"".join([row.data for row, _, _ in everything])
    weight = known.weigh(data)
    return TextReading(
        data=data,
        values=tuple(values),
        how="; ".join(how),
        share=weight.share,
        flaws=tuple(flaws),
        worth=weight.worth,
        left=sum(len(text.lines[number].strip()) for number in rest),
        is_labelled=any(rule.is_marked for rule, _ in kinds),
    )
