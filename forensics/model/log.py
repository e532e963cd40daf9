"""What a device's log says, as the report's ``log`` object holds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSegment:
    """One complete ``segment N: paddr=... vaddr=... size=...`` line.

    ``paddr`` is a flash address, ``vaddr`` a load address, ``size`` in bytes; ``map`` is true for ``map``,
    false for ``load`` or nothing. ``line`` is its line number in the paste, one-based, as everywhere here.
    """

    index: int
    paddr: int
    vaddr: int
    size: int
    map: bool
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogImageHeader:
    """What an ``image header:`` line shows.

    Those are file offsets 0 to 2 and 4 to 7, and the high nibble of 3 (``spi_size``).
    """

    magic: int
    segment_count: int
    spi_mode: int
    spi_size: int
    entry_addr: int
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSegmentHeader:
    """One segment header as the debug lines show it; None where a line is absent.

    They are printed before the verifier judges the header.

    Attributes:
        address: Flash address of the 8 header bytes (``loading segment header``).
        data_len: Bytes (``segment data length``).
        data_start: Flash address of the data.
        load_addr: From ``map_segment``, like ``mapped``.
    """

    index: int
    address: int | None = None
    data_len: int | None = None
    data_start: int | None = None
    load_addr: int | None = None
    mapped: bool | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogChecksum:
    """The two bytes of a ``Checksum failed`` line."""

    calculated: int
    read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHash:
    """The hex digits of ``Calculated hash`` and ``Expected hash``, None when not printed.

    There are 8 (ESP-IDF v3.0, v3.1) or 64.
    """

    calculated: str | None
    expected: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogError:
    """One error line: its kind, the numbers and words in it, and where it stands.

    ``fields`` holds the integer and text fields of the kind (``{"length": 0xffffffff}``); in the document
    they stand beside ``kind``.
    """

    flat: ClassVar[bool] = True

    kind: str
    fields: dict[str, int | str] = field(default_factory=dict)
    line: int = 0


UNKNOWN_ERROR = "unknown_error"
"""Kind of the event for a line of level E that no template knows: its ``tag`` and ``text``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """One line that is no verdict on an image: a reset, a lost link, a step of the transfer.

    It is laid out as ``LogError``.
    """

    flat: ClassVar[bool] = True

    kind: str
    fields: dict[str, int | str] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuote:
    """A line that a finding names, as it stands in the paste (cleaned of what pasting added, and cut)."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPass:
    """One verification walk.

    Attributes:
        image_start: Flash address of the image, or None.
        outcome: ``passed``, ``failed`` or ``unknown`` (the log ends, the device resets or another image's
            walk begins first).
        lines: First and last line number (one-based, inclusive) of the walk.
        header: The ``image header:`` line, or None.
        segment_headers: Segment headers of the debug lines, complete or not, in order.
        end: Flash address where the last segment's data ends (``image start ... end of last section``), or
        None.
        cut_segment: Number of the last segment whose line is cut, so that no more is known of it; None when all are whole.
        last_segment_reached: A line proves that every segment header was read and accepted.
        free_pages: MMU pages free for mapping, or None.
        hash_lines: Line numbers of ``Calculated hash`` and ``Expected hash``.
        idf_versions: The range of ESP-IDF releases that print the lines of this walk, or None.
    """

    image_start: int | None
    segments: tuple[LogSegment, ...]
    checksum: LogChecksum | None
    hash: LogHash | None
    errors: tuple[LogError, ...]
    outcome: str
    lines: tuple[int, int]
    header: LogImageHeader | None = None
    segment_headers: tuple[LogSegmentHeader, ...] = ()
    end: int | None = None
    last_segment_reached: bool = False
    cut_segment: int | None = None
    free_pages: int | None = None
    hash_lines: tuple[int, ...] = ()
    idf_versions: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLog:
    """All walks of one pasted log, and what else it tells.

    Attributes:
        idf_versions: The ESP-IDF releases that print such lines (``v3.0 to v3.1.2``), None when any does.
        unread: Numbers of the lines that are neither blank nor understood; prose around a log is among them.
        events: What else the log tells, in order.
        quotes: The lines that findings name, in order.
        update_lines: Lines in unknown words that speak of an update: a tag or text with OTA, firmware or upgrade.
        spoke: The text holds a line with the head of a device, whatever it says.
        newest_first: The paste has its last line first; line numbers count from its end.
        left_out: How many walks, errors and events a log of absurd length holds beyond those that are kept.
    """

    passes: tuple[LogPass, ...]
    idf_versions: str | None
    unread: tuple[int, ...]
    events: tuple[LogEvent, ...] = ()
    quotes: tuple[LogQuote, ...] = ()
    left_out: int = 0
    newest_first: bool = False
    update_lines: tuple[int, ...] = ()
    spoke: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The report's ``log`` object."""
        from forensics.model.document import to_document  # noqa: PLC0415 - only when a document is wanted

        document: dict[str, Any] = to_document(self)
        return document
