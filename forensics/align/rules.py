"""Rules that hold for every chunk alike, read off the data and verified in bulk.

A header byte left in each of 3000 chunks is one rule, not 3000 insertions.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from forensics.align.grid import Grid
from forensics.align.pair import Pair
from forensics.align.pieces import Piece, PieceList, Rule

_SAMPLE = 24
_LONGEST = 8192
_SLIP = 8
_SMALLEST_CHUNK = 16


class Step(NamedTuple):
    """One place where the copy broke: at (``sent``, ``received``), ``skipped`` and ``inserted`` bytes before it went on."""

    sent: int
    received: int
    skipped: int
    inserted: int


class PlacedRule(NamedTuple):
    """A verified rule and where its first period begins."""

    sent: int
    received: int
    rule: Rule

    def later(self) -> PlacedRule:
        """The same rule without its first period."""
        rule = self.rule
        rest = rule._replace(periods=rule.periods - 1)
        return PlacedRule(self.sent + rule.sent_step, self.received + rule.received_step, rest)


class Opening(NamedTuple):
    """What holds from the first byte on: verified pieces, where they end on both sides, and the grid they prove."""

    pieces: tuple[Piece, ...]
    sent: int
    received: int
    grid: Grid


def opening_rule(pair: Pair) -> Opening | None:
    """A rule that holds from the first byte on: every chunk cut short, or a header before every chunk."""
    if len(pair.received) < len(pair.sent) * 0.9:
        return _cut_rule(pair)
    if len(pair.received) > len(pair.sent):
        return _header_rule(pair)
    return None


def _header_rule(pair: Pair) -> Opening | None:
    sent, received = pair.sent, pair.received
    if len(sent) < 64:
        return None
    for header in (1, 2, 3, 4, 5, 6, 7, 8):
        if received[header : header + 12] != sent[:12]:
            continue
        longest = pair.common_prefix(0, header)
        if not 12 <= longest <= _LONGEST:
            continue
        for size in range(longest, max(11, longest - _SLIP), -1):
            opening = _opening(pair, header, size, size)
            if opening:
                return opening
    return None


def _cut_rule(pair: Pair) -> Opening | None:
    """The first ``kept`` bytes of every chunk arrived. The chunk size is where the second chunk's bytes stand in sent."""
    first = pair.common_prefix(0, 0)
    if 8 <= first <= 4096:
        for kept in range(first, max(7, first - _SLIP), -1):
            opening = _cut_of(pair, kept)
            if opening:
                return opening
    return _cut_by_length(pair)


def _cut_of(pair: Pair, kept: int) -> Opening | None:
    sent, received = pair.sent, pair.received
    for number in (1, 2, 3, 5):
        needle = received[number * kept : (number + 1) * kept]
        if len(needle) < kept or needle.count(needle[:1]) > kept * 3 // 4:
            continue
        place = sent.find(needle, kept * number, number * _LONGEST)
        while place >= 0:
            size = place // number
            if place % number == 0 and size > kept:
                opening = _opening(pair, 0, kept, size)
                if opening:
                    return opening
            place = sent.find(needle, place + 1, number * _LONGEST)
        return None
    return None


