"""Captures of a transfer through the pipeline: what is taken from them, and what is said of them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from forensics.cli.main import run
from forensics.errors import InputError, UsageError
from forensics.pipeline.captures import StreamChoice
from forensics.pipeline.extraction import ExtractOptions, extract_source
from forensics.synth import captures as synth
from forensics.synth.image import build_image
from tests.unit.protocols import senders
from tests.unit.protocols.senders import CONTROL, DATA, NOTIFY, Step
from tests.unit.protocols.test_decode import UUIDS
from tests.unit.read.test_evidence import flash

IMAGE = build_image(chip="ESP32", size=40_000)


def btsnoop(steps: list[Step], protocol: str | None = None) -> bytes:
    pdus = senders.conversation(steps)
    if protocol is not None:
        pdus = synth.discovery(list(zip((DATA, CONTROL), UUIDS[protocol], strict=True))) + pdus
    return synth.write_btsnoop(synth.hci_packets(pdus), 1002)


def journal(image: bytes, size: int = 244) -> bytes:
    lines = ['{"schema": "otadiff.journal/1"}']
    for number, piece in enumerate(senders.cut(image, size)):
        lines.append(
            f'{{"time": {number / 100}, "event": "write", "direction": "out", "characteristic": "{UUIDS["stream"][0]}", '
            f'"offset": {number * size}, "length": {len(piece)}, "value": "{piece.hex()}"}}'
        )
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("evidence", "options"),
    [
        (btsnoop(senders.espressif(IMAGE)), ExtractOptions()),
        (btsnoop(senders.fbiego(IMAGE), "fbiego"), ExtractOptions()),
        (gzip.compress(btsnoop(senders.control_data(IMAGE))), ExtractOptions()),
        (btsnoop(senders.stream(IMAGE)), ExtractOptions(choice=StreamChoice(handle=DATA))),
        (journal(IMAGE), ExtractOptions()),
        (journal(IMAGE), ExtractOptions(sent=IMAGE)),
        (IMAGE.ljust(65_536, b"\xff"), ExtractOptions()),
        (IMAGE.hex(" ", 1).encode(), ExtractOptions(format="hex")),
        (IMAGE.hex().encode(), ExtractOptions(format="hex")),
        (btsnoop(senders.stream(IMAGE)), ExtractOptions(raw=True)),
        (btsnoop(senders.control_data(IMAGE)), ExtractOptions(sent=IMAGE)),
    ],
    ids=["espressif", "fbiego", "gzip", "handle", "journal", "journal-sent", "slot", "text", "hex", "raw", "sent"],
)
def test_every_kind_of_evidence_gives_the_image(evidence: bytes, options: ExtractOptions) -> None:
    found = extract_source(evidence, options)
    assert found.content == IMAGE
    assert str(len(IMAGE)) in found.notes[0]


def test_a_log_of_writes_is_decoded_when_its_protocol_is_known() -> None:
    writes = [step.value for step in senders.fbiego(IMAGE) if step.opcode != NOTIFY]
    text = "".join(f"write {number} len={len(value)} data={value.hex()}\n" for number, value in enumerate(writes))
    assert extract_source(text.encode(), ExtractOptions()).content == IMAGE


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (ExtractOptions(raw=True, choice=StreamChoice(handle=CONTROL)), b"\1\4"),
        (ExtractOptions(raw=True, choice=StreamChoice(uuid=UUIDS["control-data"][1])), b"\1\4"),
        (ExtractOptions(operation="notification"), b"\2\5"),
        (ExtractOptions(operation="write-request"), b"\xf4\0" + IMAGE),
        (ExtractOptions(raw=True, choice=StreamChoice(connection=0x40)), b"\xf4\0" + IMAGE),
        (ExtractOptions(raw=True, sent=IMAGE), b"\xf4\0" + IMAGE),
    ],
)
def test_values_are_chosen(options: ExtractOptions, expected: bytes) -> None:
    assert extract_source(btsnoop(senders.control_data(IMAGE), "control-data"), options).content == expected


@pytest.mark.parametrize(
    ("evidence", "options", "error"),
    [
        (btsnoop([Step(NOTIFY, DATA, b"\1")]), ExtractOptions(), InputError),
        (btsnoop(senders.stream(IMAGE)), ExtractOptions(choice=StreamChoice(handle=1)), UsageError),
        (btsnoop(senders.stream(IMAGE)), ExtractOptions(raw=True, choice=StreamChoice(handle=1)), InputError),
        (btsnoop(senders.stream(IMAGE)), ExtractOptions(operation="telepathy"), UsageError),
        (IMAGE, ExtractOptions(raw=True), UsageError),
        (b"", ExtractOptions(), InputError),
    ],
)
def test_what_cannot_be_taken_is_an_error(evidence: bytes, options: ExtractOptions, error: type[Exception]) -> None:
    with pytest.raises(error):
        extract_source(evidence, options)


def test_a_flash_dump_gives_the_slot_that_is_asked_for_or_fits() -> None:
    dump = flash(IMAGE)
    for options in (ExtractOptions(), ExtractOptions(slot="ota_1"), ExtractOptions(sent=IMAGE)):
        assert extract_source(dump, options).content == IMAGE
    with pytest.raises(UsageError, match="no image in any slot"):
        extract_source(flash(b""), ExtractOptions())


def test_the_command_writes_the_image_and_says_what_it_took(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    capture = tmp_path / "phone.btsnoop"
    capture.write_bytes(btsnoop(senders.control_data(IMAGE)))
    received = tmp_path / "received.bin"
    assert run(["extract", str(capture), "-o", str(received)]) == 0
    assert received.read_bytes() == IMAGE
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "control-data" in shown.err
    assert "handle 0x002a" in shown.err
    assert run(["extract", str(capture), "-o", str(capture)]) == 2
    assert run(["extract", str(capture), "-o", str(received), "--handle", "0x99"]) == 2
