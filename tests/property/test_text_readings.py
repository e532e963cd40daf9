"""Whatever a text looks like: the bytes that it shows are recovered, and a healthy transfer is never called faulty."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forensics
from forensics.model.finding import Verdict
from forensics.read.table import Known, readings
from forensics.synth.image import build_image
from tests.bench.evidence import FAULTS, broken, is_right
from tests.bench.evidence_forms import FORMS, chunks_of

IMAGE = build_image(size=16384)

SHOWN: dict[str, Callable[[bytes, str], str]] = {
    "hex": lambda data, between: between.join(f"{byte:02x}" for byte in data),
    "HEX": lambda data, between: between.join(f"{byte:02X}" for byte in data),
    "0x": lambda data, between: (between or " ").join(f"0x{byte:02x}" for byte in data),
    "&H": lambda data, between: (between or " ").join(f"&H{byte:02X}" for byte in data),
    "short hex": lambda data, between: (between or " ").join(f"{byte:x}" for byte in data),
    "decimal": lambda data, between: (between or ",").join(map(str, data)),
    "signed": lambda data, between: (between if between and between != "-" else ",").join(
        str(byte - 256 if byte > 127 else byte) for byte in data
    ),
    "octal": lambda data, between: (between or " ").join(f"{byte:03o}" for byte in data),
    "binary": lambda data, between: (between or " ").join(f"{byte:08b}" for byte in data),
    "base64": lambda data, between: base64.b64encode(data).decode(),
    "literal": lambda data, between: repr(data),
}


@dataclass(frozen=True)
class Layout:
    """How a program prints a write."""

    shown: str
    between: str
    size: int
    row: int | None
    stamp: str
    label: str
    count: str
    length: str
    brackets: tuple[str, str]
    behind: str
    line_end: str
    coloured: bool
    chatter: int

    def text(self, image: bytes) -> bytes:
        """The whole transfer."""
        lines = []
        for number, offset, chunk in chunks_of(image, self.size):
            if self.chatter and number % self.chatter == 0:
                lines.append(f"I ({900 + number}) heap: free {200_000 - number}, connected")
            step = self.row if self.row and self.shown not in ("base64", "literal") else len(chunk)
            for at in range(0, len(chunk), step):
                lines.append(self._line(number, offset + at, chunk[at : at + step]))
        return (self.line_end.join(lines) + self.line_end).encode()

    def _line(self, number: int, offset: int, data: bytes) -> str:
        values = {"n": number, "o": offset, "s": len(data), "ms": 1000 + 13 * number}
        head = "".join(part.format(**values) for part in (self.stamp, self.count, self.length, self.label))
        opening, closing = self.brackets if self.shown != "literal" else ("", "")
        line = head + opening + SHOWN[self.shown](data, self.between) + closing + self.behind.format(**values)
        return f"\x1b[0;32m{line}\x1b[0m" if self.coloured else line


LAYOUTS = st.builds(
    Layout,
    shown=st.sampled_from(sorted(SHOWN)),
    between=st.sampled_from((" ", " ", ",", ", ", ":", "-", ";", "\t", "", " | ")),
    size=st.sampled_from((20, 180, 244, 508)),
    row=st.sampled_from((None, None, 16, 32, 8)),
    stamp=st.sampled_from(("", "", "I ({ms}) ", "2024-03-02 10:16:40.{ms} ", "[{ms}] ")),
    label=st.sampled_from(("", "", "data: ", "write = ", "BLE: value ", "rx -> ", "TX> ")),
    count=st.sampled_from(("", "", "{n} ", "#{n} ", "[{n}] ", "seq={n} ", "chunk {n} of 900 ", "@{o} ", "0x{o:06x} ")),
    length=st.sampled_from(("", "", "len={s} ", "({s} bytes) ")),
    brackets=st.sampled_from((("", ""), ("", ""), ("[", "]"), ("{ ", " }"), ("<", ">"), ("(", ");"))),
    behind=st.sampled_from(("", "", "", " ok", " ;", " ({s} bytes)")),
    line_end=st.sampled_from(("\n", "\n", "\r\n")),
    coloured=st.booleans(),
    chatter=st.sampled_from((0, 0, 3, 20)),
)


@settings(max_examples=25)
@given(LAYOUTS)
def test_the_bytes_are_recovered(layout: Layout) -> None:
    found = readings(layout.text(IMAGE), Known(IMAGE))
    assert found
    assert found[0].data == IMAGE


@pytest.mark.slow
@settings(max_examples=40)
@given(LAYOUTS)
def test_a_healthy_transfer_is_healthy(layout: Layout) -> None:
    report = forensics.compare(IMAGE, layout.text(IMAGE))
    assert report.verdict is not Verdict.FAULTY


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_read_as_the_raw_bytes_are(form: str) -> None:
    for fault in FAULTS:
        chunks = broken(chunks_of(IMAGE, 180), fault, Random(f"{form} {fault}"))
        report = forensics.compare(IMAGE, FORMS[form](chunks).encode("utf-8", "surrogateescape"))
        assert is_right(IMAGE, chunks, report), (fault, report.summary)
