"""Inputs that once took the machine or broke a promise, each made by a small function.

``test_reproducers`` gives each to its door (``doors``) in a process of its own, under limits of CPU time and memory.
"""

from __future__ import annotations

import base64
import gzip
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from random import Random

import forensics
from forensics.pipeline.batch.results import CaseResult
from forensics.synth.image import build_image
from tests.bench.many_faults import CASES
from tests.fuzz import make
from tests.fuzz.forgery import HOSTILE

MIB = 1 << 20
Files = dict[str, bytes]
"""Content by the path below the folder of the job."""

_SMALL = build_image(size=48 * 1024, seed=5)


_CHIP_LINE = "E (512) esp_image: mismatch chip ID, expected 0, found 70000\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproducer:
    """One input.

    Attributes:
        name: What the test is called.
        door: A name in ``doors.DOORS``.
        build: Makes the files, in the order of the door's arguments.
        arguments: What the door gets instead of the names of the files; an absolute path is taken as it is.
        answer: What the door must say; None takes any answer, and also that the input is refused.
        slow: It takes more than two seconds.
    """

    name: str
    door: str
    build: Callable[[], Files]
    arguments: tuple[str, ...] = ()
    answer: str | None = None
    slow: bool = False


def _bomb(method: int, told: int = 100) -> Files:
    """256 MiB of zeros in a zip, whose list of files tells another size."""
    packer = zipfile._get_compressor(method)  # type: ignore[attr-defined]
    packed = b"".join(packer.compress(bytes(MIB)) for _ in range(256)) + packer.flush()
    return {"bug.zip": make.zipped([make.Member("sent.bin", packed, method, size=told, flags=make.ENDS_ITSELF)])}


def _discovery() -> Files:
    """A peer with 65,535 characteristics, then 4,000 connections to it."""
    entries = [struct.pack("<HBHH", handle, 2, handle, handle) for handle in range(1, 0x10000)]
    packets = [make.connected()]
    for at in range(0, len(entries), 9000):
        packets.append(make.att(b"\x09\x07" + b"".join(entries[at : at + 9000]), sent=False))
    packets += [make.disconnected(), make.connected()] * 4000
    return {"capture.btsnoop": make.btsnoop(packets)}


def _snooz(count: int) -> Files:
    """Records of no bytes in the text of a bug report."""
    packed = struct.pack("<bQ", 2, 0) + zlib.compress(struct.pack("<HHIb", 1, 1, 1, 0x11) * count)
    begin, end = b"--- BEGIN:BTSNOOP_LOG_SUMMARY (1 bytes in) ---\n", b"--- END:BTSNOOP_LOG_SUMMARY ---\n"
    return {"bugreport.txt": b"== dumpstate: 2025-10-09 08:53:20\n" + begin + base64.encodebytes(packed) + end}


def _jumping_writes() -> Files:
    """Writes of 20 bytes whose numbers jump by 65,000."""
    pieces = [_SMALL[at : at + 20] for at in range(0, 4000, 20)]
    lines = (f"[{number * 65_000}] write 20 bytes: {piece.hex(' ')}\n" for number, piece in enumerate(pieces))
    return {"sent.bin": _SMALL, "writes.txt": "".join(lines).encode()}


def _encrypted(outer: int, middle: int) -> Files:
    """Zips in zips of zips, at the bottom 2,000 encrypted files each."""
    inner = make.zipped([make.Member(f"{number}.bin", b"\0", flags=make.ENCRYPTED) for number in range(2000)])
    for count in (middle, outer):
        inner = make.zipped([make.deflated(f"{number}.zip", inner) for number in range(count)])
    return {"bug.zip": inner}


def _overlapping() -> Files:
    """A list of 2,000 files, all of them the same 60 MiB."""
    return {"bug.zip": make.zipped([make.deflated("received.bin", bytes(60 * MIB))], overlapping=2000)}


def _gaps() -> Files:
    """8,192 PDUs that never end, then 20,000 packets that are too short."""
    begun = struct.pack("<HH", 100, 4) + b"\x52"
    packets = [make.acl(handle, begun, sent=sent) for handle in range(4096) for sent in (False, True)]
    packets += [make.Packet(b"\x02\x40", longer=10)] * 20_000
    return {"capture.btsnoop": make.btsnoop(packets)}


def _prepared(handles: int, count: int) -> Files:
    """Prepared writes of no bytes, then their execution."""
    packets = [make.att(b"\x16" + struct.pack("<HH", 1 + number % handles, 0)) for number in range(count)]
    return {"capture.btsnoop": make.btsnoop([make.connected(), *packets, make.att(b"\x18\x01")])}


