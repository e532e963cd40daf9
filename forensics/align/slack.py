"""How far an edit could be slid and still explain the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forensics.align.pair import Pair, is_constant
from forensics.model.alignment import Edit, EditKind
from forensics.model.span import ByteSpan


def with_slack(pair: Pair, edits: Sequence[Edit]) -> list[Edit]:
    """The edits with their ``slack`` filled in."""
    return [replace(edit, slack=slack) if (slack := slack_of(pair, edit)) != edit.slack else edit for edit in edits]


def slack_of(pair: Pair, edit: Edit) -> tuple[int, int]:
    """How far the edit could be slid back and forward and still explain the data.

    A lost or repeated block slides while the bytes before it equal the bytes at its end; a block that was put in
    slides over received in the same way, and a block out of order must slide in both places at once.
    """
    if edit.sent is None or edit.repeat:
        return (0, 0)
    if edit.kind is EditKind.DROPPED:
        return _over_sent(pair, edit.sent, edit.received)
    if edit.kind is EditKind.DUPLICATED and _follows(pair, edit):
        return _over_sent(pair, edit.sent, edit.received)
    if edit.kind is EditKind.INSERTED:
        return _over_received(pair, edit.sent, edit.received)
    if edit.kind is EditKind.REORDERED and abs(edit.sent.start - edit.received.start) > 4 * edit.sent.size:
        left, landed = _over_sent(pair, edit.sent, edit.sent), _over_received(pair, edit.sent, edit.received)
        if is_constant(pair.received[edit.received.start : edit.received.end]):
            return left
        return min(left[0], landed[0]), min(left[1], landed[1])
    return (0, 0)


def _over_sent(pair: Pair, sent: ByteSpan, seam: ByteSpan) -> tuple[int, int]:
    back = min(sent.start, seam.start)
    forward = len(pair.sent) - sent.end
    return same_before(pair.sent, sent.start, sent.end, back), same_after(pair.sent, sent.start, sent.end, forward)


def _over_received(pair: Pair, place: ByteSpan, received: ByteSpan) -> tuple[int, int]:
    back = min(received.start, place.start)
    forward = min(len(pair.received) - received.end, len(pair.sent) - place.end)
    data = pair.received
    return same_before(data, received.start, received.end, back), same_after(data, received.start, received.end, forward)


def _follows(pair: Pair, edit: Edit) -> bool:
    """The repeat stands right behind what it repeats, so both seams can slide together."""
    if edit.sent is None:
        return False
    before = pair.received[max(0, edit.received.start - edit.sent.size) : edit.received.start]
    return before == pair.sent[edit.sent.start : edit.sent.end]


def slid(pair: Pair, edit: Edit, move: int) -> Edit:
    """The edit ``move`` bytes further on; its slack must allow it. Of a moved run only the place it left can slide."""
    if not move or edit.sent is None:
        return edit
    back, forward = edit.slack
    stays = edit.kind is EditKind.REORDERED and is_constant(pair.received[edit.received.start : edit.received.end])
    received = edit.received if stays else edit.received.shifted(move)
    return replace(edit, sent=edit.sent.shifted(move), received=received, slack=(back + move, forward - move))


def same_before(sent: bytes, one: int, other: int, limit: int) -> int:
    """How many bytes, at most ``limit``, are equal just before the two offsets of one file."""
    same = 0
    while same < limit:
        size = min(64 if same < 256 else 4096, limit - same)
        left = sent[one - same - size : one - same]
        right = sent[other - same - size : other - same]
        if left != right:
            while sent[one - same - 1] == sent[other - same - 1]:
                same += 1
            return same
        same += size
    return same


def same_after(sent: bytes, one: int, other: int, limit: int) -> int:
    """How many bytes, at most ``limit``, are equal from the two offsets of one file on."""
    same = 0
    while same < limit:
        size = min(64 if same < 256 else 4096, limit - same)
        if sent[one + same : one + same + size] != sent[other + same : other + same + size]:
            while sent[one + same] == sent[other + same]:
                same += 1
            return same
        same += size
    return same
