"""Transfers as a device with the tap tells them, made by hand."""

from __future__ import annotations

from collections.abc import Sequence

from forensics.model.report import Report
from forensics.pipeline.links import observed_report
from forensics.protocols.tap.divergence import Divergence
from forensics.protocols.tap.observer import TapObserver
from forensics.read import read_evidence
from forensics.synth.image import build_image
from forensics.synth.tap import DeviceTap

CHUNK = 244
SENT = build_image(size=48 * 1024, seed=11)
CHUNKS = tuple(SENT[at : at + CHUNK] for at in range(0, len(SENT), CHUNK))


def frames_of(
    chunks: Sequence[bytes],
    *,
    places: Sequence[int] | None = None,
    payload: int = 244,
    slot: bytes | None = None,
    ended: bool = True,
    capacity: int = 64,
    flushes: bool = True,
) -> list[bytes]:
    """What the tap notifies of ``chunks``, each put behind the one before or at ``places``."""
    tap = DeviceTap(payload, capacity)
    frames: list[bytes] = []
    offset = 0
    for number, chunk in enumerate(chunks):
        tap.chunk(places[number] if places else offset, chunk)
        offset += len(chunk)
        if tap.full and flushes:
            frames += tap.frames()
    frames += tap.frames()
    if ended:
        frames.append(tap.totals())
    if slot is not None:
        frames += tap.sectors(slot)
    return frames


def observed(
    frames: Sequence[bytes], sent: bytes = SENT, chunk_size: int | None = None
) -> tuple[TapObserver, list[Divergence]]:
    """An observer that took ``frames``, and what it announced."""
    observer = TapObserver(sent, chunk_size)
    return observer, [one for frame in frames for one in observer.take(frame)]


def reported(observer: TapObserver, sent: bytes = SENT) -> Report:
    """The report at the end of a watch."""
    evidence = read_evidence(sent, name="sent.bin", format="raw")
    return observed_report(evidence, observer.observation(), name="ESP32-OTA")
