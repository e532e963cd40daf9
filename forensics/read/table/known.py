"""Where bytes occur in SENT: what tells the right reading of a text from a wrong one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

_WINDOW = 6
"""Bytes of SENT by which a run is found."""

_SHORT_STEP, _ROW_STEP = 3, 11
"""Bytes from one place that is indexed to the next: so a run of 8 bytes is found, or in a larger image a row of 16."""

_INDEXED = 1 << 18
"""Places of SENT that are indexed at most; of a longer image, less."""

LEAST_RUN = 8
"""A run counts from so many bytes with at least four values: by chance, one in 2^32 windows is in a 4 MB image."""

_LEAST_VALUES = 4
_LEAST_CONTINUED = 4
_MEASURED_WHOLE = 1 << 21
_DULL = re.compile(rb"(.)\1{3,}", re.DOTALL)
_DULL_SHARE = 8


class Run(NamedTuple):
    """Bytes ``start`` to ``end`` that occur in SENT at ``place``."""

    start: int
    end: int
    place: int


@dataclass(frozen=True, slots=True)
class Weight:
    """How much of some bytes is in SENT.

    Attributes:
        found: Bytes in runs that occur in SENT.
        other: The remaining bytes; long runs of one value count an eighth, since they prove nothing either way.
        fresh: Bytes of SENT that these runs are the first to show.
    """

    found: int
    other: int
    fresh: int = 0

    @property
    def worth(self) -> int:
        """What speaks for a reading less what speaks against it."""
        return self.found - self.other

    @property
    def share(self) -> float:
        """How much of what counts is in SENT, 0 to 1."""
        return self.found / max(1, self.found + self.other)


class Known:
    """An index of SENT.

    Args:
        sent: The image; empty for those that stand in for one.
    """

    def __init__(self, sent: bytes = b"") -> None:
        self.sent = sent
        step = max(_SHORT_STEP, min(_ROW_STEP, 1 + (len(sent) >> 17)), 1 + len(sent) // _INDEXED)
        places = range(0, len(sent) - _WINDOW + 1, step)[::-1]  # of equal windows the first stays
        self._places = dict(zip([sent[place : place + _WINDOW] for place in places], places, strict=True))

    def cover(self, data: bytes) -> list[Run]:
        """The runs of ``data`` that occur in SENT, in order; after each one the next is tried where it would go on."""
        runs: list[Run] = []
        at = last = 0
        place: int | None = None
        while at < len(data):
            run = self._continued(data, at, place) if place is not None else self._found(data, at, last)
            if run is None:
                at += place is None
                place = None
                continue
            runs.append(run)
            at = last = run.end
            place = run.place + run.end - run.start
        return runs

    def weigh(self, data: bytes, seen: bytearray | None = None) -> Weight:
        """How much of ``data`` is in SENT; of large data sixteen pieces stand for all.

        Args:
            data: What a reading gives.
            seen: One byte for each of SENT; set where earlier readings, and this one, showed it.
        """
        pieces = [data]
        if len(data) >= _MEASURED_WHOLE:
            pieces = [data[start : start + (1 << 16)] for start in range(0, len(data), len(data) // 16)]
        found = other = fresh = 0
        for piece in pieces:
            runs = self.cover(piece)
            for run in runs if seen is not None else ():
                assert seen is not None
                end = run.place + run.end - run.start
                fresh += seen[run.place : end].count(0)
                seen[run.place : end] = b"\1" * (end - run.place)
            weight = weigh_runs(piece, runs)
            found, other = found + weight.found, other + weight.other
        scale = len(data) / max(1, sum(map(len, pieces)))
        return Weight(int(found * scale), int(other * scale), int(fresh * scale))

    def fits(self, before: bytes, own: bytes, after: bytes) -> bool:
        """Whether bytes too few to be found by themselves occur in SENT between those around them."""
        if (before and after and before + own + after in self.sent) or self.sent.endswith(before + own):
            return True
        return len(own) > 2 and bool((before and before + own in self.sent) or (after and own + after in self.sent))

    def _continued(self, data: bytes, at: int, place: int) -> Run | None:
        """The run that goes on at ``place``, if need be behind one changed byte."""
        for skip in (0, 1):
            size = self._common(data, at + skip, place + skip) if place + skip < len(self.sent) else 0
            if size >= _LEAST_CONTINUED or (size and at + skip + size == len(data)):
                return Run(at + skip, at + skip + size, place + skip)
        return None

    def _found(self, data: bytes, at: int, last: int) -> Run | None:
        """The run around ``at`` that begins behind ``last``."""
        window = data[at : at + _WINDOW]
        place = self._places.get(window)
        if place is None or (window[0] == window[1] and window[2] == window[3] and window[1] == window[4]):
            return None
        back = 0
        while at - back > last and place - back > 0 and data[at - back - 1] == self.sent[place - back - 1]:
            back += 1
        end = at + self._common(data, at, place)
        values = set(data[max(at - back, at - LEAST_RUN) : min(end, at + 64)])
        return Run(at - back, end, place - back) if end - at + back >= LEAST_RUN and len(values) >= _LEAST_VALUES else None

    def _common(self, data: bytes, at: int, place: int) -> int:
        """How many bytes agree from ``at`` of ``data`` and ``place`` of SENT on: doubling steps of one comparison each."""
        most, size, step = min(len(data) - at, len(self.sent) - place), 0, 16
        while size < most and step:
            step = min(step, most - size)
            if data[at + size : at + size + step] == self.sent[place + size : place + size + step]:
                size, step = size + step, step * 2
            else:
                step //= 2
        return size


def weigh_runs(data: bytes, runs: list[Run]) -> Weight:
    """The weight of ``data`` whose runs are known."""
    found = sum(run.end - run.start for run in runs)
    edges = [0, *(edge for run in runs for edge in (run.start, run.end)), len(data)]
    gaps = (data[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True) if end - start > 3)
    dull = sum(hit.end() - hit.start() for gap in gaps for hit in _DULL.finditer(gap))
    return Weight(found, len(data) - found - dull + dull // _DULL_SHARE)
