"""``ChunkPlan`` computes what a list of all chunks would say."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from hypothesis import example, given
from hypothesis import strategies as st

from forensics.model.chunk_plan import ChunkPlan

TOTAL = 9000


@st.composite
def grids(draw: st.DrawFn) -> ChunkPlan:
    size = draw(st.integers(1, 700))
    phase = draw(st.one_of(st.just(0), st.integers(0, size - 1)))
    reset = draw(st.one_of(st.none(), st.integers(size + 1, 4096)))
    return ChunkPlan(size, phase, reset)


def edges_of(grid: ChunkPlan, total: int = TOTAL) -> list[int]:
    """All chunk edges up to behind ``total``: the head before the phase is a chunk of its own."""
    edges = [0] if grid.phase else []
    block = grid.phase
    while block <= total + (grid.reset or 0):
        end = block + grid.reset if grid.reset else total + 2 * grid.size + 1
        edges.extend(range(block, end, grid.size))
        block = end
    return edges


places = st.integers(0, TOTAL)
some_grid = grids()
any_reset = example(ChunkPlan(460, 0, 4096), 4096)


@given(some_grid, places)
@any_reset
@example(ChunkPlan(20, 7, 4096), 3)
def test_floor_ceil_and_after(grid: ChunkPlan, offset: int) -> None:
    edges = edges_of(grid)
    below = bisect_right(edges, offset) - 1
    assert grid.floor(offset) == edges[below]
    assert grid.ceil(offset) == edges[bisect_left(edges, offset)]
    assert grid.after(edges[below]) == edges[below + 1]


@given(some_grid, places)
@any_reset
@example(ChunkPlan(20, 7, 4096), 7)
def test_an_edge_is_where_a_chunk_begins(grid: ChunkPlan, offset: int) -> None:
    assert grid.is_edge(offset) == (offset in edges_of(grid))


@given(some_grid, places)
@any_reset
def test_number_counts_the_chunks_before(grid: ChunkPlan, offset: int) -> None:
    assert grid.number(offset) == bisect_right(edges_of(grid), offset) - 1


@given(some_grid, places, places, st.integers(1, 50))
def test_edges_in_a_range(grid: ChunkPlan, one: int, other: int, most: int) -> None:
    low, high = sorted((one, other))
    due = [edge for edge in edges_of(grid) if low <= edge <= high]
    found = grid.edges_in(low, high, most=most)
    if len(due) <= most:
        assert found == due
    else:
        assert found == [*due[:most], due[-1]]


@given(st.integers(16, 600), st.one_of(st.none(), st.sampled_from((4096, 16000))))
def test_the_chunks_of_a_plan_stand_on_its_grid(size: int, reset: int | None) -> None:
    grid = ChunkPlan(size, 0, reset)
    for number, chunk in enumerate(ChunkPlan(size=size, reset=reset).chunks(3 * 4096 + 100)):
        assert grid.is_edge(chunk.start)
        assert grid.number(chunk.start) == grid.number(chunk.end - 1) == number
