"""What is told when no story of chunks explains the bytes."""

from __future__ import annotations

from forensics.align.details import with_details
from forensics.align.pair import Pair
from forensics.align.proof import spans_of
from forensics.model.alignment import Alignment, Chunking, Edit, EditKind
from forensics.model.span import ByteSpan

_SHORTEST_MIX = 256


def mixed_in_flash(pair: Pair) -> list[Edit] | None:
    """The edits when from some place on every received byte is the sent byte with bits cleared: it was written over
    flash that was not erased. None when it is not so.
    """
    start, end = pair.common_prefix(0, 0), min(len(pair.sent), len(pair.received))
    was = int.from_bytes(pair.sent[start:end], "big")
    now = int.from_bytes(pair.received[start:end], "big")
    if end - start < _SHORTEST_MIX or was & now != now or now == 0:
        return None
    place = ByteSpan(start, end)
    edits = [Edit(kind=EditKind.ALTERED, sent=place, received=place, bits=(was ^ now).bit_count(), pattern="and")]
    if end < len(pair.sent):
        missing = ByteSpan(end, len(pair.sent))
        edits.append(Edit(kind=EditKind.TRUNCATED, sent=missing, received=ByteSpan(end, end)))
    elif end < len(pair.received):
        edits.append(Edit(kind=EditKind.TRAILING, sent=None, received=ByteSpan(end, len(pair.received))))
    return edits


def unrelated(pair: Pair) -> Alignment:
    """One edit for the whole, and how much of received occurs in sent at all."""
    sent, received = ByteSpan(0, len(pair.sent)), ByteSpan(0, len(pair.received))
    edits = (Edit(kind=EditKind.TRUNCATED, sent=sent, received=received),)
    return Alignment(
        spans=spans_of(pair, edits) or (),
        edits=with_details(pair, edits, None),
        chunking=Chunking(),
        related=False,
        similarity=pair.index.share(pair.received, 0, len(pair.received), 400),
    )
