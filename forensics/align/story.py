"""From pieces to edits: the fewest steps that turn sent into received."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from forensics.align.backbone import backbone
from forensics.align.damage import damage, damaged_in_place
from forensics.align.gaps import Gap, fold, gaps_of
from forensics.align.grid import Grid
from forensics.align.moves import Stray, from_hole, moved
from forensics.align.pair import Pair, is_constant
from forensics.align.pieces import Piece
from forensics.align.refine import refined
from forensics.model.alignment import Edit, EditKind, Repeat
from forensics.model.span import ByteSpan

_CHANCE = 8
"""A repeat of fewer bytes is no repeat: they were put in, and equal what stands before by chance."""


def tell(pair: Pair, pieces: Sequence[Piece], grid: Grid | None = None) -> list[Edit]:
    """The edits behind ``pieces``, in the order of received; ``grid`` is the chunk grid when it is known."""
    pieces = fold(pieces)
    copies = [piece for piece in pieces if piece.sent is not None]
    chain = [copies[number] for number in backbone(copies)]
    gaps = [refined(pair, gap, grid) for gap in gaps_of(pair, pieces, chain)]
    gaps, chain = _in_order(pair, pieces, gaps, chain)
    holes = [(gap.sent_start, gap.sent_end) for gap in gaps]
    gaps = [gap._replace(inner=tuple(from_hole(pair, piece, holes) for piece in gap.inner)) for gap in gaps]
    strays = [
        Stray(number, piece, gap.sent_start + piece.start - gap.received_start if gap.in_place else None)
        for number, gap in enumerate(gaps)
        for piece in gap.inner
        if piece.sent is not None
    ]
    moves = moved(strays, holes)
    edits = [edit for piece in chain if piece.rule for edit in _rule_edits(pair, piece)]
    taken = [(cast("int", piece.sent), piece.sent_end) for piece in moves]
    for piece in moves:
        source = ByteSpan(cast("int", piece.sent), piece.sent_end)
        edits.append(Edit(kind=EditKind.REORDERED, sent=source, received=ByteSpan(piece.start, piece.end)))
    last = len(gaps) - 1
    for number, gap in enumerate(gaps):
        edits += _gap_edits(pair, gap, set(moves), taken, at_end=number == last)
    edits.sort(key=lambda edit: (edit.received.start, edit.received.end, edit.sent.start if edit.sent else 0))
    return edits


def _in_order(pair: Pair, pieces: list[Piece], gaps: list[Gap], chain: list[Piece]) -> tuple[list[Gap], list[Piece]]:
    """Copies that belong into their own gap, as far as they kept their order, join the backbone: of two chunks that
    changed places only one was moved.
    """
    joining: list[Piece] = []
    for gap in gaps:
        own = [
            piece
            for piece in gap.inner
            if piece.sent is not None and gap.sent_start <= piece.sent and piece.sent_end <= gap.sent_end
        ]
        joining += [own[number] for number in backbone(own)]
    if not joining:
        return gaps, chain
    looked_at = [piece for gap in gaps for piece in gap.inner]
    chain = sorted([*chain, *joining])
    everything = sorted([*chain, *(piece for piece in looked_at if piece not in joining)], key=lambda piece: piece.start)
    return gaps_of(pair, everything, chain), chain


def _gap_edits(pair: Pair, gap: Gap, moves: set[Piece], taken: list[tuple[int, int]], *, at_end: bool) -> list[Edit]:
    content = [piece for piece in gap.inner if piece not in moves]
    if gap.sent_end < gap.sent_start:
        again = ByteSpan(gap.sent_end, gap.sent_start)
        received = ByteSpan(gap.received_end, gap.received_end + again.size)
        if again.size < _CHANCE:
            return _put_in(gap.sent_start, [*content, Piece(received.start, received.end, None)])
        return [*_put_in(gap.sent_start, content), Edit(kind=EditKind.DUPLICATED, sent=again, received=received)]
    due = _without(gap.sent_start, gap.sent_end, taken)
    missing = sum(end - start for start, end in due)
    present = sum(piece.size for piece in content)
    if at_end:
        return _tail_edits(pair, gap, due, content)
    if missing == present:
        return _in_place(pair, due, content)
    if not present:
        return [_dropped(start, end, gap.received_end) for start, end in due]
    if not missing:
        return _put_in(gap.sent_start, content)
    return _uneven(pair, gap, due, content)


def _tail_edits(pair: Pair, gap: Gap, due: list[tuple[int, int]], content: list[Piece]) -> list[Edit]:
    """Behind the last copy of the backbone: the end of sent is missing, or something follows it, or both."""
    missing = sum(end - start for start, end in due)
    present = sum(piece.size for piece in content)
    if not missing:
        strays = [piece for piece in content if piece.sent is not None]
        if not present or (strays and strays[0].start == gap.received_start and len(strays) == len(content)):
            return _put_in(gap.sent_start, content)
        return [Edit(kind=EditKind.TRAILING, sent=None, received=ByteSpan(content[0].start, len(pair.received)))]
    ends_sent = due[-1][1] == len(pair.sent)
    if missing == present and not (ends_sent and _fills(pair, content)):
        return _in_place(pair, due, content)
    if len(due) == 1 and 0 < present < missing and _is_tail(pair, gap):
        return [_dropped(due[0][0], due[0][1] - present, gap.received_start)]
    if len(due) > 1 or not ends_sent:
        return [_dropped(start, end, gap.received_start) for start, end in due] + _put_in(gap.sent_start, content)
    whole = all(piece.sent is None for piece in content)
    if whole and present and not _fills(pair, content) and present > missing:
        start, _end = due[0]
        kept = ByteSpan(gap.received_start, gap.received_start + missing)
        head = damaged_in_place(pair, start, kept.start, missing)
        return [*head, Edit(kind=EditKind.TRAILING, sent=None, received=ByteSpan(kept.end, len(pair.received)))]
    return [Edit(kind=EditKind.TRUNCATED, sent=ByteSpan(*due[0]), received=ByteSpan(gap.received_start, len(pair.received)))]


def _is_tail(pair: Pair, gap: Gap) -> bool:
    """What stands at the end is the end of sent, too short to have been looked up."""
    rest = pair.received[gap.received_start :]
    return pair.sent.endswith(rest) and (not is_constant(rest) or len(rest) < 16)


def _fills(pair: Pair, content: list[Piece]) -> bool:
    return len(content) == 1 and content[0].sent is None and is_constant(pair.received[content[0].start : content[0].end])


def _in_place(pair: Pair, due: list[tuple[int, int]], content: list[Piece]) -> list[Edit]:
    edits = []
    places = list(due)
    for piece in content:
        at = piece.start
        while at < piece.end:
            start, end = places[0]
            size = min(piece.end - at, end - start)
            sent = ByteSpan(start, start + size)
            if piece.sent is None:
                edits += damaged_in_place(pair, start, at, size)
            else:
                source = ByteSpan(piece.sent + at - piece.start, piece.sent + at - piece.start + size)
                if source != sent:
                    edits.append(Edit(kind=EditKind.REPLACED, sent=sent, received=ByteSpan(at, at + size), source=source))
            at += size
            places[0] = (start + size, end)
            if start + size == end:
                places.pop(0)
    return edits


def _uneven(pair: Pair, gap: Gap, due: list[tuple[int, int]], content: list[Piece]) -> list[Edit]:
    """Something stands there, but not as much as was due: what stands takes the first place, the rest was lost or put in."""
    missing = sum(end - start for start, end in due)
    present = sum(piece.size for piece in content)
    if any(piece.sent is not None for piece in content) or present > missing:
        return [_dropped(start, end, gap.received_start) for start, end in due] + _put_in(due[-1][1], content)
    if len(due) == 1 and _fits_the_end(pair, due[0], content, present):
        start, end = due[0]
        lost = _dropped(start, end - present, gap.received_start)
        return [lost, *_in_place(pair, [(end - present, end)], content)]
    edits = []
    kept: list[tuple[int, int]] = []
    left = present
    for start, end in due:
        size = min(left, end - start)
        left -= size
        if size:
            kept.append((start, start + size))
        if start + size < end:
            edits.append(_dropped(start + size, end, gap.received_end))
    return _in_place(pair, kept, content) + edits


def _fits_the_end(pair: Pair, due: tuple[int, int], content: list[Piece], size: int) -> bool:
    """What stands there is more like the end of what was due than like its beginning, so the loss came first."""
    now = int.from_bytes(pair.received[content[0].start : content[0].start + size], "big")
    first, last = pair.sent[due[0] : due[0] + size], pair.sent[due[1] - size : due[1]]
    unlike_first = (int.from_bytes(first, "big") ^ now).bit_count()
    unlike_last = (int.from_bytes(last, "big") ^ now).bit_count()
    return unlike_last < unlike_first and unlike_last < 2 * size


def _put_in(place: int, content: Sequence[Piece]) -> list[Edit]:
    edits = []
    for piece in content:
        received = ByteSpan(piece.start, piece.end)
        if piece.sent is None:
            edits.append(Edit(kind=EditKind.INSERTED, sent=ByteSpan(place, place), received=received))
        else:
            edits.append(Edit(kind=EditKind.DUPLICATED, sent=ByteSpan(piece.sent, piece.sent_end), received=received))
    return edits


def _dropped(start: int, end: int, seam: int) -> Edit:
    return Edit(kind=EditKind.DROPPED, sent=ByteSpan(start, end), received=ByteSpan(seam, seam))


def _without(start: int, end: int, taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What of ``[start, end)`` is left when ``taken`` ranges are cut out."""
    left = []
    for low, high in sorted(taken):
        if high <= start or low >= end:
            continue
        if low > start:
            left.append((start, low))
        start = max(start, high)
    if start < end:
        left.append((start, end))
    return left


