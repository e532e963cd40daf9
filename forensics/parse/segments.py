"""The chain of segment headers, each giving the place of the next."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.image import Segment
from forensics.model.span import ByteSpan
from forensics.spec.esp_image import MAX_LENGTH, SEGMENT_HEADER_SIZE
from forensics.spec.esp_image_records import read_segment_header


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentChain:
    """The segments found, whether all announced ones are whole, and where the last one ends (file offset)."""

    segments: tuple[Segment, ...]
    complete: bool
    end: int


def walk_segments(data: bytes | memoryview, start: int, count: int, *, first_index: int = 0) -> SegmentChain:
    """Follow ``count`` segment headers from file offset ``start``.

    The walk stops after a segment that the file cuts short, and after a header whose length no device takes
    (``verify_segment_header``, esp_image_format.c): where the next header stands is then not known.
    """
    segments: list[Segment] = []
    offset = start
    for index in range(first_index, first_index + count):
        raw = data[offset : offset + SEGMENT_HEADER_SIZE]
        if len(raw) < SEGMENT_HEADER_SIZE:
            return SegmentChain(segments=tuple(segments), complete=False, end=offset)
        load_addr, data_len = read_segment_header(raw)
        begin = offset + SEGMENT_HEADER_SIZE
        possible = data_len % 4 == 0 and data_len < MAX_LENGTH
        end = min(begin + data_len, len(data)) if possible else begin
        segments.append(
            Segment(
                index=index,
                load_addr=load_addr,
                data_len=data_len,
                header=ByteSpan(offset, begin),
                data=ByteSpan(begin, end),
                region=None,
                mapped=False,
            )
        )
        offset = end
        if not possible or end - begin < data_len:
            return SegmentChain(segments=tuple(segments), complete=False, end=end)
    return SegmentChain(segments=tuple(segments), complete=True, end=offset)
