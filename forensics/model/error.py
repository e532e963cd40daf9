"""The root of otadiff's errors, and the one that a saved report raises. ``forensics.errors`` draws the whole tree."""

from __future__ import annotations


class OtadiffError(Exception):
    """otadiff could not answer.

    Args:
        reason: What is wrong, in one clause.
        name: The file or argument concerned.
        offset: Where in it, in bytes.
        next_step: What the user can do.
    """

    def __init__(
        self, reason: str, *, name: str | None = None, offset: int | None = None, next_step: str | None = None
    ) -> None:
        self.reason = reason
        self.name = name
        self.offset = offset
        self.next_step = next_step
        super().__init__(str(self))

    def __str__(self) -> str:
        place = self.name or ""
        if self.offset is not None:
            place += f" at 0x{self.offset:x}"
        text = f"{place.strip()}: {self.reason}" if place.strip() else self.reason
        return f"{text}; {self.next_step}" if self.next_step else text


class ReportError(OtadiffError):
    """A saved report that cannot be read back."""
