"""How one line of a device log is written down."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from forensics.model.finding import Certainty, Where


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
            hex digits, ``x2`` and ``x8`` exactly so many, ``d`` decimal, ``nx`` and ``n`` the same but not 0,
            ``v`` a version ``v1.0``, ``digest`` 8, 64 or 96 hex digits, ``w`` a word, ``crcs`` up to 16 CRC32s,
            ``cut`` what is left of them, ``x5`` and ``d6`` as the device pads them, ``text`` the rest of the
            line; ``{...}`` skips a few characters.
        use: What the line is good for.
        versions: Releases of ESP-IDF that print it, as ``releases`` reads them; empty when not tied to
        ESP-IDF.
        constants: Fields that the wording itself settles.
        anywhere: A part of the text by which to look for the line when other text may stand before it; else
            empty. Few different ones keep the reading of foreign lines quick.
        cut: The line ends before its end: a terminal cut it, or the rest is on the next line.
        level: Level at which the verifier prints it, as ``esp_log_level_t`` names it; empty for lines that no walk prints.
        tags: The tag before it, with the releases for which that holds; one row for all when they are empty.
        says: Names of what the verifier puts in, in the order of the line, where wordings differ in that order.
        means: Key of the meaning that the line has by itself, or empty when other lines decide what it means.
    """

    kind: str
    text: str
    use: LineUse
    versions: str = ""
    constants: tuple[tuple[str, int | str], ...] = ()
    anywhere: str = ""
    means: str = ""
    cut: bool = False
    level: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a line of a device or a tool says by itself, without any other line.

    Attributes:
        slug: The fault that it shows.
        summary: The headline; fields of the line in braces, as ``str.format`` takes them.
        certainty: Proven only where the line itself shows the fault.
        where: On which leg of the transfer the fault is.
        change: The one thing to change.
        at: Who has to change it: the sender, the device or the file.
        notes: Facts that help to decide.
        benign: Nothing is wrong with the update.
    """

    slug: str
    summary: str
    certainty: Certainty
    where: Where
    change: str
    at: Where
    notes: tuple[str, ...] = ()
    benign: bool = False


def event(kind: str, text: str, means: str = "", *, anywhere: str = "", **constants: int | str) -> LineTemplate:
    """A line that is no part of a walk and tied to no release of ESP-IDF."""
    return LineTemplate(
        kind=kind,
        text=text,
        use=LineUse.EVENT,
        constants=tuple(constants.items()),
        anywhere=anywhere,
        means=means,
    )


def meaning(
    slug: str,
    at: Where,
    summary: str,
    change: str,
    *,
    where: Where | None = None,
    certainty: Certainty = Certainty.PROVEN,
    notes: tuple[str, ...] = (),
    benign: bool = False,
) -> Meaning:
    """A meaning; unless told otherwise it is proven, and the fault is where the change is due."""
    return Meaning(
        slug=slug,
        summary=summary,
        certainty=certainty,
        where=at if where is None else where,
        change=change,
        at=at,
        notes=notes,
        benign=benign,
    )
