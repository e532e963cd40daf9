"""Every line that the tables hold is read back as what it is."""

from __future__ import annotations

import re

import pytest

from forensics.parse.logs import parse_log
from forensics.parse.logs.patterns import read_message
from forensics.spec.log_lines import DIALECTS, LineTemplate, LineUse, describe_releases, releases
from forensics.spec.messages import MESSAGES, Message
from forensics.spec.versions import IdfVersion

SAMPLES = {
    "x": "2f",
    "x2": "e9",
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
    text = text.replace("{decimal:d}", str(0x2F)).replace("{end}", "")
    text = text if template.anywhere in text else f"{template.anywhere}: {text}"
    return re.sub(r"\{\w+:(\w+)\}", lambda part: SAMPLES[part.group(1)], text)


@pytest.mark.parametrize(("dialect", "row"), ROWS, ids=[f"{d}-{row.text}" for d, row in ROWS])
def test_a_template_reads_its_own_line(dialect: str, row: LineTemplate) -> None:
    message = read_message(_line(row))
    assert message is not None
    assert (message.kind, message.dialect, message.use) == (row.kind, dialect, row.use)


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


VERIFIER = [(name, message) for name, messages in MESSAGES.items() for message in messages]


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


def _printed(message: Message) -> list[str]:
    """The line with sample values; which kind of value it takes is tried."""
    if "paddr" in message.text:
        return [message.text.format(0, 0x10020, 0x3F400020, 0x40, 0x40, "map")]
    text = re.sub(r"\{:(0\d)?x\}", lambda part: format(0x25, (part.group(1) or "") + "x"), message.text)
    text = text.replace("{:.8}", "0123abcd")
    return [re.sub(r"\{(?:chip|image)?\}", value, text) for value in ("5", "v1.0", "0123abcd" * 8)]


@pytest.mark.parametrize(("name", "message"), VERIFIER, ids=[f"{name}-{m.text}" for name, m in VERIFIER])
def test_what_the_walk_predicts_is_understood_with_its_releases(name: str, message: Message) -> None:
    read = [found for text in _printed(message) if (found := read_message(text)) is not None]
    assert read, message.text
    for text in SAMPLED:
        version = IdfVersion.parse(text)
        assert version is not None
        if version in message.versions:
            one = releases(text)
            assert any(found.releases & one for found in read), f"{text} prints {message.text}"


def test_levels_are_not_trusted_but_kept_where_unusual() -> None:
    log = parse_log("W (31) esp_image: image at 0x30000 has invalid SPI mode 255")
    assert log.passes[0].errors[0].fields == {"address": 0x30000, "value": 255, "level": "W"}
    log = parse_log("I (31) esp_image: segment 0: paddr=00010020 vaddr=3f400020 size=00010h (    16) map")
    assert len(log.passes[0].segments) == 1


def test_every_dialect_has_lines_and_every_error_a_use() -> None:
    assert all(rows for _, rows in DIALECTS)
    assert {row.use for _, row in ROWS} == set(LineUse)
