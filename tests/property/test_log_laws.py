"""Laws of reading pasted logs: however a log is pasted, it says the same."""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forensics.model.log import DeviceLog
from forensics.parse.logs import parse_log

SHARED = Path(__file__).resolve().parents[3] / "shared"

LAWS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def meaning(log: DeviceLog) -> object:
    """What must survive any pasting: everything but line numbers."""
    return [
        (
            walk.image_start,
            [(s.index, s.paddr, s.vaddr, s.size, s.map) for s in walk.segments],
            walk.checksum,
            walk.hash,
            [(e.kind, sorted((k, v) for k, v in e.fields.items() if k != "level")) for e in walk.errors],
            walk.end,
            walk.header and (walk.header.segment_count, walk.header.entry_addr),
            [(h.index, h.address, h.data_len, h.data_start, h.load_addr) for h in walk.segment_headers],
        )
        for walk in log.passes
    ]


@dataclass(frozen=True)
class Style:
    """How one ESP-IDF version prints its lines."""

    segment: str
    hash_tag: str
    digits: int


STYLES = (
    Style("segment {i}: paddr=0x{p:08x} vaddr=0x{v:08x} size=0x{n:05x} ({n:6d}) {m}", "esp_image", 8),
    Style("segment {i}: paddr=0x{p:08x} vaddr=0x{v:08x} size=0x{n:05x} ({n:6d}) {m}", "esp_image", 64),
    Style("segment {i}: paddr={p:08x} vaddr={v:08x} size={n:05x}h ({n:6d}) {m}", "boot", 64),
)

ENDINGS = ("nothing", "hash", "checksum", "length", "magic", "too long", "mismatch", "loaded")


