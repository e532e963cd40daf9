"""What the lines of one verification walk prove about the bytes in flash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forensics.model.log import LogPass
from forensics.spec.chips import CHIPS, Chip
from forensics.spec.esp_image import DIGEST_SIZE, SEGMENT_HEADER_SIZE, padded_end

_HEADER_DISTANCE = 0x18
"""ESP-IDF v2.x prints the address of the segment header, 24 bytes into the image, where later ones print its data's."""

_AFTER_CHECKSUM = frozenset(("hash_failed", "image_too_long", "signature_failed", "image_corrupted", "signature_bad"))
"""Errors that the verifier finds only after the checksum was right (``esp_image_format.c``, v3.0 to master)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEntry:
    """One segment header whose 8 bytes the log shows.

    Attributes:
        data: File offset of the segment's data, or None when the log does not place the image.
        line: Line of the log.
    """

    index: int
    load_addr: int
    data_len: int
    data: int | None
    line: int

    @property
    def header(self) -> int | None:
        """File offset of the 8 header bytes."""
        return None if self.data is None else self.data - SEGMENT_HEADER_SIZE

    @property
    def end(self) -> int | None:
        """File offset after the data, where the next header stands."""
        return None if self.data is None else self.data + self.data_len

    @property
    def content(self) -> bytes:
        """The 8 header bytes."""
        return self.load_addr.to_bytes(4, "little") + self.data_len.to_bytes(4, "little")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What one walk proves. Every offset is a file offset.

    Attributes:
        segments: The segment headers that the log shows, in order.
        right: How many of them, from the first, follow each other without a gap and have a load address of one chip.
        end: After the last segment's data, or None when the log does not show that it was the last.
        xor_passed: The walk went on past the checksum.
        digest_appended: A line shows that the image ends with a SHA-256.
        failing_header: Where the header of the next segment was read, or None.
        failing_index: The number of that segment, or None when the lines do not show it.
        failing_address: Flash address of that header, or None.
    """

    segments: tuple[SegmentEntry, ...]
    right: int
    end: int | None
    xor_passed: bool
    digest_appended: bool
    failing_header: int | None
    failing_index: int | None
    failing_address: int | None

    @property
    def covered(self) -> int | None:
        """Bytes that the digest covers: up to and with the checksum byte."""
        return None if self.end is None else padded_end(self.end)

    @property
    def length(self) -> int | None:
        """Exact bytes of the image, or None when not proven."""
        covered = self.covered
        return covered + DIGEST_SIZE if covered is not None and self.digest_appended else None

    @property
    def all_right(self) -> bool:
        """Every header that the log shows is right, and there is one."""
        return 0 < self.right == len(self.segments)

    @property
    def doubtful(self) -> SegmentEntry | None:
        """The first header that the device accepted although no linker makes it so; None where the first are not shown."""
        if not self.segments or self.segments[0].index:
            return None
        return self.segments[self.right] if self.right < len(self.segments) else None

    @property
    def last_right(self) -> SegmentEntry | None:
        """The last header that is right."""
        return self.segments[self.right - 1] if self.right else None


def prove(walk: LogPass) -> Proof:
    """The proof that the lines of ``walk`` carry."""
    segments = _entries(walk)
    kinds = {error.kind for error in walk.errors}
    hashes = walk.hash is not None or "hash_failed" in kinds
    end = _end(walk, segments)
    last = segments[-1] if segments else None
    shown = walk.segments[-1] if walk.segments else None
    first = _first_header(walk)
    return Proof(
        segments=segments,
        right=_right(segments),
        end=end,
        xor_passed=hashes or bool(kinds & _AFTER_CHECKSUM) or (walk.outcome == "passed" and end is not None),
        digest_appended=hashes,
        failing_header=first if last is None else last.end,
        failing_index=_next_index(walk, last, first),
        failing_address=None if shown is None or walk.cut_segment is not None else shown.paddr + shown.size,
    )


def _next_index(walk: LogPass, last: SegmentEntry | None, first: int | None) -> int | None:
    """The verifier reads the headers in order, so the one that failed follows the last one that the log names."""
    if walk.cut_segment is not None:
        return walk.cut_segment + 1
    if last is not None:
        return last.index + 1
    return None if first is None else 0


def _first_header(walk: LogPass) -> int | None:
    stopped = {error.kind for error in walk.errors} & {"invalid_segment_length", "unaligned_segment_length"}
    return _HEADER_DISTANCE if stopped and walk.image_start is not None else None


def _entries(walk: LogPass) -> tuple[SegmentEntry, ...]:
    """From the ``segment N:`` lines; where there are none, from the debug lines that show the same."""
    start = walk.image_start
    if walk.segments:
        first = walk.segments[0]
        lag = SEGMENT_HEADER_SIZE if first.index == 0 and first.paddr & 0xFF == _HEADER_DISTANCE else 0
        return tuple(
            SegmentEntry(
                index=one.index,
                load_addr=one.vaddr,
                data_len=one.size,
                data=None if start is None or one.paddr < start else one.paddr + lag - start,
                line=one.line,
            )
            for one in walk.segments
        )
    refused = {"invalid_segment_length", "unaligned_segment_length"} & {error.kind for error in walk.errors}
    shown = walk.segment_headers[:-1] if refused else walk.segment_headers
    return tuple(
        SegmentEntry(
            index=one.index,
            load_addr=one.load_addr,
            data_len=one.data_len,
            data=None if start is None else one.data_start - start,
            line=one.line,
        )
        for one in shown
        if one.load_addr is not None and one.data_len is not None and one.data_start is not None
    )


def _end(walk: LogPass, segments: Sequence[SegmentEntry]) -> int | None:
    start = walk.image_start
    if start is None:
        return None
    if walk.end is not None:
        return walk.end - start if walk.end >= start else None
    complete = walk.last_segment_reached and segments and [one.index for one in segments] == list(range(len(segments)))
    return segments[-1].end if complete else None


def _right(segments: Sequence[SegmentEntry]) -> int:
    """The longest beginning that is one chain, from segment 0 on, with load addresses that one chip has."""
    chain = 0
    for position, one in enumerate(segments):
        if one.index != position or (position and segments[position - 1].end != _start_of(one, segments)):
            break
        chain = position + 1
    return max(_known_prefix(chip, segments[:chain]) for chip in CHIPS)


def _start_of(one: SegmentEntry, segments: Sequence[SegmentEntry]) -> int | None:
    return one.header if segments[0].data is not None else segments[one.index - 1].end


def _known_prefix(chip: Chip, segments: Sequence[SegmentEntry]) -> int:
    known = 0
    for one in segments:
        # 0 is a padding segment, 4 was used for an MD5; the end of a region is where an empty segment may stand.
        near = one.load_addr if one.data_len else max(0, one.load_addr - 1)
        if one.load_addr not in (0, 4) and chip.region(one.load_addr) is None and chip.region(near) is None:
            break
        if one.load_addr == 0 and one.data_len == 0:
            break
        known += 1
    return known
