"""Compares a rendered report with the text kept beside the tests."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
REFRESH = "OTADIFF_REFRESH_GOLDENS"
"""Set this environment variable to write the texts anew, then read what changed."""


def assert_golden(name: str, text: str) -> None:
    """``text`` equals the golden ``name``, byte by byte."""
    path = FOLDER / name
    if os.environ.get(REFRESH):
        FOLDER.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    assert path.is_file(), f"{name} is missing; set {REFRESH}=1 to write it"
    assert text == path.read_bytes().decode(), f"{name} differs; set {REFRESH}=1 to accept the new text"
