"""What a file is, before anything else is asked of it."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.span import ByteSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """The answer to "what is this file?".

    Attributes:
        kind: Stable name: ``app``, ``bootloader``, ``merged``, ``partition-table``, ``otadata``, ``esp8266``,
            ``elf``, ``intel-hex``, ``s-record``, ``zip``, ``gzip``, ``xz``, ``zlib``, ``zstd``, ``bzip2``,
            ``uf2``, ``nvs``, ``spiffs``, ``littlefs``, ``fat``, ``mcuboot``, ``encrypted-image``,
            ``delta-patch``, ``compressed-ota``, ``ciphertext``, ``hex-text``,
            ``base64-text``, ``text``, ``empty``, ``erased``, ``zero`` or ``unknown``.
        words: What it is, for a sentence: ``an ELF file, the linker's output``.
        advice: What to send instead; empty for an app image.
        apps: Application images found inside, as file offsets.
        intact: Whether its own lengths and digests agree; None for what has none, and for images, which are walked.
    """

    kind: str
    words: str
    advice: str = ""
    apps: tuple[ByteSpan, ...] = ()
    intact: bool | None = None
