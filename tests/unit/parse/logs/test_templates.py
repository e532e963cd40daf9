"""Every line that the tables hold is read back as what it is."""

from __future__ import annotations

import re

import pytest

from forensics.parse.logs import parse_log
from forensics.parse.logs.order import STAGES
from forensics.parse.logs.patterns import read_message
from forensics.spec.log_lines.dialects import DIALECTS
from forensics.spec.log_lines.printing import device_line, printed_rows
from forensics.spec.log_lines.releases import describe_releases, releases
from forensics.spec.log_lines.template import LineTemplate, LineUse
from forensics.spec.versions import IdfVersion

SAMPLES = {
    "nx": "1503",
    "n": "5379",
    "x": "2f",
    "x2": "e9",
    "x5": "2f",
    "x8": "3f400020",
    "d": "5",
    "v": "v1.0",
    "digest4": "0123abcd",
    "digest": "0123abcd" * 8,
    "w": "nvs",
    "word": "end",
    "text": "some words",
    "reason": "POWERON",
    "usage": "OTA app",
    "built": "Jun  8 2016 00:22:57",
    "placed": "map",
    "crcs": "0123abcd 89abcdef",
    "cut": "0010 4 0123",
}

ROWS = [(dialect, row) for dialect, rows in DIALECTS for row in rows]


def _line(template: LineTemplate) -> str:
    text = template.text.replace("[[", "").replace("]]", "").replace("{...}", " ")
    text = text.replace("{decimal:d6}", str(0x2F)).replace("{end}", "")
    text = text if template.anywhere in text else f"{template.anywhere}: {text}"
    return re.sub(r"\{\w+:(\w+)\}", lambda part: SAMPLES[part.group(1)], text)


@pytest.mark.parametrize(("dialect", "row"), ROWS, ids=[f"{d}-{row.text}" for d, row in ROWS])
def test_a_template_reads_its_own_line(dialect: str, row: LineTemplate) -> None:
    message = read_message(_line(row))
    assert message is not None
    assert (message.kind, message.dialect, message.use) == (row.kind, dialect, row.use)


def test_every_line_of_a_walk_has_a_stage() -> None:
    """``ota_invalid_magic_byte`` is printed by ``esp_ota_write``, outside any walk; hints of a page size hold no fact."""
    kinds = {row.kind for _dialect, row in ROWS if row.use in (LineUse.WALK, LineUse.ERROR)}
    assert kinds - set(STAGES) == {"ota_invalid_magic_byte"}
    assert set(STAGES) <= kinds


def test_a_line_that_stops_short_is_no_message() -> None:
    whole = "segment 3: paddr=0x0012f4c0 vaddr=0x40080000 size=0x00400 (  1024) map"
    assert read_message(whole) is not None
    for length in range(whole.index(")")):
        message = read_message(whole[:length])
        assert message is None or message.cut


def test_a_segment_line_that_contradicts_itself_is_damaged() -> None:
    assert read_message("segment 3: paddr=0x0012f4c0 vaddr=0x40080000 size=0x00400 (  1023) map") is None


@pytest.mark.parametrize(
    ("ranges", "text"),
    [
        ("v3.0-v4.2", "v3.0 to v4.2"),
        ("v4.3-", "v4.3 or later"),
        ("v3.0 v3.1.0-v3.1.2", "v3.0 to v3.1.2"),
        ("v4.3.5+ v4.4.5+ v5.0.1+ v5.1-v5.4", "v4.3.5+, v4.4.5+, v5.0.1 to v5.4"),
        ("v5.1.7", "v5.1.7"),
        ("master", "master"),
        ("v3.0.0-v3.0.5 v3.1.0", "v3.0 to v3.0.5, v3.1.0"),
        ("", None),
    ],
)
def test_ranges_of_releases_read_as_people_write_them(ranges: str, text: str | None) -> None:
    assert describe_releases(releases(ranges)) == text


def test_a_range_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no range"):
        releases("four")


SAMPLED = (
    "v3.0.0",
    "v3.1.0",
    "v3.1.7",
    "v3.2.4",
    "v3.3.6",
    "v4.0.0",
    "v4.1.0",
    "v4.2.0",
    "v4.3.0",
    "v4.3.5",
    "v4.4.0",
    "v4.4.8",
    "v5.0.0",
    "v5.0.9",
    "v5.1.7",
    "v5.2.0",
    "v5.3.0",
    "v5.3.5",
    "v5.4.0",
    "v5.5.0",
    "v6.0.0",
)


VALUES = {"v": "v1.0", "digest": "0123abcd" * 8, "digest4": "0123abcd" * 8, "placed": "map"}
PRINTED = [(kind, row) for kind, rows in printed_rows().items() for row in rows]


@pytest.mark.parametrize(("kind", "row"), PRINTED, ids=[f"{kind}-{row.text}" for kind, row in PRINTED])
def test_what_the_walk_predicts_is_understood_with_its_releases(kind: str, row: LineTemplate) -> None:
    values = [VALUES.get(found, 0x25) for found in re.findall(r"\{\w+:(\w+)\}", row.text)]
    for text in SAMPLED:
        version = IdfVersion.parse(text)
        assert version is not None
        if not releases(row.versions) & releases(text):
            continue
        named = dict(zip(row.says, values, strict=False))
        (line,) = (
            device_line(kind, version, "verbose", **named) if row.says else device_line(kind, version, "verbose", *values)
        )
        message = read_message(line.split(": ", 1)[1])
        assert message is not None, line
        assert message.kind in (kind, "known")
        assert message.releases & releases(text), f"{text} prints {line}"


def test_levels_are_not_trusted_but_kept_where_unusual() -> None:
    log = parse_log("W (31) esp_image: image at 0x30000 has invalid SPI mode 255")
    assert log.passes[0].errors[0].fields == {"address": 0x30000, "value": 255, "level": "W"}
    log = parse_log("I (31) esp_image: segment 0: paddr=00010020 vaddr=3f400020 size=00010h (    16) map")
    assert len(log.passes[0].segments) == 1


def test_every_dialect_has_lines_and_every_error_a_use() -> None:
    assert all(rows for _, rows in DIALECTS)
    assert {row.use for _, row in ROWS} == set(LineUse)
