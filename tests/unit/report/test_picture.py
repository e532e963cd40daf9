"""The chunk pictures, read as two rows."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.model.alignment import Chunking, Edit, EditKind, Relation, Repeat, Span
from forensics.model.report import Report
from forensics.model.span import ByteSpan
from forensics.report.grid import ChunkGrid
from forensics.report.picture import picture_of
from tests.unit.report.parts import CHUNK, SIZE, chunk, same
from tests.unit.report.reports import REPORTS


def rows(report: Report, index: int = 0) -> tuple[list[str | None], list[str | None], list[int]]:
    picture = picture_of(report.edits[index], report)
    assert picture is not None
    marked = [position for position, column in enumerate(picture.columns) if column.state is not None]
    return (
        [column.sent for column in picture.columns],
        [column.received for column in picture.columns],
        marked,
    )


def test_dropped() -> None:
    assert rows(REPORTS["dropped"]()) == (
        ["98", "99", "100", "101", "102"],
        ["98", "99", None, "101", "102"],
        [2],
    )


def test_swapped() -> None:
    assert rows(REPORTS["swapped"]()) == (
        ["98", "99", "100", "101", "102", "103"],
        ["98", "99", "101", "100", "102", "103"],
        [2, 3],
    )


def test_overwritten_names_the_chunk_that_stands_there() -> None:
    sent, received, marked = rows(REPORTS["twelve-findings"](), 1)
    assert (sent[2], received[2], marked) == ("45", "44", [2])


def test_header_in_every_chunk_draws_three() -> None:
    sent, received, marked = rows(REPORTS["header-in-every-chunk"]())
    assert sent == [None, "0", None, "1", None, "2"]
    assert received == ["+4 bytes", "0", "+4 bytes", "1", "+4 bytes", "2"]
    assert marked == [0, 2, 4]


def test_without_a_grid_boxes_name_offsets_and_sizes() -> None:
    assert rows(REPORTS["truncated"]()) == (["0x25544", "29468 bytes"], ["0x25544", None], [1])


def test_a_second_fault_beside_the_first_shows() -> None:
    gap, hole = chunk(100), chunk(99)
    report = REPORTS["dropped"]()
    spans = (
        same(0, hole.start, 0),
        Span(received=hole, relation=Relation.FILL, value=0),
        same(gap.start, SIZE - CHUNK, gap.end),
    )
    sent, received, _ = rows(replace(report, spans=spans))
    assert sent[1] == "99"
    assert received[1] == "0x00"


@pytest.mark.parametrize("name", ["log-only", "wrong-image"])
def test_no_picture_of_what_has_no_surroundings(name: str) -> None:
    report = REPORTS[name]()
    assert all(picture_of(edit, report) is None for edit in report.edits)


@given(
    size=st.integers(1, 700),
    phase=st.integers(0, 600),
    reset=st.none() | st.integers(700, 5000),
    end=st.integers(1, 20000),
)
def test_the_grid_agrees_with_its_own_cuts(size: int, phase: int, reset: int | None, end: int) -> None:
    grid = ChunkGrid(size=size, phase=phase % size, reset=reset)
    starts = grid.starts(end)
    assert [grid.index(start) for start in starts] == list(range(len(starts)))
    assert all(grid.is_edge(start) and grid.floor(start) == start for start in starts)
    for start, following in pairwise(starts):
        assert grid.ceiling(start) == following
        assert grid.index(following - 1) == grid.index(start)


@given(
    kind=st.sampled_from(EditKind),
    sent=st.none() | st.tuples(st.integers(0, 3000), st.integers(0, 900)),
    received=st.tuples(st.integers(0, 3000), st.integers(0, 900)),
    source=st.none() | st.tuples(st.integers(0, 3000), st.integers(0, 900)),
    size=st.none() | st.integers(0, 600),
    repeat=st.none() | st.integers(-5, 10**12),
    step=st.integers(-600, 600),
)
def test_any_edit_gives_a_picture_or_none(
    *,
    kind: EditKind,
    sent: tuple[int, int] | None,
    received: tuple[int, int],
    source: tuple[int, int] | None,
    size: int | None,
    repeat: int | None,
    step: int,
) -> None:
    def span(pair: tuple[int, int] | None) -> ByteSpan | None:
        return ByteSpan(pair[0], sum(pair)) if pair is not None else None

    edit = Edit(
        kind=kind,
        sent=span(sent),
        received=ByteSpan(received[0], sum(received)),
        source=span(source),
        repeat=Repeat(count=repeat, sent_step=step, received_step=step) if repeat is not None else None,
    )
    report = replace(REPORTS["dropped"](), edits=(edit,), chunking=Chunking(size=size))
    picture = picture_of(edit, report)
    assert picture is None or len(picture.columns) < 40
