"""The public functions, re-exported by ``forensics``."""

from __future__ import annotations

from forensics.model.report import Report
from forensics.pipeline.comparison import Options, Source, compare_sources


def compare(
    sent: Source,
    received: Source,
    *,
    chunk_size: int | None = None,
    offset: int | None = None,
    slot: str | None = None,
    format: str | None = None,
) -> Report:
    """Compare what was sent with what arrived and say what happened to the bytes.

    Args:
        sent: The image that was sent: bytes-like is the content, ``str`` and ``Path`` are paths.
        received: What the device stored, in the same forms, or evidence of it (a slot or flash dump, hex text ...).
        chunk_size: Bytes of one application write, when known; else inferred.
        offset: File offset in ``received`` where the image begins; found by itself when not given.
        slot: Label of the partition in a whole-flash dump (``ota_0``).
        format: Container of ``received``, when it must not be recognised by its content.

    Raises:
        OtadiffError: an input cannot be read, or the options contradict it.
    """
    return compare_sources(sent, received, Options(chunk_size=chunk_size, offset=offset, slot=slot, format=format))
