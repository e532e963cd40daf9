"""First bytes of files that are sent by mistake instead of an app image."""

from __future__ import annotations

from dataclasses import dataclass

SEND_THE_BIN = "send the app's .bin from the build folder (idf.py build, PlatformIO: firmware.bin)"
UNPACK_IT = "unpack it and send the app's .bin inside; OTA does not decompress"


@dataclass(frozen=True, slots=True)
class FileMagic:
    """A kind of file that its first bytes name."""

    magic: bytes
    kind: str
    words: str
    advice: str


FILE_MAGICS: tuple[FileMagic, ...] = (
    FileMagic(
        b"\x7fELF",
        "elf",
        "an ELF file, the linker's output with symbols",
        SEND_THE_BIN + ", or make it with esptool elf2image",
    ),
    FileMagic(b"PK\x03\x04", "zip", "a zip archive", UNPACK_IT),
    FileMagic(b"PK\x05\x06", "zip", "an empty zip archive", UNPACK_IT),
    FileMagic(b"\x1f\x8b\x08", "gzip", "a gzip file", UNPACK_IT),
    FileMagic(b"\xfd7zXZ\x00", "xz", "an xz file", UNPACK_IT),
    FileMagic(b"BZh", "bzip2", "a bzip2 file", UNPACK_IT),
    FileMagic(b"\x28\xb5\x2f\xfd", "zstd", "a zstd file", UNPACK_IT),
    FileMagic(
        b"UF2\n\x57\x51\x5d\x9e",
        "uf2",
        "a UF2 file, for the USB drive of a UF2 bootloader",
        SEND_THE_BIN,
    ),
)
"""Source: ELF specification; RFC 1952; RFC 8878; xz file format 1.1; APPNOTE.TXT 6.3; UF2 specification."""
