"""What is fuzzed: a function for each door of the tool, made of bytes: only ``OtadiffError`` may pass.

Bytes alone find nothing behind a checksum, so most targets read the bytes as choices: which packets a capture has,
which lines a log, which members a zip. Headers, lengths and checks are then right, and all else is as hostile as the bytes.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import json
import lzma
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import forensics
from forensics.cli.output import render
from forensics.errors import OtadiffError
from forensics.model.limits import Limits
from forensics.parse.identify import identify
from forensics.parse.image import parse_image
from forensics.parse.otadata import parse_otadata
from forensics.parse.partition_table import parse_partition_table
from forensics.parse.signature import parse_signatures
from forensics.parse.trailing import parse_trailing
from forensics.pipeline.bundle import BundledLog, make_bundle
from forensics.pipeline.capture_contents import capture_contents
from forensics.pipeline.captures import StreamChoice
from forensics.pipeline.extraction import ExtractOptions, extract_source
from forensics.protocols import PROTOCOLS, decode
from forensics.read import FORMATS, read_evidence
from forensics.read.captures import read_capture
from forensics.spec.log_lines.dialects import DIALECTS
from tests.fuzz import make
from tests.fuzz.forgery import HOSTILE, all_formats, forgeries, load

T = TypeVar("T")
IMAGE = make.IMAGE
LOST = IMAGE[:2440] + IMAGE[2684:]
QUICK = Limits(unpacked=1 << 24, objects=200, steps=100, seconds=None)
_TEMPLATES = tuple(template.text for _dialect, lines in DIALECTS for template in lines)
_FIELD = re.compile(r"\{(?:\w+:(\w+)|\.\.\.|end)\}|\[\[|\]\]")
_HEADS = ("", "E (512) esp_image: ", "I (30) boot: ", "\x1b[0;31mE (1) x: ", "[12:00:00.000] ", "W BOOT ", '{"log":"')
_HANDLES = (0x2A, 0x2D, 0x10, 0xFFFF)
_OPCODES = (0x01, 0x02, 0x03, 0x08, 0x09, 0x05, 0x12, 0x13, 0x16, 0x17, 0x18, 0x1B, 0x1D, 0x1E, 0x23, 0x52, 0xD2)


class Draw:
    """Takes bytes apart as choices, in order; when they are used up, every choice is the first and every piece is empty."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    def __bool__(self) -> bool:
        return self._place < len(self._data)

    def piece(self, size: int) -> bytes:
        """The next bytes, at most so many."""
        self._place += size
        return self._data[self._place - size : self._place]

    def number(self, size: int = 1) -> int:
        """A number of so many bytes."""
        return int.from_bytes(self.piece(size), "little")

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[self.number(2 if len(choices) > 256 else 1) % len(choices)]

    def one_of(self, *makers: Callable[[Draw], T]) -> T:
        """What one of the makers makes; the others take no bytes."""
        return self.pick(makers)(self)

    def some(self) -> bytes:
        """A piece of a length that is drawn: mostly short, and at times of many equal bytes."""
        size = self.number()
        return self.piece(1) * size * 16 if size > 250 else self.piece(size)

    def rest(self) -> bytes:
        """All that is left."""
        return self.piece(max(0, len(self._data) - self._place))


def _edited(draw: Draw, content: bytes) -> bytes:
    """The content after up to six changes."""
    broken = bytearray(content)
    for _ in range(draw.number() % 7):
        place, size = draw.number(2) % (len(broken) + 1), draw.pick((1, 4, 20, 244, 1000))
        old = bytes(broken[place : place + size])
        new = draw.pick(
            (b"", old * 2, old[::-1], bytes(size), b"\xff" * size, bytes(broken[place - size : place]), draw.some())
        )
        broken[place : place + size] = new
    return bytes(broken)


def _damaged(draw: Draw) -> bytes:
    return _edited(draw, IMAGE)


def _image(draw: Draw) -> bytes:
    """An image of segments with right checksum and digest, or one with changes, or bytes."""
    kind = draw.number() % 4
    if kind == 0:
        return _damaged(draw)
    if kind == 1:
        return make.image([(draw.number(4), draw.some() + bytes(-draw.number() % 64)) for _ in range(draw.number() % 20)])
    if kind == 2:
        flash = bytearray(b"\xff" * 0x18000)
        table = _edited(draw, _table())
        flash[0x8000 : 0x8000 + len(table)] = table
        flash[0x10000 : 0x10000 + len(IMAGE)] = _edited(draw, IMAGE)
        return bytes(flash)
    return draw.rest()


