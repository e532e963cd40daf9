"""Frames: a header and a trailer of constant length around each chunk, found again behind every loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from forensics.align.chunking import LARGEST
from forensics.align.layers.breaks import Break, most_usual, plan_of
from forensics.align.layers.view import Pieces, View
from forensics.align.pair import is_constant
from forensics.model.alignment import Layer, LayerKind
from forensics.model.chunk_plan import ChunkPlan

_KEY = 12
_FEWEST = 8
"""Whole frames that prove the layer, and by which the constant bytes of a header are known."""

_MOST_CHANGED = 64
"""So many more frames that hold something else than frames as they should be, and there are no frames."""

_AHEAD = 2
"""So many frames ahead the next one is looked for."""


def without_frames(view: View, breaks: list[Break]) -> Iterator[View]:
    """The view below the frames that the breaks show."""
    for more, size in most_usual((one.more, one.size) for one in breaks if one.more and one.size <= LARGEST):
        plan = plan_of(size, [one.sent for one in breaks if one.more == more])
        below = _Unframing(view, plan, more).run()
        if below:
            yield below
            return


class _Unframing:
    """Goes through RECEIVED frame by frame and keeps the chunks."""

    def __init__(self, view: View, plan: ChunkPlan, more: int) -> None:
        self.view, self.plan, self.more = view, plan, more
        self.sent, self.received = view.sent, view.received
        key = min(_KEY, plan.size)
        self.key = key
        self.places = {
            self.sent[edge : edge + key]: edge
            for edge in reversed(plan.edges(len(self.sent)))
            if not is_constant(self.sent[edge : edge + key])
        }
        self.header = self._header()
        self.trailer = more - self.header
        self.constant: dict[int, int] = {}
        self.whole: list[int] = []
        self.inner: list[int] = []
        self.outer: list[int] = []
        self.parts: list[bytes] = []
        self.length = 0
        self.due = 0
        self.changed = 0

    def run(self) -> View | None:
        """The view below the frames, or None when too few of them are there."""
        at = 0
        while at < len(self.received):
            if self.changed > _MOST_CHANGED + len(self.whole):
                return None
            edge = self._chunk(at, self.due)
            bare = self._size(self.due)
            if edge is not None:
                at = self._take_whole(at, edge)
            elif bare >= self.key and self.received.startswith(self.sent[self.due : self.due + bare], at):
                self._keep(at, at + bare)  # a chunk without a frame, where the receiver took it off or no longer got one
                at, self.due = at + bare, self.due + bare
            else:
                at = self._take_changed(at)
                self.changed += 1
        if len(self.whole) < _FEWEST:
            return None
        pieces = Pieces(self.inner, self.outer, self.length, self.outer[-1] + self.length - self.inner[-1])
        words = f"{self.header} bytes before and {self.trailer} behind each chunk of {self.plan.size}"
        layer = Layer(kind=LayerKind.FRAMES, words=words, header=self.header, trailer=self.trailer)
        return replace(
            self.view,
            received=b"".join(self.parts),
            layers=(*self.view.layers, layer),
            plan=self.plan,
            received_pieces=pieces,
            support=len(self.whole),
        )

    def _header(self) -> int:
        """Bytes in front of each chunk: the first chunk shows it, or else any chunk that stands near the start."""
        first = self.sent[: self.key]
        for header in range(self.more + 1):
            if self.received[header : header + self.key] == first:
                return header
        known = (header for header in range(self.more + 1) if self.received[header : header + self.key] in self.places)
        return next(known, self.more)

    def _size(self, edge: int) -> int:
        return min(self.plan.after(edge), len(self.sent)) - edge if 0 <= edge < len(self.sent) else 0

    def _chunk(self, at: int, due: int) -> int | None:
        """The edge of SENT whose chunk stands whole in the frame at ``at``: the one that is due, or any that is known."""
        start = at + self.header
        for edge in (due, self.places.get(self.received[start : start + self.key], -1)):
            size = self._size(edge)
            end = start + size
            if (
                size
                and end + self.trailer <= len(self.received)
                and self.received.startswith(self.sent[edge : edge + size], start)
            ):
                return edge
        return None

    def _take_whole(self, at: int, edge: int) -> int:
        size = self._size(edge)
        self._keep(at + self.header, at + self.header + size)
        self.due = edge + size
        self.whole.append(at)
        changed = [column for column, value in self.constant.items() if self.received[at + column] != value]
        for column in changed:  # a counter that had not moved yet
            del self.constant[column]
        if len(self.whole) == _FEWEST:
            columns = ({self.received[place + column] for place in self.whole} for column in range(self.header))
            self.constant = {column: values.pop() for column, values in enumerate(columns) if len(values) == 1}
        return at + self.more + size

    def _take_changed(self, at: int) -> int:
        """The frame at ``at`` holds no chunk as it was sent: a changed chunk when a frame follows it, else part of one."""
        size = self._size(self.due) or self.plan.size
        following = at + self.more + size
        if following <= len(self.received) and (
            self._may_begin(following) or self._chunk(following, self.due + size) is not None
        ):
            self._keep(at + self.header, at + self.header + size)
            self.due += size
            return following
        here = self._next_frame(at, size)
        start = at + self.header
        headed = bool(self.constant) and self._has_constant(at)
        framed = headed or self.received.startswith(self.sent[self.due : self.due + 4], start)
        if framed and here - at >= self.more:
            cut = self.sent.startswith(self.received[start:here], self.due)  # its end is lost, and the trailer with it
            self._keep(start, here if cut else here - self.trailer)
            if here < len(self.received):
                self.due += size
        else:
            self._keep(at, here)
        return here

    def _next_frame(self, at: int, size: int) -> int:
        """Where the next frame begins beyond doubt: its header looks right, and its chunk is whole and known."""
        end = min(len(self.received), at + _AHEAD * (self.plan.size + self.more) + 64)
        for place in range(at + 1, end):
            if self._may_begin(place) and any(self._chunk(place, edge) is not None for edge in (self.due + size, self.due)):
                return place
        return len(self.received) if end == len(self.received) else end

    def _may_begin(self, at: int) -> bool:
        """A frame may begin at ``at``: the bytes that are the same in all headers are here, or a chunk that is known."""
        if at >= len(self.received):
            return at == len(self.received)
        start = at + self.header
        if not self._has_constant(at):
            return False
        return bool(self.constant) or self.received[start : start + self.key] in self.places

    def _has_constant(self, at: int) -> bool:
        inside = ((at + column, value) for column, value in self.constant.items() if at + column < len(self.received))
        return all(self.received[place] == value for place, value in inside)

    def _keep(self, start: int, end: int) -> None:
        if end > start:
            self.inner.append(self.length)
            self.outer.append(start)
            self.parts.append(self.received[start:end])
            self.length += end - start
