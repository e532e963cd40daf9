"""What is this file? Named before anything else, because many failed updates sent the wrong one."""

from __future__ import annotations

from collections.abc import Callable

from forensics.model.file_kind import FileKind
from forensics.model.image import EspImage
from forensics.parse.identify_container import identify_container
from forensics.parse.identify_firmware import identify_firmware
from forensics.parse.identify_storage import identify_storage
from forensics.parse.identify_stream import identify_ciphertext, identify_zlib
from forensics.parse.identify_text import identify_text
from forensics.spec.file_magics import FILE_MAGICS, SEND_THE_BIN


def identify(data: bytes, image: EspImage | None = None) -> FileKind:
    """Name the file that ``data`` holds. Never raises; what fits nothing known is ``unknown``.

    Args:
        data: Its bytes.
        image: What ``parse_image`` found in them, where somebody has asked already.
    """
    for recognise in _RECOGNISERS:
        kind = identify_firmware(data, image) if recognise is identify_firmware else recognise(data)
        if kind is not None:
            return kind
    return FileKind(
        kind="unknown",
        words="no kind of file that otadiff knows",
        advice=SEND_THE_BIN,
    )


def _identify_blank(data: bytes) -> FileKind | None:
    if not data:
        return FileKind(kind="empty", words="an empty file", advice="check the step that wrote it")
    if not data.strip(b"\xff"):
        words = "erased flash: every byte is 0xFF"
        return FileKind(kind="erased", words=words, advice="nothing was written there, or the wrong place was read")
    if not data.strip(b"\0"):
        words = "nothing but zeros"
        return FileKind(kind="zero", words=words, advice="a buffer was stored before it was filled")
    return None


def _identify_magic(data: bytes) -> FileKind | None:
    for known in FILE_MAGICS:
        if data.startswith(known.magic):
            return FileKind(kind=known.kind, words=known.words, advice=known.advice)
    return None


_RECOGNISERS: tuple[Callable[[bytes], FileKind | None], ...] = (
    _identify_blank,
    _identify_magic,
    identify_container,
    identify_firmware,
    identify_storage,
    identify_text,
    identify_zlib,
    identify_ciphertext,
)
"""The plainest evidence first; the first that answers is believed."""
