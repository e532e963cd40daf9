"""Updates over the virtual link to show: one for each fault, from the scan to the final flash."""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass

from forensics.live.choose import SendOptions
from forensics.live.journal import JournalWriter
from forensics.live.progress import Progress
from forensics.live.send import Transfer
from forensics.live.virtual.air import VirtualAir, virtual_air
from forensics.live.virtual.board import BoardSettings
from forensics.live.virtual.esp32 import Esp32Settings
from forensics.live.virtual.faults import AirFault, air_fault
from forensics.live.virtual.ota import Erase
from forensics.synth.image import build_image
from forensics.synth.variants import other_build

_SIZE = 40_000
_CHUNK = 244
_CHUNKS = -(-_SIZE // _CHUNK)
_SEED = 7
_FAULT_SEED = 4
_INTERVAL_SECONDS = 0.0075
"""The shortest connection interval. The journal counts in it, so that a demo says the same on every machine."""

_HANDED_OVER = 4
"""How many times the progress is told."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """One update.

    Attributes:
        name: Slug of the fault that it shows, or what happens in it.
        about: The same for people.
        device: Its firmware, its state and its link.
    """

    name: str
    about: str
    device: Esp32Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRecord:
    """What the update left behind.

    Attributes:
        sent: The image.
        slot: The whole slot afterwards.
        log: What the device printed.
        journal: The sender's.
    """

    sent: bytes
    slot: bytes
    log: str
    journal: bytes


def _air(name: str) -> AirFault:
    return air_fault(name, chunks=_CHUNKS, seed=_FAULT_SEED)


def _old_image() -> bytes:
    return other_build(build_image(size=_SIZE, seed=_SEED + 1), seed=3)


def demos() -> tuple[Demo, ...]:
    """Every demo, made anew: a fault counts the chunks that it saw."""
    return (
        Demo(name="chunk-missing", about="one chunk is lost before the write callback", device=_broken("drop-one")),
        Demo(name="healthy", about="nothing goes wrong", device=Esp32Settings()),
        Demo(
            name="queue-full",
            about="the queue before the flash task holds eight chunks, too few for the time of an erase",
            device=Esp32Settings(board=BoardSettings(queue_depth=8)),
        ),
        Demo(name="chunk-reordered", about="two chunks change places", device=_broken("swap-one")),
        Demo(name="chunk-duplicated", about="one chunk comes twice", device=_broken("repeat-one")),
        Demo(
            name="chunk-overwritten",
            about="one chunk's buffer still holds the chunk before",
            device=_broken("overwrite-previous"),
        ),
        Demo(name="chunk-filled", about="one chunk arrives as zeros", device=_broken("zero-one")),
        Demo(name="chunk-shortened", about="six chunks lose their ends", device=_broken("part-lost")),
        Demo(name="bytes-altered", about="thirty single bits change", device=_broken("flip-many")),
        Demo(name="tail-missing", about="the last chunks are lost", device=_broken("tail-on-edge")),
        Demo(
            name="sector-padded",
            about="Espressif's Bluedroid receiver loses a chunk and does not mind",
            device=Esp32Settings(board=BoardSettings(receiver="espressif-bluedroid"), fault=_air("drop-one")),
        ),
        Demo(
            name="flash-not-erased",
            about="the firmware writes over its old image without erasing it",
            device=Esp32Settings(board=BoardSettings(erase=Erase.NEVER, old_image=_old_image())),
        ),
        Demo(name="disconnected", about="the device ends the link midway", device=Esp32Settings(drop_link_after=70)),
    )


def _broken(name: str) -> Esp32Settings:
    return Esp32Settings(fault=_air(name))


def run_demo(demo: Demo, say: Say) -> DemoRecord:
    """The whole update; ``say`` gets one line at a time while it runs."""
    return asyncio.run(_run(demo, say))


async def _run(demo: Demo, say: Say) -> DemoRecord:
    sent = build_image(size=_SIZE, seed=_SEED)
    text = io.StringIO()
    async with virtual_air(demo.device) as air:
        say(f"virtual ESP32: {demo.about}")
        say(await _scan_line(air))
        beats = itertools.count()
        journal = JournalWriter(text, clock=lambda: next(beats) * _INTERVAL_SECONDS)
        options = SendOptions(chunk_size=_CHUNK, settle=0.0)
        transfer = Transfer(sent, options, journal=journal, backends=air.backends, progress=_told_in_parts(say))
        await transfer.run(demo.device.name)
        say(f"{transfer.outcome}: {transfer.text}")
        board = air.esp32.board
        board.idle()
        say("the device's log:")
        for line in board.serial.lines:
            say(f"  {line}")
        return DemoRecord(
            sent=sent, slot=board.slot_content(), log=board.serial.text, journal=text.getvalue().encode("utf-8")
        )


async def _scan_line(air: VirtualAir) -> str:
    from bleak import BleakScanner  # noqa: PLC0415 - only here does the demo look at an advertisement itself

    assert air.backends.scanner is not None
    settings = air.esp32.settings
    async with BleakScanner(backend=air.backends.scanner) as scanner:
        async for device, advertisement in scanner.advertisement_data():
            services = ", ".join(advertisement.service_uuids)
            return f"{device.address}  {advertisement.local_name}  {advertisement.rssi} dBm  {services}"
    return settings.name


def _told_in_parts(say: Say) -> Callable[[Progress], None]:
    """Says how far the transfer is, a few times."""
    told = 0

    def take(moment: Progress) -> None:
        nonlocal told
        if moment.queued * _HANDED_OVER >= (told + 1) * moment.total:
            told += 1
            say(f"{moment.queued:6} of {moment.total} bytes handed to the stack, {moment.acknowledged} acknowledged")

    return take
