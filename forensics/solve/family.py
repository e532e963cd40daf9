"""What every family of faults can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from forensics.model.alignment import Edit
from forensics.solve.grid import Grid
from forensics.solve.pieces import Candidate, Ground
from forensics.solve.pruning import Pruner


class Scene(NamedTuple):
    """Where a family plays: the image, the facts and one way to cut it.

    ``skip`` counts hypotheses that the family excludes by itself, without making candidates of them.
    """

    ground: Ground
    pruner: Pruner
    grid: Grid
    skip: Callable[[int], None]


class Story(NamedTuple):
    """A candidate told: a clause for people and the edits."""

    words: str
    edits: tuple[Edit, ...]


class Family(Protocol):
    """One kind of fault, and every place where it may have happened."""

    @property
    def name(self) -> str:
        """Stable name."""

    @property
    def words(self) -> str:
        """What the family holds, in the plural."""

    @property
    def uses_chunks(self) -> bool:
        """False when it is searched once, whatever the chunk size."""

    def total(self, scene: Scene) -> int:
        """How many hypotheses there are: those skipped and those made."""

    def candidates(self, scene: Scene) -> Iterator[Candidate]:
        """The hypotheses that are worth a closer look, in a fixed order."""

    def tell(self, scene: Scene, candidate: Candidate) -> Story:
        """What a candidate of this family means."""
