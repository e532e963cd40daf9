"""What bytes look like that stand where a header should be."""

from __future__ import annotations

from forensics.spec.chips import CHIPS, chip_by_id

ERASED_WORD = 0xFFFFFFFF
ERASED_HALF = 0xFFFF

_PRINTABLE = range(0x20, 0x7F)
_MAGICS = {
    0xFF: "erased flash, or the 0xFF padding at the start of a merged image",
    0x00: "a zero: an empty buffer, or a counter or length in front of the data",
    0x7F: "the first byte of an ELF file",
    0x50: "'P', as a ZIP file begins",
    0x1F: "as a gzip file begins",
    0x78: "'x', as a zlib stream begins",
    0xFD: "as an xz file begins",
    0x3A: "':', as an Intel HEX file begins",
    0x45: "'E', as the text E9 begins: hex text was sent",
    0x65: "'e', as the text e9 begins: hex text was sent",
    0x36: "'6', as base64 of an image begins (6Q...)",
    0xC3: "as 0xE9 becomes in UTF-8 (C3 A9): the bytes were sent as text",
    0xEF: "as UTF-8 text with a byte order mark or replacement characters begins",
    0xFB: "the command byte of fbiego's protocol: its header was not removed",
    0x05: "a command or length byte of a protocol: its header was not removed",
    0x02: "a command byte of a protocol: its header was not removed",
    0xEA: "the outer header of an ESP8266 version 2 image",
}

TEXT_FIRST_BYTES = {0x45: "hex", 0x65: "hex", 0x36: "base64", 0xC3: "utf-8", 0xEF: "utf-8"}
"""First bytes of an image that went through a text conversion."""

FOREIGN_FIRST_BYTES = (0x7F, 0x50, 0x1F, 0x78, 0xFD, 0x3A)
"""First bytes of files that are no app image."""

PROTOCOL_FIRST_BYTES = (0xFB, 0x05, 0x02, 0x00)
"""First bytes of the headers of common protocols."""


def word_words(value: int) -> str | None:
    """What four bytes that were read as a length look like, or None when like nothing in particular."""
    if value == ERASED_WORD:
        return "erased flash"
    if value and any(chip.region(value) for chip in CHIPS):
        return "an address of code or data, as machine code and tables of pointers hold them"
    content = value.to_bytes(4, "little")
    letters = [byte for byte in content if byte in _PRINTABLE]
    if len(letters) >= 3 and all(byte in _PRINTABLE or byte == 0 for byte in content):
        shown = "".join(chr(byte) if byte else "." for byte in content)
        return f'text ("{shown}")'
    if _is_code(content):
        return "machine code"
    return None


def _is_code(content: bytes) -> bool:
    """Xtensa's entry, retw.n and ret.n; RISC-V's ret, c.ret and addi sp."""
    xtensa = content[0] == 0x36 and content[1] & 0x0F == 1 and content[2] < 4
    return xtensa or any(mark in content for mark in (b"\x1d\xf0", b"\x0d\xf0", b"\x82\x80", b"\x67\x80\x00", b"\x41\x11"))


def first_byte_words(value: int) -> str | None:
    """Where a first byte that is not 0xE9 comes from, or None for one that tells nothing."""
    return _MAGICS.get(value)


def chip_words(chip_id: int) -> str:
    """``9 (ESP32-S3)``; the number alone for an id that no chip has."""
    chip = chip_by_id(chip_id)
    return f"{chip_id} ({chip.name})" if chip else str(chip_id)


def is_text_version(version: str) -> bool:
    """Whether ``v251.85`` is two letters: major times 100 plus minor is the 16-bit number that was read."""
    major, _, minor = version.removeprefix("v").partition(".")
    if not (major.isdecimal() and minor.isdecimal()):
        return False
    number = int(major[:9]) * 100 + int(minor[:9])
    return number > 0xFF and all(byte in _PRINTABLE for byte in (number & 0xFF, number >> 8 & 0xFF))
