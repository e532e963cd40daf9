"""How a file shows that otadiff made it, so that a later run may replace it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import BinaryIO

APPLICATION_ID = 0x4F544144
"""``OTAD`` at byte 68 of a SQLite database (https://sqlite.org/fileformat2.html, section 1.2.12)."""

BUNDLE_COMMENT = b"otadiff bundle"
"""The comment at the end of a bundle's zip."""

COMPLETION_VARIABLE = "_OTADIFF_COMPLETE"
"""The variable by which a completion script asks otadiff."""

_DOCUMENT_START = re.compile(
    rb'\s*\{\s*"schema": ?"otadiff\.(?:report|capture)/'
    rb'|\s*<!DOCTYPE html>[^\0]{0,512}<meta name="generator" content="otadiff[ "]'
    rb'|<\?xml [^>]*>\s*<testsuites name="otadiff"'  # JUnit
    rb'|\s*\{\s*"\$schema": ?"[^"]*sarif[^"]*",\s*"version": ?"[^"]*",\s*"runs": ?\[\s*\{\s*"tool": ?\{\s*"driver": ?\{\s*'
    rb'"name": ?"otadiff"'
    rb"|SQLite format 3\0.{52}"
    + APPLICATION_ID.to_bytes(4, "big")
    +
    # The completion scripts of bash, zsh and fish.
    rb"|_otadiff_completion\(\)|#compdef otadiff\s|complete --command otadiff ",
    re.DOTALL,
)
_MARKDOWN = re.compile(rb"\*\*(?:HEALTHY|FAULTY|INCONCLUSIVE)\*\*: "), re.compile(rb"<sub>otadiff [^<]{1,80}</sub>\s*\Z")
"""The first and the last line of a report in Markdown: people put such a report at the end of texts of their own."""
_RESULTS_START = re.compile(rb'\{"schema": ?"otadiff\.case/')
_LOOKED_AT = 1024


def is_our_document(path: Path) -> bool:
    """Whether otadiff made the file at ``path``, and can make it again from the same evidence.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        start, end = _edges(stream)
    return is_our_report(start, end) or end.endswith(BUNDLE_COMMENT)


def is_our_report(start: bytes, end: bytes) -> bool:
    """Whether a file is a report, and so no evidence: 1024 of its first and last bytes show it. A bundle is evidence."""
    first, last = _MARKDOWN
    return _DOCUMENT_START.match(start) is not None or bool(first.match(start) and last.search(end))


def is_our_report_file(path: Path) -> bool:
    """``is_our_report`` of the file at ``path``.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        return is_our_report(*_edges(stream))


def are_our_results(path: Path) -> bool:
    """Whether the file at ``path`` holds the JSON Lines of a batch.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        return is_our_results(stream.read(_LOOKED_AT))


def is_our_results(start: bytes) -> bool:
    """Whether a file that begins with ``start`` holds the JSON Lines of a batch."""
    return _RESULTS_START.match(start) is not None


def _edges(stream: BinaryIO) -> tuple[bytes, bytes]:
    start = stream.read(_LOOKED_AT)
    stream.seek(max(0, stream.seek(0, os.SEEK_END) - _LOOKED_AT))
    return start, stream.read(_LOOKED_AT)
