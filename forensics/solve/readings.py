"""From the hypotheses that matched to answers: one for each image, with every way to tell it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from forensics.model.solve import Reading, Solution, SolveCoverage
from forensics.solve.hashing import Hasher
from forensics.solve.pieces import Candidate, Ground, Piece
from forensics.solve.plan import Cell

_MOST_LOOKS = 100_000
"""Hypotheses compared with the found image to see whether they tell the same bytes: about 0.2 seconds."""

_MOST_READINGS = 16


def solutions_of(
    ground: Ground, hasher: Hasher, matches: Sequence[tuple[Cell, Candidate]], cells: Sequence[Cell]
) -> tuple[Solution, ...]:
    """One solution for each image among ``matches``, in their order."""
    by_image: dict[bytes, tuple[Cell, Candidate]] = {}
    for cell, candidate in matches:
        by_image.setdefault(hasher.digest(candidate.pieces), (cell, candidate))
    return tuple(_solution(ground, digest, first, cells) for digest, first in by_image.items())


def exclusions(covered: Sequence[SolveCoverage]) -> tuple[str, ...]:
    """What a search rules out, as ``no swaps of neighbouring chunks (chunks of 244; 512 bytes)``."""
    sizes: dict[str, list[str]] = {}
    for cell in covered:
        if cell.total and cell.tested == cell.total:
            restart = f", restarting every {cell.reset}" if cell.reset else ""
            sizes.setdefault(cell.words, []).append(f"{cell.chunk_size}{restart}" if cell.chunk_size else "")
    return tuple(_exclusion(words, [size for size in found if size]) for words, found in sizes.items())


def _exclusion(words: str, sizes: Sequence[str]) -> str:
    return f"no {words}" + (f" (chunks of {'; '.join(sizes)} bytes)" if sizes else "")


def _solution(ground: Ground, digest: bytes, first: tuple[Cell, Candidate], cells: Sequence[Cell]) -> Solution:
    best = _reading(*first)
    others: dict[tuple[object, ...], Reading] = {}
    for cell, candidate in _same_image(ground, first, cells):
        reading = _reading(cell, candidate)
        places = tuple((edit.kind, edit.sent, edit.received, edit.source) for edit in reading.edits)
        others.setdefault(places, reading)
        if len(others) > _MOST_READINGS:
            break
    told = tuple((edit.kind, edit.sent, edit.received, edit.source) for edit in best.edits)
    others.pop(told, None)
    return Solution(
        family=best.family,
        words=best.words,
        edits=best.edits,
        chunk_size=best.chunk_size,
        reset=best.reset,
        sha256=digest.hex(),
        readings=tuple(others.values())[:_MOST_READINGS],
    )


def _reading(cell: Cell, candidate: Candidate) -> Reading:
    story = cell.family.tell(cell.scene, candidate)
    uses_chunks = cell.family.uses_chunks
    return Reading(
        family=cell.family.name,
        words=story.words,
        edits=story.edits,
        chunk_size=cell.scene.grid.size if uses_chunks else None,
        reset=cell.scene.grid.reset if uses_chunks else None,
    )


def _same_image(ground: Ground, first: tuple[Cell, Candidate], cells: Sequence[Cell]) -> Iterator[tuple[Cell, Candidate]]:
    """Hypotheses that give the bytes of ``first``: those of its own chunk size, then of the others."""
    image = ground.read(first[1].pieces, 0, ground.covered)
    unharmed = _first_difference(ground.sent, image)
    grid = first[0].scene.grid
    near = [cell for cell in cells if cell.scene.grid is grid]
    far = [cell for cell in cells if cell.scene.grid is not grid]
    looks = ((cell, item) for cell in (*near, *far) for item in cell.all_candidates())
    for cell, candidate in islice(looks, _MOST_LOOKS):
        if candidate.pieces[0].size <= unharmed and _gives(ground, candidate.pieces, image):
            yield cell, candidate


def _gives(ground: Ground, pieces: Sequence[Piece], image: bytes) -> bool:
    """The pieces, of which the first is known to agree, make up the image."""
    at = pieces[0].size
    for piece in pieces[1:]:
        size = min(piece.size, len(image) - at)
        if not image.startswith(ground.bytes_of(piece, 0, size), at):
            return False
        at += size
    return True


def _first_difference(sent: bytes, image: bytes) -> int:
    """How many bytes both have in common from their start."""
    low, high = 0, len(image)
    while low < high:
        middle = (low + high + 1) // 2
        if sent.startswith(image[low:middle], low):
            low = middle
        else:
            high = middle - 1
    return low
