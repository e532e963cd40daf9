"""How one line of a device log is written down."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LineUse(StrEnum):
    """What a line is good for."""

    WALK = "walk"
    """A fact of a verification walk: a segment, a header, a hash."""
    ERROR = "error"
    """The verifier, or whoever called it, refuses the image."""
    EVENT = "event"
    """Anything else worth telling: a reset, a lost link, progress of a transfer."""
    KNOWN = "known"
    """Understood, and nothing in it is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTemplate:
    """One line that a device prints, without its level, time and tag.

    Levels are left out on purpose: people raise ``ESP_LOGD`` to ``ESP_LOGI`` to see a line.

    Attributes:
        kind: Name of the line; several wordings of one meaning share it.
        text: The line with its variable parts in braces, ``{name:type}``, and optional parts in ``[[``
            ``]]``. Blanks are optional when a line is read, since pastes lose and double them. Types: ``x``
            hex digits, ``x2`` and ``x8`` exactly so many, ``d`` decimal, ``v`` a version ``v1.0``, ``digest``
            8, 64 or 96 hex digits, ``w`` a word, ``crcs`` up to 16 CRC32s, ``cut`` what is left of them,
            ``text`` the rest of the line; ``{...}`` skips a few characters.
        use: What the line is good for.
        versions: Releases of ESP-IDF that print it, as ``releases`` reads them; empty when not tied to
        ESP-IDF.
        constants: Fields that the wording itself settles.
        anywhere: A part of the text by which to look for the line when other text may stand before it; else
            empty. Few different ones keep the reading of foreign lines quick.
    """

    kind: str
    text: str
    use: LineUse
    versions: str = ""
    constants: tuple[tuple[str, int | str], ...] = ()
    anywhere: str = ""
