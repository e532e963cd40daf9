"""Sending over a fake stack: what goes out, what the journal proves, and how it ends."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from bleak.exc import BleakGATTProtocolError

from forensics import compare
from forensics.errors import LiveError, LiveFailure, UsageError
from forensics.live.choose import SendOptions
from forensics.live.journal import JournalWriter
from forensics.live.progress import Progress
from forensics.live.provoke import parse_provocations
from forensics.live.response import parse_response
from forensics.live.send import Transfer
from forensics.model.finding import Certainty, Verdict, Where
from forensics.model.report import Report
from forensics.protocols.senders import control_data, espressif, fbiego
from forensics.protocols.senders.steps import Outcome, Write
from forensics.synth.image import build_image
from tests.conftest import all_slugs
from tests.unit.live.fakes import WRITES, FakeDevice, backends
from tests.unit.protocols.devices import Device, EspressifDevice, FbiegoDevice, control_data_device

IMAGE = build_image(size=30_000, seed=3)
SERVICE = "0000abcd-0000-1000-8000-00805f9b34fb"
TELLING = ("write", "notify")
PROTOCOLS: dict[str, tuple[dict[str, tuple[str, ...]], Callable[[], Device]]] = {
    "control-data": ({control_data.DATA: WRITES, control_data.CONTROL: TELLING}, lambda: control_data_device),
    "espressif-ble-ota": ({espressif.DATA: (*WRITES, "notify"), espressif.COMMAND: TELLING}, EspressifDevice),
    "fbiego": ({fbiego.RECEIVE: WRITES, fbiego.TELL: ("notify",)}, FbiegoDevice),
}


@dataclass
class Sent:
    """What is left of one sending."""

    transfer: Transfer
    fake: FakeDevice
    journal: bytes
    moments: list[Progress]

    @property
    def report(self) -> Report:
        return compare(IMAGE, self.journal)


def fake_of(protocol: str) -> FakeDevice:
    offered, make = PROTOCOLS[protocol]
    device, fake = make(), FakeDevice(services={SERVICE: offered})

    def answer(uuid: str, value: bytes, response: bool) -> None:
        for told, content in device(Write(characteristic=uuid, value=value, response=response)):
            fake.notify(told, content)

    fake.on_write = answer
    return fake


def send(fake: FakeDevice, options: SendOptions | None = None, image: bytes = IMAGE) -> Sent:
    stream, moments = io.StringIO(), list[Progress]()
    chosen = options or quick()
    made: list[Transfer] = []

    async def run() -> None:
        made.append(Transfer(image, chosen, journal=JournalWriter(stream), backends=backends(fake), progress=moments.append))
        await made[0].run("ESP32-OTA")

    asyncio.run(run())
    return Sent(made[0], fake, stream.getvalue().encode(), moments)


def quick(**options: object) -> SendOptions:
    return SendOptions(settle=0.0, timeout=0.2, restart=0.1, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_good_update_is_healthy_by_its_journal_alone(protocol: str) -> None:
    sent = send(fake_of(protocol))
    assert sent.transfer.outcome in (Outcome.ACCEPTED, Outcome.RECEIVED)
    assert sent.transfer.resume_hint is None
    assert sent.moments[-1].queued == sent.moments[-1].acknowledged == len(IMAGE)
    assert max(len(value) for _, value, _ in sent.fake.written) <= 509
    confirmed = sent.transfer.outcome is Outcome.ACCEPTED
    assert sent.report.verdict is (Verdict.HEALTHY if confirmed else Verdict.INCONCLUSIVE)


def test_a_device_that_restarts_behind_the_last_sector_took_the_image() -> None:
    fake = fake_of("espressif-ble-ota")
    answer = fake.on_write

    def restarting(uuid: str, value: bytes, response: bool) -> None:
        answer(uuid, value, response)
        if uuid == espressif.COMMAND and value[0] == 2:
            asyncio.get_running_loop().call_later(0.02, fake.drop)

    fake.on_write = restarting
    sent = send(fake)
    assert sent.transfer.outcome is Outcome.ACCEPTED
    assert sent.report.verdict is Verdict.HEALTHY


def test_what_was_told_before_a_restart_counts() -> None:
    fake = fake_of("control-data")
    answer = fake.on_write

    def restarting(uuid: str, value: bytes, response: bool) -> None:
        answer(uuid, value, response)
        if uuid == control_data.CONTROL and len(fake.written) > 20:  # DONE: told, then the callback restarts the device
            fake.drop()
            raise BleakGATTProtocolError(0x0E)

    fake.on_write = restarting
    sent = send(fake)
    assert sent.transfer.outcome is Outcome.ACCEPTED
    assert sent.report.verdict is Verdict.HEALTHY


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_journal_gives_the_image_back_byte_for_byte(protocol: str, tmp_path: Path) -> None:
    from forensics.pipeline.extraction import ExtractOptions, extract_source

    sent = send(fake_of(protocol), quick(chunk_size=200))
    path = tmp_path / "session.jsonl"
    path.write_bytes(sent.journal)
    (tmp_path / "sent.bin").write_bytes(IMAGE)
    assert extract_source(path, ExtractOptions(sent=tmp_path / "sent.bin")).content == IMAGE


@pytest.mark.parametrize(
    ("provoked", "slug"),
    [("drop:20", "chunk-missing"), ("swap:21", "chunk-reordered"), ("repeat:22", "chunk-duplicated"),
     ("overwrite:23", "chunk-overwritten"), ("corrupt:24", "bytes-altered")],
)  # fmt: skip
def test_what_was_provoked_is_what_the_journal_shows(provoked: str, slug: str) -> None:
    sent = send(fake_of("control-data"), quick(chunk_size=200, faults=parse_provocations(provoked)))
    found = [one for one in sent.report.findings if not one.benign]
    assert [(one.slug, one.where) for one in found] == [(slug, Where.SENDER)]
    assert any("provoked on purpose" in note for note in found[0].notes)


@pytest.mark.slow
def test_espressif_mends_what_was_provoked() -> None:
    sent = send(fake_of("espressif-ble-ota"), quick(chunk_size=200, faults=parse_provocations("drop:20,corrupt:60")))
    assert sent.transfer.outcome is Outcome.RECEIVED
    assert [(one.slug, one.certainty) for one in sent.report.findings if not one.benign] == [
        ("unacknowledged", Certainty.POSSIBLE)
    ]


def test_a_stop_ends_in_front_of_its_chunk() -> None:
    sent = send(fake_of("control-data"), quick(chunk_size=200, faults=parse_provocations("stop:50")))
    assert sent.transfer.outcome is Outcome.BROKEN_OFF
    assert sent.transfer.queued == 50 * 200
    assert sent.transfer.resume_hint is not None
    assert "chunk 50" in sent.transfer.resume_hint
    assert "tail-missing" in all_slugs(sent.report)


def test_a_lost_link_is_an_outcome_and_a_finding() -> None:
    fake = fake_of("control-data")
    answer = fake.on_write

    def drop(uuid: str, value: bytes, response: bool) -> None:
        answer(uuid, value, response)
        if len(fake.written) == 40:
            fake.drop()

    fake.on_write = drop
    sent = send(fake, quick(chunk_size=200))
    assert sent.transfer.outcome is Outcome.BROKEN_OFF
    assert sent.transfer.error is not None
    assert sent.transfer.error.failure is LiveFailure.DISCONNECTED
    assert {"tail-missing", "disconnected"} <= all_slugs(sent.report)
    assert sent.report.verdict is Verdict.FAULTY


def test_an_image_that_the_device_refuses_is_faulty_although_all_was_sent() -> None:
    fake = fake_of("control-data")

    def refuse(uuid: str, value: bytes, _response: bool) -> None:
        if uuid == control_data.CONTROL:
            fake.notify(uuid, b"\2" if value == b"\1" else b"\6")

    fake.on_write = refuse
    sent = send(fake)
    assert sent.transfer.outcome is Outcome.REFUSED
    (found,) = (one for one in sent.report.findings if not one.benign)
    assert (found.slug, found.where) == ("unacknowledged", Where.DEVICE)
    assert "the device refused the image" in found.summary
    assert sent.report.verdict is Verdict.FAULTY


def test_bytes_that_nobody_confirmed_are_no_healthy_update() -> None:
    fake = FakeDevice(services={SERVICE: {control_data.DATA: WRITES, control_data.CONTROL: ("write",)}})
    sent = send(fake)
    assert sent.transfer.outcome is Outcome.UNCONFIRMED
    assert sent.moments[-1].queued == len(IMAGE)
    assert sent.moments[-1].acknowledged == 0
    (found,) = (one for one in sent.report.findings if not one.benign)
    assert found.certainty is Certainty.POSSIBLE
    assert sent.report.verdict is Verdict.INCONCLUSIVE
    assert any("no notifications" in text for text in sent.transfer.warnings)


def test_answers_to_write_requests_count_as_acknowledged() -> None:
    sent = send(fake_of("control-data"), quick(chunk_size=100, response=parse_response("every:10")))
    before = [moment for moment in sent.moments if moment.phase == "sending"]
    assert before[-1].acknowledged == 100 * (len(IMAGE) // 1000)


def test_a_chunk_that_the_device_refuses_ends_a_transfer_without_repeats() -> None:
    fake = fake_of("control-data")
    answer = fake.on_write

    def refuse(uuid: str, value: bytes, response: bool) -> None:
        if len(fake.written) == 30:
            raise BleakGATTProtocolError(0x80)
        answer(uuid, value, response)

    fake.on_write = refuse
    sent = send(fake, quick(chunk_size=100, response=parse_response("always")))
    assert sent.transfer.outcome is Outcome.REFUSED
    assert "unacknowledged" in {one.slug for one in sent.report.findings}


def test_own_characteristics_are_taken() -> None:
    data, control = "0000aaaa-0000-1000-8000-00805f9b34fb", "0000bbbb-0000-1000-8000-00805f9b34fb"
    fake = FakeDevice(services={SERVICE: {data: WRITES, control: TELLING}})

    def answer(uuid: str, value: bytes, _response: bool) -> None:
        if uuid == control:
            fake.notify(control, {b"\1": b"\2", b"\4": b"\5"}[value])

    fake.on_write = answer
    sent = send(fake, quick(data=data, control=control))
    assert sent.transfer.outcome is Outcome.ACCEPTED
    assert sent.report.verdict is Verdict.HEALTHY


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (quick(protocol="fbiego", chunk_size=20), "too small for fbiego"),
        (quick(protocol="control-data", window=4), "no window"),
        (quick(protocol="telepathy"), "no protocol 'telepathy'"),
    ],
)
def test_options_that_do_not_fit_are_wrong_usage(options: SendOptions, said: str) -> None:
    offered = {uuid: properties for services, _ in PROTOCOLS.values() for uuid, properties in services.items()}
    with pytest.raises(UsageError, match=said):
        send(FakeDevice(services={SERVICE: offered}), options)


def test_a_device_without_an_update_service_is_told() -> None:
    with pytest.raises(LiveError) as caught:
        send(FakeDevice(services={SERVICE: {SERVICE: ("read",)}}))
    assert caught.value.failure is LiveFailure.NO_CHARACTERISTIC
    assert "--data" in (caught.value.next_step or "")


def test_writes_longer_than_an_attribute_are_warned_of() -> None:
    sent = send(fake_of("control-data"), quick(chunk_size=514))
    assert any("514" in text and "512" in text for text in sent.transfer.warnings)
    assert "write-too-long" in {one.slug for one in sent.report.findings}


def test_nothing_to_send_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="is empty"):
        send(fake_of("control-data"), image=b"")


def test_an_interrupted_transfer_leaves_its_journal_and_a_hint() -> None:
    fake, stream = fake_of("control-data"), io.StringIO()
    answer = fake.on_write

    async def run() -> Transfer:
        transfer = Transfer(IMAGE, quick(chunk_size=200), journal=JournalWriter(stream), backends=backends(fake))
        task = asyncio.ensure_future(transfer.run("ESP32-OTA"))

        def interrupt(uuid: str, value: bytes, response: bool) -> None:
            answer(uuid, value, response)
            if len(fake.written) == 25:
                task.cancel()

        fake.on_write = interrupt
        with pytest.raises(asyncio.CancelledError):
            await task
        return transfer

    transfer = asyncio.run(run())
    assert transfer.outcome is Outcome.BROKEN_OFF
    assert transfer.resume_hint is not None
    report = compare(IMAGE, stream.getvalue().encode())
    assert report.verdict is Verdict.FAULTY
    assert stream.getvalue().endswith("\n")
