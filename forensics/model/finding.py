"""What otadiff concludes, and the registered faults it concludes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Certainty(StrEnum):
    """How sure a finding is."""

    PROVEN = "proven"
    """Shown by the bytes."""
    LIKELY = "likely"
    """The only explanation known for these facts."""
    POSSIBLE = "possible"
    """Consistent with the facts, among others."""


class Where(StrEnum):
    """On which leg of the transfer the fault lies."""

    FILE = "file"
    SENDER = "sender"
    AIR = "air"
    DEVICE = "device"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """The report's answer."""

    HEALTHY = "healthy"
    FAULTY = "faulty"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What ``otadiff explain`` says of a fault; every section is required.

    Each section is plain text, one paragraph or one line an item.
    """

    meaning: str
    symptoms: tuple[str, ...]
    causes: tuple[str, ...]
    confirm: tuple[str, ...]
    fix_sender: tuple[str, ...]
    fix_device: tuple[str, ...]
    confused_with: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A registered kind of defect. ``code`` is never reused; ``slug`` names the defect, not the fix."""

    code: str
    slug: str
    title: str
    explanation: Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One thing to change: ``where`` is ``sender``, ``device`` or ``file``."""

    where: Where
    text: str


Value = int | str | tuple[int, ...] | tuple[str, ...] | tuple[tuple[int, int], ...]
"""A number (bytes, file offset, flash address, count), a name, or several: offsets as half-open ``[start, end]``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What follows from a finding: another fault that would not be there without it."""

    code: str
    slug: str
    summary: str
    log_lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One occurrence of a fault.

    Attributes:
        edits: Indexes into the report's edits.
        log_lines: One-based line numbers of the log that carry it.
        benign: True when the device does not mind.
        values: The numbers and places behind the sentences, by name.
        consequences: What follows from it.
        commands: What to run to see more, each as a list of arguments.
    """

    code: str
    slug: str
    certainty: Certainty
    summary: str
    edits: tuple[int, ...] = ()
    log_lines: tuple[int, ...] = ()
    where: Where = Where.UNKNOWN
    benign: bool = False
    notes: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    values: dict[str, Value] = field(default_factory=dict)
    consequences: tuple[Consequence, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
