"""Watching and capturing over a link: what ends them, and what they leave behind."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
from collections.abc import Sequence
from typing import Any

import pytest

from forensics.errors import LiveError, LiveFailure, UsageError
from forensics.live.capture import Capture, CaptureOptions
from forensics.live.journal import JournalWriter
from forensics.live.listen import Ending, ListenOptions
from forensics.live.progress import Progress
from forensics.live.watch import Watch, WatchOptions
from forensics.model.finding import Verdict
from forensics.pipeline.links import observed_report
from forensics.protocols.tap.divergence import Divergence, DivergenceKind
from forensics.read import read_evidence
from forensics.spec.tap import TAP_CHARACTERISTIC, TAP_SERVICE
from tests.unit.live.fakes import FakeDevice, backends
from tests.unit.live.tap_transfers import CHUNK, CHUNKS, SENT, frames_of

ECHO = "0f7a0012-7461-4f70-9d1c-6f7461646966"
QUICK = ListenOptions(wait=0.2, quiet=0.05, timeout=0.2, settle=0.0)
HERE = 50


def device(
    uuid: str, values: Sequence[bytes], *, drops: bool = False, properties: tuple[str, ...] = ("notify",)
) -> FakeDevice:
    """A device that tells ``values`` as soon as somebody subscribes, and then may end the link."""
    fake = FakeDevice(services={TAP_SERVICE: {uuid: properties}})

    def tell(_uuid: str) -> None:
        loop = asyncio.get_running_loop()
        for value in values:
            loop.call_soon(loop.call_soon, fake.notify, uuid, value)
        if drops:
            loop.call_soon(loop.call_soon, fake.drop)

    fake.on_subscribe = tell
    return fake


class Session:
    """A watch over a fake stack, and everything it said."""

    def __init__(self, fake: FakeDevice, options: WatchOptions) -> None:
        self.announced: list[Divergence] = []
        self.moments: list[Progress] = []
        self.stream = io.StringIO()
        self.watch = Watch(
            SENT,
            options,
            journal=JournalWriter(self.stream, clock=itertools.count().__next__),
            announce=self.announced.append,
            progress=self.moments.append,
            backends=backends(fake),
        )
        asyncio.run(self.watch.run("ESP32-OTA"))

    def lines(self, kind: str) -> list[dict[str, Any]]:
        entries = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [entry for entry in entries if entry.get("event") == kind]


def watched(values: Sequence[bytes], *, echo: bool = False, drops: bool = False) -> Session:
    uuid = ECHO if echo else TAP_CHARACTERISTIC
    options = WatchOptions(echo=uuid if echo else None, listening=QUICK)
    return Session(device(uuid, values, drops=drops), options)


@pytest.fixture(autouse=True)
def _without_waiting_for_the_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forensics.live.watch.TELLING_SECONDS", 0.05)


def test_a_transfer_is_watched_to_its_end() -> None:
    session = watched(frames_of(CHUNKS, slot=SENT))
    assert (session.watch.ending, session.announced, session.watch.first) == (Ending.FINISHED, [], None)
    seen = session.watch.observation()
    assert (seen.content, len(seen.sectors), seen.link_lost) == (SENT, 12, False)
    assert session.moments[-1].acknowledged == len(SENT)
    assert session.watch.device == "ESP32-OTA"


def test_the_first_divergence_is_announced_before_the_rest_comes() -> None:
    frames = frames_of([*CHUNKS[:HERE], *CHUNKS[HERE + 1 :]], payload=20)
    session = watched(frames)
    assert [(one.kind, one.chunk) for one in session.announced] == [
        (DivergenceKind.AHEAD, HERE),
        (DivergenceKind.LOST, HERE),
    ]
    events = [json.loads(line).get("event") for line in session.stream.getvalue().splitlines()]
    assert events.index("divergence") < len(events) - 100
    assert session.lines("divergence")[0]["chunk"] == HERE


def test_the_journal_has_every_notification() -> None:
    frames = frames_of(CHUNKS)
    session = watched(frames)
    assert [bytes.fromhex(line["value"]) for line in session.lines("notification")] == frames
    assert session.lines("outcome")[0]["result"] == "finished"


def test_a_lost_link_leaves_what_was_seen() -> None:
    session = watched(frames_of(CHUNKS[:HERE], ended=False), drops=True)
    assert session.watch.ending is Ending.LINK_LOST
    seen = session.watch.observation()
    assert seen.link_lost
    report = observed_report(read_evidence(SENT, name="sent.bin", format="raw"), seen, name="ESP32-OTA")
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "the link to ESP32-OTA ended too early" in report.findings[0].summary


def test_a_link_that_ends_behind_the_totals_is_no_loss() -> None:
    assert watched(frames_of(CHUNKS), drops=True).watch.ending is Ending.FINISHED


def test_a_device_that_says_nothing() -> None:
    session = watched([])
    assert session.watch.ending is Ending.NOTHING
    assert session.watch.observation().chunks == 0


def test_a_transfer_that_stops_is_quiet() -> None:
    assert watched(frames_of(CHUNKS[:HERE], ended=False)).watch.ending is Ending.QUIET


def test_an_echo_is_watched_as_well() -> None:
    session = watched([*CHUNKS[:HERE], CHUNKS[HERE][::-1], *CHUNKS[HERE + 1 :]], echo=True)
    assert session.watch.ending is Ending.FINISHED
    assert [(one.kind, one.chunk) for one in session.announced] == [(DivergenceKind.CHANGED, HERE)]
    assert session.watch.observation().content[HERE * CHUNK : (HERE + 1) * CHUNK] == CHUNKS[HERE][::-1]


def test_an_echo_that_was_not_heard_to_its_end_leaves_the_rest_open() -> None:
    cut, quiet = (watched(CHUNKS[:HERE], echo=True, drops=drops).watch for drops in (True, False))
    sent = read_evidence(SENT, name="sent.bin", format="raw")
    report = observed_report(sent, cut.observation(), name="ESP32-OTA")
    assert (cut.ending, report.verdict) == (Ending.LINK_LOST, Verdict.INCONCLUSIVE)
    report = observed_report(sent, quiet.observation(), name="ESP32-OTA")
    assert (quiet.ending, report.findings[0].slug) == (Ending.QUIET, "tail-missing")


def test_a_device_without_the_tap_is_told_how_to_get_it() -> None:
    with pytest.raises(LiveError, match=r"otatap\.h") as caught:
        Session(device(ECHO, []), WatchOptions(listening=QUICK))
    assert caught.value.failure is LiveFailure.NO_CHARACTERISTIC


def test_a_characteristic_without_notifications_is_refused() -> None:
    with pytest.raises(LiveError) as caught:
        Session(device(ECHO, [], properties=("read",)), WatchOptions(echo=ECHO, listening=QUICK))
    assert caught.value.failure is LiveFailure.NO_PROPERTY


def test_an_empty_image_is_refused() -> None:
    with pytest.raises(UsageError):
        Watch(b"", WatchOptions(), journal=JournalWriter(io.StringIO()))


def captured(
    values: Sequence[bytes], *, drops: bool = False, size: int | None = None, skip: int = 0
) -> tuple[Capture, bytes]:
    stored = bytearray()
    capture = Capture(
        stored,
        CaptureOptions(notify=ECHO, size=size, skip=skip, listening=QUICK),
        journal=JournalWriter(io.StringIO()),
        backends=backends(device(ECHO, values, drops=drops)),
    )
    asyncio.run(capture.run("ESP32-OTA"))
    return capture, bytes(stored)


@pytest.mark.parametrize(
    ("options", "ending", "expected"),
    [
        ({}, Ending.QUIET, SENT),
        ({"drops": True}, Ending.LINK_LOST, SENT),
        ({"size": 1000}, Ending.FINISHED, SENT[:1000]),
        ({"skip": 2}, Ending.QUIET, b"".join(chunk[2:] for chunk in CHUNKS)),
    ],
)
def test_what_is_captured(options: dict[str, Any], ending: Ending, expected: bytes) -> None:
    capture, stored = captured(CHUNKS, **options)
    assert (capture.ending, stored, capture.stored) == (ending, expected, len(expected))
