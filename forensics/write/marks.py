"""How a file shows that otadiff made it, so that a later run may replace it."""

from __future__ import annotations

import os
import re
from pathlib import Path

APPLICATION_ID = 0x4F544144
"""``OTAD`` at byte 68 of a SQLite database (https://sqlite.org/fileformat2.html, section 1.2.12)."""

BUNDLE_COMMENT = b"otadiff bundle"
"""The comment at the end of a bundle's zip."""

COMPLETION_VARIABLE = "_OTADIFF_COMPLETE"
"""The variable by which a completion script asks otadiff."""

_DOCUMENT_START = re.compile(
    rb'\s*\{\s*"schema": ?"otadiff\.(?:report|capture)/'
    rb'|[^\0]{0,512}<meta name="generator" content="otadiff[ "]'  # HTML
    rb'|<\?xml [^>]*>\s*<testsuites name="otadiff"'  # JUnit
    rb'|\s*\{\s*"\$schema": ?"[^"]*sarif[^"]*",\s*"version": ?"[^"]*",\s*"runs": ?\[\s*\{\s*"tool": ?\{\s*"driver": ?\{\s*'
    rb'"name": ?"otadiff"'
    rb"|SQLite format 3\0[^\xff]{52}" + APPLICATION_ID.to_bytes(4, "big") + rb"|[^\0]{0,512}_OTADIFF_COMPLETE",
    re.DOTALL,
)
_DOCUMENT_END = re.compile(rb"<sub>otadiff [^<]{1,80}</sub>\s*\Z|otadiff bundle\Z")  # Markdown; a bundle
_RESULTS_START = re.compile(rb'\{"schema": ?"otadiff\.case/')
_JOURNAL_START = re.compile(rb'\{"schema": ?"otadiff\.journal/')
_LOOKED_AT = 1024


def is_our_document(path: Path) -> bool:
    """Whether otadiff made the file at ``path``, and can make it again from the same evidence.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(_LOOKED_AT)
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - _LOOKED_AT))
        return is_our_report(start, stream.read(_LOOKED_AT))


def is_our_report(start: bytes, end: bytes) -> bool:
    """The same of a file whose first and last bytes are ``start`` and ``end``: 1024 of each tell it."""
    return _DOCUMENT_START.match(start) is not None or _DOCUMENT_END.search(end) is not None


def is_our_record(path: Path) -> bool:
    """Whether the file at ``path`` is a journal or JSON Lines of otadiff's. Nobody can make a journal again.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(_LOOKED_AT)
        return is_our_results(start) or _JOURNAL_START.match(start) is not None


def is_our_results(start: bytes) -> bool:
    """Whether a file that begins with ``start`` holds the JSON Lines of a batch."""
    return _RESULTS_START.match(start) is not None