def _btmon(lines: int) -> Files:
    """One value of many lines in the text of btmon."""
    head = "< ACL Data TX: Handle 64 flags 0x00 dlen 27   #1 [hci0] 1.000000\n      ATT: Write Command (0x52) len 20\n"
    value = "        Handle: 0x002a\n          Data: e9050220\n" + ("          " + "a5" * 15 + "\n") * lines
    return {"capture.txt": (head + value).encode()}


def _journal(lines: Iterable[dict[str, object]]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in ({"schema": "otadiff.journal/1"}, *lines))


def _claiming_journal() -> Files:
    """70,000 writes of 64 KiB, of which only the length is written down."""
    write = {"time": 1.0, "event": "write", "direction": "out", "characteristic": "2a", "length": 65536}
    return {"journal.jsonl": _journal([write] * 70_000)}


def _long_journal() -> Files:
    """25 MiB in writes of 4,000 bytes, all of which arrived."""
    sent = build_image(chip="ESP32-S3", size=16 * MIB, seed=3)
    pieces = [sent[at : at + 4000] for at in range(0, len(sent), 4000)]
    common = {"event": "write", "direction": "out", "characteristic": "2a", "response": True, "result": "acknowledged"}
    lines = [
        {
            "time": at / 100,
            **common,
            "chunk": at,
            "offset": at * 4000,
            "length": len(piece),
            "value": (bytes(2200) + piece).hex(),
        }
        for at, piece in enumerate(pieces)
    ]
    return {"sent.bin": sent, "journal.jsonl": _journal(lines)}


def _text(name: str, text: str) -> Files:
    return {name: text.encode()}


