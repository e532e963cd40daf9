"""What watches the write callback from inside the device: the tap of ``otatap.h``, and an echo of the received bytes."""

from __future__ import annotations

from collections.abc import Callable

from forensics.live.virtual.receivers.base import NOTIFY, GattCharacteristic, ImagePiece
from forensics.spec.tap import TAP_CHARACTERISTIC, TAP_SERVICE
from forensics.synth.tap import DeviceTap, map_lines

ECHO_SERVICE = "0f7a0011-7461-4f70-9d1c-6f7461646966"
ECHO = "0f7a0012-7461-4f70-9d1c-6f7461646966"
"""Tells each chunk back as the write callback saw it."""

TAP_GATT = (GattCharacteristic(uuid=TAP_CHARACTERISTIC, properties=frozenset({NOTIFY})),)
ECHO_GATT = (GattCharacteristic(uuid=ECHO, properties=frozenset({NOTIFY})),)

__all__ = ["ECHO", "ECHO_GATT", "ECHO_SERVICE", "TAP_GATT", "TAP_SERVICE", "Observer"]


class Observer:
    """The device's side of ``otadiff live watch``.

    Args:
        notify: Sends a value over a characteristic.
        tap: Fingerprints are notified.
        echo: Chunks are notified as they are.
    """

    def __init__(self, notify: Callable[[str, bytes], None], *, tap: bool, echo: bool) -> None:
        self._notify = notify
        self._tap = DeviceTap() if tap else None
        self._echo = echo

    def begin(self) -> None:
        """A transfer begins."""
        if self._tap:
            self._tap.begin()

    def chunk(self, piece: ImagePiece) -> None:
        """The write callback got a chunk."""
        if self._echo:
            self._notify(ECHO, piece.content)
        if self._tap:
            self._tap.chunk(piece.offset, piece.content)
            if self._tap.full:
                self.flush()

    def flush(self) -> None:
        """Nothing more comes for now: tell what is at hand."""
        if self._tap:
            for frame in self._tap.frames():
                self._notify(TAP_CHARACTERISTIC, frame)

    def end(self, written: bytes) -> tuple[str, ...]:
        """The transfer is over and ``written`` is read back from the slot; gives the lines to print."""
        if self._tap is None:
            return ()
        self.flush()
        for frame in (self._tap.totals(), *self._tap.sectors(written)):
            self._notify(TAP_CHARACTERISTIC, frame)
        return map_lines(written)
