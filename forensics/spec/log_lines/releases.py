"""Which ESP-IDF releases print a line, as sets of releases that can be intersected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_MINORS = (
    "2.0", "2.1", "3.0", "3.1", "3.2", "3.3", "4.0", "4.1", "4.2", "4.3", "4.4",
    "5.0", "5.1", "5.2", "5.3", "5.4", "5.5", "6.0", "master",
)  # fmt: skip
"""Minor lines of ESP-IDF in order; ``master`` stands for everything after the last release."""

_PATCHES = 16
"""Bits kept for the patch releases of one minor line; no line has reached v3.0.16 or the like."""

_ITEM = re.compile(r"v?(\d+\.\d+|master)(?:\.(\d+))?(\+)?(?:(-)(?:v?(\d+\.\d+|master)(?:\.(\d+))?)?)?")

ANY_RELEASE = (1 << (len(_MINORS) * _PATCHES)) - 1
"""The set of all releases: what a line says that every version prints."""


def releases(ranges: str) -> int:
    """The set of releases named by ``ranges``, one bit each; empty text names all.

    Items are separated by blanks: ``v3.0-v4.2`` (whole minor lines, both included), ``v4.3-`` (and everything
    later), ``v3.1.7+`` (that patch and later ones of the same minor line), ``v3.0.0-v3.0.5``, ``v2.1``.

    Raises:
        ValueError: an item is none of these.
    """
    if not ranges:
        return ANY_RELEASE
    found = 0
    for item in ranges.split():
        match = _ITEM.fullmatch(item)
        if match is None:
            raise ValueError(f"no range of releases: {item}")
        minor, patch, onward, dash, last_minor, last_patch = match.groups()
        first = _bit(minor, int(patch or 0))
        if dash and last_minor is None:
            last = _bit("master", _PATCHES - 1)
        elif dash:
            last = _bit(last_minor, _PATCHES - 1 if last_patch is None else int(last_patch))
        else:
            last = first if patch and not onward else _bit(minor, _PATCHES - 1)
        found |= (1 << (last + 1)) - (1 << first)
    return found


@lru_cache(maxsize=256)
def describe_releases(found: int) -> str | None:
    """A set of releases for people; None when it is empty or holds all.

    ``v3.0 to v3.1.2``, ``v4.4.5+`` (later patches of v4.4) or ``v4.3 or later``.
    """
    if found in (0, ANY_RELEASE):
        return None
    return ", ".join(_describe(first, last) for first, last in _runs(found))


def release_bit(minor: str, patch: int) -> int:
    """The set of one release; one of a minor line that is newer than all known counts as master."""
    return 1 << _bit(minor if minor in _MINORS else "master", min(patch, _PATCHES - 1))


def _bit(minor: str, patch: int) -> int:
    return _MINORS.index(minor) * _PATCHES + patch


def _runs(found: int) -> Iterator[tuple[int, int]]:
    position = 0
    while found >> position:
        if not found >> position & 1:
            position += 1
            continue
        first = position
        while found >> position & 1:
            position += 1
        yield first, position - 1


def _describe(first: int, last: int) -> str:
    begin, end = _release(first, whole=0), _release(last, whole=_PATCHES - 1)
    if end == "master":
        return begin if begin == "master" else f"{begin} or later"
    if first == last:
        return _release(first, whole=-1)
    if begin == end:
        return begin
    return f"{begin}+" if begin.startswith(f"{end}.") else f"{begin} to {end}"


def _release(bit: int, *, whole: int) -> str:
    minor, patch = _MINORS[bit // _PATCHES], bit % _PATCHES
    if minor == "master":
        return minor
    return f"v{minor}" if patch == whole else f"v{minor}.{patch}"
