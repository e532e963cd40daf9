"""What every reader of a container offers, and the row that lists it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from forensics.model.evidence import FlashSlot
from forensics.model.span import ByteSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader found in one input.

    Attributes:
        content: The bytes of the image.
        region: Range of the raw input that ``content`` stands in, or None when it is not contiguous there.
        container: Name of the container, where it is another than the reader's row says.
        notes: What a reader of the report should know, one sentence each.
        damaged: Ranges of ``content`` whose evidence was damaged.
        erased_tail: How many 0xFF bytes followed in the slot.
        pieces: Ranges of ``content`` that were one write each, where a log shows writes.
        slots: App partitions to choose from.
    """

    content: bytes
    region: ByteSpan | None = None
    container: str | None = None
    notes: tuple[str, ...] = ()
    damaged: tuple[ByteSpan, ...] = ()
    erased_tail: int = 0
    pieces: tuple[ByteSpan, ...] = ()
    slots: tuple[FlashSlot, ...] = ()


class ReaderModule(Protocol):
    """The two functions of a reader file."""

    def sniff(self, head: bytes) -> bool:
        """The input whose first bytes are ``head`` is of this container."""
        ...

    def read(self, data: bytes, name: str, slot: str | None) -> Reading:
        """What the input holds; ``slot`` is for containers that hold partitions.

        Raises:
            InputError: it is not of this container, or too damaged to hold anything.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One row of the reader table.

    Attributes:
        container: Name that reports and ``--format`` use.
        module: Where its ``sniff`` and ``read`` are; imported only when ``may_be`` agrees.
        may_be: Cheap test on the first bytes, so that a plain binary never imports a reader.
    """

    container: str
    module: str
    may_be: Callable[[bytes], bool]
