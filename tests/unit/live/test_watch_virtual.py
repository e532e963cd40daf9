"""Watching, while another computer sends, a device that runs the tap: through bleak's real API over the virtual air."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass

import pytest

pytest.importorskip("bumble", reason="the virtual ESP32 needs bumble: pip install 'otadiff[virtual]'")

from forensics.live.choose import SendOptions
from forensics.live.journal import JournalWriter
from forensics.live.listen import Ending, ListenOptions
from forensics.live.send import Transfer
from forensics.live.virtual.air import virtual_air
from forensics.live.virtual.backend import virtual_backends
from forensics.live.virtual.board import BoardSettings
from forensics.live.virtual.esp32 import Esp32Settings
from forensics.live.virtual.faults import AirFault, air_fault
from forensics.live.virtual.radio import Central
from forensics.live.virtual.receivers.observer import ECHO
from forensics.live.watch import Watch, WatchOptions
from forensics.model.finding import Verdict, Where
from forensics.model.report import Report
from forensics.pipeline.comparison import Options, compare_sources
from forensics.pipeline.links import observed_report
from forensics.pipeline.log_report import TriageOptions, triage_text
from forensics.protocols.tap.divergence import Divergence, DivergenceKind
from forensics.read import read_evidence
from forensics.synth.image import build_image

IMAGE = build_image(size=24 * 1024, seed=5)
CHUNK = 244
SECOND_COMPUTER = "F0:0D:00:00:00:02"
QUICK = ListenOptions(wait=5, quiet=0.5, timeout=5, settle=0.05)


@dataclass(frozen=True)
class Seen:
    """What the watching computer said, and what the device printed."""

    announced: list[Divergence]
    ending: Ending | None
    report: Report
    log: str


def seen(settings: Esp32Settings, *, echo: bool = False) -> Seen:
    announced: list[Divergence] = []

    async def main() -> Seen:
        async with virtual_air(settings) as air:
            second = Central(air.radio, SECOND_COMPUTER)
            await second.power_on()
            options = WatchOptions(echo=ECHO if echo else None, listening=QUICK)
            watch = Watch(
                IMAGE,
                options,
                journal=JournalWriter(io.StringIO()),
                announce=announced.append,
                backends=virtual_backends(second),
            )
            watching = asyncio.create_task(watch.run(settings.name))
            while not watch.device:
                await asyncio.sleep(0.01)
            # Firmware that is to be watched goes on advertising while it is connected.
            await air.esp32._advertise()
            sender = SendOptions(chunk_size=CHUNK, settle=0.05, timeout=5)
            transfer = Transfer(IMAGE, sender, journal=JournalWriter(io.StringIO()), backends=air.backends)
            await transfer.run(settings.name)
            await watching
            await second.power_off()
            evidence = read_evidence(IMAGE, name="sent.bin", format="raw")
            report = observed_report(evidence, watch.observation(), name=watch.device)
            return Seen(announced, watch.ending, report, "\n".join(air.esp32.board.serial.lines))

    return asyncio.run(main())


def board(fault: AirFault | None = None, **options: bool) -> Esp32Settings:
    return Esp32Settings(board=BoardSettings(**options), fault=fault)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _without_waiting_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forensics.live.watch.TELLING_SECONDS", 0.2)


@pytest.mark.parametrize("echo", [False, True])
def test_a_good_update_is_seen_whole(echo: bool) -> None:
    found = seen(board(tap=not echo, echo=echo), echo=echo)
    assert (found.announced, found.ending, found.report.verdict) == ([], Ending.FINISHED, Verdict.HEALTHY)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "slug"),
    [
        ("drop-one", DivergenceKind.LOST, "chunk-missing"),
        ("swap-one", DivergenceKind.REORDERED, "chunk-reordered"),
        ("repeat-one", DivergenceKind.REPEATED, "chunk-duplicated"),
        ("zero-one", DivergenceKind.CHANGED, "bytes-altered"),
        ("overwrite-previous", DivergenceKind.REPEATED, "chunk-overwritten"),
    ],
)
def test_a_fault_on_the_way_is_announced_by_its_chunk_and_named_in_the_report(
    name: str, kind: DivergenceKind, slug: str
) -> None:
    fault = air_fault(name, chunks=-(-len(IMAGE) // CHUNK), seed=3)
    (place,) = fault.places
    found = seen(board(fault, tap=True))
    # A chunk that comes twice is noticed where the next one was due.
    assert found.announced[0].index == place + (name == "repeat-one")
    assert found.announced[-1].kind is kind
    assert found.report.verdict is Verdict.FAULTY
    assert found.report.findings[0].slug == slug


def test_the_printed_map_of_the_same_device_names_the_same_chunk() -> None:
    fault = air_fault("drop-one", chunks=-(-len(IMAGE) // CHUNK), seed=4)
    (place,) = fault.places
    found = seen(board(fault, tap=True))
    report = triage_text(found.log, IMAGE, TriageOptions(solve_hypotheses=1))
    assert report.findings[0].slug == "chunk-missing"
    assert report.edits[0].chunks == (place, place)


def test_lost_notifications_are_no_fault_of_the_transfer() -> None:
    settings = Esp32Settings(board=BoardSettings(tap=True), lost_notifications=frozenset({3, 4}))
    found = seen(settings)
    assert found.announced == []
    assert found.report.verdict is Verdict.HEALTHY
    assert [one.slug for one in found.report.findings] == ["notifications-lost"]


@pytest.mark.parametrize(("name", "where"), [("drop-one", Where.AIR), ("swap-one", Where.AIR), (None, None)])
def test_the_sender_itself_listens_to_the_tap(name: str | None, where: Where | None) -> None:
    fault = air_fault(name, chunks=-(-len(IMAGE) // CHUNK), seed=6) if name else None
    announced: list[Divergence] = []
    text = io.StringIO()

    async def main() -> None:
        settings = board(fault, tap=True)
        async with virtual_air(settings) as air:
            options = SendOptions(chunk_size=CHUNK, settle=0.05, timeout=5, tap=True)
            journal = JournalWriter(text)
            transfer = Transfer(IMAGE, options, journal=journal, backends=air.backends, announce=announced.append)
            await transfer.run(settings.name)
            assert transfer.tap is not None

    asyncio.run(main())
    report = compare_sources(IMAGE, text.getvalue().encode(), Options())
    serious = [one for one in report.findings if not one.benign]
    assert [one.where for one in serious] == ([where] if where else [])
    if fault is not None:
        (place,) = fault.places
        assert announced[0].index == place
        assert serious[0].slug == {"drop-one": "chunk-missing", "swap-one": "chunk-reordered"}[str(name)]
