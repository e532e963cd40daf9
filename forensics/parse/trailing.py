"""What stands after an image."""

from __future__ import annotations

from forensics.model.flash import TrailingBytes
from forensics.model.image import EspImage
from forensics.model.span import ByteSpan
from forensics.parse.bootloader import mapped_behind
from forensics.parse.esp8266 import seal_agrees
from forensics.parse.signature import parse_signatures
from forensics.spec.chips import ESP8266
from forensics.spec.esp_image import DIGEST_SIZE

_FILLS = ((b"\xff", "erased"), (b"\0", "zero"))


def parse_trailing(data: bytes, image: EspImage, start: int = 0) -> TrailingBytes | None:
    """The bytes after the image that begins at file offset ``start``; None without any, or without an end.

    An unsigned build of ESP-IDF reads none of them (``process_appended_hash``, esp_image_format.c).
    """
    if image.image_size is None or start + image.image_size >= len(data):
        return None
    span = ByteSpan(start + image.image_size, len(data))
    signatures = parse_signatures(data, image, start)
    if image.chip == ESP8266.name and span.size == DIGEST_SIZE and seal_agrees(data[start:], image):
        return TrailingBytes(span=span, content="digest")
    if mapped_behind(data, image, start) is not None:
        return TrailingBytes(span=span, content="mapped")
    tail = data[signatures[-1].span.end if signatures else span.start :]
    for fill, content in _FILLS:
        if not tail.strip(fill):
            return TrailingBytes(span=span, content=content, signatures=signatures)
    return TrailingBytes(span=span, content="unknown", signatures=signatures)