def _table() -> bytes:
    rows = ((1, 0, 0x9000, 0x2000, b"otadata"), (0, 0x10, 0x10000, 0x4000, b"ota_0"), (0, 0x11, 0x14000, 0x4000, b"ota_1"))
    return b"".join(
        struct.pack("<2sBBII16sI", b"\xaa\x50", kind, sub, at, size, name, 0) for kind, sub, at, size, name in rows
    )


def _log(draw: Draw) -> str:
    """Lines of the table of device lines, with any values, in any order, and lines of bytes between them."""
    lines: list[str] = []
    while draw and len(lines) < 200:
        text = draw.pick(_TEMPLATES) if draw.number() % 8 else draw.some().decode("utf-8", "replace")
        lines.append(draw.pick(_HEADS) + _FIELD.sub(lambda hit: _field(draw, hit[1]), text))
    return draw.pick(("\n", "\r\n", "\n\n", "\\n")).join(lines)


def _log_bytes(draw: Draw) -> bytes:
    return _log(draw).encode("utf-8", "replace")


def _field(draw: Draw, kind: str | None) -> str:
    if kind is None:
        return ""
    if kind.startswith("x"):
        return f"{draw.number(4) >> draw.pick((0, 8, 16, 24)):0{kind[1:] or 1}x}"
    if kind.startswith("d") and not kind.startswith("digest"):
        return str(draw.number(draw.pick((1, 2, 4, 8))))
    if kind.startswith("digest"):
        return draw.piece(32).ljust(32, b"\0").hex()
    return draw.pick(("map", "v5.1", "app", *HOSTILE, draw.some().decode("latin-1")))


def _packets(draw: Draw) -> Iterator[make.Packet]:
    """HCI packets: most of them whole ATT PDUs, some fragments, some that lie about their length."""
    yield make.connected()
    for _ in range(400):
        if not draw:
            return
        kind, sent = draw.number() % 8, bool(draw.number() & 1)
        if kind < 5:
            handle = struct.pack("<H", draw.pick(_HANDLES))
            yield make.att(bytes((draw.pick(_OPCODES),)) + handle + draw.some(), sent=sent)
        elif kind == 5:
            yield make.acl(
                draw.pick((0x40, 0x41)), draw.some(), first=bool(draw.number() & 1), sent=sent, size=draw.number(2)
            )
        elif kind == 6:
            yield draw.pick((make.connected(), make.disconnected(), make.connected(0x41)))
        else:
            yield make.Packet(draw.pick((b"\2", b"\4", b"\1")) + draw.some(), flags=draw.number() % 4, longer=draw.number())


def _journal(draw: Draw) -> bytes:
    lines: list[dict[str, Any]] = [{"schema": "otadiff.journal/1"}]
    while draw and len(lines) < 200:
        line: dict[str, Any] = {
            "time": draw.number(2) / 10,
            "event": draw.pick(("write", "notification", "mtu", "disconnected")),
        }
        line |= {
            "characteristic": draw.pick(("2a", "8022")),
            "direction": draw.pick(("out", "in")),
            "value": draw.some().hex(),
        }
        line[draw.pick(("offset", "length", "crc32", "mtu", "chunk", "before", "result"))] = draw.pick(
            (draw.number(4), -1, "x", 1e300)
        )
        lines.append(line)
    return b"\n".join(json.dumps(line).encode() for line in lines)


def _capture(draw: Draw) -> bytes:
    """A capture in one of the containers."""
    kind = draw.number() % 7
    if kind == 0:
        return _journal(draw)
    if kind == 1:
        values = (draw.some() for _ in range(draw.number()))
        rows = "".join(f"{at}\t{at}.5\t0x52\t0x002a\t{value.hex()}\n" for at, value in enumerate(values))
        return b"frame.number\tframe.time_epoch\tbtatt.opcode\tbtatt.handle\tbtatt.value\n" + rows.encode()
    if kind == 2:
        link_type = draw.pick((251, 256, 272, 192, 187, 201, 254))
        return make.pcap([draw.some() for _ in range(draw.number())], link_type)
    packets = list(_packets(draw))
    if kind == 3:
        return make.pcapng(((packet.flags & 1).to_bytes(4, "big") + packet.data for packet in packets), 201)
    if kind == 4:
        records = b"".join(struct.pack("<HHIb", len(p.data), len(p.data), 1000, 0x11) + p.data[1:] for p in packets)
        packed = base64.encodebytes(struct.pack("<bQ", 2, 0) + zlib.compress(records))
        return b"== dumpstate: 1\n--- BEGIN:BTSNOOP_LOG_SUMMARY (1 in) ---\n" + packed + b"--- END:BTSNOOP_LOG_SUMMARY ---\n"
    if kind == 5:
        return b"".join(struct.pack(">IIIB", len(p.data) + 8, 1, 0, 2 + (p.flags & 1)) + p.data[1:] for p in packets)
    return make.btsnoop(packets)