def _error_lines() -> Files:
    line = b"E (512) esp_image: Checksum failed. Calculated 0xe2 read 0x15\n"
    return {"bug.zip": make.zipped([make.deflated("device.log", line * (63 * MIB // len(line)))])}


def _different_walks() -> Files:
    """A boot loop in which each walk ends in another objection."""
    walk = (
        "I ({0}) esp_image: segment 0: paddr={1:08x} vaddr={2:08x} size=00100h (   256) map\n"
        "E ({0}) esp_image: invalid segment length 0x{3:x}\n"
        "rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\n"
    )
    numbers = range(MIB // 190)
    text = "".join(walk.format(one, 0x110020 + 16 * one, 0x3F400020 + 4 * one, 0xF0000000 + 3 * one) for one in numbers)
    return {"d.log": text.encode()}


def _eight_members() -> Files:
    return {"bug.zip": make.zipped([make.deflated(f"{number}.bin", bytes(64 * MIB - 1)) for number in range(8)])}


def _gzip_in_gzip() -> Files:
    return {"received.gz": gzip.compress(gzip.compress(gzip.compress(bytes(64 * MIB), mtime=0), mtime=0), mtime=0)}


def _record(address: int, data: bytes, kind: int = 0) -> str:
    body = bytes((len(data),)) + address.to_bytes(2, "big") + bytes((kind,)) + data
    return f":{(body + bytes((-sum(body) & 0xFF,))).hex().upper()}\n"


def _sparse_hex() -> Files:
    """Two records 64 MiB apart."""
    far = _record(0, (0x03FF).to_bytes(2, "big"), 4)
    text = _record(0, _SMALL[:16]) + far + _record(0xFF00, _SMALL[16:32]) + ":00000001FF\n"
    return _text("received.hex", text)


def _s_record(address: int, data: bytes, wrong: int = 0) -> str:
    body = bytes((len(data) + 5,)) + address.to_bytes(4, "big") + data
    return f"S3{(body + bytes((~sum(body) - wrong & 0xFF,))).hex().upper()}\n"


def _damaged_s_record() -> Files:
    """A flipped bit in the address of one record, which its checksum shows."""
    good = "".join(_s_record(at, _SMALL[at : at + 16]) for at in range(0, 4096, 16))
    return _text("received.s19", good + _s_record(0x03000000, bytes(16), wrong=1) + "S70500000000FA\n")


def _tiny_records(make_record: Callable[[int, bytes], str], end: str) -> Files:
    """A megabyte, one byte a record."""
    text = "".join(make_record(at, b"\xe9") for at in range(1_000_000))
    return _text("received.txt", text + end)


def _tiny_hex() -> Files:
    pieces = []
    for at in range(1_000_000):
        if at & 0xFFFF == 0:
            pieces.append(_record(0, (at >> 16).to_bytes(2, "big"), 4))
        pieces.append(_record(at & 0xFFFF, b"\xe9"))
    return _text("received.hex", "".join(pieces) + ":00000001FF\n")


def _lies() -> Files:
    """1,500 PDUs that claim 64 KiB and have one byte, each cut off by the next."""
    begun = struct.pack("<HH", 0xFFF0, 4) + b"\x52"
    return {"capture.btsnoop": make.btsnoop([make.connected(), *([make.acl(0x40, begun)] * 1500)])}


def _many_entries() -> Files:
    """A list of a million files."""
    name, count = b"a", 1_000_000
    local = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, 0, 1, 1, 1, 0) + name + b"x"
    listed = b"PK\1\2" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 33, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0) + name
    body = listed * count
    end = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, len(body), len(local))
    end += b"PK\6\7" + struct.pack("<IQI", 0, len(local) + len(body), 1)
    return {
        "bug.zip": local + body + end + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, len(body), len(local), 0)
    }


def _faulty(case: int) -> Files:
    """A large image as a lossy receiver leaves it."""
    _name, size, chunk, damage = CASES[case]
    sent = build_image(chip="ESP32-S3", size=size * MIB, seed=size)
    return {"sent.bin": sent, "received.bin": damage(sent, chunk, Random(chunk))}


def _named(project: str) -> Files:
    return {"image.bin": make.named_image(project)}


def _no_segments() -> Files:
    return {"sent.bin": make.empty_image(), "received.bin": _SMALL}


def _nameless() -> Files:
    """A sent image beside a zip with one member, which has no name."""
    return {"sent.bin": _SMALL, "received.zip": make.zipped([make.deflated("", _SMALL)])}


def _lost_digit() -> Files:
    """A hex dump that lacks one digit, in its twelfth line."""
    lines = [f"{at:04x}: {make.IMAGE[at : at + 16].hex(' ')}\n" for at in range(0, 512, 16)]
    lines[11] = lines[11][:-8] + lines[11][-7:]
    return {"sent.bin": make.IMAGE, "dump.txt": "".join(lines).encode()}


def _hostile_zip() -> Files:
    """Hostile names of files and, in one of them, of a project."""
    members = [make.deflated(f"{name}.log", b"E (1) esp_image: Image hash failed - image is corrupt\n") for name in HOSTILE]
    return {"bug.zip": make.zipped([*members, make.deflated(f"{HOSTILE[0]}.bin", _SMALL)])}


def _shell_names() -> Files:
    """A log beside two images whose names a shell would run."""
    log = b"E (512) esp_image: Checksum failed. Calculated 0xe2 read 0x15\n"
    return {"$(touch pwned).bin": _SMALL, "x;$(touch pwned).log": log}


def _saved(change: Callable[[dict[str, object]], None]) -> Files:
    document = forensics.compare(_SMALL, _SMALL[:9760] + _SMALL[10_004:]).to_dict()
    change(document)
    return {"report.json": json.dumps(document).encode()}


def _hostile_findings(document: dict[str, object]) -> None:
    findings = document["findings"]
    assert isinstance(findings, list)
    document["findings"] = [{**findings[0], **dict.fromkeys(("slug", "summary"), text)} for text in HOSTILE]


def _hostile_code(document: dict[str, object]) -> None:
    findings = document["findings"]
    assert isinstance(findings, list)
    findings[0]["code"] = HOSTILE[7]


def _no_values(document: dict[str, object]) -> None:
    findings = document["findings"]
    assert isinstance(findings, list)
    findings[0]["values"] = None


def _surrogate(document: dict[str, object]) -> None:
    document["tool"] = {"name": "\udcff\x1b[2J", "version": "1"}


def _two_of_one_name() -> Files:
    log = b"E (512) esp_image: Checksum failed. Calculated 0xe2 read 0x15\n"
    return {"a/bugs/device.log": log, "b/bugs/device.log": log}


def _large_integer() -> Files:
    log = b"E (512) esp_image: Checksum failed. Calculated 0xe2 read 0x15\n"
    line = json.dumps(CaseResult(case="bugs", verdict="faulty", chunk_size=1 << 70).to_dict()).encode() + b"\n"
    return {"cases/bugs/device.log": log, "r.jsonl": line + line.replace(b"bugs", b"cases")}


HIGH = (
    Reproducer(name="bz2-bomb", door="triage", build=partial(_bomb, make.BZIP2), slow=True),
    Reproducer(name="lzma-bomb", door="triage", build=partial(_bomb, make.LZMA), slow=True),
    Reproducer(name="lzma-bomb-of-true-size", door="triage", build=partial(_bomb, make.LZMA, 256 * MIB), slow=True),
    Reproducer(name="discovery", door="capture", build=_discovery),
    Reproducer(name="snooz-132k", door="capture", build=partial(_snooz, 64 * MIB // 9), slow=True),
    Reproducer(name="snooz-14k", door="capture", build=partial(_snooz, 7 * MIB // 9), slow=True),
    Reproducer(name="jumping-writes", door="compare", build=_jumping_writes),
    Reproducer(name="encrypted-in-zips", door="triage", build=partial(_encrypted, 20, 50)),
    Reproducer(name="encrypted-in-zip", door="triage", build=partial(_encrypted, 1, 50)),
    Reproducer(name="overlapping-entries", door="triage", build=_overlapping),
    Reproducer(name="gaps", door="capture", build=_gaps),
    Reproducer(name="prepared-handles", door="capture", build=partial(_prepared, 13_000, 50_000)),
    Reproducer(name="prepared-nothing", door="capture", build=partial(_prepared, 1, 20_000)),
    Reproducer(name="btmon-50000", door="capture", build=partial(_btmon, 50_000)),
    Reproducer(name="btmon-150000", door="capture", build=partial(_btmon, 150_000)),
    Reproducer(name="claiming-journal", door="capture", build=_claiming_journal),
    Reproducer(name="written-returns", door="log", build=partial(_text, "d.log", "\\r" * 50_000)),
    Reproducer(name="spi-speed", door="log", build=partial(_text, "d.log", ("SPI Speed" + ":" * 80 + "x\n") * 250)),
    Reproducer(
        name="app-version", door="log", build=partial(_text, "d.log", ("App version:" + " " * 380 + "\\\n") * 25_000)
    ),
    Reproducer(name="unclosed-recording", door="log", build=partial(_text, "d.log", '[0.1, "o", "' + '\\"' * 30_000)),
    Reproducer(name="error-lines", door="triage", build=_error_lines),
    Reproducer(name="eight-members", door="triage", build=_eight_members),
    Reproducer(name="gzip-in-gzip", door="triage", build=_gzip_in_gzip),
    Reproducer(name="sparse-hex", door="extract", build=_sparse_hex),
    Reproducer(name="damaged-s-record", door="extract", build=_damaged_s_record),
    Reproducer(name="lies", door="capture", build=_lies),
    Reproducer(
        name="tiny-s-records", door="extract", build=partial(_tiny_records, _s_record, "S70500000000FA\n"), slow=True
    ),
    Reproducer(name="tiny-hex-records", door="extract", build=_tiny_hex, slow=True),
    Reproducer(name="million-entries", door="triage", build=_many_entries, slow=True),
    *(
        Reproducer(
            name=f"faults-{at}-{case[1]}M-{case[3].__name__[1:]}-{case[2]}",
            door="compare",
            build=partial(_faulty, at),
            slow=True,
        )
        for at, case in enumerate(CASES)
    ),
    *(Reproducer(name=f"image-name-{at}", door="names", build=partial(_named, text)) for at, text in enumerate(HOSTILE)),
    Reproducer(name="hostile-names", door="names", build=_hostile_zip, arguments=("bug.zip", "bug.zip")),
    Reproducer(name="shell-names", door="names", build=_shell_names),
    Reproducer(name="saved-findings", door="saved", build=partial(_saved, _hostile_findings)),
    Reproducer(name="saved-code", door="saved", build=partial(_saved, _hostile_code)),
)
"""Rows of table "High" of the reliability trials that are inputs, H4 to H7 included."""

MEDIUM = (
    Reproducer(name="no-segments", door="formats", build=_no_segments),
    Reproducer(name="nameless-member", door="triage", build=_nameless),
    Reproducer(name="nameless-received", door="compare", build=_nameless),
    Reproducer(name="line-of-300", door="log-text", build=partial(_text, "d.log", "x" * 300)),
    Reproducer(name="line-of-4096", door="log-text", build=partial(_text, "d.log", "x" * 4096)),
    Reproducer(name="endless-log", door="log", build=dict, arguments=("/dev/zero",)),
    Reproducer(name="two-of-one-name", door="batch", build=_two_of_one_name, arguments=("a", "b")),
    Reproducer(name="large-integer", door="batch", build=_large_integer, arguments=("cases", "r.jsonl")),
    Reproducer(name="long-journal", door="compare", build=_long_journal, answer="healthy", slow=True),
    Reproducer(name="surrogate-tool", door="saved", build=partial(_saved, _surrogate)),
)
"""Rows of table "Medium" that are inputs."""

FOUND = (
    Reproducer(name="dump-lost-digit", door="compare", build=_lost_digit),
    Reproducer(name="saved-values-null", door="saved", build=partial(_saved, _no_values)),
    Reproducer(name="large-chip-id", door="triage", build=partial(_text, "d.log", _CHIP_LINE)),
    Reproducer(name="different-walks", door="triage", build=_different_walks, slow=True),
    Reproducer(name="control-in-log", door="round-trip", build=partial(_text, "d.log", "E (1) x: a\x15b\n")),
)
"""What fuzzing found since."""

REPRODUCERS = (*HIGH, *MEDIUM, *FOUND)

FAILS_TODAY: dict[str, str] = {}
"""Name of a reproducer to the reason why it fails; whoever mends it removes the row."""
