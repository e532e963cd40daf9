"""What one input holds of an image, whatever it was wrapped in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forensics.model.span import ByteSpan

if TYPE_CHECKING:
    from pathlib import Path

    from forensics.model.capture import Capture
    from forensics.model.image import EspImage

TEXT_NAMES = (
    "text",
    "hexdump",
    "esp-log",
    "write-log",
    "byte-list",
    "node-buffer",
    "nrf-connect",
    "python-bytes",
    "hex",
    "base64",
)
"""Names by which a user says that a file is a text that shows bytes; the last three also say in which notation."""

CAPTURE_CONTAINERS = frozenset({"btsnoop", "packetlogger", "pcap", "pcapng", "btmon", "tshark", "journal"})
"""Containers of writes instead of bytes: a protocol must be decoded before an image is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashSlot:
    """One app partition of a flash dump.

    Attributes:
        address: Flash address of its first byte.
        span: File offsets; the dump may end before.
    """

    label: str
    address: int
    span: ByteSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class HowRead:
    """How a file was read: a hypothesis that was tested against the other side.

    Attributes:
        how: In words, ``hex in 300 lines like "recv: "``.
        share: How much of its bytes is in the other side, 0 to 1.
        rivals: Other readings that explain as much, in words.
        cut: Ranges of the bytes that the evidence does not show in full; an empty one is a place where bytes are absent.
        is_certain: It explains the bytes and has no rival, so what follows from the bytes can be proven.
    """

    how: str
    share: float
    rivals: tuple[str, ...] = ()
    cut: tuple[ByteSpan, ...] = ()
    is_certain: bool = True


LEAST_SHARE = 0.2
"""Of the bytes of a reading so many are in SENT, or it explains nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One input, unwrapped.

    Attributes:
        name: File name without its folder, or ``stdin``, ``bytes``.
        container: ``raw``, ``slot``, ``flash``, ``hexdump``, ``btsnoop`` ...; what it was taken from.
        raw_size: Bytes of the raw input; ``raw_sha256`` is over the same bytes.
        content: The bytes that it holds of the image. For a capture: the capture itself, or empty when
            ``stream`` is set.
        region: Range of the raw input that ``content`` was taken from where it is contiguous there, else the
            whole.
        notes: What a reader of the report should know about the reading, one sentence each.
        damaged: Ranges of ``content`` whose evidence was damaged (a log that lost characters). Their bytes
            say nothing about the transfer.
        erased_tail: How many 0xFF bytes followed ``content`` in the raw input up to the end of the slot; they
            were left out because erased flash looks the same.
        pieces: Ranges of ``content`` that were one write each, where a log shows writes; else empty.
        slots: App partitions of a whole-flash dump of which no slot was chosen yet (``choose_slot``).
        stream: Captures only: the file whose packets are to be streamed.
        reading: How its bytes were found where there was more than one way; None for bytes as they are.
        unread: Why a part of the file could not be read, whatever was in it.
        image: What was found in ``content`` when it was parsed, with its digests; None when nobody asked yet. Whoever
            replaces ``content`` uses ``holding``.
        capture: What was read of a capture; None when nobody asked yet.
    """

    name: str
    container: str
    raw_size: int
    raw_sha256: str
    content: bytes
    region: ByteSpan
    notes: tuple[str, ...] = ()
    damaged: tuple[ByteSpan, ...] = ()
    erased_tail: int = 0
    pieces: tuple[ByteSpan, ...] = ()
    slots: tuple[FlashSlot, ...] = ()
    stream: Path | None = None
    reading: HowRead | None = None
    unread: str | None = None
    image: EspImage | None = None
    capture: Capture | None = None

    def holding(self, content: bytes) -> Evidence:
        """The same input with other bytes, of which nothing is known yet."""
        return replace(self, content=content, image=None)

    @property
    def is_capture(self) -> bool:
        """The input holds writes; ``forensics.read.captures.read_capture`` reads them."""
        return self.container in CAPTURE_CONTAINERS
