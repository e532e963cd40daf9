"""Both sides of a comparison, and the primitives that run over them at memory speed."""

from __future__ import annotations

_BLOCK = 64
_LARGE_BLOCK = 1 << 18


class Pair:
    """The sent and the received bytes.

    ``bytes.startswith`` with a ``memoryview`` slice compares without copying either side, at the speed of ``memcmp``;
    every longer comparison goes through it.
    """

    __slots__ = ("received", "received_view", "sent")

    def __init__(self, sent: bytes, received: bytes) -> None:
        self.sent = sent
        self.received = received
        self.received_view = memoryview(received)

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


def xor(left: bytes, right: bytes) -> bytes:
    """The bytewise exclusive or of two ranges of the same size, for windows of some kilobytes."""
    size = len(left)
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(size, "big")


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
