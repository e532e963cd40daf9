"""A logged walk held against one that was made over bytes at hand."""

from __future__ import annotations

from collections.abc import Iterable

from forensics.judge.logs.proven import prove
from forensics.model.log import LogPass

_OF_BYTES = (
    "invalid_magic_byte", "segment_count", "invalid_segment_length", "unaligned_segment_length", "checksum_failed",
    "hash_failed",
)  # fmt: skip
"""Errors that depend on the bytes alone; the others depend on the device, its keys and its slot as well."""


def differences(logged: LogPass, made: LogPass) -> tuple[str, ...]:
    """In what the two differ, of what the log shows; empty when the bytes may be those of the log."""
    return (*_segments(logged, made), *_checksum(logged, made), *_hash(logged, made), *_errors(logged, made))


def least_differences(logged: LogPass, walks: Iterable[LogPass]) -> tuple[str, ...] | None:
    """In what the walk that comes nearest differs; None without any walk."""
    best: tuple[str, ...] | None = None
    for made in walks:
        different = differences(logged, made)
        if not different:
            return ()
        if best is None or len(different) < len(best):
            best = different
    return best


def comparable(logged: LogPass) -> bool:
    """The log shows enough to tell one image from another."""
    return bool(prove(logged).segments or logged.checksum or logged.hash or _byte_errors(logged))


def _segments(logged: LogPass, made: LogPass) -> list[str]:
    ours = {one.index: one for one in prove(made).segments}
    for one in prove(logged).segments:
        other = ours.get(one.index)
        if other is None:
            return [f"the log shows segment {one.index}, and the walk over the bytes does not get there"]
        if (one.load_addr, one.data_len) != (other.load_addr, other.data_len):
            return [f"segment {one.index} has {one.data_len} bytes in the log and {other.data_len} in the bytes at hand"]
    return []


def _checksum(logged: LogPass, made: LogPass) -> list[str]:
    theirs, ours = logged.checksum, made.checksum
    if theirs is not None and ours is not None and theirs != ours:
        return [
            f"the checksum is 0x{theirs.calculated:x} against 0x{theirs.read:x} in the log and 0x{ours.calculated:x} "
            f"against 0x{ours.read:x} in the bytes at hand"
        ]
    if theirs is not None and ours is None:
        return ["the log says that the checksum failed, and over the bytes at hand the walk does not say so"]
    if theirs is None and ours is not None and prove(logged).xor_passed:
        return ["the checksum passed in the log and fails over the bytes at hand"]
    return []


def _hash(logged: LogPass, made: LogPass) -> list[str]:
    if logged.hash is None or made.hash is None:
        return []
    found = []
    pairs = (
        ("calculated hash", logged.hash.calculated, made.hash.calculated),
        ("stored hash", logged.hash.expected, made.hash.expected),
    )
    for name, theirs, ours in pairs:
        if theirs and ours and not (theirs.startswith(ours) or ours.startswith(theirs)):
            found.append(f"the {name} begins {theirs[:8]} in the log and {ours[:8]} over the bytes at hand")
    return found


def _errors(logged: LogPass, made: LogPass) -> list[str]:
    theirs, ours = _byte_errors(logged), _byte_errors(made)
    if theirs and not ours:
        return [f"the log ends with {_words(theirs[0])}, and the walk over the bytes at hand passes that check"]
    if ours and not theirs and logged.outcome == "passed":
        return [f"the walk passed in the log, and over the bytes at hand it ends with {_words(ours[0])}"]
    if theirs and ours and theirs[0] != ours[0] and theirs[0][0] != "checksum_failed":
        return [f"the log ends with {_words(theirs[0])}, and the walk over the bytes at hand with {_words(ours[0])}"]
    return []


def _byte_errors(walk: LogPass) -> list[tuple[str, int | str | None]]:
    return [(error.kind, error.fields.get("length")) for error in walk.errors if error.kind in _OF_BYTES]


def _words(error: tuple[str, int | str | None]) -> str:
    kind, length = error
    value = f" 0x{length:x}" if isinstance(length, int) else ""
    return f"{kind.replace('_', ' ')}{value}"
