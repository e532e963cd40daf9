"""How far a transfer is: what was handed to the stack, and what the device said it has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One moment of a transfer.

    Attributes:
        phase: What is going on, for people.
        total: Bytes of the image.
        queued: How many of them the stack took. That is no word of the device.
        acknowledged: How many the device confirmed.
        seconds: Since the first chunk.
    """

    phase: str
    total: int
    queued: int = 0
    acknowledged: int = 0
    seconds: float = 0.0

    @property
    def bytes_per_second(self) -> float:
        """Of what was queued; 0 before there is anything to measure."""
        return self.queued / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Until all is queued at this rate, or None when the rate is not known."""
        rate = self.bytes_per_second
        return (self.total - self.queued) / rate if rate else None
