"""The verifier's lines as a device prints them, from the rows by which they are read."""

from __future__ import annotations

import re
from functools import cache

from forensics.spec.log_lines import boot, esp_image
from forensics.spec.log_lines.releases import release_bit, releases
from forensics.spec.log_lines.template import LineTemplate
from forensics.spec.versions import MASTER, IdfVersion

LEVELS = ("none", "error", "warning", "info", "debug", "verbose")
"""``esp_log_level_t``, least to most detailed; a line's letter is the first of its level, in capitals."""

_PLACE = re.compile(r"\{(\w+):(\w+)\}")
_FORMATS = {"x": "x", "x2": "02x", "x5": "05x", "x8": "08x", "d": "d", "d6": "6d", "digest4": ".8"}


@cache
def printed_rows() -> dict[str, tuple[LineTemplate, ...]]:
    """The rows that a walk prints, by their kind."""
    rows: dict[str, list[LineTemplate]] = {}
    for row in (*esp_image.LINES, *boot.LINES):
        if row.level:
            rows.setdefault(row.kind, []).append(row)
    return {kind: tuple(found) for kind, found in rows.items()}


def row_for(kind: str, version: IdfVersion, count: int) -> LineTemplate | None:
    """The wording of ``version`` with ``count`` values, or None when it prints no such line."""
    bit = _bit(version)
    for row in printed_rows()[kind]:
        if releases(row.versions) & bit and len(_PLACE.findall(row.text)) == count:
            return row
    return None


def device_line(kind: str, version: IdfVersion, level: str, *values: object, **named: object) -> tuple[str, ...]:
    """What the device prints at log level ``level``: one line with 0 for the time, or none.

    Args:
        kind: Kind of the line.
        version: The ESP-IDF of the device.
        level: Its log level.
        values: What the line shows, in its order.
        named: The same by the names of ``LineTemplate.says``, where the wordings differ in their order.
    """
    row = row_for(kind, version, len(values or named))
    if row is None or LEVELS.index(row.level) > LEVELS.index(level):
        return ()
    put_in = iter(values or [named[name] for name in row.says])
    text = row.text.replace("[[", "").replace("]]", "")
    text = _PLACE.sub(lambda place: format(next(put_in), _FORMATS.get(place.group(2), "")), text)
    tag = next(tag for tag, versions in row.tags if releases(versions) & _bit(version))
    return (f"{row.level[0].upper()} (0) {tag}: {text}",)


def _bit(version: IdfVersion) -> int:
    return release_bit("master" if version >= MASTER else f"{version.major}.{version.minor}", version.patch)
