"""Report -> a piece of HTML for a notebook cell: the verdict, the findings and the byte map, without a style sheet."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from forensics.model.report import Report
from forensics.report.byte_map import ByteMap, CellState, map_bytes
from forensics.report.html_environment import environment
from forensics.report.places import concise_place
from forensics.report.terminal import render_terminal
from forensics.report.words import hex_offset

FINDINGS_SHOWN = 20
CELLS = 128
CELL = 6
"""User units of one cell of the byte map."""

COLORS = {
    CellState.AS_SENT: "#8fa9c2",
    CellState.SHIFTED: "#c79a3b",
    CellState.TRAILING: "#9aa3ad",
    CellState.REPEATED: "#009e73",
    CellState.FOREIGN: "#56b4e9",
    CellState.ALTERED: "#d8c200",
    CellState.REPLACED: "#0072b2",
    CellState.FILLED: "#7a7f85",
    CellState.OUT_OF_ORDER: "#b0588c",
    CellState.MISSING: "#d55e00",
}
"""Middle tones, which stand out of a light and of a dark cell; the legend and the titles say the same in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Neighbouring cells of one state, in user units."""

    x: int
    width: int
    color: str
    title: str


def render_fragment(report: Report) -> str:
    """The report as one ``div``: colours of the page around it, no script, no network."""
    found = map_bytes(report, cells=CELLS)
    page = environment().get_template("fragment.html.j2")
    return page.render(
        report=report,
        findings=[(finding, concise_place(finding, report)) for finding in report.findings[:FINDINGS_SHOWN]],
        more=max(0, len(report.findings) - FINDINGS_SHOWN),
        strips=_strips(found) if found is not None else (),
        width=CELLS * CELL,
        legend=[(COLORS[state], state.value) for state in found.states] if found is not None else (),
        text=render_terminal(report, width=100),
    )


def _strips(found: ByteMap) -> list[Strip]:
    strips = []
    first = 0
    for state, cells in groupby(found.cells, key=attrgetter("state")):
        run = list(cells)
        title = f"{hex_offset(run[0].sent.start)}..{hex_offset(run[-1].sent.end)}: {state.value}"
        strips.append(Strip(x=first * CELL, width=len(run) * CELL, color=COLORS[state], title=title))
        first += len(run)
    return strips
