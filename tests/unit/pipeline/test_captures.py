"""Captures of a transfer through the pipeline: what is taken from them, and what is said of them."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import forensics
from forensics.cli.main import run
from forensics.errors import InputError, OtadiffError, UsageError
from forensics.model.alignment import ChunkSource
from forensics.model.finding import Verdict, Where
from forensics.model.report import Report
from forensics.pipeline.captures import StreamChoice
from forensics.pipeline.comparison import Options, compare_sources
from forensics.pipeline.extraction import ExtractOptions, extract_source
from forensics.synth.image import build_image
from tests import captures as synth
from tests.conftest import all_slugs
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


def compared(evidence: bytes) -> Report:
    return compare_sources(IMAGE, evidence, Options())


def slugs(report: Report) -> list[str]:
    return [finding.slug for finding in report.findings]


@pytest.mark.parametrize(
    ("send", "plan"),
    [
        (senders.espressif, (460, 4096, 3)),
        (senders.fbiego, (500, 16000, 2)),
        (senders.control_data, (244, None, 0)),
        (senders.ardu_ble_ota, (238, None, 1)),
        (senders.smp, (400, None, 0)),
    ],
)
def test_a_transfer_that_is_whole_is_healthy(send: Callable[[bytes], list[Step]], plan: tuple[int, int | None, int]) -> None:
    report = compared(btsnoop(send(IMAGE)))
    assert (report.verdict, report.edits, report.findings) == (Verdict.HEALTHY, (), ())
    assert report.received is not None
    assert report.received.container == "btsnoop"
    assert report.chunking is not None
    assert (report.chunking.size, report.chunking.reset, report.chunking.overhead) == plan
    assert report.chunking.source is ChunkSource.PROTOCOL


def test_a_chunk_that_was_never_written_is_the_senders_fault() -> None:
    steps = senders.control_data(IMAGE)
    report = compared(btsnoop([*steps[:50], *steps[51:]]))
    (finding,) = report.findings
    assert (finding.slug, finding.where, report.verdict) == ("chunk-missing", Where.SENDER, Verdict.FAULTY)
    assert report.edits[0].chunks == (47, 47)
    assert any("between packet" in note for note in finding.notes)
    assert any("the device accepted the image" in note for note in finding.notes)
    assert all(remedy.where is Where.SENDER for remedy in finding.remedies)
    with pytest.raises(UsageError):
        compare_sources(IMAGE, btsnoop(steps), Options(offset=0))


def test_a_hole_in_a_protocol_of_places_is_a_chunk_that_was_never_written() -> None:
    steps = senders.fbiego(IMAGE)
    report = compared(btsnoop([*steps[:10], *steps[11:]]))
    assert slugs(report) == ["chunk-missing"]
    assert report.edits[0].chunks == (7, 7)
    assert any("never clears" in note for note in report.findings[0].notes)


def cut_records(steps: list[Step], numbers: set[int], cut: int = 40) -> bytes:
    packets = synth.hci_packets(senders.conversation(steps))
    return synth.write_btsnoop(
        [replace(packet, cut=cut if index in numbers else 0) for index, packet in enumerate(packets)], 1002
    )


def test_what_the_capture_cut_is_no_damage_of_the_transfer() -> None:
    report = compared(cut_records(senders.stream(IMAGE, 244), {20, 21, 60}))
    assert slugs(report) == ["evidence-damaged"]
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.findings[0].edits == tuple(range(len(report.edits)))
    assert report.device.received == ()


def test_damage_of_the_capture_and_of_the_transfer_are_told_apart() -> None:
    steps = senders.stream(IMAGE, 244)
    report = compared(cut_records([*steps[:100], *steps[101:]], {20}))
    assert slugs(report) == ["chunk-missing", "evidence-damaged"]
    assert report.verdict is Verdict.FAULTY
    claimed = [index for finding in report.findings for index in finding.edits]
    assert sorted(claimed) == list(range(len(report.edits)))


def test_a_loss_where_the_capture_dropped_packets_proves_nothing() -> None:
    packets = synth.hci_packets(senders.conversation(senders.stream(IMAGE, 244)))
    report = compared(synth.write_btsnoop([*packets[:50], *packets[53:]], 1002, drops_at=50))
    assert slugs(report) == ["capture-incomplete"]
    assert report.verdict is Verdict.INCONCLUSIVE


def test_problems_that_touch_no_chunk_are_told_and_do_no_harm() -> None:
    packets = synth.hci_packets(senders.conversation(senders.control_data(IMAGE)))
    report = compared(synth.write_btsnoop(packets, 1002, drops_at=len(packets) - 1))
    assert slugs(report) == ["capture-incomplete"]
    assert report.findings[0].benign
    assert report.verdict is Verdict.HEALTHY


def test_a_capture_without_an_image_is_inconclusive() -> None:
    for evidence, slug in (
        (btsnoop([Step(NOTIFY, DATA, b"\1")]), "capture-incomplete"),
        (btsnoop(senders.stream(b"\0" * 5000)), "capture-incomplete"),
        (btsnoop(senders.stream(random.Random(1).randbytes(40_000))), "capture-encrypted"),
        (btsnoop(senders.espressif(random.Random(1).randbytes(40_000))), "capture-encrypted"),
        (btsnoop(senders.control_data(random.Random(1).randbytes(40_000))), "capture-encrypted"),
    ):
        report = compared(evidence)
        assert slugs(report) == [slug]
        assert report.verdict is Verdict.INCONCLUSIVE
        assert report.received is not None
        assert Report.from_dict(report.to_dict()) == report


def test_a_link_that_ended_names_its_reason() -> None:
    steps = senders.control_data(IMAGE)[:60]
    packets = synth.hci_packets(senders.conversation(steps))
    end = synth.disconnected(reason=0x08, time=packets[-1].time + 4_000_000)
    report = compared(synth.write_btsnoop([synth.connected(), *packets, end], 1002))
    (ended,) = report.findings
    assert (ended.slug, [one.slug for one in ended.consequences]) == ("disconnected", ["tail-missing"])
    assert "0x08" in ended.summary
    assert ended.where is Where.AIR


def test_a_capture_that_ends_with_the_chunks_proves_no_missing_tail() -> None:
    report = compared(btsnoop(senders.control_data(IMAGE)[:60]))
    assert slugs(report) == ["capture-incomplete"]
    assert report.verdict is Verdict.INCONCLUSIVE


def test_writes_above_the_mtu_and_refused_ones_are_told() -> None:
    steps = senders.control_data(IMAGE)
    pdus = synth.mtu_exchange(185, 517) + senders.conversation(steps)
    refusal = b"\x01\x12" + DATA.to_bytes(2, "little") + b"\x0d"
    place = next(index for index, pdu in enumerate(pdus) if index > 40 and pdu.data == b"\x13")
    pdus[place] = replace(pdus[place], data=refusal)
    report = compared(synth.write_btsnoop([synth.connected(), *synth.hci_packets(pdus)], 1002))
    assert set(slugs(report)) == {"chunk-missing", "write-too-long"}
    assert all_slugs(report) == {"chunk-missing", "write-too-long", "unacknowledged"}


def test_a_change_of_the_mtu_between_chunks_is_told() -> None:
    first = senders.conversation(senders.stream(IMAGE[:2000], 20))
    late = first[-1].time
    rest = senders.conversation(senders.stream(IMAGE[2000:], 244), late + 10_000)
    pdus = [*first, *synth.mtu_exchange(247, 517, time=late + 1000), *rest]
    report = compared(synth.write_btsnoop([synth.connected(), *synth.hci_packets(pdus)], 1002))
    assert slugs(report) == ["mtu-changed"]
    assert report.findings[0].benign


def test_a_damaged_log_of_hex_is_no_damaged_transfer() -> None:
    lines = [f"I (10) OTA: {piece.hex(' ')}" for piece in senders.cut(IMAGE, 16)]
    lines[40] = lines[40][:-10]
    report = compare_sources(IMAGE, "\n".join(lines).encode(), Options(format="esp-log"))
    assert slugs(report) == ["evidence-damaged"]
    assert report.verdict is Verdict.INCONCLUSIVE


def three_way(received: bytes, steps: list[Step]) -> Report:
    return compare_sources(IMAGE, received, Options(capture=btsnoop(steps)))


WHOLE = senders.control_data(IMAGE)
LACKS_CHUNK_100 = [*WHOLE[:103], *WHOLE[104:]]


@pytest.mark.parametrize(
    ("steps", "where", "words"),
    [(WHOLE, Where.DEVICE, "as they were sent, at packet"), (LACKS_CHUNK_100, Where.SENDER, "already shows it, between")],
)
def test_a_capture_tells_on_which_leg_a_chunk_was_lost(steps: list[Step], where: Where, words: str) -> None:
    report = three_way(IMAGE[: 100 * 244] + IMAGE[101 * 244 :], steps)
    (finding,) = report.findings
    assert (finding.slug, finding.where, report.edits[0].chunks) == ("chunk-missing", where, (100, 100))
    assert any(words in note for note in finding.notes)
    assert report.chunking is not None
    assert report.chunking.source is ChunkSource.PROTOCOL


def test_losses_on_both_legs_are_told_apart() -> None:
    received = IMAGE[: 100 * 244] + IMAGE[101 * 244 : 120 * 244] + IMAGE[121 * 244 :]
    (finding,) = three_way(received, LACKS_CHUNK_100).findings
    assert finding.where is Where.UNKNOWN
    assert any("1 of the 2 places" in note for note in finding.notes)


def test_a_capture_of_something_else_changes_nothing_but_says_so() -> None:
    other = senders.stream(random.Random(2).randbytes(9000))
    report = three_way(IMAGE[:-300], other)
    assert slugs(report) == ["tail-missing", "capture-incomplete"]
    assert report.findings[1].benign
    with pytest.raises(UsageError):
        compare_sources(IMAGE, btsnoop(WHOLE), Options(capture=btsnoop(WHOLE)))


def test_a_healthy_transfer_stays_healthy_with_a_capture() -> None:
    report = three_way(IMAGE, WHOLE)
    assert (report.verdict, report.findings) == (Verdict.HEALTHY, ())


def test_the_command_takes_a_capture(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name, content in (("sent.bin", IMAGE), ("received.bin", IMAGE[:-244]), ("phone.log", btsnoop(WHOLE))):
        (tmp_path / name).write_bytes(content)
    paths = [str(tmp_path / name) for name in ("sent.bin", "received.bin", "phone.log")]
    assert run([*paths[:2], "--capture", paths[2], "--json", "-"]) == 1
    assert json.loads(capfd.readouterr().out)["findings"][0]["where"] == "device"
    assert forensics.compare(IMAGE, IMAGE[:-244], capture=btsnoop(WHOLE)).findings[0].where is Where.DEVICE


def test_inspect_lists_what_a_capture_holds(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "phone.btsnoop"
    path.write_bytes(btsnoop(senders.control_data(IMAGE), "control-data"))
    assert run(["inspect", str(path)]) == 0
    plain = capfd.readouterr().out
    assert run(["inspect", str(path), "--json", str(tmp_path / "capture.json")]) == 0
    assert capfd.readouterr().out == plain
    document = json.loads((tmp_path / "capture.json").read_text())
    assert document["schema"] == "otadiff.capture/1"
    (transfer,) = document["transfers"]
    assert (transfer["protocol"], transfer["handle"], transfer["size"]) == ("control-data", DATA, len(IMAGE))
    stream = document["streams"][0]
    assert (stream["operation"], stream["uuid"]) == ("write-request", UUIDS["control-data"][0])
    assert stream["size"] == len(IMAGE) + 2
    for words in ("connection 0x0040", "ATT MTU 23", UUIDS["control-data"][0], "control-data over handle 0x002a"):
        assert words in plain
    assert run(["inspect", str(path), "--html", str(tmp_path / "page.html")]) == 2


def test_a_log_beside_a_capture_is_held_against_what_was_sent() -> None:
    log = "E (900) esp_image: Checksum failed. Calculated 0x12 read 0x34\n"
    report = compare_sources(IMAGE, btsnoop(WHOLE), Options(log=log))
    assert report.verdict is Verdict.FAULTY
    assert "checksum-failed" in slugs(report)
    assert not report.edits
    assert report.log is not None


def test_an_encrypted_link_is_named() -> None:
    packets = synth.air_packets(senders.conversation(senders.stream(IMAGE, 244)))
    for first in (0, 60):
        at = next(index for index, packet in enumerate(packets) if index > first and not packet.from_central)
        start = synth.data_pdu(3, b"\x05", packets[at].pdu[0] >> 3 & 1)
        hidden = [*packets[:at], replace(packets[at], pdu=start), *packets[at + 1 :]]
        report = compared(synth.write_pcap(hidden[at if first == 0 else 0 :], 251))
        assert [finding.slug for finding in report.findings if not finding.benign] == ["capture-encrypted"]
        assert report.verdict is Verdict.INCONCLUSIVE


def answered(steps: list[Step], asks: Callable[[Step], bool], answer: bytes) -> list[Step]:
    """``steps`` with the device's answer behind each that asks for one."""
    result: list[Step] = []
    for step in steps:
        result.append(step)
        if asks(step):
            result.append(Step(NOTIFY, CONTROL, answer))
    return result


