"""Writes the journal of a live session: JSON Lines, each line on the disk before the session goes on.

``forensics.read.captures.journal`` reads it back.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

SCHEMA = "otadiff.journal/1"


class Lines(Protocol):
    """Takes whole lines."""

    def write(self, lines: str, /) -> int:
        """Append ``lines``; they are safe when this returns."""


class WriteResult(StrEnum):
    """What became of a write, as far as this side knows."""

    QUEUED = "queued"
    """The stack took a write command. That is no word of the device."""
    ACKNOWLEDGED = "acknowledged"
    """The device answered a write request."""
    REFUSED = "refused"
    """The device answered a write request with an ATT error."""
    FAILED = "failed"
    """The stack did not take it, or the link ended before an answer came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePart:
    """Which bytes of a write are image.

    Attributes:
        offset: File offset in the image of the first of them.
        start: Where in the value they begin, behind the protocol's header.
        length: How many they are.
        altered: They were changed on purpose, so the journal keeps the value.
    """

    offset: int
    start: int
    length: int
    altered: bool = False


@dataclass(slots=True)
class JournalWriter:
    """One session's journal.

    Attributes:
        stream: Takes the text.
        clock: Seconds on a clock that never goes back.
        start: What the clock said when the session began; times in the journal count from there.
    """

    stream: Lines
    clock: Callable[[], float] = time.monotonic
    start: float = field(init=False)
    _first: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.start = self.clock()

    def header(self, **fields: object) -> None:
        """The first line: the schema and what the session is about (name, size and SHA-256 of the image).

        It is written with the second line, so a session that finds no device leaves no journal behind.
        """
        self._first = json.dumps({"schema": SCHEMA, **fields}) + "\n"

    def event(self, kind: str, result: str | None = None, *, outgoing: bool = False, **fields: object) -> None:
        """An event that carries no value of a characteristic.

        Args:
            kind: ``connected``, ``mtu``, ``service``, ``protocol``, ``provoked``, ``disconnected`` ...
            result: What happened, for people.
            outgoing: This side made it happen.
            fields: More keys of the line.
        """
        entry: dict[str, object] = {"time": self._time(), "event": kind, "direction": "out" if outgoing else "in"}
        if result is not None:
            entry["result"] = result
        self._line(entry | fields)

    def write(
        self,
        characteristic: str,
        value: bytes,
        *,
        response: bool,
        result: WriteResult,
        image: ImagePart | None,
        reason: str = "",
    ) -> None:
        """A write.

        Args:
            characteristic: Its UUID.
            value: All bytes of the write. The journal keeps them where they are no image or changed image, else
                what stands before and behind the image.
            response: A write request; else a write command.
            result: What became of it.
            image: Which of the bytes are image, or None when none is.
            reason: Why it failed.
        """
        entry: dict[str, object] = {
            "time": self._time(),
            "event": "write",
            "direction": "out",
            "characteristic": characteristic,
            "response": response,
        }
        if image is None:
            entry |= {"length": 0, "value": value.hex()}
        else:
            end = image.start + image.length
            piece = value[image.start : end]
            entry |= {"offset": image.offset, "length": image.length, "crc32": zlib.crc32(piece)}
            entry |= {"before": value[: image.start].hex(), "behind": value[end:].hex()}
            if image.altered:
                entry["value"] = value.hex()
        entry["result"] = str(result)
        if reason:
            entry["reason"] = reason
        self._line(entry)

    def notification(self, characteristic: str, value: bytes) -> None:
        """A notification or an indication."""
        self._line(
            {
                "time": self._time(),
                "event": "notification",
                "direction": "in",
                "characteristic": characteristic,
                "length": len(value),
                "value": value.hex(),
            }
        )

    def services(self, characteristics: Sequence[tuple[str, str, Sequence[str]]]) -> None:
        """What the device offers: service UUID, characteristic UUID and properties of each characteristic."""
        for service, characteristic, properties in characteristics:
            self.event("service", " ".join(properties), characteristic=characteristic, service=service)

    def _time(self) -> float:
        return round(self.clock() - self.start, 6)

    def _line(self, entry: dict[str, object]) -> None:
        self.stream.write(self._first + json.dumps(entry) + "\n")
        self._first = ""