def _rule_edits(pair: Pair, piece: Piece) -> list[Edit]:
    """A rule as one edit of each kind that recurs."""
    rule = piece.rule
    if rule is None or piece.sent is None:
        return []
    sent_at, received_at = piece.sent, piece.start
    repeat = Repeat(count=rule.periods, sent_step=rule.sent_step, received_step=rule.received_step)
    inserted = ByteSpan(received_at, received_at + rule.inserted)
    if rule.skipped < 0:
        again = ByteSpan(sent_at + rule.skipped, sent_at)
        return [
            Edit(
                kind=EditKind.DUPLICATED,
                sent=again,
                received=ByteSpan(received_at, received_at + again.size),
                repeat=repeat,
            )
        ]
    if rule.skipped and rule.inserted:
        place = ByteSpan(sent_at, sent_at + rule.skipped)
        edit = damage(pair, place, inserted)
        return [
            Edit(
                kind=EditKind.ALTERED,
                sent=place,
                received=inserted,
                bits=edit.bits or 0,
                pattern="noise",
                repeat=repeat,
            )
        ]
    if rule.skipped:
        lost = ByteSpan(sent_at, sent_at + rule.skipped)
        return [Edit(kind=EditKind.DROPPED, sent=lost, received=ByteSpan(received_at, received_at), repeat=repeat)]
    return [Edit(kind=EditKind.INSERTED, sent=ByteSpan(sent_at, sent_at), received=inserted, repeat=repeat)]
