"""Small words that every format shares: offsets, sizes and places."""

from __future__ import annotations

import unicodedata

from forensics.model.alignment import Chunking
from forensics.model.evidence import HowRead
from forensics.model.image import EspImage
from forensics.model.report import Artefact
from forensics.model.span import ByteSpan


def ascii_only(text: str) -> str:
    """``text`` for a stream that takes ASCII alone; other characters are written out."""
    return text.encode("ascii", "backslashreplace").decode("ascii")


def hex_offset(offset: int) -> str:
    """A file offset as people read it in this field: ``0xc6d4``."""
    return f"0x{offset:x}"


def hex_range(span: ByteSpan) -> str:
    """A half-open range of file offsets, ``0xc6d4..0xc8d1``; a single place when it is empty."""
    return hex_offset(span.start) if span.size == 0 else f"{hex_offset(span.start)}..{hex_offset(span.end)}"


def counted(number: int, word: str) -> str:
    """``1 byte``, ``509 bytes``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def numbered(word: str, first: int, last: int) -> str:
    """``chunk 100``, ``chunks 100 and 101``, ``chunks 100-131``."""
    if first == last:
        return f"{word} {first}"
    return f"{word}s {first} and {last}" if last == first + 1 else f"{word}s {first}-{last}"


def display_width(text: str) -> int:
    """Columns of ``text`` in a terminal: two for East Asian wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def segment_words(image: EspImage | None, span: ByteSpan) -> str | None:
    """Part of the image that ``span`` hits: ``segment 2 IRAM``, ``digest`` ..., or None."""
    if image is None:
        return None
    place = span if span.size else ByteSpan(span.start, span.start + 1)
    hits = [part for part in image.segments if place.overlap(part.header) or place.overlap(part.data)]
    if len(hits) > 1:
        return f"segments {hits[0].index}-{hits[-1].index}"
    if hits:
        segment = hits[0]
        if place.end <= segment.header.end:
            return f"header of segment {segment.index}"
        return f"segment {segment.index} {segment.region}" if segment.region else f"segment {segment.index}"
    if place.start < 24:
        return "image header"
    return _after_segments(image, place)


def _after_segments(image: EspImage, place: ByteSpan) -> str | None:
    if image.end is None or image.image_size is None:
        return None
    if place.start >= image.image_size:
        return "after the image"
    return "digest" if place.start >= image.end else "padding and checksum"


def image_words(artefact: Artefact) -> str | None:
    """What the image calls itself: ``blink v1.2, ESP32-S2, ESP-IDF v5.0``; None without an image."""
    image = artefact.image
    if image is None:
        return None
    words = []
    if image.app is not None:
        words.append(image.app.title)
    if image.chip:
        words.append(image.chip)
    if image.app is not None and image.app.idf_ver:
        words.append(f"ESP-IDF {image.app.idf_ver}")
    return ", ".join(word for word in words if word) or None


def chunking_words(chunking: Chunking, sent_size: int | None) -> str:
    """The chunk size, where it comes from and what else would fit, in one phrase."""
    others = ", ".join(str(size) for size in chunking.alternatives)
    if chunking.size is None or chunking.size < 1:
        return f"size unknown; these would fit: {others}" if others else "size unknown: too few edges to tell"
    words = [f"{counted(chunking.size, 'byte')} each"]
    if sent_size and chunking.reset is None and chunking.phase == 0:
        whole, last = divmod(sent_size, chunking.size)
        words.append(f"{counted(whole + bool(last), 'chunk')}" + (f" (the last {last})" if last else ""))
    if chunking.reset is not None:
        words.append(f"starting again every {chunking.reset} bytes")
    if chunking.phase:
        words.append(f"first edge at {hex_offset(chunking.phase)}")
    if chunking.overhead:
        words.append(f"{counted(chunking.overhead, 'protocol byte')} in each write")
    words.append(_source_words(chunking))
    if others:
        words.append(f"also possible: {others}")
    return "; ".join(words)


def _source_words(chunking: Chunking) -> str:
    if chunking.source == "inferred":
        return f"inferred from {counted(chunking.support, 'edge')}"
    return {"given": "as given", "protocol": "from the protocol"}.get(chunking.source, "source unknown")


def reading_words(reading: HowRead) -> str:
    """How a file was read, how much of it the other side has, and what else it could be."""
    words = f"{reading.how}; {reading.share:.0%} of its bytes are in what was sent"
    return "; or as ".join((words, *reading.rivals))
