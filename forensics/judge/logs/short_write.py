"""OTA312: a short write that the receiver took for the end of the transfer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forensics.judge.case import Case
from forensics.judge.logs.looks import ERASED_WORD
from forensics.judge.logs.wording import finding, numbers
from forensics.judge.wording import amount
from forensics.model.finding import Certainty, Finding, Where

_SMALLEST_CHUNK, _LARGEST_CHUNK = 16, 517


def detect(case: Case) -> Iterator[Finding]:
    """OTA312: each later chunk was taken for the first of a new transfer."""
    chain = case.failures_of("ota_invalid_magic_byte")
    saws = [failure.number("saw") for failure in chain]
    if len(saws) < 2 or len(set(saws)) < 2:
        return
    erased = [one for one in case.failures_of("invalid_segment_length") if one.number("length") == ERASED_WORD]
    sizes = _sizes(case, saws)
    sent = case.sent
    certain = bool(sizes) or bool(erased)
    yield finding(
        "short-write-ended-transfer",
        Certainty.LIKELY if certain else Certainty.POSSIBLE,
        f"a short write was taken for the end of the transfer: {amount(len(saws), 'later chunk')} each began a new one",
        lines=[line for one in (*erased, *chain) for line in one.lines],
        where=Where.DEVICE,
        notes=(
            f"the first bytes of those chunks are {numbers(saws)}",
            f"in {sent.name} they begin the chunks 1 to {len(saws)} of {sizes[0]} bytes" if sizes and sent else None,
            "before them the device verified what it had: one chunk, and erased flash behind it" if erased else None,
            f"chunks of {' or '.join(str(size) for size in sizes[:4])} bytes fit all of them" if len(sizes) > 1 else None,
            None if case.sent else "with the file that was sent the bytes give the size of the chunks",
        ),
    )


def _sizes(case: Case, saws: Sequence[int]) -> list[int]:
    """Chunk sizes at which the chunks 1, 2, 3 ... of SENT begin with these bytes."""
    if case.sent is None or len(saws) < 2:
        return []
    data = case.sent.data
    sizes = case.chunk_sizes or range(_SMALLEST_CHUNK, _LARGEST_CHUNK + 1)
    few = saws[:64]
    return [
        size
        for size in sizes
        if all(data[size * number : size * number + 1] == bytes([saw & 0xFF]) for number, saw in enumerate(few, 1))
    ]
