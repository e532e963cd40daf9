"""A half-open range of bytes, the unit in which every place is given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ByteSpan:
    """The bytes ``start`` up to but not including ``end`` of one named artefact.

    Raises:
        ValueError: the range runs backwards or begins before the artefact.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"no byte range: [{self.start}, {self.end})")

    @property
    def size(self) -> int:
        """Number of bytes."""
        return self.end - self.start

    def shifted(self, by: int) -> ByteSpan:
        """The range of the same size that begins ``by`` bytes later."""
        return ByteSpan(self.start + by, self.end + by)

    def overlap(self, other: ByteSpan) -> int:
        """How many bytes both ranges share."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))
