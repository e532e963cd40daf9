"""The signs drawn in a terminal, each with its ASCII twin."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.report.byte_map import CellState

MARKS = {
    CellState.TRAILING: "-",
    CellState.REPEATED: "+",
    CellState.FOREIGN: "?",
    CellState.ALTERED: "~",
    CellState.REPLACED: "o",
    CellState.FILLED: "0",
    CellState.OUT_OF_ORDER: "x",
    CellState.MISSING: "!",
}
"""Faults keep the same letter-like sign everywhere, so that they stand out of the texture around them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """One set of signs."""

    gutter: str
    wall: str
    more: str
    ellipsis: str
    cells: dict[CellState, str]


UNICODE = Glyphs(
    gutter="│",
    wall="│",
    more="┄",
    ellipsis="…",
    cells={CellState.AS_SENT: "░", CellState.SHIFTED: "▓", **MARKS},
)
ASCII = Glyphs(
    gutter="|",
    wall="|",
    more="..",
    ellipsis="...",
    cells={CellState.AS_SENT: ".", CellState.SHIFTED: ">", **MARKS},
)
