"""Received as a left-to-right list of pieces: copies out of sent, rules, and bytes without a source."""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """What happens to every chunk alike: per period, ``skipped`` sent bytes are left out, ``inserted`` received bytes
    are put in, and ``copied`` bytes follow unharmed. ``periods`` of them were checked byte by byte.

    ``skipped`` is negative when the copy goes back and repeats sent bytes.
    """

    skipped: int
    inserted: int
    copied: int
    periods: int

    @property
    def sent_step(self) -> int:
        """Sent bytes a period."""
        return self.skipped + self.copied

    @property
    def received_step(self) -> int:
        """Received bytes a period."""
        return self.inserted + self.copied


class Piece(NamedTuple):
    """Received ``[start, end)``. ``sent`` is the sent offset it was copied from, None when it has no source."""

    start: int
    end: int
    sent: int | None
    rule: Rule | None = None

    @property
    def size(self) -> int:
        """Received bytes."""
        return self.end - self.start

    @property
    def sent_end(self) -> int:
        """Sent offset where the copy ends; for a rule, after its last period."""
        if self.sent is None:
            raise ValueError("a piece without a source has no sent range")
        return self.sent + (self.rule.sent_step * self.rule.periods if self.rule else self.end - self.start)


class PieceList:
    """Collects pieces from left to right and joins a copy that goes straight on."""

    def __init__(self) -> None:
        self.items: list[Piece] = []

    def extend(self, pieces: tuple[Piece, ...]) -> None:
        """Append pieces that follow on each other."""
        self.items.extend(pieces)

    def __len__(self) -> int:
        return len(self.items)

    def add(self, start: int, end: int, sent: int | None) -> None:
        """Append received ``[start, end)``, copied from ``sent`` on."""
        if end <= start:
            return
        if self.items:
            last = self.items[-1]
            joined = last.rule is None and last.end == start
            if joined and (
                (sent is None and last.sent is None)
                or (sent is not None and last.sent is not None and last.sent_end == sent)
            ):
                self.items[-1] = Piece(last.start, end, last.sent)
                return
        self.items.append(Piece(start, end, sent))

    def add_rule(self, start: int, sent: int, rule: Rule) -> None:
        """Append a rule that begins at received ``start``; what stood behind ``start`` before is taken back."""
        while self.items and self.items[-1].start >= start:
            self.items.pop()
        if self.items and self.items[-1].end > start:
            last = self.items[-1]
            self.items[-1] = Piece(last.start, start, last.sent)
        self.items.append(Piece(start, start + rule.received_step * rule.periods, sent, rule))

    def allows(self, received: int, sent: int) -> bool:
        """A rule that begins at ``received`` and ``sent`` cuts no other rule short and takes back no sent byte."""
        for piece in reversed(self.items):
            if piece.rule:
                return piece.end <= received and piece.sent_end <= sent
            if piece.start < received and piece.sent is not None:
                return piece.sent + min(piece.end, received) - piece.start <= sent
        return True