ANSWERED: dict[str, list[Step]] = {
    "fbiego": senders.fbiego(IMAGE),
    "control-data": senders.control_data(IMAGE),
    "ardu-ble-ota": answered(senders.ardu_ble_ota(IMAGE), lambda step: step.value[:1] == b"\6", b"\7"),
    "smp": answered(
        senders.smp(IMAGE), lambda step: step.value[:2] == b"\2\0" and step.value[4:6] == b"\0\1", b"\3\0\0\0\0\1\0\1"
    ),
    "nordic-secure-dfu": answered(
        [step for step in senders.nordic_secure(IMAGE) if step.opcode != NOTIFY],
        lambda step: step.handle == CONTROL,
        b"\x60\1\1",
    ),
}


@pytest.mark.parametrize("protocol", ANSWERED)
def test_an_answer_that_is_not_there_is_told_for_every_protocol_that_answers(protocol: str) -> None:
    steps = ANSWERED[protocol]
    assert slugs(compared(btsnoop(steps, protocol))) == []
    first = next(index for index, step in enumerate(steps) if step.opcode == NOTIFY)
    report = compared(btsnoop([*steps[:first], *steps[first + 1 :]], protocol))
    (finding,) = report.findings
    assert (finding.slug, finding.benign, report.verdict) == ("notifications-lost", True, Verdict.HEALTHY)
    silent = [step for step in steps if step.opcode != NOTIFY]
    assert "notifications-lost" not in slugs(compared(btsnoop(silent, protocol)))


def test_damaged_captures_give_a_report_or_an_error() -> None:
    rng = random.Random(5)
    image = IMAGE[:6000]
    for send in (senders.espressif, senders.fbiego, senders.control_data, senders.smp, senders.stream):
        whole = btsnoop(send(image))
        for _ in range(12):
            broken = bytearray(whole)
            for _ in range(rng.choice((1, 4, 40))):
                place = rng.randrange(16, len(broken))
                broken[place : place + rng.choice((1, 1, 90))] = rng.randbytes(rng.choice((1, 1, 30)))
            try:
                report = compare_sources(image, bytes(broken), Options())
            except OtadiffError:
                continue
            claimed = [index for finding in report.findings for index in finding.edits]
            assert sorted(claimed) == list(range(len(report.edits)))
