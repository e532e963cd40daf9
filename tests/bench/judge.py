"""Does a diagnosis say exactly what was injected?"""

from __future__ import annotations

from collections.abc import Sequence

from forensics.model.alignment import Edit, EditKind, places_of
from forensics.synth.delivery import Injection

IN_PLACE = (EditKind.FILLED, EditKind.ALTERED, EditKind.REPLACED)


def single(edits: Sequence[Edit]) -> list[Edit]:
    """Repeats spelled out."""
    return [one for edit in edits for one in places_of(edit)]


def difference(injection: Injection, edits: Sequence[Edit]) -> tuple[list[Edit], list[Edit]]:
    """Injected edits that were not told, and told edits that were not injected."""
    sent, received = injection.sent, injection.received
    truth, told = single(injection.edits), single(edits)
    same = {_key(edit) for edit in truth} & {_key(edit) for edit in told}
    missing = [edit for edit in truth if _key(edit) not in same]
    extra = [edit for edit in told if _key(edit) not in same]
    for edit in list(missing):
        match = next((other for other in extra if _alike(sent, received, edit, other)), None)
        if match:
            missing.remove(edit)
            extra.remove(match)
    return _merged(missing, extra)


def _key(edit: Edit) -> tuple[object, ...]:
    return edit.kind, edit.sent, edit.received, edit.source


def _alike(sent: bytes, received: bytes, true: Edit, told: Edit) -> bool:
    """The same edit as far as the data can tell: inside the slack that was reported, or over bytes that are equal."""
    if true.kind is not told.kind:
        return _same_fill(received, true, told)
    if true.sent is None or told.sent is None:
        return true.received == told.received
    back, forward = told.slack
    move = true.sent.start - told.sent.start
    slides = true.sent.size == told.sent.size and -back <= move <= forward
    if true.kind is EditKind.DROPPED:
        return slides
    if true.kind is EditKind.INSERTED:
        return true.received.size == told.received.size and -back <= true.received.start - told.received.start <= forward
    if true.kind is EditKind.DUPLICATED:
        at = true.received.start - told.received.start
        source = sent[told.sent.start + at : told.sent.end + at]
        return (
            true.sent.size == told.sent.size and -back <= at <= forward and sent[true.sent.start : true.sent.end] == source
        )
    if true.kind is EditKind.REORDERED:
        return (slides and true.received.start == told.received.start) or _other_half(true, told)
    if true.kind in IN_PLACE:
        return _same_place(sent, received, true, told)
    return true.sent == told.sent


def _other_half(true: Edit, told: Edit) -> bool:
    """Of two neighbours that changed places either one may be called the moved one."""
    if true.sent is None or told.sent is None:
        return False
    late = told.sent.end == true.sent.start and told.received.start == true.received.end
    early = true.sent.end == told.sent.start and told.received.end == true.received.start
    return (late and told.received.size == told.sent.size) or early


def _same_place(sent: bytes, received: bytes, true: Edit, told: Edit) -> bool:
    """Both cover the same changed bytes; what one covers more was not changed. Equal sources count as one."""
    if true.sent is None or told.sent is None or not true.sent.overlap(told.sent):
        return False
    shift = true.received.start - true.sent.start
    if told.received.start - told.sent.start != shift:
        return False
    edges = ((true.sent.start, told.sent.start), (true.sent.end, told.sent.end))
    for one, other in edges:
        low, high = sorted((one, other))
        if sent[low:high] != received[low + shift : high + shift]:
            return False
    return (
        true.source is None or sent[true.source.start : true.source.end] == received[true.received.start : true.received.end]
    )


def _same_fill(received: bytes, true: Edit, told: Edit) -> bool:
    """Stale or mixed bytes that are one repeated byte cannot be told from a fill, nor damage from an equal chunk."""
    if true.kind not in IN_PLACE or told.kind not in IN_PLACE or true.sent is None or told.sent is None:
        return false_end(true, told)
    if told.kind is EditKind.REPLACED and told.source:
        return true.received == told.received
    content = received[true.received.start : true.received.end]
    return told.kind is EditKind.FILLED and true.received.overlap(told.received) > 0 and len(set(content)) == 1


def false_end(true: Edit, told: Edit) -> bool:
    """A loss that reaches the end of the image is a missing tail."""
    return true.kind is EditKind.DROPPED and told.kind is EditKind.TRUNCATED and true.sent == told.sent


def _merged(missing: list[Edit], extra: list[Edit]) -> tuple[list[Edit], list[Edit]]:
    """Several losses inside one ambiguous range look like one with their total."""
    for edit in list(extra):
        if edit.kind not in (EditKind.DROPPED, EditKind.DUPLICATED) or edit.sent is None:
            continue
        low, high = edit.sent.start - edit.slack[0] - edit.sent.size, edit.sent.end + edit.slack[1] + edit.sent.size
        near = [one for one in missing if one.kind is edit.kind and one.sent and low <= one.sent.start < high]
        for first in range(len(near)):
            for end in range(first + 2, len(near) + 1):
                group = near[first:end]
                if edit in extra and sum(one.sent.size for one in group if one.sent) == edit.sent.size:
                    extra.remove(edit)
                    for one in group:
                        missing.remove(one)
    return missing, extra