@st.composite
def walks(draw: st.DrawFn) -> list[str]:
    """Lines of one to three walks as a device prints them."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        lines += draw(_walk())
    return lines


@st.composite
def _walk(draw: st.DrawFn) -> list[str]:
    style = draw(st.sampled_from(STYLES))
    verbose = draw(st.booleans())
    ending = draw(st.sampled_from(ENDINGS))
    start = draw(st.sampled_from((0x10000, 0x110000, 0x210000, 0x1F0000)))
    sizes = draw(st.lists(st.integers(0, 0x18000).map(lambda n: n * 4), min_size=1, max_size=12))
    entry = draw(st.integers(0x40080000, 0x4009FFFF))
    tick = draw(st.integers(10, 9_999_999))
    out: list[str] = []

    def say(level: str, text: str, tag: str = "esp_image") -> None:
        out.append(f"{level} ({tick + 10 * len(out)}) {tag}: {text}")

    if verbose:
        say("D", f"reading image header @ 0x{start:x}")
        say("D", f"image header: 0xe9 0x{len(sizes):02x} 0x02 0x02 {entry:08x}")
    if ending == "magic":
        say("E", f"image at 0x{start:x} has invalid magic byte")
        return out
    place = start + 0x18
    for index, size in enumerate(sizes):
        vaddr = 0x3F400000 + place + 8
        if verbose:
            say("V", f"loading segment header {index} at offset 0x{place:x}")
            say("V", f"segment data length 0x{size:x} data starts 0x{place + 8:x}")
            say("V", f"segment {index} map_segment 1 segment_data_offs 0x{place + 8:x} load_addr 0x{vaddr:x}")
        mapped = draw(st.sampled_from(("map", "load", "")))
        say("I", style.segment.format(i=index, p=place + 8, v=vaddr, n=size, m=mapped))
        if verbose:
            say("D", "free data page_count 0x0000003e")
        place += 8 + size
    if ending == "length":
        say("E", f"invalid segment length 0x{draw(st.integers(1, 0xFFFFFFFF)):x}")
        return out
    if verbose:
        say("V", f"image start 0x{start:08x} end of last section 0x{place:08x}")
    _end(draw, say, ending, style, place - start)
    return out


def _end(draw: st.DrawFn, say: Callable[..., None], ending: str, style: Style, length: int) -> None:
    byte = st.integers(0, 255)
    digest = st.text("0123456789abcdef", min_size=style.digits, max_size=style.digits)
    if ending == "checksum":
        say("E", f"Checksum failed. Calculated 0x{draw(byte):x} read 0x{draw(byte):x}")
    elif ending == "too long":
        say("E", f"Image length {length} doesn't fit in partition length {length - 1}")
    elif ending == "hash":
        say("D", f"Calculated hash: {draw(digest)}", style.hash_tag)
        say("E", "Image hash failed - image is corrupt")
        say("D", f"Expected hash: {draw(digest)}", style.hash_tag)
        say("E", f"OTA app partition slot {draw(st.integers(0, 15))} is not bootable", "boot")
    elif ending == "mismatch":
        say("E", f"mismatch chip ID, expected {draw(byte)}, found {draw(st.integers(0, 65535))}", "boot_comm")
        say("E", "Factory app partition is not bootable", "boot")
        say("E", "No bootable app partitions in the partition table", "boot")
    elif ending == "loaded":
        say("I", "Loaded app from partition at offset 0x10000", "boot")


Paste = Callable[[list[str], random.Random], "str | bytes"]


def _each(change: Callable[[str, random.Random], str]) -> Paste:
    return lambda lines, rng: "\n".join(change(line, rng) for line in lines)


def _prefixed(make: Callable[[random.Random], str]) -> Paste:
    return _each(lambda line, rng: make(rng) + line)


def _clock(rng: random.Random) -> str:
    return f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}.{rng.randrange(1000):03}"


COLOURS = {"E": "0;31", "W": "0;33", "I": "0;32", "D": "0;36", "V": "0"}


def _wrapped(width: int, prefix: str = "") -> Paste:
    def paste(lines: list[str], rng: random.Random) -> str:
        out = []
        for line in lines:
            out += [prefix + line[i : i + width] for i in range(0, len(line), width)]
        return "\n".join(out)

    return paste


def _cast(lines: list[str], rng: random.Random) -> str:
    text = "\r\r\n".join(lines) + "\r\r\n"
    out, at, clock = ['{"version": 2, "width": 80, "height": 24}'], 0, 0.0
    while at < len(text):
        size = rng.randrange(1, 120)
        clock += 0.25
        out.append(json.dumps([clock, "o", "\x1b[0;32m" * (at == 0) + text[at : at + size]]))
        at += size
    return "\n".join(out)


def _monitored(lines: list[str], rng: random.Random) -> str:
    return "\n".join(f"{line}\n--- 0x{rng.randrange(1 << 32):08x}: _start at /home/me/main.c:12\n" for line in lines)


def _in_prose(lines: list[str], rng: random.Random) -> str:
    before = "# Image hash failed - image is corrupt\n更新之后, 请帮忙。 My log:\n"
    return before + "\n".join(lines) + "\nIt says esp_image: Image hash failed - image is corrupt, why?\n"


PASTES: dict[str, Paste] = {
    "plain": lambda lines, rng: "\n".join(lines),
    "blank lines between": lambda lines, rng: "\n\n".join(lines) + "\n\n\n",
    "colours": _each(lambda line, rng: f"\x1b[{COLOURS[line[0]]}m{line}\x1b[0m"),
    "colours without ESC": _each(lambda line, rng: f"[{COLOURS[line[0]]}m{line}[0m"),
    "colours with caret": _each(lambda line, rng: f"^[[{COLOURS[line[0]]}m{line}^[[0m"),
    "colours with replaced ESC": _each(lambda line, rng: f"\ufffd[{COLOURS[line[0]]}m{line}\ufffd[0m"),
    "colours of syslog": _each(lambda line, rng: f"#033[{COLOURS[line[0]]}m{line}#033[0m"),
    "colours spelt": _each(lambda line, rng: f"ESC[{COLOURS[line[0]]}m{line}ESC[0m"),
    "BBCode": lambda lines, rng: "[code]" + "\n".join(f"[b][color=#ff0000]{line}[/color][/b]" for line in lines) + "[/code]",
    "numbered": lambda lines, rng: "\n".join(f"{number:5}  {line}" for number, line in enumerate(lines)),
    "remarks": _each(lambda line, rng: line + rng.choice(("\t# bootloader", "  <-- here!", " // ok: fine", ""))),
    "highlighted HTML": _each(lambda line, rng: re.sub(r"(\w+)", r'<span class="n">\1</span>', line)),
    "Python bytes": _each(lambda line, rng: repr((line + "\r\n").encode())),
    "CSV": _each(lambda line, rng: f'"{_clock(rng)}","RX","{line}"'),
    "colours written out": _each(lambda line, rng: f"\\x1b[{COLOURS[line[0]]}m{line}\\x1b[0m"),
    "quoted": _prefixed(lambda rng: "> "),
    "quoted twice": _prefixed(lambda rng: "> > "),
    "piped": _prefixed(lambda rng: "| "),
    "indented": _prefixed(lambda rng: " " * rng.randrange(8)),
    "tabs": _each(lambda line, rng: "\t" + line.replace(" ", "\t")),
    "list": _prefixed(lambda rng: rng.choice(("- ", "* ", "• ", "1. ", "+ "))),
    "fenced": lambda lines, rng: "```\n" + "\n".join(lines) + "\n```\n",
    "inline code": _each(lambda line, rng: f"`{line}`"),
    "bold": _each(lambda line, rng: f"**{line}**"),
    "bold words": _each(lambda line, rng: re.sub(r"(hash|failed|segment|length)", r"**\1**", line)),
    "Markdown escapes": _each(lambda line, rng: re.sub(r"([_()\[\]*.-])", r"\\\1", line)),
    "HTML": lambda lines, rng: "<pre>" + html.escape("\n".join(lines)).replace(" ", "&nbsp;") + "</pre>",
    "HTML twice escaped": _each(lambda line, rng: html.escape(html.escape("> " + line))),
    "HTML breaks": lambda lines, rng: "<p>" + "<br>".join(lines) + "</p>",
    "HTML colours": _each(lambda line, rng: f'<span style="color:red">{line}</span><br/>'),
    "collapsed blanks": _each(lambda line, rng: re.sub(r" +", " ", line).rstrip()),
    "doubled blanks": _each(lambda line, rng: line.replace(" ", "  ")),
    "no-break spaces": _each(lambda line, rng: line.replace(" ", "\u00a0")),
    "typographic": _each(lambda line, rng: line.replace("'", "\u2019").replace(" - ", " \u2013 ")),
    "zero width": _each(lambda line, rng: "\u200b" + line + "\ufeff"),
    "CRLF": lambda lines, rng: "\r\n".join(lines),
    "CRCRLF": lambda lines, rng: "\r\r\n".join(lines) + "\r\r\n",
    "bare CR": lambda lines, rng: "\r".join(lines),
    "LFCR": lambda lines, rng: "\n\r".join(lines),
    "Arduino IDE": _prefixed(lambda rng: _clock(rng) + " -> "),
    "clock": _prefixed(lambda rng: f"[{_clock(rng)}] "),
    "clock glued": _prefixed(lambda rng: f"[{_clock(rng)}]"),
    "date": _prefixed(lambda rng: f"2025-03-0{rng.randrange(1, 10)} {_clock(rng)} "),
    "logcat": _prefixed(lambda rng: f"03-14 {_clock(rng)}  1234  5678 D BluetoothLog: "),
    "ESPHome": _prefixed(lambda rng: f"[{_clock(rng)[:8]}][D][esp-idf:000]: "),
    "ESPHome tags": _each(
        lambda line, rng: re.sub(
            r"^(\w) \(\d+\) ([\w.]+): ", rf"[{_clock(rng)[:8]}][\1][\2:{rng.randrange(999):03}]: ", line
        )
    ),
    "docker": _prefixed(lambda rng: "esp32-monitor_1  | "),
    "docker JSON": _each(
        lambda line, rng: json.dumps(
            {"log": f"\x1b[0;32m{line}\x1b[0m\r\n", "stream": "stdout", "time": "2025-01-01T00:00:00Z"}
        )
    ),
    "journald": _prefixed(lambda rng: f"Nov 22 {_clock(rng)[:8]} raspberrypi monitor[{rng.randrange(9999)}]: "),
    "PlatformIO": _prefixed(lambda rng: f"{_clock(rng)} > "),
    "clock in place of ticks": _each(lambda line, rng: re.sub(r"\(\d+\)", f"({_clock(rng)})", line, count=1)),
    "wide ticks": _each(lambda line, rng: re.sub(r"\((\d+)\)", r"( \1)", line, count=1)),
    "levels raised": _each(lambda line, rng: rng.choice("EWI") + line[1:]),
    "levels lost": _each(lambda line, rng: line[2:]),
    "glued": lambda lines, rng: "".join(lines),
    "glued with blanks": lambda lines, rng: " ".join(lines),
    "wrapped at 40": _wrapped(40),
    "wrapped at 53": _wrapped(53),
    "wrapped at 80": _wrapped(80),
    "wrapped and quoted": _wrapped(64, "> "),
    "reflowed": lambda lines, rng: re.sub(r"(.{50,70}?) ", r"\1\n", " ".join(lines)),
    "monitor": _monitored,
    "prose": _in_prose,
    "asciinema": _cast,
    "UTF-16 LE": lambda lines, rng: b"\xff\xfe" + "\r\n".join(lines).encode("utf-16-le"),
    "UTF-16 BE": lambda lines, rng: b"\xfe\xff" + "\r\n".join(lines).encode("utf-16-be"),
    "UTF-16 without mark": lambda lines, rng: "\r\n".join(lines).encode("utf-16-le"),
    "UTF-8 with mark": lambda lines, rng: b"\xef\xbb\xbf" + "\n".join(lines).encode(),
    "GBK prose": lambda lines, rng: "升级失败\n".encode("gbk") + "\n".join(lines).encode() + "谢谢".encode("gbk"),
    "NULs": lambda lines, rng: "\0".join("\n".join(lines)).encode(),
    "baud noise": lambda lines, rng: b"\x80\xfe\xff\x00\n" + "\n".join(lines).encode() + b"\n\xc3\x28\xff",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PASTES)
@given(lines=walks(), seed=st.integers(0, 1 << 30))
@LAWS
def test_a_paste_says_what_the_device_said(name: str, lines: list[str], seed: int) -> None:
    plain = parse_log("\n".join(lines))
    pasted = parse_log(PASTES[name](lines, random.Random(seed)))
    assert meaning(pasted) == meaning(plain)


@given(lines=walks())
@LAWS
def test_every_line_of_a_device_is_understood(lines: list[str]) -> None:
    log = parse_log("\n".join(lines))
    assert log.unread == ()
    segments = [line for line in lines if "paddr=" in line]
    errors = [line for line in lines if line.startswith("E")]
    assert len(segments) == sum(len(walk.segments) for walk in log.passes)
    assert len(errors) == sum(len(walk.errors) for walk in log.passes)


@given(lines=walks(), data=st.data())
@LAWS
def test_line_numbers_point_at_their_lines(lines: list[str], data: st.DataObject) -> None:
    separator = data.draw(st.sampled_from(("\n", "\r\n", "\r", "\r\r\n")))
    log = parse_log(separator.join(lines))
    for walk in log.passes:
        assert walk.lines[0] <= walk.lines[1] <= len(lines)
        for segment in walk.segments:
            assert f"segment {segment.index}: paddr=" in lines[segment.line - 1]
        for error in walk.errors:
            assert lines[error.line - 1].startswith("E")


@given(lines=walks(), data=st.data())
@LAWS
def test_half_a_log_is_no_other_log(lines: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(lines)))
    whole = [s for walk in parse_log("\n".join(lines)).passes for s in walk.segments]
    halves = [
        (s.index, s.paddr, s.size)
        for part in (lines[:cut], lines[cut:])
        for walk in parse_log("\n".join(part)).passes
        for s in walk.segments
    ]
    assert halves == [(s.index, s.paddr, s.size) for s in whole]


@given(text=st.one_of(st.text(max_size=400), st.binary(max_size=400)))
@settings(max_examples=200, deadline=None)
def test_anything_gives_a_log(text: str | bytes) -> None:
    assert isinstance(parse_log(text), DeviceLog)


@given(
    pieces=st.lists(
        st.sampled_from(
            (
                "E (1) esp_image: ",
                "I (86) ",
                "(",
                ")",
                "segment 0: paddr=0x00010020 ",
                "vaddr=3f400020 ",
                "size=0x10 ( 16) map",
                "Calculated hash: ",
                "0123abcd",
                "\n",
                "\r",
                "\v",
                "\0",
                "\x1b[0;31m",
                "[0m",
                "&lt;",
                "&#10;",
                "<br>",
                "\\n",
                "> ",
                "*",
                "reading image header @ 0x10000",
                "image at 0x10000 has invalid magic byte",
                "rst:0x1 (POWERON),boot:0x13 (SPI)",
                "Segment 9 load address 0x40080000, doesn't match data 0x00010020",
                "Checksum failed. Calculated 0x1 read 0x2",
            )
        ),
        max_size=60,
    )
)
@settings(max_examples=200, deadline=None)
def test_shreds_of_logs_give_a_log(pieces: list[str]) -> None:
    text = "".join(pieces)
    log = parse_log(text)
    lines = len(re.split(r"\r+\n?|\n", text))
    assert all(1 <= number <= lines for number in log.unread)
    assert list(log.unread) == sorted(set(log.unread))


def _shared_logs() -> list[Path]:
    return sorted((SHARED / "logs").glob("*.txt"))


@pytest.mark.skipif(not _shared_logs(), reason="the collection of real logs (../shared/logs) is absent")
@pytest.mark.parametrize(
    "name",
    [
        n
        for n in PASTES
        if n
        in (
            "quoted",
            "CRLF",
            "CRCRLF",
            "Arduino IDE",
            "clock",
            "docker",
            "HTML twice escaped",
            "doubled blanks",
            "UTF-16 LE",
            "NULs",
            "blank lines between",
            "asciinema",
            "indented",
            "typographic",
        )
    ],
)
def test_real_logs_survive_pasting(name: str) -> None:
    for path in _shared_logs():
        if path.stem == "027":
            continue  # a recording already
        text = path.read_text(encoding="utf-8", errors="replace")
        pasted = parse_log(PASTES[name](text.splitlines(), random.Random(7)))
        assert meaning(pasted) == meaning(parse_log(text)), path.name
