"""Text that stands where an image should."""

from __future__ import annotations

import re

from forensics.model.file_kind import FileKind
from forensics.parse.image import parse_image
from forensics.spec.file_magics import SEND_THE_BIN

_SAMPLE = 1 << 16
_BINARY = f"OTA takes binary: {SEND_THE_BIN}"
_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t\r\n\f"
_SHOWN = bytes((*range(0x20, 0x7F), 0x09, 0x0A, 0x0D, 0x1B))
_CONTROL = bytes((*range(0x01, 0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F))
_MOST_CONTROL = 0.05
_LEAST_SHOWN = 0.4
_MOSTLY_LETTERS = 0.8
_ALMOST_ALL = 0.98
_LOOKED_AT = 0x20000
_INTEL_HEX = re.compile(rb"\s*:[0-9A-Fa-f]{10,}\s*(?:\r?\n|$)")
_S_RECORD = re.compile(rb"\s*S[0-9][0-9A-Fa-f]{6,}\s*(?:\r?\n|$)")
_HEX_LINE = re.compile(rb"(?:[0-9A-Fa-f]{4,16}[:|]?\s+)?(?:(?:0x)?[0-9A-Fa-f]{2}[\s,:]*){4,}(?:\s*\|?.{0,20}\|?)?")
_BASE64_TEXT = re.compile(rb"[A-Za-z0-9+/\-_]{16,}={0,2}")


def is_text(content: bytes) -> bool:
    """Mostly printable, and no image that is full of texts; a serial line's noise between the lines is let pass."""
    head = content[:_LOOKED_AT].replace(b"\0", b"")
    control = len(head) - len(head.translate(None, _CONTROL))
    if not head or control > _MOST_CONTROL * len(head):  # so ends every usual binary, at once
        return False
    if content[:1] in (b"\xe9", b"\xea") and parse_image(content, digests=False).segments:
        return False
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    shown = len(head) - len(head.translate(None, _SHOWN))
    return wide or head.isascii() or _is_utf8(head) or shown >= _LEAST_SHOWN * len(head)


def _is_utf8(head: bytes) -> bool:
    try:
        head[: len(head) - 4].decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_language(sample: bytes) -> bool:
    """Text of any language: UTF-16 with its mark, valid UTF-8, or Latin-1 that is mostly letters; no control characters."""
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = sample.decode("utf-16", "replace")
    elif _is_utf8(sample + b"    "):
        text = sample.decode("utf-8", "replace")
    else:
        text = sample.decode("latin-1")
        letters = sum(one.isalnum() or one.isspace() for one in text)
        if letters < _MOSTLY_LETTERS * len(text) or len(sample.translate(None, _SHOWN)) * 4 > len(sample):
            return False
    shown = sum(one.isprintable() or one in "\t\r\n\f\x1b\ufeff" for one in text)
    return shown >= _ALMOST_ALL * len(text)


def identify_text(data: bytes) -> FileKind | None:
    """Intel HEX, S-records, a hex dump, base64 or plain text; None for binary."""
    sample = data[:_SAMPLE]
    if not sample or (sample.translate(None, _PRINTABLE) and not _is_language(sample)):
        return None
    if _INTEL_HEX.match(sample):
        return FileKind(kind="intel-hex", words="an Intel HEX file", advice=_BINARY)
    if _S_RECORD.match(sample):
        return FileKind(kind="s-record", words="a Motorola S-record file", advice=_BINARY)
    lines = [line.strip() for line in sample.splitlines()[:64] if line.strip()]
    whole = lines[:-1] or lines  # The sample may cut the last line.
    if whole and sum(bool(_HEX_LINE.fullmatch(line[:512])) for line in whole) * 2 > len(whole):
        return FileKind(
            kind="hex-text",
            words="bytes written out as hexadecimal text",
            advice="turn it back into bytes before sending (xxd -r -p)",
        )
    if _BASE64_TEXT.fullmatch(b"".join(sample.split())):
        return FileKind(
            kind="base64-text",
            words="bytes encoded as base64 text",
            advice="decode it before sending (base64 -d)",
        )
    return FileKind(kind="text", words="plain text", advice=SEND_THE_BIN)