def _name(draw: Draw) -> str:
    return draw.pick(
        ("sent.bin", "btsnoop_hci.log", "device.log", "a/b.zip", "../x", "", *HOSTILE, draw.some().decode("latin-1"))
    )


def _archive(draw: Draw, depth: int = 3) -> bytes:
    """A file in archives in archives."""
    kind = draw.number() % 8
    if not depth or kind == 0:
        return draw.one_of(lambda _: IMAGE, lambda _: LOST, _log_bytes, _capture, Draw.rest)
    if kind <= 3:
        members = []
        for _ in range(draw.number() % 5):
            member = make.deflated(_name(draw), _archive(draw, depth - 1))
            lie = make.Member(
                member.name, member.packed, draw.pick((0, 8, 12, 14, 99)), draw.number(4), draw.number(4), draw.number(2)
            )
            members.append(lie if draw.number() % 4 == 0 else member)
        return _edited(draw, make.zipped(members, overlapping=draw.pick((1, 1, 1, 3))))
    inner = _archive(draw, depth - 1)
    packers: tuple[Callable[[bytes], bytes], ...] = (
        gzip.compress,
        bz2.compress,
        lzma.compress,
        lambda data: make.tarred("x", data),
    )
    return _edited(draw, packers[kind % 4](inner))


def compare(draw: Draw) -> None:
    """``otadiff SENT RECEIVED`` with any options."""
    sent = draw.one_of(lambda _: IMAGE, _image)
    received = draw.one_of(_damaged, _image)
    kind, log = draw.number(), None
    if kind & 1:
        log = _log(draw)
    options: dict[str, Any] = {"chunk_size": draw.pick((None, 20, draw.number()))} if kind & 2 else {}
    options |= {"offset": draw.number(2)} if kind & 4 else {}
    options |= {"slot": draw.pick(("ota_0", "x"))} if kind & 8 and kind & 16 else {}
    report = forensics.compare(sent, received, log=log, limits=QUICK, **options)
    assert load(report.to_dict()) == report
    if kind & 96 == 0:
        all_formats(report)


def inspect(draw: Draw) -> None:
    """``otadiff inspect IMAGE``."""
    image = _image(draw)
    with suppress(OtadiffError):
        forensics.predict_log(image)
    all_formats(forensics.inspect_image(image, limits=QUICK))


def triage(draw: Draw) -> None:
    """``otadiff triage`` on a text, alone or beside an image."""
    text = _log_bytes(draw)
    all_formats(forensics.triage(*draw.pick(((text,), (text, IMAGE), (text, IMAGE, LOST))), limits=QUICK))


def read_log(draw: Draw) -> None:
    """``read_log`` of text and of bytes in any encoding."""
    text, encoding = _log(draw), draw.pick((None, "utf-16", "latin-1"))
    forensics.read_log(text if encoding is None else text.encode(encoding, "replace"))


def readers(draw: Draw) -> None:
    """Every reader over any content, chosen by content or by name."""
    shown = "".join(f"{at:04x}: {IMAGE[at : at + 16].hex(' ')}\n" for at in range(0, 512, 16)).encode()
    hexed = b":10000000" + IMAGE[:16].hex().encode() + b"00\n:00000001FF\n"
    content = draw.pick((shown, hexed, _table(), base64.encodebytes(IMAGE[:600]), b""))
    content = _edited(draw, content or draw.rest())
    name = draw.pick((None, *FORMATS))
    with suppress(OtadiffError):
        extract_source(content, ExtractOptions(format=name))
    extract_source(content, ExtractOptions(format=name, sent=IMAGE))


