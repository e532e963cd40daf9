"""Images made from images: sealed anew after a change, or built again from changed sources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from forensics.errors import InputError
from forensics.spec.chips import Chip, chip_by_id
from forensics.spec.esp_image import (
    APP_DESCRIPTOR_OFFSET,
    APP_DESCRIPTOR_SIZE,
    IMAGE_HEADER_SIZE,
    SEGMENT_HEADER_SIZE,
)
from forensics.spec.esp_image_records import read_app_descriptor, read_image_header, read_segment_header
from forensics.synth.image import build_app_descriptor, seal
from forensics.synth.relink import SourceChange, change_sources, link

_ANOTHER = "take a whole app image, as idf.py build makes it"
_PADDING_BELOW = 64
"""Segments of fewer bytes hold nothing that a build changes."""


@dataclass(frozen=True, slots=True)
class _Segment:
    """One segment of the image at hand."""

    load_addr: int
    data: bytes


def other_build(image: bytes, *, seed: int) -> bytes:
    """Another build of the same project: the same header and sections, other bytes throughout.

    Every few thousand bytes some bytes are added or gone; what stands behind has moved, and so have the
    addresses that point there and the jumps across, as after linking. Segments in front of the last flash-
    mapped one keep their length, so that each mapped segment stays where the device can map it; that one
    and those behind it grow or shrink. The app descriptor, if there is one, has the next version, another
    time and another ELF digest. Bytes after the image (a signature) are left out.

    Args:
        image: A whole image with an appended digest.
        seed: Another seed is another build.

    Raises:
        InputError: the segment headers do not lead to the end of the image, or no digest is appended.
    """
    rng = Random(seed)
    segments = _read_segments(image)
    header = read_image_header(image)
    if not segments or not header.hash_appended:
        raise InputError("has no segments or no appended digest", name="image", next_step=_ANOTHER)
    last_mapped = _last_mapped(segments, chip_by_id(header.chip_id))
    changes = [
        SourceChange(load_addr=segment.load_addr, size=len(segment.data), cuts=())
        if segment.load_addr == 0 or len(segment.data) < _PADDING_BELOW
        else change_sources(segment.load_addr, segment.data, keep_size=index < last_mapped, rng=rng)
        for index, segment in enumerate(segments)
    ]
    built = [
        (segment.load_addr, link(segment.data, change, changes, rng=rng) if change.cuts else segment.data)
        for segment, change in zip(segments, changes, strict=True)
    ]
    descriptor = read_app_descriptor(image, APP_DESCRIPTOR_OFFSET)
    if descriptor is not None:
        version = _next_version(descriptor.version)
        project, idf = descriptor.project_name, descriptor.idf_ver
        record = build_app_descriptor(project=project, version=version, idf=idf, rng=rng)
        built[0] = (built[0][0], record + built[0][1][APP_DESCRIPTOR_SIZE:])
    return seal(image[:IMAGE_HEADER_SIZE], built)


def _read_segments(image: bytes) -> list[_Segment]:
    if len(image) < IMAGE_HEADER_SIZE:
        raise InputError("ends inside its header", name="image", offset=len(image), next_step=_ANOTHER)
    segments: list[_Segment] = []
    offset = IMAGE_HEADER_SIZE
    for index in range(read_image_header(image).segment_count):
        data_start = offset + SEGMENT_HEADER_SIZE
        if data_start > len(image):
            raise InputError(f"ends inside the header of segment {index}", name="image", offset=offset, next_step=_ANOTHER)
        load_addr, data_len = read_segment_header(image[offset:data_start])
        offset = data_start + data_len
        if offset > len(image):
            raise InputError(f"ends inside segment {index}", name="image", offset=len(image), next_step=_ANOTHER)
        segments.append(_Segment(load_addr, image[data_start:offset]))
    return segments


def _last_mapped(segments: list[_Segment], chip: Chip | None) -> int:
    mapped = (index for index, segment in enumerate(segments) if chip is not None and chip.maps(segment.load_addr))
    return max(mapped, default=0)


def _next_version(version: str) -> str:
    """``v1.0`` becomes ``v1.1``; a version without a number gets one."""
    numbers = list(re.finditer(r"\d+", version))
    if not numbers:
        return f"{version}2"
    last = numbers[-1]
    return f"{version[: last.start()]}{int(last.group()) + 1}{version[last.end() :]}"
