"""How far an edit could be slid and still explain the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forensics.align.pair import Pair
from forensics.align.seams import same_after, same_before
from forensics.model.alignment import Edit, EditKind


def with_slack(pair: Pair, edits: Sequence[Edit]) -> list[Edit]:
    """The edits with their ``slack`` filled in."""
    return [replace(edit, slack=slack) if (slack := slack_of(pair, edit)) != edit.slack else edit for edit in edits]


def slack_of(pair: Pair, edit: Edit) -> tuple[int, int]:
    """How far the edit could be slid back and forward and still explain the data.

    A lost or repeated block slides while the bytes before it equal the bytes at its end; a block that was put in
    slides over received in the same way.
    """
    if edit.sent is None or edit.repeat:
        return (0, 0)
    if edit.kind in (EditKind.DROPPED, EditKind.DUPLICATED):
        data, one, other = pair.sent, edit.sent.start, edit.sent.end
    elif edit.kind is EditKind.INSERTED:
        data, one, other = pair.received, edit.received.start, edit.received.end
    else:
        return (0, 0)
    if edit.kind is EditKind.DUPLICATED and not _follows(pair, edit):
        return (0, 0)
    back = min(one, edit.received.start, edit.sent.start)
    forward = min(len(data) - other, len(pair.sent) - edit.sent.end, len(pair.received) - edit.received.end)
    return same_before(data, one, other, back), same_after(data, one, other, forward)


def _follows(pair: Pair, edit: Edit) -> bool:
    """The repeat stands right behind what it repeats, so both seams can slide together."""
    if edit.sent is None:
        return False
    before = pair.received[max(0, edit.received.start - edit.sent.size) : edit.received.start]
    return before == pair.sent[edit.sent.start : edit.sent.end]


def slid(edit: Edit, move: int) -> Edit:
    """The edit ``move`` bytes further on; its slack must allow it. Of a moved run only the place it left can slide."""
    if not move or edit.sent is None:
        return edit
    back, forward = edit.slack
    received = edit.received if edit.kind is EditKind.REORDERED else edit.received.shifted(move)
    return replace(edit, sent=edit.sent.shifted(move), received=received, slack=(back + move, forward - move))
