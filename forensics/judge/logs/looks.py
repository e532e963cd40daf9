"""What bytes look like that are where a header should be."""

from __future__ import annotations

from typing import NamedTuple

from forensics.spec.chips import CHIPS, chip_by_id
from forensics.spec.file_magics import SEND_THE_BIN, UNPACK_IT

ERASED_WORD = 0xFFFFFFFF
ERASED_HALF = 0xFFFF
CHIP_ID_AT = 12
"""File offset of the chip id (``esp_image_header_t``, ``esp_app_format.h``)."""

_PRINTABLE = range(0x20, 0x7F)

_OPEN_IT = (
    "Open the address of the update in a browser and with curl -I: the status code, a redirect or a login page shows why "
    "the server does not send the .bin itself; share links and github.com/blob pages are pages, not files."
)
_BODY = "Write only the body of the HTTP answer to esp_ota_write: end the header at its blank line first."
_PORT = "Let nothing but the update client connect to the port of the update."


class Look(NamedTuple):
    """A file or text that begins with certain bytes: what it is, what to do, and whether a web server sends it."""

    begins: bytes
    words: str
    change: str
    web: bool = False


_LOOKS = (
    Look(b"<!DOCTYPE html", "an HTML page", _OPEN_IT, web=True),
    Look(b"<html lang=en", "an HTML page", _OPEN_IT, web=True),
    Look(b'<html lang="en', "an HTML page", _OPEN_IT, web=True),
    Look(b"<head><title>", "an HTML page", _OPEN_IT, web=True),
    Look(b"<?xml version=", "an XML page", _OPEN_IT, web=True),
    Look(b'{"error":', "JSON", _OPEN_IT, web=True),
    Look(b'{"message":"', "JSON", _OPEN_IT, web=True),
    Look(b'{ "', "JSON", _OPEN_IT, web=True),
    Look(b"HTTP/1.1 200 OK", "an HTTP status line", _BODY, web=True),
    Look(b"HTTP/1.1 404 N", "an HTTP status line", _OPEN_IT, web=True),
    Look(b"\r\n\r\n", "the blank line before an HTTP body", _BODY, web=True),
    Look(b"\n", "the blank line before an HTTP body", _BODY, web=True),
    Look(b"\x7fELF", "an ELF file", SEND_THE_BIN),
    Look(b"PK\x03\x04", "a zip archive", UNPACK_IT),
    Look(b"\x1f\x8b\x08", "a gzip file", UNPACK_IT),
    Look(b"UF2\n", "a UF2 file", SEND_THE_BIN),
    Look(b"\xfd7zXZ", "an xz file", UNPACK_IT),
    Look(b"POST /", "an HTTP request", _PORT),
    Look(b"GET /", "an HTTP request", _PORT),
    Look(b"x\x9c", "a zlib stream", UNPACK_IT),
    Look(b":10000000", "an Intel HEX file", SEND_THE_BIN),
)

_FIRST_BYTES = {
    0xFF: "erased flash, or the 0xff padding at the start of a merged image",
    0x00: "a zero: an empty buffer, or a counter or length in front of the data",
    0x45: "'E', as the hex text E9 begins, and also the word Error of a server's answer",
    0x65: "'e', as the hex text e9 begins, and also the word error of a server's answer",
    0x36: "'6', as base64 of an image begins (6Q...)",
    0xC3: "as 0xe9 becomes in UTF-8 (c3 a9): the bytes were sent as text",
    0xEF: "as UTF-8 text with a byte order mark or replacement characters begins",
    0xFB: "the command byte of fbiego's protocol: its header was not removed",
    0x05: "a command or length byte of a protocol: its header was not removed",
    0x02: "a command byte of a protocol: its header was not removed",
    0xEA: "the outer header of an ESP8266 version 2 image",
}

