"""The cells of the byte map."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from forensics.model.alignment import Edit, EditKind, Repeat
from forensics.model.report import Report
from forensics.model.span import ByteSpan
from forensics.report.byte_map import SEVERITY, CellState, map_bytes, map_bytes_at
from tests.unit.report.parts import CHUNK, SIZE, chunk
from tests.unit.report.reports import REPORTS


def by_chunk(report: Report) -> list[CellState]:
    found = map_bytes_at(report, range(0, SIZE, CHUNK))
    assert found is not None
    return [cell.state for cell in found.cells]


def test_a_dropped_chunk_is_one_cell_and_the_rest_is_shifted() -> None:
    states = by_chunk(REPORTS["dropped"]())
    assert states == [CellState.AS_SENT] * 100 + [CellState.MISSING] + [CellState.SHIFTED] * 258


def test_both_chunks_of_a_swap_are_out_of_order() -> None:
    states = by_chunk(REPORTS["swapped"]())
    assert [index for index, state in enumerate(states) if state is CellState.OUT_OF_ORDER] == [100, 101]
    assert set(states) == {CellState.AS_SENT, CellState.OUT_OF_ORDER}


def test_a_copied_source_stays_as_sent() -> None:
    report = REPORTS["twelve-findings"]()
    states = by_chunk(report)
    assert states[19] is CellState.AS_SENT
    assert states[45] is CellState.REPLACED
    assert [states[20 + 25 * turn] for turn in range(0, 12, 3)] == [CellState.MISSING] * 4


def test_the_shift_is_named_when_there_is_one() -> None:
    found = map_bytes(REPORTS["dropped"](), cells=40)
    assert found is not None
    assert found.shift == -CHUNK


def test_nothing_in_common_draws_no_map() -> None:
    assert map_bytes(REPORTS["wrong-image"](), cells=40) is None
    assert map_bytes(REPORTS["log-only"](), cells=40) is None


def test_a_hostile_repeat_ends_soon() -> None:
    report = REPORTS["dropped"]()
    edit = replace(report.edits[0], repeat=Repeat(count=10**15, sent_step=1, received_step=1))
    large = replace(edit, repeat=Repeat(count=10**15, sent_step=700, received_step=1))
    back = replace(edit, repeat=Repeat(count=10**15, sent_step=-700, received_step=1))
    for hostile in (edit, large, back):
        assert map_bytes(replace(report, edits=(hostile,)), cells=60) is not None


@given(
    cells=st.integers(1, 300),
    start=st.integers(0, SIZE + 1000),
    size=st.integers(0, SIZE),
    kind=st.sampled_from(EditKind),
    step=st.integers(0, 5000),
)
def test_cells_cover_the_image_and_the_worst_state_wins(
    cells: int, start: int, size: int, kind: EditKind, step: int
) -> None:
    place = ByteSpan(start, start + size)
    edit = Edit(kind=kind, sent=place, received=place, repeat=Repeat(count=3, sent_step=step, received_step=step))
    report = replace(REPORTS["healthy"](), edits=(edit,))
    found = map_bytes(report, cells=cells)
    assert found is not None
    assert [cell.sent.start for cell in found.cells[1:]] == [cell.sent.end for cell in found.cells[:-1]]
    assert found.cells[0].sent.start == 0
    assert found.cells[-1].sent.end == SIZE
    if kind in (EditKind.DROPPED, EditKind.FILLED) and start < SIZE and size:
        for cell in found.cells:
            assert cell.sent.overlap(place) == 0 or cell.state is not CellState.AS_SENT
    assert list(found.states) == sorted(found.states, key=SEVERITY.__getitem__)


def test_chunk_helper_ends_with_the_image() -> None:
    assert chunk(358).end == SIZE
