"""What may happen between two copies, and what each of it costs.

A cost is the negative logarithm of how often such a thing happens, in nats: 7 is once in a thousand chunks. Only differences
matter. They were set by what transfers do, and held against thousands of broken ones (``tests/bench/accuracy.py``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

DROP = 7.0
"""A chunk is lost: the everyday fault of writes without response."""

MORE_CHUNKS = 0.2
"""For the logarithm of how many chunks a loss or a jump passes over: a burst is as good as one loss, nearly."""

AGAIN = 7.5
"""A chunk arrives once more: dearer than a loss. With a loss of the same chunk it is a move."""

EARLY = 4.0
"""The chunk is still to come. It must be missing later, so this is half of a move and pays half of the loss at once."""

SWAP = 9.0
"""Two neighbours change places: dearer than a loss, cheaper than a loss and a repeat."""

FILL = 8.0
"""The place of a chunk holds one byte again and again: erased, or cleared and never written."""

FLIPS = 8.0
"""Some bits of a chunk differ."""

A_BIT = 0.3
"""Each of these bits."""

REPLACE = 9.0
"""Another chunk stands in the place of this one: dearer than a repeat, cheaper than a repeat and a loss."""

FAR = 1.5
"""The source of a replaced chunk is none of its neighbours."""

MIXED = 9.0
"""Bits were only cleared, or only set: written over flash that was not erased."""

CUT = 9.5
"""A part of one chunk is missing: above a loss and a repeat, for a length that was wrong once is rare."""

NOISE = 11.0
"""Anything else in place. It explains whatever there is, so it must be dear."""

INSERT = 11.0
"""Bytes that were never sent, likewise."""

A_BYTE = 0.05
"""Each byte that nothing explains: without this a row of losses in a table would be one large insertion."""

A_LOST_BYTE = 0.5
"""Each byte of a rest of which nothing is found: ten times as much, or giving up would be cheaper than many losses."""

CODED = 10.0
"""A part of the stream is encoded; a layer of the whole stream costs the same, once."""

END = 6.0
"""The stream ends early, or something follows it: every transfer may break off."""

SHORT_OF_END = 7.0
"""The rest of RECEIVED is one byte again and again where the end of SENT belongs."""


class EventKind(StrEnum):
    """What happened between two copies."""

    DROP = "drop"
    AGAIN = "again"
    SWAP = "swap"
    REPLACE = "replace"
    DAMAGE = "damage"
    INSERT = "insert"
    END = "end"


class Event(NamedTuple):
    """One event. The sender goes on at ``next_sent``, RECEIVED at ``received_end``.

    Attributes:
        kind: What happened.
        sent: Sent offset at which it happened, ``sent_end`` the end of the sent bytes that it concerns.
        received: Received offset at which it happened, ``received_end`` where it ends.
        source: Sent offset of the bytes that stand here (again, replace, swap), else -1.
    """

    kind: EventKind
    sent: int
    sent_end: int
    received: int
    received_end: int
    source: int = -1

    @property
    def size(self) -> int:
        """Bytes of the sent range."""
        return self.sent_end - self.sent

    @property
    def next_sent(self) -> int:
        """Where the sender stands behind it: what came once more or was put in did not move it."""
        return self.sent if self.kind in (EventKind.AGAIN, EventKind.INSERT) else self.sent_end


class Priced(NamedTuple):
    """An event and its cost in nats."""

    cost: float
    event: Event