def _cut_by_length(pair: Pair) -> Opening | None:
    """Length arithmetic, for images that begin with a run: as many whole chunks as give exactly the received size."""
    total, arrived = len(pair.sent), len(pair.received)
    for size in range(16, 4200):
        whole, rest = divmod(total, size)
        if whole < _SAMPLE:
            return None
        for kept in (arrived // whole, arrived // whole - 1):
            if 8 <= kept < size and whole * kept + min(rest, kept) == arrived:
                opening = _opening(pair, 0, kept, size)
                if opening:
                    return opening
    return None


def _opening(pair: Pair, header: int, kept: int, size: int) -> Opening | None:
    """The rule on a plain grid, else on one that starts again at a block edge; None when it does not hold for long."""
    grids = [Grid(size, 0, reset) for reset in (None, 4096, 16000) if not reset or (size < reset and reset % size)]
    best: Opening | None = None
    for grid in grids:
        opening = _blocks(pair, header, kept, grid)
        chunks = opening.sent // size
        ends = len(pair.received) - opening.received < header + kept
        if (chunks >= _SAMPLE or (chunks >= 3 and ends)) and (best is None or opening.received > best.received):
            best = opening
        if best and ends:
            break
    return best


def _blocks(pair: Pair, header: int, kept: int, grid: Grid) -> Opening:
    """Follow the rule block by block as far as it holds. In a cut chunk the copy comes before what was left out."""
    pieces = PieceList()
    sent_at = received_at = 0
    total, size = len(pair.sent), grid.size
    block = grid.reset or total
    while sent_at < total:
        whole, rest = divmod(min(block, total - sent_at), size)
        lead = kept if whole and kept < size else 0
        if lead and not pair.sent.startswith(pair.received_view[received_at : received_at + lead], sent_at):
            break
        pieces.add(received_at, received_at + lead, sent_at)
        rule = Rule(size - kept, header, kept, 0)
        placed = PlacedRule(sent_at + lead, received_at + lead, rule)
        due = max(0, whole - 1 if lead else whole)
        held = periods_of(pair, placed, due)
        if held:
            pieces.add_rule(placed.received, placed.sent, rule._replace(periods=held))
        sent_at += (held + 1) * size if lead else held * size
        received_at = placed.received + held * rule.received_step
        if held < due:
            break
        last = min(rest, kept)
        got = pair.received[received_at + header : received_at + header + last]
        if rest and (len(got) < last or got != pair.sent[sent_at : sent_at + last]):
            break
        pieces.add(received_at, received_at + header if rest else received_at, None)
        pieces.add(received_at + header, received_at + header + last, sent_at)
        sent_at += rest
        received_at += header + last if rest else 0
    return Opening(tuple(pieces.items), min(sent_at, total), received_at, _unit(grid, kept))


def _unit(grid: Grid, kept: int) -> Grid:
    """A large chunk that always lacks the same fraction of itself is a row of small ones of which each n-th is lost."""
    lost = grid.size - kept
    if lost < _SMALLEST_CHUNK or grid.size % lost or grid.size // lost < 2:
        return grid
    return Grid(lost, 0, grid.reset if grid.reset and grid.reset % lost else None)


def recurring_rule(pair: Pair, steps: list[Step]) -> PlacedRule | None:
    """A rule behind the last four breaks, when they recur with one period; None when bulk comparison denies it."""
    last = steps[-4:]
    received_step = _usual(last[n + 1].received - last[n].received for n in range(3))
    sent_step = _usual(last[n + 1].sent - last[n].sent for n in range(3))
    if received_step is None or sent_step is None or not 12 <= received_step <= _LONGEST or sent_step < 12:
        return None
    rule = _shape(last, sent_step, received_step)
    if rule is None or rule.copied < 8:
        return None
    for back in range(_SLIP + 1):
        start = PlacedRule(last[0].sent - back, last[0].received - back, rule)
        if min(start.sent, start.received) < 0:
            break
        if _holds(pair, start, 4):
            return _on_grid(pair, _verified(pair, _leftmost(pair, start)))
    return None


def _on_grid(pair: Pair, placed: PlacedRule | None) -> PlacedRule | None:
    """The same rule a few bytes earlier or later, where its breaks lie on multiples of what was lost or put between."""
    if placed is None:
        return None
    unit = placed.rule.skipped if placed.rule.skipped > 0 and not placed.rule.inserted else placed.rule.sent_step
    off = placed.sent % unit
    for move in (-off, unit - off):
        if 0 < abs(move) <= _SLIP and min(placed.sent, placed.received) + move >= 0:
            moved = PlacedRule(placed.sent + move, placed.received + move, placed.rule)
            same_lead = move > 0 or pair.common_suffix(placed.sent, placed.received, -move) == -move
            if same_lead and _holds(pair, moved, placed.rule.periods - 1):
                return moved._replace(rule=placed.rule._replace(periods=placed.rule.periods - 1))
    return placed


def _usual(values: object) -> int | None:
    value, count = Counter(values).most_common(1)[0]  # type: ignore[call-overload]
    return int(value) if count >= 2 else None


def _shape(last: list[Step], sent_step: int, received_step: int) -> Rule | None:
    """Bytes that agree by chance make single breaks wobble, so the periods decide and the breaks only name the kind."""
    lost = sent_step - received_step
    if _SLIP * 2 <= lost < received_step and sent_step % lost:
        return None
    if lost > 0:
        return Rule(sent_step - received_step, 0, received_step, 0)
    if sent_step < received_step:
        repeated = sum(step.skipped < 0 and step.inserted == 0 for step in last) >= 2
        if repeated:
            return Rule(sent_step - received_step, 0, received_step, 0)
        return Rule(0, received_step - sent_step, sent_step, 0)
    damaged = max(step.inserted for step in last)
    return Rule(damaged, damaged, sent_step - damaged, 0) if 0 < damaged <= 16 else None


def _holds(pair: Pair, placed: PlacedRule, periods: int) -> bool:
    return periods_of(pair, placed, periods) == periods


def _leftmost(pair: Pair, placed: PlacedRule) -> PlacedRule:
    rule = placed.rule
    sent, received = placed.sent, placed.received
    while min(sent - rule.sent_step, received - rule.received_step, sent - rule.sent_step + rule.skipped) >= 0:
        earlier = PlacedRule(sent - rule.sent_step, received - rule.received_step, rule)
        if not _holds(pair, earlier, 1):
            break
        sent, received = earlier.sent, earlier.received
    return PlacedRule(sent, received, rule)


def _verified(pair: Pair, placed: PlacedRule) -> PlacedRule | None:
    """The rule with the number of periods that hold, or None when they are fewer than four."""
    rule = placed.rule
    possible = min(
        (len(pair.received) - placed.received) // rule.received_step,
        (len(pair.sent) - placed.sent) // rule.sent_step,
    )
    count = periods_of(pair, placed, possible)
    return placed._replace(rule=rule._replace(periods=count)) if count >= 4 else None


def periods_of(pair: Pair, placed: PlacedRule, possible: int) -> int:
    """How many periods of a rule hold, compared in blocks of joined slices that grow while they agree."""
    rule = placed.rule
    sent, received = pair.sent, pair.received
    done, block = 0, 8
    while done < possible:
        block = min(block, possible - done)
        from_received = placed.received + done * rule.received_step + rule.inserted
        from_sent = placed.sent + done * rule.sent_step + rule.skipped
        got = _joined(received, from_received, rule.received_step, rule.copied, block)
        due = _joined(sent, from_sent, rule.sent_step, rule.copied, block)
        if got == due:
            done += block
            block = min(block * 4, 8192)
        elif block == 1:
            break
        else:
            block = max(1, block // 8)
    return done


def _joined(data: bytes, start: int, step: int, size: int, count: int) -> bytes:
    return b"".join([data[at : at + size] for at in range(start, start + count * step, step)])
