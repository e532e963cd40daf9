"""Lines, their numbers and encodings; wrapped and glued records."""

from __future__ import annotations

import json

import pytest

from forensics.parse.logs import parse_log
from forensics.parse.logs.cleaning import clean
from forensics.parse.logs.source import read_lines

LENGTH = "E (20) esp_image: invalid segment length 0x400e47a4"


def _numbered(log: str | bytes) -> list[tuple[int, str]]:
    return [pair for numbers, lines in read_lines(log) for pair in zip(numbers, lines, strict=True)]


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\r\r\n", "\r"])
def test_every_way_to_end_a_line_counts_once(separator: str) -> None:
    assert _numbered(separator.join(("one", "two", "three"))) == [(1, "one"), (2, "two"), (3, "three")]


def test_lines_are_numbered_across_pieces_of_a_long_log() -> None:
    lines = _numbered("\n".join(f"line {number}" for number in range(1, 200_001)))
    assert len(lines) == 200_000
    assert all(text == f"line {number}" for number, text in lines)


def test_a_line_break_between_two_pieces_counts_once() -> None:
    padding = "x" * ((1 << 20) - 1)
    assert [number for number, _ in _numbered(f"{padding}\r\n{LENGTH}")] == [1, 2]


def test_a_line_longer_than_any_keeps_its_number() -> None:
    numbers = {number for number, _ in _numbered("word " * 2_000_000 + "\nnext")}
    assert numbers == {1, 2}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp1252", "shift-jis", "gb18030"])
def test_encodings(encoding: str) -> None:
    log = parse_log(f"- {LENGTH}\n".encode(encoding))
    assert log.passes[0].errors[0].fields == {"length": 0x400E47A4}


def test_a_recording_has_the_numbers_of_its_lines() -> None:
    events = [[0.1, "o", LENGTH[:30]], [0.2, "i", "q"], [0.3, "o", LENGTH[30:] + "\r\n"]]
    text = "\n".join(['{"version": 2, "width": 80}', *map(json.dumps, events)])
    (walk,) = parse_log(text).passes
    assert (walk.errors[0].fields, walk.lines) == ({"length": 0x400E47A4}, (4, 4))


def test_a_recording_of_the_first_format() -> None:
    text = json.dumps({"version": 1, "stdout": [[0.1, "x\r\n"], [0.2, LENGTH + "\r\n"]]}, indent=1)
    assert parse_log(text).passes[0].errors[0].fields == {"length": 0x400E47A4}


@pytest.mark.parametrize(
    ("dirty", "plain"),
    [
        ("\x1b[0;31mE (1)\x1b[0m", "E (1)"),
        ("\x1b]0;title\x07E (1)", "E (1)"),
        ("[0;31mE (1)[0m", "E (1)"),
        ("ESC[0;31mE (1)ESC[0m", "E (1)"),
        ("a &lt;b&gt; &amp;quot;c&amp;quot;", 'a <b> "c"'),
        ("esp\\_image", "esp_image"),
        ("one<br>two", "one\vtwo"),
        ("one&#10;two", "one\vtwo"),
        ("[b]bold[/b] **more**", "bold more"),
        ("doesn\u2019t \u2013 \u200bfit", "doesn't - fit"),
        ("[75/111] Building [m5stack]", "[75/111] Building [m5stack]"),
    ],
)
def test_cleaning(dirty: str, plain: str) -> None:
    assert clean(dirty) == plain


def test_cleaning_never_changes_the_number_of_lines() -> None:
    text = "\x1b[0m\n&#13;&#10;\n<p>\n\\n\n[0m\n\\\n"
    assert clean(text).count("\n") == text.count("\n")


@pytest.mark.parametrize("cut", range(1, len(LENGTH)))
def test_a_line_wrapped_anywhere_is_put_together(cut: int) -> None:
    log = parse_log(f"{LENGTH[:cut]}\n{LENGTH[cut:]}\nI (30) app: next")
    assert [error.fields for walk in log.passes for error in walk.errors] == [{"length": 0x400E47A4}]


def test_a_number_on_the_next_line_that_is_no_rest() -> None:
    for following in ("12  I (30) app: next", "> 12 I (30) app: next", "12 words", "0x40080000: _start at main.c:1"):
        log = parse_log(f"E (20) esp_image: invalid segment length 0x40\n{following}")
        assert log.passes[0].errors[0].fields == {"length": 0x40}


def test_the_rest_of_a_line_is_no_unread_line() -> None:
    log = parse_log("I (1) esp_image: segment 0: paddr=00010020 vadd\nr=3f400020 size=00010h (    16) m\nap")
    assert (log.passes[0].segments[0].map, log.passes[0].segments[0].line, log.unread) == (True, 1, ())


def test_a_remark_that_looks_like_a_head() -> None:
    log = parse_log("I (1) esp_image: segment 0: paddr=00010020 vaddr=3f400020 size=00010h (    16) map: this one")
    assert len(log.passes[0].segments) == 1


def test_a_sign_at_the_edge_is_no_quote() -> None:
    for quote in ("", "> "):
        text = f"{quote}E (20) boot_comm: chip revision check failed. Required\n{quote}>= v3.1, found v3.0."
        assert parse_log(text).passes[0].errors[0].fields == {"min": "v3.1", "chip": "v3.0"}


def test_the_number_of_a_blank_line_is_no_rest_of_the_last() -> None:
    log = parse_log("  1  E (20) esp_image: invalid segment length 0x40\n  2  \n  3  I (30) app: next")
    assert log.passes[0].errors[0].fields == {"length": 0x40}
