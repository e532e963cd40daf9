"""What the lines of one verification walk say of the image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from forensics.model.log import LogImageHeader, LogSegment, LogSegmentHeader
from forensics.spec.log_lines.esp_image import SEGMENT_ADDRESS_OF_HEADER
from forensics.spec.log_lines.releases import ANY_RELEASE

HEADER_DISTANCE = 0x18
"""Bytes from the start of an image to the header of segment 0 (8 on ESP8266)."""

Fields = dict[str, Any]
"""The variable parts of a line by name; its template settles which are integers and which text."""


@dataclass(slots=True)
class _Header:
    """A segment header while its debug lines come in; fields as in ``LogSegmentHeader``."""

    line: int
    address: int | None = None
    data_len: int | None = None
    data_start: int | None = None
    load_addr: int | None = None
    mapped: bool | None = None

    def finish(self, index: int) -> LogSegmentHeader:
        return LogSegmentHeader(
            index=index,
            address=self.address,
            data_len=self.data_len,
            data_start=self.data_start,
            load_addr=self.load_addr,
            mapped=self.mapped,
            line=self.line,
        )


@dataclass(slots=True, kw_only=True)
class WalkFacts:
    """The facts of one walk so far, as ``LogPass`` names them."""

    image_start: int | None = None
    header: LogImageHeader | None = None
    segment_count: int | None = None
    segments: list[LogSegment] = field(default_factory=list)
    headers: dict[int, _Header] = field(default_factory=dict)
    current: int | None = None
    end: int | None = None
    cut_segment: int | None = None
    free_pages: int | None = None
    calculated: str | None = None
    expected: str | None = None
    hash_lines: list[int] = field(default_factory=list)
    releases: int = ANY_RELEASE

    def take(self, kind: str, fields: Fields, line: int) -> None:
        """Takes in the facts of a line; kinds that hold none leave everything as it is."""
        taker = _TAKERS.get(kind)
        if taker is not None:
            taker(self, fields, line)


def _header_read(walk: WalkFacts, fields: Fields, _line: int) -> None:
    walk.image_start = fields["address"]


def _image_header(walk: WalkFacts, fields: Fields, line: int) -> None:
    walk.header = LogImageHeader(**fields, line=line)
    walk.segment_count = walk.header.segment_count


def _segment_count(walk: WalkFacts, fields: Fields, _line: int) -> None:
    walk.segment_count = fields["segment_count"]


def _segment(walk: WalkFacts, fields: Fields, line: int) -> None:
    segment = LogSegment(
        index=fields["index"],
        paddr=fields["paddr"],
        vaddr=fields["vaddr"],
        size=fields["size"],
        map=fields.get("map") == "map",
        line=line,
    )
    if segment.index == 0:
        prints_header = segment.paddr & 0xFF == HEADER_DISTANCE
        walk.releases &= SEGMENT_ADDRESS_OF_HEADER if prints_header else ANY_RELEASE ^ SEGMENT_ADDRESS_OF_HEADER
        if walk.image_start is None:
            walk.image_start = image_start("segment", fields)
    walk.segments.append(segment)
    walk.cut_segment = None


def _cut_segment(walk: WalkFacts, fields: Fields, _line: int) -> None:
    walk.cut_segment = fields["index"]


def image_start(kind: str, fields: Fields) -> int | None:
    """Flash address of the image that a line places, or None for a line that places none.

    Before segment 0's data lie 24 + 8 bytes of headers, 8 + 8 on ESP8266. v2.x prints the address of the
    segment header as ``paddr``.
    """
    address: int
    if kind == "header_read":
        address = fields["address"]
        return address
    if kind not in ("segment", "segment_header_read") or fields["index"] != 0:
        return None
    address = fields["paddr"] if kind == "segment" else fields["address"]
    distances = (0x10, HEADER_DISTANCE, 0x20) if kind == "segment" else (0x8, HEADER_DISTANCE)
    distance = next((known for known in distances if address & 0xFF == known), distances[-1])
    return address - distance if address >= distance else None


def _segment_header(walk: WalkFacts, fields: Fields, line: int) -> None:
    index, address = fields["index"], fields["address"]
    walk.current = index
    if walk.image_start is None:
        walk.image_start = image_start("segment_header_read", fields)
    walk.headers.setdefault(index, _Header(line)).address = address


def _segment_data(walk: WalkFacts, fields: Fields, _line: int) -> None:
    if walk.current is not None:
        header = walk.headers[walk.current]
        header.data_len = fields["data_len"]
        header.data_start = fields["data_start"]


def _segment_mapping(walk: WalkFacts, fields: Fields, line: int) -> None:
    header = walk.headers.setdefault(fields["index"], _Header(line))
    header.data_start = fields["data_start"]
    header.load_addr = fields["load_addr"]
    header.mapped = bool(fields["mapped"])


def _free_pages(walk: WalkFacts, fields: Fields, _line: int) -> None:
    walk.free_pages = fields["free_pages"]


def _image_end(walk: WalkFacts, fields: Fields, _line: int) -> None:
    walk.image_start = fields["start"]
    walk.end = fields["end"]


def _calculated(walk: WalkFacts, fields: Fields, line: int) -> None:
    walk.calculated = fields["digest"].lower()
    walk.hash_lines.append(line)


def _expected(walk: WalkFacts, fields: Fields, line: int) -> None:
    walk.expected = fields["digest"].lower()
    walk.hash_lines.append(line)


_TAKERS = {
    "header_read": _header_read,
    "image_header": _image_header,
    "segment_count_read": _segment_count,
    "segment": _segment,
    "segment_cut": _cut_segment,
    "segment_header_read": _segment_header,
    "segment_data": _segment_data,
    "segment_mapping": _segment_mapping,
    "free_pages": _free_pages,
    "image_end": _image_end,
    "calculated_hash": _calculated,
    "expected_hash": _expected,
}