TEXT_FIRST_BYTES = {0x45: "hex", 0x65: "hex", 0x36: "base64", 0xC3: "utf-8", 0xEF: "utf-8"}
"""First bytes of an image that went through a text conversion."""

PROTOCOL_FIRST_BYTES = (0xFB, 0x05, 0x02, 0x00)
"""First bytes of the headers of common protocols."""

_PRE_RELEASE_CHIPS = {4: "ESP32-S3 beta 2", 6: "ESP32-S3 beta 3", 7: "ESP32-C6 beta", 10: "ESP32-H2 beta 1"}
"""Chip ids that only pre-release chips had. Source: esptool v4.5, ``IMAGE_CHIP_ID`` of ``targets/*beta*.py``."""


def look_of(content: bytes, at: int = 0) -> Look | None:
    """The file that has ``content`` at file offset ``at``, or None; case does not count."""
    for look in _LOOKS:
        there = look.begins[at : at + len(content)]
        if there and content.lower().startswith(there.lower()) and len(there) * 2 > len(content):
            return look
    return None


def text_of(content: bytes) -> str | None:
    """``content`` as quoted text, or None when it is not mostly letters."""
    shows = [byte in _PRINTABLE or (byte in b"\r\n\t" and len(content) == 2) for byte in content]
    if sum(shows) < max(2, len(content) - 1) or not any(byte in _PRINTABLE for byte in content):
        return None
    shown = "".join(chr(byte) if byte in _PRINTABLE else "." for byte in content)
    return f'"{shown}"' if all(byte in _PRINTABLE or byte in b"\0\r\n\t" for byte in content) else None


def word_words(value: int) -> str | None:
    """What four bytes that were read as a length look like, or None when like nothing in particular."""
    if value == ERASED_WORD:
        return "erased flash"
    if value and any(chip.region(value) for chip in CHIPS):
        return "an address of code or data, as machine code and tables of pointers hold them"
    content = value.to_bytes(4, "little")
    look = look_of(content)
    if look is not None and len(look.begins) > 2:
        return f"the beginning of {look.words}"
    text = text_of(content)
    if text is not None:
        return f"text ({text})"
    return "machine code" if _is_code(content) else None


def _is_code(content: bytes) -> bool:
    """Xtensa's entry, retw.n and ret.n; RISC-V's ret, c.ret and addi sp."""
    xtensa = content[0] == 0x36 and content[1] & 0x0F == 1 and content[2] < 4
    return xtensa or any(mark in content for mark in (b"\x1d\xf0", b"\x0d\xf0", b"\x82\x80", b"\x67\x80\x00", b"\x41\x11"))


def first_byte_words(value: int) -> str | None:
    """Where a first byte that is not 0xE9 comes from, or None for one that tells nothing."""
    look = look_of(bytes([value & 0xFF]))
    if look is None:
        return _FIRST_BYTES.get(value)
    sign = f"'{chr(value)}', " if value in _PRINTABLE else ""
    return f"{sign}as {look.words} begins"


def chip_words(chip_id: int) -> str:
    """``9 (ESP32-S3)``; the number alone for an id that no chip has."""
    chip = chip_by_id(chip_id)
    name = chip.name if chip else _PRE_RELEASE_CHIPS.get(chip_id)
    return f"{chip_id} ({name})" if name else str(chip_id)


def is_known_chip(chip_id: int) -> bool:
    """Whether a chip has this id, be it one before its release."""
    return chip_by_id(chip_id) is not None or chip_id in _PRE_RELEASE_CHIPS


def is_text_version(version: str) -> bool:
    """Whether ``v251.85`` is two letters: major times 100 plus minor is the 16-bit number that was read."""
    major, _, minor = version.removeprefix("v").partition(".")
    if not (major.isdecimal() and minor.isdecimal()):
        return False
    number = int(major[:9]) * 100 + int(minor[:9])
    return number > 0xFF and all(byte in _PRINTABLE for byte in (number & 0xFF, number >> 8 & 0xFF))
