"""The senders: what they send is what the decoders find, and what a device refuses they send again or tell."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.errors import UsageError
from forensics.protocols import decode
from forensics.protocols.senders import SENDERS, SendPlan, control_data, espressif, fbiego, sender_for, sender_named
from forensics.protocols.senders.steps import Finished, Outcome, Sender, Wait, Write
from forensics.read.captures import read_capture
from tests import captures as synth
from tests.unit.protocols.devices import Device, EspressifDevice, FbiegoDevice, control_data_device, drive
from tests.unit.protocols.senders import CONTROL, DATA, Step, conversation

IMAGE = b"\xe9" + random.Random(7).randbytes(40_000)
KINDS: dict[str, tuple[Callable[[], Device], tuple[str, str]]] = {
    "control-data": (lambda: control_data_device, (control_data.DATA, control_data.CONTROL)),
    "espressif-ble-ota": (EspressifDevice, (espressif.DATA, espressif.COMMAND)),
    "fbiego": (FbiegoDevice, (fbiego.RECEIVE, fbiego.TELL)),
}


def sender(name: str, image: bytes, chunk: int, **options: object) -> Sender:
    return sender_named(name).make(image, SendPlan(chunk_size=chunk, **options))  # type: ignore[arg-type]


def decoded(steps: list[Step], uuids: tuple[str, str]) -> tuple[str, bytes]:
    pdus = synth.discovery(list(zip((DATA, CONTROL), uuids, strict=True))) + conversation(steps)
    transfer = decode(read_capture(synth.write_btsnoop(synth.hci_packets(pdus), 1002)))
    return transfer.protocol, transfer.image


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=25)
@given(size=st.integers(3, 40_000), chunk=st.integers(63, 507), window=st.sampled_from([None, 1, 4]))
def test_what_is_sent_is_what_the_decoder_finds(name: str, size: int, chunk: int, window: int | None) -> None:
    make, uuids = KINDS[name]
    image = IMAGE[:size]
    finished, steps = drive(sender(name, image, chunk, window=window), make())
    assert finished.outcome in (Outcome.ACCEPTED, Outcome.RECEIVED)
    assert decoded(steps, uuids) == (name, image)


@pytest.mark.parametrize("name", KINDS)
def test_every_write_names_its_bytes_of_the_image(name: str) -> None:
    make, _ = KINDS[name]
    writes: list[Write] = []

    def note(write: Write) -> list[Write]:
        writes.append(write)
        return [write]

    machine = sender(name, IMAGE, 244)
    drive(machine, make(), note)
    chunks = [write for write in writes if write.offset is not None]
    assert [write.chunk for write in chunks] == list(range(len(chunks)))
    assert b"".join(write.value[write.start : write.start + write.length] for write in chunks) == IMAGE
    assert machine.acknowledged == len(IMAGE)


def test_espressif_frames_are_those_of_the_reference() -> None:
    step = espressif.EspressifSender(bytes(0x12345), chunk_size=500).step()
    assert isinstance(step, Write)
    assert step.value.hex() == "010045230100" + "00" * 12 + "bf51"


def lose(numbers: set[int]) -> Callable[[Write], list[Write]]:
    """The chunks of these numbers get lost the first time they are sent."""
    left = set(numbers)

    def alter(write: Write) -> list[Write]:
        if write.chunk in left:
            left.discard(write.chunk)
            return []
        return [write]

    return alter


@settings(max_examples=40)
@given(
    lost=st.sets(st.integers(0, 170), max_size=4),
    window=st.sampled_from([1, 2, 5]),
    deaf=st.sets(st.integers(0, 12), max_size=2),
)
def test_espressif_sends_again_what_the_device_lacks(lost: set[int], window: int, deaf: set[int]) -> None:
    device = EspressifDevice(window=window, deaf=tuple(deaf))
    machine = espressif.EspressifSender(IMAGE, chunk_size=244, window=window)
    finished, _ = drive(machine, device, lose(lost))
    assert finished.outcome is Outcome.RECEIVED
    assert device.image == IMAGE


def test_espressif_gives_up_on_a_sector_that_never_fits() -> None:
    def spoil(write: Write) -> list[Write]:
        value = write.value[:-3] + b"\0\0\0" if write.chunk == 20 else write.value
        return [Write(characteristic=write.characteristic, value=value)]

    finished, _ = drive(espressif.EspressifSender(IMAGE, chunk_size=244), EspressifDevice(), spoil)
    assert finished.outcome is Outcome.REFUSED
    assert "sector 1 in" in finished.text
    assert "CRC error" in finished.text


def test_a_device_that_refuses_the_image_is_believed() -> None:
    def refuses(write: Write) -> list[tuple[str, bytes]]:
        return [(name, b"\6" if value == b"\5" else value) for name, value in control_data_device(write)]

    finished, _ = drive(sender("control-data", IMAGE, 244), refuses)
    assert finished.outcome is Outcome.REFUSED


@pytest.mark.parametrize("name", KINDS)
def test_a_silent_device_does_not_hold_the_sender(name: str) -> None:
    finished, _ = drive(sender(name, IMAGE, 244), lambda write: [])
    assert finished.outcome in (Outcome.BROKEN_OFF, Outcome.UNCONFIRMED)


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=30)
@given(seed=st.integers(0, 1 << 30))
def test_nonsense_from_the_device_ends_in_bounded_steps(name: str, seed: int) -> None:
    make, uuids = KINDS[name]
    chance = random.Random(seed)
    healthy = make()

    def mad(write: Write) -> list[tuple[str, bytes]]:
        told = healthy(write)
        if chance.random() < 0.1:
            return [(uuid, chance.choice([b"", chance.randbytes(20), value, value[::-1]])) for uuid, value in told]
        if chance.random() < 0.02:
            told.append((chance.choice(uuids), chance.randbytes(chance.choice([1, 3, 20]))))
        return told

    finished, _ = drive(sender(name, IMAGE[:20_000], 400), mad)
    assert isinstance(finished, Finished)


@pytest.mark.parametrize("text", ["Error #: 9", "Update failed", "Not enough space"])
def test_fbiego_reads_the_result_text(text: str) -> None:
    device = FbiegoDevice()

    def refuses(write: Write) -> list[tuple[str, bytes]]:
        return [(name, b"\x0f" + text.encode() if value[:1] == b"\x0f" else value) for name, value in device(write)]

    finished, _ = drive(fbiego.FbiegoSender(IMAGE, chunk_size=500), refuses)
    assert finished.outcome is Outcome.REFUSED
    assert text in finished.text


def test_fbiego_in_fast_mode_waits_for_no_request() -> None:
    finished, steps = drive(fbiego.FbiegoSender(IMAGE, chunk_size=500), FbiegoDevice(fast=True))
    assert finished.outcome is Outcome.ACCEPTED
    assert decoded(steps, (fbiego.RECEIVE, fbiego.TELL))[1] == IMAGE


def test_the_end_of_the_link_means_what_the_protocol_knows_by_then() -> None:
    machine = espressif.EspressifSender(IMAGE, chunk_size=244)
    assert machine.link_lost().outcome is Outcome.BROKEN_OFF
    machine = espressif.EspressifSender(IMAGE, chunk_size=244)
    device = EspressifDevice()
    while not (isinstance(step := machine.step(), Write) and step.value[:1] == b"\2" and step.offset is None):
        assert isinstance(step, Write)
        for characteristic, value in device(step):
            machine.receive(characteristic, value)
    assert machine.link_lost().outcome is Outcome.RECEIVED


def test_a_wait_stays_until_its_answer_comes() -> None:
    machine = sender("control-data", IMAGE, 244)
    assert isinstance(machine.step(), Write)
    assert isinstance(machine.step(), Write)
    waits = [machine.step(), machine.step()]
    assert all(isinstance(wait, Wait) for wait in waits)
    machine.receive(control_data.CONTROL, b"\7")
    assert isinstance(machine.step(), Wait)
    machine.receive(control_data.CONTROL, b"\2")
    assert isinstance(machine.step(), Write)


def test_protocols_are_known_by_name_and_by_what_the_device_offers() -> None:
    assert [kind.name for kind in SENDERS] == ["espressif-ble-ota", "fbiego", "control-data"]
    for name, (_, uuids) in KINDS.items():
        found = sender_for((*uuids, "0000180a-0000-1000-8000-00805f9b34fb"))
        assert found is not None
        assert found.name == name
    assert sender_for(["0000180a-0000-1000-8000-00805f9b34fb"]) is None
    with pytest.raises(UsageError, match="use one of"):
        sender_named("telepathy")