def captures(draw: Draw) -> None:
    """Captures of every container, as they are and with changes."""
    content = _edited(draw, _capture(draw))
    with suppress(OtadiffError):
        capture_contents(read_evidence(content))
    with suppress(OtadiffError):
        forensics.compare(IMAGE, LOST, capture=content, limits=QUICK)
    forensics.compare(IMAGE, content, limits=QUICK)


def archives(draw: Draw) -> None:
    """Archives, given to the commands that open them."""
    content = _archive(draw)
    with suppress(OtadiffError):
        forensics.triage(content, limits=QUICK)
    forensics.compare(IMAGE, content, limits=QUICK)


def tables(draw: Draw) -> None:
    """Partition table, otadata, signatures and what stands behind an image."""
    content = draw.one_of(lambda _: _edited(draw, _table()), Draw.rest)
    parse_partition_table(content, flash_size=draw.pick((None, 0x400000)))
    parse_otadata(content.ljust(0x2000, b"\xff"), ota_slots=draw.number() % 17, has_factory=bool(draw.number() & 1))
    signed = IMAGE + bytes(-len(IMAGE) % 4096) + content
    image = parse_image(signed)
    parse_signatures(signed, image)
    parse_trailing(signed, image)
    identify(content)


def protocols(draw: Draw) -> None:
    """Every decoder of a protocol over writes of any kind, with and without a choice of them."""
    capture = read_capture(make.btsnoop(list(_packets(draw))))
    for name in (None, *(row.name for row in PROTOCOLS)):
        with suppress(OtadiffError):
            decode(capture, IMAGE.find, protocol=name, sent=IMAGE)
    choice = StreamChoice(handle=draw.pick((None, *_HANDLES)), uuid=draw.pick((None, "8022", "x")))
    extract_source(make.btsnoop(list(_packets(draw))), ExtractOptions(choice=choice))


def _places(value: object) -> Iterator[tuple[Any, Any]]:
    """Every container of a document with each of its keys."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from _places(inner)


def _changed(draw: Draw, document: dict[str, Any]) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(document))
    for _ in range(1 + draw.number() % 4):
        places = list(_places(copy))
        if places:
            container, key = draw.pick(places)
            simple: tuple[Any, ...] = (None, -1, 1 << 70, 0.5, True, "", [], {}, container[key], [container[key]] * 2)
            container[key] = draw.pick((*simple, *HOSTILE, draw.some().decode("utf-8", "surrogateescape")))
    return copy


_SAVED = tuple(
    report.to_dict()
    for report in (
        forensics.compare(IMAGE, LOST),
        forensics.inspect_image(IMAGE),
        forensics.triage(b"E (1) esp_image: Image hash failed - image is corrupt\n"),
    )
)


def saved(draw: Draw) -> None:
    """A saved report in which anything may be anything, in every format and in a bundle."""
    report = load(_changed(draw, draw.pick(_SAVED)))
    all_formats(report)
    make_bundle(report, [BundledLog(name=_name(draw), text=draw.some())], render)


def forged(draw: Draw) -> None:
    """No text of a stranger's file begins a line, makes an element or gives a command in any format."""
    text = draw.pick((*HOSTILE, draw.some().decode("utf-8", "replace")))
    kind = draw.number() % 3
    if kind == 0:
        report = forensics.inspect_image(make.named_image(text), limits=QUICK)
    elif kind == 1:
        files = {f"{text}.log": _log_bytes(draw), f"{text}.bin": IMAGE}
        report = forensics.triage(
            make.zipped([make.deflated(name, content) for name, content in files.items()]), limits=QUICK
        )
    else:
        report = load(_changed(draw, draw.pick(_SAVED)))
    found = forgeries(report)
    assert not found, found


@dataclass(frozen=True, slots=True)
class Target:
    """A door, and what mutation begins with besides random bytes."""

    run: Callable[[Draw], None]
    seeds: tuple[bytes, ...] = ()

    @property
    def name(self) -> str:
        """As the command line takes it."""
        return self.run.__name__

    def __call__(self, data: bytes) -> None:
        """Run over one input; whatever is raised is a find."""
        with suppress(OtadiffError):
            self.run(Draw(data))


TARGETS = (
    Target(compare),
    Target(inspect, (b"\3" + IMAGE, b"\3" + LOST)),
    Target(triage),
    Target(read_log),
    Target(readers),
    Target(captures),
    Target(archives),
    Target(tables),
    Target(protocols),
    Target(saved),
    Target(forged),
)
"""Every target."""
