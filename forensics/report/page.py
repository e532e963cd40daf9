"""Lines of styled words, laid out for a width; the last step of the terminal report draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from forensics.model.text import inert
from forensics.report.glyphs import ASCII, UNICODE, Glyphs
from forensics.report.words import ascii_only, display_width


class Role(StrEnum):
    """What a piece of text is; colours hang on it."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    DOUBTFUL = "doubtful"
    STRONG = "strong"
    QUIET = "quiet"
    NOTE = "note"
    HELP = "help"
    MARKED = "marked"
    CAUTION = "caution"


Piece = tuple[str, Role]
Line = tuple[Piece, ...]


@dataclass(slots=True, kw_only=True)
class Page:
    """Lines under construction.

    Attributes:
        width: Columns, or None for text that nobody wraps (a pipe, a file).
        unicode: Whether the stream takes more than ASCII.
    """

    width: int | None
    unicode: bool
    lines: list[Line] = field(default_factory=list)

    @property
    def glyphs(self) -> Glyphs:
        """The signs that the stream takes."""
        return UNICODE if self.unicode else ASCII

    def text(self, words: str) -> str:
        """``words`` with nothing in them that steers a terminal or that the stream cannot take."""
        words = inert(words)
        return words if self.unicode else ascii_only(words)

    def plain(self) -> str:
        """The lines without any style."""
        return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in self.lines)

    def add(self, *pieces: Piece) -> None:
        """One line, as it is."""
        self.lines.append(tuple((self.text(text), role) for text, role in pieces))

    def blank(self) -> None:
        """One empty line; two never follow each other."""
        if self.lines and self.lines[-1]:
            self.lines.append(())

    def hanging(self, lead: Piece, words: str | Sequence[str], role: Role = Role.PLAIN) -> None:
        """``words`` after ``lead``, wrapped under themselves; of several each begins a line."""
        lead_text = self.text(lead[0])
        indent = display_width(lead_text)
        several = (words,) if isinstance(words, str) else words
        rows = [row for one in several for row in self._wrapped(self.text(one), indent)]
        for number, row in enumerate(rows):
            self.lines.append(((" " * indent, Role.PLAIN) if number else (lead_text, lead[1]), (row, role)))

    def hanging_pieces(self, lead: Piece, pieces: list[Piece], separator: str) -> None:
        """Pieces in a row after ``lead``, wrapped between pieces; too wide a piece goes on in a new line."""
        indent = display_width(lead[0])
        row: list[Piece] = [lead]
        used = indent
        for position, (raw, role) in enumerate(pieces):
            words, *rest = self._wrapped(self.text(raw), indent)
            needed = display_width(words) + (len(separator) if position else 0)
            if position and self.width is not None and used + needed > self.width:
                self.lines.append(tuple(row))
                row, used = [(" " * indent, Role.PLAIN)], indent
            elif position:
                row.append((separator, Role.QUIET))
                used += len(separator)
            row.append((words, role))
            used += display_width(words)
            for more in rest:
                self.lines.append(tuple(row))
                row, used = [(" " * indent, Role.PLAIN), (more, role)], indent + display_width(more)
        self.lines.append(tuple(row))

    def _wrapped(self, text: str, indent: int) -> list[str]:
        if self.width is None or indent + display_width(text) <= self.width:
            return [text.rstrip()]
        room = max(20, self.width - indent)
        rows, row = [], ""
        inner = " " * (len(text) - len(text.lstrip(" ")))
        for word in text.split():
            if row.strip() and display_width(row) + 1 + display_width(word) > room:
                rows.append(row)
                row = inner + word
            else:
                row = f"{row} {word}" if row.strip() else inner + word
        return [*rows, row]
