"""Byte maps: every byte, or every word, was changed in one and the same way, at its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from forensics.align.layers.view import View
from forensics.align.pair import Pair, xor
from forensics.model.alignment import Layer, LayerKind

PROBE = 12
_SAMPLES = 64
_ONE_IN = 8
"""So many of the samples must be known for the bytes to be those of SENT, or of SENT under a map."""

_SHORT_PROBE, _SHORT_IN, _SHORT_SAMPLES = 8, 4, 24
"""For chunks that are shorter than a sample; as they are in more files by chance, more of them must be known."""

_NEAR = 1 << 16
_FEW_PLACES = 8
_WINDOW = 60
_KEY_SAMPLES = 16

_SMALL = 4096
"""In so few bytes no share of samples says anything."""

_LAG = 12
"""A multiple of every length of a key that is looked for."""


class ByteMap(NamedTuple):
    """A map that is its own inverse."""

    name: str
    words: str
    apply: Callable[[bytes], bytes]
    key: bytes | None = None


def _table(of: Callable[[int], int]) -> Callable[[bytes], bytes]:
    table = bytes(of(value) for value in range(256))
    return lambda data: data.translate(table)


def _words_reversed(width: int) -> Callable[[bytes], bytes]:
    def apply(data: bytes) -> bytes:
        whole = len(data) // width * width
        result = bytearray(data)
        for lane in range(width):
            result[lane:whole:width] = data[width - 1 - lane : whole : width]
        return bytes(result)

    return apply


def _xor_with(key: bytes) -> ByteMap:
    words = f"every byte XOR 0x{key.hex()}" if len(key) == 1 else f"the bytes XOR the key {key.hex(' ')}"
    return ByteMap("xor", words, lambda data: xor(data, (key * (len(data) // len(key) + 1))[: len(data)]), key)


MAPS = (
    ByteMap("swap-16", "the bytes of every 16-bit word swapped", _words_reversed(2)),
    ByteMap("swap-32", "the bytes of every 32-bit word reversed", _words_reversed(4)),
    ByteMap("inverted", "every bit inverted", _table(lambda value: value ^ 0xFF)),
    ByteMap("nibbles-swapped", "the halves of every byte swapped", _table(lambda value: value >> 4 | (value & 15) << 4)),
    ByteMap(
        "bits-reversed", "the bits of every byte in the other order", _table(lambda value: int(f"{value:08b}"[::-1], 2))
    ),
)
"""Every byte map but XOR, whose key the data shows."""


_SEVEN_BITS = _table(lambda value: value & 0x7F)
"""A line that carries 7 bits: nothing brings back what it cleared, so SENT is mapped."""


def _is_7_bit(view: View) -> bool:
    """No byte of RECEIVED has bit 7 set, which no image is like."""
    return len(view.received) > _SAMPLES and not view.received.translate(None, bytes(range(0x80)))


def is_known(pair: Pair) -> bool:
    """RECEIVED holds bytes of SENT as they are: so many samples are there that it is no chance."""
    places = sampled_places(pair.received)
    hits = 0
    for at in places:
        hits += find_near(pair, pair.received[at : at + PROBE], at) >= 0
        if hits * _ONE_IN >= len(places):
            return True
    return len(places) < _FEW_PLACES or pair.index.share(pair.received, 0, len(pair.received)) * _ONE_IN >= 1


def without_maps(pair: Pair) -> Iterator[View]:
    """The view below every map that makes RECEIVED hold bytes of SENT, best first; else the plain one if that is possible.

    A map was applied before the chunks met their faults, and then SENT is mapped, or after them, and then RECEIVED is mapped
    back: a chunk that was left blank tells them apart.
    """
    plain = View(pair.sent, pair.received)
    if _is_7_bit(plain):
        cleared = _SEVEN_BITS(pair.sent)
        if is_known(Pair(cleared, pair.received)):
            layer = Layer(kind=LayerKind.ENCODED, words="bit 7 of every byte cleared", name="7-bit")
            yield replace(plain, sent=cleared, layers=(layer,))
            return
    shares = [(_share(pair, one), one) for one in (*MAPS, *_keys(pair))]
    found = [one for share, one in sorted(shares, key=lambda pair: -pair[0]) if share * _ONE_IN >= 1]
    for one in found:
        layers = (Layer(kind=LayerKind.ENCODED, words=one.words, name=one.name, key=one.key),)
        by_sender = replace(plain, sent=one.apply(pair.sent), layers=layers)
        by_receiver = replace(plain, received=one.apply(pair.received), layers=layers)
        hits = [(_hits(view), view) for view in (by_sender, by_receiver)]
        best = max(count for count, _ in hits)
        yield from (view for count, view in sorted(hits, key=lambda item: -item[0]) if 2 * count > best)
    if not found and (len(pair.received) <= _SMALL or _short_share(pair) * _SHORT_IN >= 1):
        yield plain


def _hits(view: View) -> int:
    """How many samples of RECEIVED are near their place in SENT: behind an odd loss few of one side are."""
    below = Pair(view.sent, view.received)
    return sum(find_near(below, view.received[at : at + PROBE], at) >= 0 for at in sampled_places(view.received))


def map_between(sent: bytes, received: bytes) -> str | None:
    """The name of the byte map under which RECEIVED holds bytes of SENT, or None."""
    pair = Pair(sent, received)
    view = None if is_known(pair) else next(without_maps(pair), None)
    return view.layers[0].name if view and view.layers else None


def _samples(pair: Pair) -> list[bytes]:
    """Windows of RECEIVED, each as long as the index needs and at a multiple of every word and key."""
    places = (at // _LAG * _LAG for at in sampled_places(pair.received))
    return [pair.received[at : at + _WINDOW] for at in places]


def _share(pair: Pair, one: ByteMap) -> float:
    """Share of samples that are in SENT once the map is undone. Behind an odd loss the words begin at another byte."""
    samples = _samples(pair)
    if one.key:
        at_key = len(one.key)
        turns = [one.key[turn:] + one.key[:turn] for turn in range(at_key)]
        undone = [[_xor_with(turn).apply(sample) for turn in turns] for sample in samples]
    else:
        undone = [[one.apply(sample[shift:]) for shift in range(4)] for sample in samples]
    hits = sum(any(pair.index.holds(data) for data in several) for several in undone)
    return hits / len(samples) if samples else 0.0


def _short_share(pair: Pair) -> float:
    """Share of short samples that are in SENT, for chunks that are shorter than a window of the index."""
    places = sampled_places(pair.received)[:_SHORT_SAMPLES]
    hits = sum(find_near(pair, pair.received[at : at + _SHORT_PROBE], at) >= 0 for at in places)
    return hits / max(1, len(places))


def find_near(pair: Pair, probe: bytes, received: int) -> int:
    """The first offset in SENT of what is in RECEIVED at ``received``, not far from the same share of the file, or -1."""
    at = received * len(pair.sent) // max(1, len(pair.received))
    low, high = sorted((at, received))
    return pair.sent.find(probe, max(0, low - _NEAR), high + _NEAR)


def sampled_places(data: bytes) -> list[int]:
    """Places spread over ``data`` whose bytes say where they come from, out of step with any chunks."""
    step = max(1, (len(data) - 2 * PROBE) // _SAMPLES)
    places = []
    for number, start in enumerate(range(step // 2, len(data) - PROBE, step)):
        at = start + number * 37 % 61
        for near in range(at, min(at + 256, len(data) - PROBE), 7):
            if len(set(data[near : near + PROBE])) >= 8:
                places.append(near)
                break
    return places


def _keys(pair: Pair) -> list[ByteMap]:
    """Keys of 1 to 4 bytes. Bytes XORed with those 12 further on are the same with and without any of them."""
    sent, received = pair.sent, pair.received
    if min(len(sent), len(received)) < 4 * _LAG:
        return []
    votes: Counter[bytes] = Counter()
    for at in sampled_places(received)[:: _SAMPLES // _KEY_SAMPLES]:
        got = xor(received[at : at + 16], received[at + _LAG : at + _LAG + 16])
        start = max(0, at * len(sent) // len(received) - _NEAR)
        near = sent[start : start + 2 * _NEAR]
        place = xor(near[:-_LAG], near[_LAG:]).find(got) if len(got) == 16 else -1
        if place < 0:
            continue
        place += start
        for turn in {at % _LAG, place % _LAG}:  # the key goes with offsets of RECEIVED, or with those of SENT
            key = xor(sent[place : place + _LAG], received[at : at + _LAG])
            key = key[_LAG - turn :] + key[: _LAG - turn]
            period = next(size for size in (1, 2, 3, 4, _LAG) if key == key[:size] * (_LAG // size))
            if period < _LAG:
                votes[key[:period]] += 1
    return [_xor_with(key) for key, count in votes.most_common(2) if count >= 2 and any(key)]
