"""What an inspection says of a file, as named lines that each format lays out in its own way."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.image import EspImage
from forensics.model.inspection import Inspection, InspectionReport
from forensics.model.report import Report
from forensics.report.page import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One named statement.

    Attributes:
        name: What it is about; empty where it goes on with the fact before it.
        words: The statement; a line feed begins a new line.
        role: Whether it is good, bad or neither.
    """

    name: str
    words: str
    role: Role = Role.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRow:
    """One line of the segment table; ``bad`` when the device refuses the segment."""

    cells: tuple[str, ...]
    bad: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTable:
    """Every segment that can be read, and what is wrong with the chain of them, or an empty text."""

    heads: tuple[str, ...]
    rows: tuple[SegmentRow, ...]
    broken: str


def inspection_of(report: Report) -> Inspection | None:
    """What the report holds beside the image, when it is that of one inspected file."""
    return report.inspection if isinstance(report, InspectionReport) else None


def image_shown(report: Report) -> EspImage | None:
    """The one image of the file; None for a merged file, whose first image is the bootloader and not the app."""
    inspection = inspection_of(report)
    flash = inspection.flash if inspection is not None else None
    if report.sent is None or (flash is not None and flash.slot is None):
        return None
    return report.sent.image


def checks_shown(report: Report) -> bool:
    """The walk is of an image: the first bytes of a merged file are none, whatever the device says of them."""
    return inspection_of(report) is None or image_shown(report) is not None
