"""Both sides of a comparison, and the primitives that run over them at memory speed."""

from __future__ import annotations

_BLOCK = 64
_LARGE_BLOCK = 1 << 18
_KEY = 16


class Pair:
    """The sent and the received bytes.

    ``bytes.startswith`` with a ``memoryview`` slice compares without copying either side, at the speed of ``memcmp``;
    every longer comparison goes through it.
    """

    __slots__ = ("_index", "received", "received_view", "sent")

    def __init__(self, sent: bytes, received: bytes) -> None:
        self.sent = sent
        self.received = received
        self.received_view = memoryview(received)
        self._index: Index | None = None

    @property
    def index(self) -> Index:
        """Places of SENT, made when it is first asked for."""
        if self._index is None:
            self._index = Index(self.sent)
        return self._index

    def common_prefix(self, sent_at: int, received_at: int) -> int:
        """How many bytes are equal from ``sent[sent_at]`` and ``received[received_at]`` onward."""
        limit = min(len(self.sent) - sent_at, len(self.received) - received_at)
        if limit <= 0 or self.sent[sent_at] != self.received[received_at]:
            return 0
        startswith, view = self.sent.startswith, self.received_view
        equal, block = 0, _BLOCK
        while True:
            block = min(block, limit - equal)
            if block == 0:
                return equal
            place = received_at + equal
            if not startswith(view[place : place + block], sent_at + equal):
                break
            equal += block
            if block < _LARGE_BLOCK:
                block *= 4
        while block > 1:
            half = block >> 1
            place = received_at + equal
            if startswith(view[place : place + half], sent_at + equal):
                equal += half
                block -= half
            else:
                block = half
        return equal

    def common_suffix(self, sent_end: int, received_end: int, limit: int) -> int:
        """How many bytes, at most ``limit``, are equal just before ``sent_end`` and ``received_end``."""
        limit = min(limit, sent_end, received_end)
        endswith, view = self.sent.endswith, self.received_view
        equal, block = 0, 16
        while True:
            block = min(block, limit - equal)
            if block <= 0:
                return max(equal, 0)
            place = received_end - equal
            if not endswith(view[place - block : place], 0, sent_end - equal):
                break
            equal += block
            if block < _LARGE_BLOCK:
                block *= 4
        while block > 1:
            half = block >> 1
            place = received_end - equal
            if endswith(view[place - half : place], 0, sent_end - equal):
                equal += half
                block -= half
            else:
                block = half
        return equal


class Index:
    """A grid of 16-byte keys of sent, made only when nothing local explains the received bytes."""

    STRIDE = 32

    def __init__(self, sent: bytes) -> None:
        size = len(sent)
        last = size - _KEY - (size - _KEY) % self.STRIDE
        self.places = {sent[at : at + _KEY]: at for at in range(last, -1, -self.STRIDE)}
        for value in (0x00, 0xFF):
            self.places.pop(bytes((value,)) * _KEY, None)

    def find(self, data: bytes, start: int, end: int) -> int:
        """The first offset in ``[start, end)`` at which ``data`` has a key of SENT, or -1."""
        places = self.places
        return next((at for at in range(start, min(end, len(data) - _KEY + 1)) if data[at : at + _KEY] in places), -1)

    def holds(self, data: bytes) -> bool:
        """Some 16 bytes of ``data``, which holds a stride and a key, are a key."""
        return any(data[at : at + _KEY] in self.places for at in range(min(self.STRIDE, max(0, len(data) - _KEY + 1))))

    def share(self, received: bytes, start: int, end: int, windows: int = 150) -> float:
        """Share of sampled informative windows of ``received[start:end]`` that occur in sent, 0.0 to 1.0."""
        step = max(1, (end - start - _KEY - self.STRIDE) // windows)
        hits = seen = 0
        for at in range(start, end - _KEY - self.STRIDE, step):
            if len(set(received[at : at + _KEY + self.STRIDE])) < 8:
                continue
            seen += 1
            hits += any(received[near : near + _KEY] in self.places for near in range(at, at + self.STRIDE))
        return hits / seen if seen else 0.0


def xor(left: bytes, right: bytes) -> bytes:
    """The bytewise exclusive or of two ranges of the same size, for windows of some kilobytes."""
    size = len(left)
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(size, "big")


def unlike_bits(left: bytes, right: bytes) -> int:
    """How many bits differ between two ranges."""
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).bit_count()


def changes(data: bytes) -> int:
    """How often a byte differs from the one before it: what a match on ``data`` is worth as evidence.

    A run of one byte scores 0 however long it is, and so does not pass for an anchor.
    """
    size = len(data)
    if size < 2:
        return 0
    value = int.from_bytes(data, "big")
    steps = (value ^ (value >> 8)) & ((1 << (8 * (size - 1))) - 1)
    return size - 1 - steps.to_bytes(size - 1, "big").count(0)


def is_constant(data: bytes) -> bool:
    """All bytes of ``data`` (at least one) are equal."""
    return data.count(data[:1]) == len(data)


def run_before(data: bytes, end: int, value: int, limit: int = 1 << 16) -> int:
    """How many bytes just before ``end`` equal ``value``."""
    window = data[max(0, end - limit) : end]
    return len(window) - len(window.rstrip(bytes((value,))))


def run_after(data: bytes, start: int, value: int, limit: int = 1 << 16) -> int:
    """How many bytes from ``start`` on equal ``value``."""
    window = data[start : start + limit]
    return len(window) - len(window.lstrip(bytes((value,))))
