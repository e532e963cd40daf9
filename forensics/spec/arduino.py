"""Which Arduino core an app's descriptor comes from.

Arduino links each sketch to a build of ESP-IDF made before by esp32-arduino-lib-builder, whose descriptor every sketch
of that core then has. Rust's esp-idf-sys does the same with a project of its own.

Source: ``package_esp32_index.json`` of espressif/arduino-esp32, which names the commit of ESP-IDF for each 3.x core;
published builds that pin both for 2.0.x.
"""

from __future__ import annotations

import re

LIBRARIES = {
    "arduino-lib-builder": "Arduino core",
    "esp32-arduino-lib-builder": "Arduino core",
    "libespidf": "Rust (esp-idf-sys)",
}
"""Projects whose descriptor says nothing of the app, and what they are the library of."""

CORES = {
    "e8bdaf91": "2.0.7 to 2.0.9",
    "ac5d805d": "2.0.9 to 2.0.11",
    "35729009": "2.0.14",
    "38eeba21": "2.0.15 to 2.0.17",
    "442a7980": "3.0.0 or 3.0.1",
    "bd2b9390": "3.0.2",
    "dc859c1e": "3.0.3",
    "b6b4727c": "3.0.4",
    "33fbade6": "3.0.5",
    "632e0c2a": "3.0.6 or 3.0.7",
    "083aad99": "3.1.0",
    "cfea4f7c": "3.1.1",
    "489d7a2b": "3.1.2 or 3.1.3",
    "2f7dcd86": "3.2.0",
    "858a988d": "3.2.1",
    "b66b5448": "3.3.0",
    "129cd0d2": "3.3.1",
    "07e9bf49": "3.3.2",
}
"""Releases of arduino-esp32 by the first eight digits of the ESP-IDF commit of their libraries."""

_COMMIT = re.compile(r"(?:-g|^esp-idf: v[\d.]{1,12} )([0-9a-f]{8})")


def library_words(project: str, version: str, idf_ver: str, date: str) -> str | None:
    """``Arduino core 3.1.1, library of Feb 12 2025`` for the descriptor of a library; None for that of an app."""
    words = LIBRARIES.get(project)
    if words is None:
        return None
    found = _COMMIT.search(idf_ver) or _COMMIT.search(version)
    core = CORES.get(found[1]) if found else None
    return f"{words}{f' {core}' if core else ''}, library of {' '.join(date.split())}"
