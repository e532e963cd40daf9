"""What a search will go through: each family at each chunk size, family by family."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from forensics.model.solve import SolveCoverage, SolveLimits
from forensics.solve.families import FAMILIES
from forensics.solve.family import Family, Scene
from forensics.solve.grid import Grid, grids
from forensics.solve.pieces import Candidate, Ground
from forensics.solve.pruning import Pruner


class Cell:
    """One family at one chunk size, and how far the search came in it.

    Attributes:
        tested: Hypotheses decided so far, by the facts or by their hash.
        hashed: Those of them that were hashed.
    """

    def __init__(self, family: Family, ground: Ground, pruner: Pruner, grid: Grid, look: Callable[[], None]) -> None:
        self.family = family
        self.scene = Scene(ground, pruner, grid, self._skip)
        self.tested = 0
        self.hashed = 0
        self._look = look
        self._skipped = 0

    def coverage(self) -> SolveCoverage:
        """How far the search came, for the result."""
        grid = self.scene.grid
        return SolveCoverage(
            family=self.family.name,
            words=self.family.words,
            chunk_size=grid.size if self.family.uses_chunks else None,
            reset=grid.reset if self.family.uses_chunks else None,
            tested=self.tested,
            total=self.family.total(self.scene),
            hashed=self.hashed,
        )

    def all_candidates(self) -> Iterator[Candidate]:
        """The candidates of the cell once more, outside of the search and its limits."""
        return self.family.candidates(self.scene._replace(skip=_uncounted))

    def take_skipped(self) -> int:
        """How many hypotheses the family excluded by itself since the last call."""
        skipped, self._skipped = self._skipped, 0
        return skipped

    def _skip(self, count: int) -> None:
        self._look()
        self._skipped += count


def _uncounted(count: int) -> None:
    """Takes no notice of what a family excludes."""


def plan(ground: Ground, pruner: Pruner, limits: SolveLimits, look: Callable[[], None]) -> tuple[Cell, ...]:
    """All cells in the order of the search. ``look`` is called for what a family excludes by itself."""
    cuts = grids(limits, ground.size, ground.covered)
    whole = Grid(ground.size, None, ground.size, ground.covered)
    return tuple(
        Cell(family, ground, pruner, grid, look)
        for family in FAMILIES
        for grid in (cuts if family.uses_chunks else (whole,))
    )
