"""What findings a log gives, from lines as devices print them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from forensics.explain import SLUGS
from forensics.judge.case import Case
from forensics.judge.judgement import asked, judge
from forensics.judge.logs.failures import failures_of
from forensics.model.finding import Certainty, Finding, Verdict
from forensics.model.log import DeviceLog, LogError, LogPass
from forensics.parse.logs import parse_log
from forensics.spec.log_lines.dialects import DIALECTS
from forensics.spec.log_lines.template import LineUse
from tests.conftest import ROOT

ERROR_KINDS = sorted({line.kind for _, lines in DIALECTS for line in lines if line.use is LineUse.ERROR})
SEGMENT = "I (10) esp_image: segment 0: paddr=00110020 vaddr=3f400020 size=00cb4h (  3252) map"
NEXT = "I (20) esp_image: segment 1: paddr=00110cdc vaddr=3ffb0000 size=002a4h (   676)"


def case_of(log: DeviceLog) -> Case:
    return Case(device_log=log, failures=failures_of(log))


def log_findings(log: DeviceLog) -> list[Finding]:
    """What the rules find, before causes absorb what they explain."""
    return list(asked(case_of(log)))


def found(*lines: str) -> dict[str, Finding]:
    return {finding.slug: finding for finding in log_findings(parse_log("\n".join(lines)))}


def failed(kind: str, **fields: int | str) -> DeviceLog:
    error = LogError(kind=kind, fields=fields, line=1)
    walk = LogPass(image_start=None, segments=(), checksum=None, hash=None, errors=(error,), outcome="failed", lines=(1, 1))
    return DeviceLog(passes=(walk,), idf_versions=None, unread=())


@pytest.mark.parametrize("kind", ERROR_KINDS)
def test_every_error_leads_to_a_fault(kind: str) -> None:
    log = failed(kind)
    findings = log_findings(log)
    assert findings
    assert {finding.slug for finding in findings} <= set(SLUGS)


def test_an_erased_header_ends_the_image_there() -> None:
    findings = found(SEGMENT, NEXT, "E (30) esp_image: invalid segment length 0xffffffff")
    assert findings["flash-erased"].certainty is Certainty.PROVEN
    assert "0xf80" in findings["flash-erased"].summary
    assert findings["tail-missing"].certainty is Certainty.LIKELY
    assert "segment-length-invalid" not in findings


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0x76727000, 'text (".prv")'),
        (0x400D1524, "an address"),
        (0x00004136, "machine code"),
        (0x47C8F147, "the bytes are 47 f1 c8 47"),
    ],
)
def test_what_stands_in_a_length(value: int, words: str) -> None:
    finding = found(SEGMENT, f"E (30) esp_image: invalid segment length 0x{value:x}")["segment-length-invalid"]
    assert any(words in note for note in finding.notes)
    assert "segment 1" in finding.summary
    assert "0xcd8" in finding.summary


def test_a_header_that_was_accepted_by_accident_is_doubted() -> None:
    odd = "I (20) esp_image: segment 1: paddr=00110cdc vaddr=6f6c2063 size=00004h (     4)"
    finding = found(SEGMENT, odd, "E (30) esp_image: Checksum failed. Calculated 0x1 read 0x2")["checksum-failed"]
    assert any("accepted by accident" in note and "0x6f6c2063" in note for note in finding.notes)
    assert not any("segments 0 to 1 are right" in note for note in finding.notes)


def test_the_checksum_byte_tells_of_a_missing_tail() -> None:
    assert found("E (1) esp_image: Checksum failed. Calculated 0x17 read 0xff")["tail-missing"]
    assert found("E (1) esp_image: Checksum failed. Calculated 0x17 read 0x0")["tail-missing"]
    assert "tail-missing" not in found("E (1) esp_image: Checksum failed. Calculated 0x17 read 0x5c")


def test_zeros_are_no_damage_of_the_checksum() -> None:
    findings = found("E (1) esp_image: Checksum failed. Calculated 0xef read 0x0")
    assert "flash-zero" in findings
    assert "checksum-failed" not in findings


def test_attempts_that_differ_show_a_race() -> None:
    lines = [
        line
        for value in (0x11, 0x22)
        for line in (
            SEGMENT,
            NEXT,
            f"E (30) esp_image: Checksum failed. Calculated 0x{value:x} read 0x5c",
            "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)",
        )
    ]
    finding = found(*lines)["checksum-failed"]
    assert any("changes between walks (0x11, 0x22)" in note for note in finding.notes)


def test_a_chain_of_first_bytes_is_one_finding() -> None:
    lines = [
        f"E ({n}) esp_ota_ops: OTA image has invalid magic byte (expected 0xE9, saw 0x{n:02x})" for n in (0x4D, 0x25, 0x91)
    ]
    findings = found(SEGMENT, "E (30) esp_image: invalid segment length 0xffffffff", *lines)
    assert list(findings) == ["short-write-ended-transfer"]
    assert findings["short-write-ended-transfer"].log_lines == (2, 3, 4, 5)


@pytest.mark.parametrize(
    ("saw", "slug"),
    [
        (0x7F, "not-an-app-image"),
        (0xFF, "merged-image"),
        (0xC3, "text-encoded"),
        (0x45, "text-encoded"),
        (0x4F, "magic-invalid"),
    ],
)
def test_what_the_first_byte_tells(saw: int, slug: str) -> None:
    assert slug in found(f"E (1) esp_ota_ops: OTA image has invalid magic byte (expected 0xE9, saw 0x{saw:02x})")


def test_exchanged_labels_of_a_revision_are_put_right() -> None:
    old = found("E (1) boot_comm: can't run on lower chip revision, expected 1, found 3")["revision-mismatch"]
    assert "at least v3 and the device has v1" in old.summary
    assert any("labels swapped" in note for note in old.notes)
    new = found(
        "E (1) boot_comm: This chip is revision 1 but the application is configured for minimum revision 3. Can't run."
    )
    assert "at least v3 and the device has v1" in new["revision-mismatch"].summary


def test_a_revision_of_letters_is_another_file() -> None:
    findings = found("E (1) boot_comm: Image requires efuse blk rev >= v251.85, but chip is v0.0")
    assert findings["merged-image"].certainty is Certainty.LIKELY


def test_a_decimal_behind_0x_does_no_harm() -> None:
    findings = found("E (1) ota: Error: esp_ota_end failed! err=0x5379. Image is invalid")
    assert findings["verifier-bug"].benign
    assert findings["digest-failed"].certainty is Certainty.LIKELY


def test_known_and_absurd_chips() -> None:
    assert "wrong-chip" in found("E (1) boot_comm: mismatch chip ID, expected 9, found 0")
    assert "wrong-chip" not in found("E (1) boot_comm: mismatch chip ID, expected 9, found 18242")
    assert "flash-erased" in found("E (1) boot_comm: mismatch chip ID, expected 9, found 65535")


@pytest.mark.parametrize(
    ("line", "certainty", "part"),
    [
        ("W (2) esp_image: image valid, signature bad", Certainty.PROVEN, "every byte is right"),
        ("W (2) esp_image: image corrupted on flash", Certainty.PROVEN, "damaged"),
    ],
)
def test_what_follows_a_refused_signature_decides(line: str, certainty: Certainty, part: str) -> None:
    finding = found("E (1) esp_image: Secure boot signature verification failed", line)["signature-failed"]
    assert finding.certainty is certainty
    assert part in finding.summary


def test_a_lost_link_explains_the_missing_end() -> None:
    lines = (
        "I (1) ota: recv ota start cmd, fw_length = 4",
        "I (2) NimBLE: disconnect; reason=531",
        SEGMENT,
        "E (3) esp_image: invalid segment length 0xffffffff",
    )
    finding = found(*lines)["link-lost"]
    assert finding.certainty is Certainty.LIKELY
    assert "0x13" in finding.summary


def test_a_disconnect_after_the_verdict_is_none_of_the_transfer() -> None:
    assert "link-lost" not in found(
        SEGMENT, "E (3) esp_image: invalid segment length 0xffffffff", "I (9) NimBLE: disconnect; reason=531"
    )


def test_a_later_walk_that_passed_heals() -> None:
    log = parse_log("\n".join([
        SEGMENT, "E (30) esp_image: invalid segment length 0x3", "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)",
        SEGMENT, NEXT, "I (60) boot: Loaded app from partition at offset 0x110000",
    ]))  # fmt: skip
    findings = log_findings(log)
    assert findings
    assert all(finding.benign for finding in findings)
    assert judge(case_of(log)).verdict is Verdict.HEALTHY


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("", Verdict.INCONCLUSIVE),
        ("nothing that a device prints", Verdict.INCONCLUSIVE),
        (SEGMENT, Verdict.INCONCLUSIVE),
        ("I (60) boot: Loaded app from partition at offset 0x110000", Verdict.HEALTHY),
        ("E (1) esp_image: Image hash failed - image is corrupt", Verdict.FAULTY),
    ],
)
def test_verdicts(text: str, verdict: Verdict) -> None:
    judgement = judge(case_of(parse_log(text)))
    assert judgement.verdict is verdict
    assert judgement.summary


@pytest.mark.parametrize(
    ("lines", "slug", "part"),
    [
        (("NimBLE: ble_hci_rx_acl failed to allocate ACL buffers",), "chunk-missing", "out of buffers"),
        (("StreamBuffer Full", "StreamBuffer Full"), "chunk-shortened", "full 2 times"),
        (("I (5) ota: packet index error, cur: 7, recv: 9",), "chunk-missing", "waited for packet 7 and got 9"),
        (("Written only : 160000/487000. Retry?",), "chunk-missing", "10 whole parts of 16000"),
        (("File Size: 625024", "Available space: 113201"), "tail-missing", "the last 511823 cannot be stored"),
        (("E (5) boot: OTA app partition slot 1 is not bootable",), "no-bootable-app", "slot 1"),
        (("Error #: 9",), "digest-failed", "could not activate"),
    ],
)  # fmt: skip
def test_what_the_receiver_says_itself(lines: tuple[str, ...], slug: str, part: str) -> None:
    assert part in found(*lines)[slug].summary


def test_writes_of_256_bytes_are_suspected_when_something_failed() -> None:
    write = "I (4) app: GATT_WRITE_EVT, value len 256"
    assert found(write) == {}
    assert "chunk-shortened" in found(write, SEGMENT, "E (9) esp_image: invalid segment length 0x47c8f147")


def test_a_paste_of_thousands_of_failures_stays_short() -> None:
    log = parse_log("\n".join(f"E ({n}) esp_image: invalid segment length 0x{n:x}" for n in range(1, 5000, 2)))
    assert 0 < len(judge(case_of(log)).findings) < 20


def kinds_asked_for(path: Path) -> Iterator[str]:
    """Kinds of lines that a detector asks the case for."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("events", "failures_of")
        ):
            yield from (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_detectors_ask_for_kinds_that_a_line_has() -> None:
    known = {line.kind for _, lines in DIALECTS for line in lines}
    asked_for = {kind for path in (ROOT / "forensics" / "judge" / "logs").glob("*.py") for kind in kinds_asked_for(path)}
    assert asked_for <= known
