"""How lines become walks, errors and events."""

from __future__ import annotations

import pytest

from forensics.model.document import from_document, to_document
from forensics.model.log import LogPass
from forensics.parse.logs import parse_log

FIRST = "I (10) esp_image: segment 0: paddr=00110020 vaddr=3c020020 size=00100h (   256) map"
SECOND = "I (20) esp_image: segment 1: paddr=00110128 vaddr=3fc90000 size=00010h (    16) load"


def _kinds(text: str) -> list[list[str]]:
    return [[error.kind for error in walk.errors] for walk in parse_log(text).passes]


def test_esp_ota_end_set_boot_partition_and_bootloader_are_three_walks() -> None:
    walk = f"{FIRST}\n{SECOND}\n"
    log = parse_log(
        walk
        + walk
        + "rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\n"
        + walk
        + "I (30) boot: Loaded app from partition at offset 0x110000\n"
    )
    assert [(p.image_start, len(p.segments)) for p in log.passes] == [(0x110000, 2)] * 3
    assert [p.outcome for p in log.passes] == ["passed", "unknown", "passed"]
    assert [event.kind for event in log.events] == ["reset", "app_loaded"]


def test_a_segment_that_does_not_follow_the_last_begins_another_walk() -> None:
    elsewhere = SECOND.replace("00110128", "00210128")
    assert [len(p.segments) for p in parse_log(f"{FIRST}\n{elsewhere}").passes] == [1, 1]


def test_an_error_without_a_walk_opens_one() -> None:
    log = parse_log("E (37) esp_image: Image hash failed - image is corrupt")
    assert log.passes[0].image_start is None
    assert log.passes[0].outcome == "failed"


def test_chunks_that_restart_a_transfer_are_errors_of_one_pass_beside_the_walk() -> None:
    saw = "E ({}) esp_ota_ops: OTA image has invalid magic byte (expected 0xE9, saw 0x{:02x}"
    text = "\n".join(
        [
            FIRST,
            "E (20) esp_image: invalid segment length 0xffffffff",
            *(saw.format(i, byte) for i, byte in enumerate((0x4D, 0x25, 0x00))),
        ]
    )
    log = parse_log(text)
    assert _kinds(text) == [["invalid_segment_length"], ["ota_invalid_magic_byte"] * 3]
    assert [error.fields["saw"] for error in log.passes[1].errors] == [0x4D, 0x25, 0x00]
    assert log.passes[0].errors[0].fields == {"length": 0xFFFFFFFF}


def test_a_checksum_failure_ends_its_walk() -> None:
    text = (
        f"{FIRST}\nE (30) esp_image: Checksum failed. Calculated 0x70 read 0xff\nD (40) boot: Calculated hash: " + "ab" * 32
    )
    first, second = parse_log(text).passes
    assert first.checksum is not None
    assert (first.checksum.calculated, first.checksum.read) == (0x70, 0xFF)
    assert first.hash is None
    assert second.hash is not None
    assert second.hash.calculated == "ab" * 32


def test_a_slot_that_is_not_bootable_belongs_to_the_walk_before() -> None:
    text = """
E (31) esp_image: image at 0x110000 has invalid magic byte (nothing flashed here?)
E (39) boot: OTA app partition slot 0 is not bootable
E (41) esp_image: image at 0x210000 has invalid magic byte (nothing flashed here?)
E (49) boot: OTA app partition slot 1 is not bootable
E (50) boot: No bootable app partitions in the partition table
"""
    log = parse_log(text)
    assert _kinds(text) == [
        ["invalid_magic_byte", "not_bootable"],
        ["invalid_magic_byte", "not_bootable", "no_bootable_app"],
    ]
    assert [p.image_start for p in log.passes] == [0x110000, 0x210000]
    assert log.passes[0].errors[1].fields["what"] == "ota_0"


def test_a_call_that_refuses_without_an_error_line_fails_the_walk() -> None:
    log = parse_log(f"{FIRST}\n{SECOND}\nE (99) app: esp_ota_end failed (ESP_ERR_OTA_VALIDATE_FAILED)!")
    assert log.passes[0].outcome == "failed"
    assert log.events[0].fields == {"call": "end", "name": "OTA_VALIDATE_FAILED"}


def test_a_log_that_goes_on_in_silence_has_passed() -> None:
    assert parse_log(f"{FIRST}\n{SECOND}").passes[0].outcome == "unknown"
    assert parse_log(f"{FIRST}\n{SECOND}\nI (70) app: Restarting now").passes[0].outcome == "passed"


def test_a_walk_with_fewer_segments_than_its_header_says_is_unknown() -> None:
    header = "D (1) esp_image: image header: 0xe9 0x07 0x02 0x02 40081034\n"
    log = parse_log(f"{header}{FIRST}\n{SECOND}\nI (70) wifi: state: init")
    assert (log.passes[0].outcome, log.passes[0].last_segment_reached) == ("unknown", False)


@pytest.mark.parametrize(("paddr", "start"), [(0x110020, 0x110000), (0x110010, 0x110000), (0x110018, 0x110000)])
def test_image_start(paddr: int, start: int) -> None:
    line = f"I (1) esp_image: segment 0: paddr=0x{paddr:08x} vaddr=0x40210010 size=0x00010 (    16) map"
    assert parse_log(line).passes[0].image_start == start


@pytest.mark.parametrize(
    ("line", "kind", "fields"),
    [
        (
            "E (9) boot_comm: mismatch chip ID, expected 9, found 0",
            "chip_id_mismatch",
            {"expected": 9, "found": 0},
        ),
        (
            "E (9) boot_comm: Image requires chip rev >= v3.0, but chip is v1.0",
            "chip_rev_too_low",
            {"min": "v3.0", "chip": "v1.0"},
        ),
        (
            "E (9) esp_image: Segment 4 load address 0x42000020, doesn't match data 0x00130018",
            "segment_load_address_mismatch",
            {"index": 4, "load_addr": 0x42000020, "data_offset": 0x130018},
        ),
        (
            "E (9) esp_image: Image length 1100000 doesn't fit in partition length 1048576",
            "image_too_long",
            {"length": 1100000, "partition": 1048576},
        ),
        (
            "E (9) esp_image: image at 0x110000 segment count 78 exceeds max 16",
            "segment_count",
            {"address": 0x110000, "value": 78, "maximum": 16},
        ),
        ("W (9) esp_image: image valid, signature bad", "signature_bad", {"level": "W"}),
        ("E (9) boot: failed to load bootloader image header!", "bootloader_header_failed", {}),
    ],
)
def test_errors_and_their_numbers(line: str, kind: str, fields: dict[str, int | str]) -> None:
    (error,) = parse_log(line).passes[0].errors
    assert (error.kind, error.fields, error.line) == (kind, fields, 1)


@pytest.mark.parametrize(
    ("line", "kind", "fields"),
    [
        ("I (5) NimBLE: disconnect; reason=531", "disconnected", {"reason": 531, "hci_reason": 0x13}),
        (
            "I (5) DEMO: ESP_GATTS_DISCONNECT_EVT, reason = 0x8",
            "disconnected",
            {"reason": 8, "hci_reason": 8},
        ),
        (
            "E (5) NimBLE: ble_hci_rx_acl failed to allocate ACL buffers; increase ACL_BUF_COUNT",
            "acl_buffers_exhausted",
            {},
        ),
        (
            "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)",
            "reset",
            {"code": 1, "reason": "POWERON_RESET", "boot": 0x13, "mode": "SPI_FAST_FLASH_BOOT"},
        ),
        ("4. Final byte arrived", "ota_last_chunk", {}),
        ("Written only : 160000/209264. Retry?", "ota_written", {"bytes": 160000, "expected": 209264}),
        ("Error Occurred. Error #: 9", "update_error", {"code": 9, "means": "arduino-number-9"}),
        (
            "E (5) esp_https_ota: Error: esp_ota_end failed! err=0x5379. Image is invalid",
            "ota_call_failed",
            {"call": "end", "error": 0x5379},
        ),
        (
            "E (3) NimBLE_BLE_OTA: esp_ble_ota_write_chr - packet index error, cur: 3, recv: 5",
            "packet_error",
            {"expected": 3, "received": 5},
        ),
        ("I (3) NimBLEOta: received sector 12", "ota_sector", {"sector": 12}),
        ("I (24) boot: ESP-IDF v4.4.1 2nd stage bootloader", "bootloader_started", {"version": "v4.4.1"}),
        (
            "I (98) boot:  1 otadata          OTA data         01 00 0000d000 00002000",
            "partition",
            {
                "index": 1,
                "label": "otadata",
                "usage": "OTA data",
                "type": 1,
                "subtype": 0,
                "address": 0xD000,
                "size": 0x2000,
            },
        ),
    ],
)
def test_events(line: str, kind: str, fields: dict[str, int | str]) -> None:
    log = parse_log(f"first\n{line}")
    (event,) = log.events
    assert (event.kind, event.fields, event.line) == (kind, fields, 2)
    assert log.unread == (1,)


def test_a_title_that_quotes_the_log_is_no_line_of_it() -> None:
    title = "esp_image: Image hash failed - image is corrupt"
    log = parse_log(f"{title}\n{FIRST}\n{SECOND}\n")
    assert log.passes[0].errors == ()
    assert len(parse_log(title).passes[0].errors) == 1
    assert len(parse_log("Image hash failed - image is corrupt").passes[0].errors) == 1
    assert len(parse_log("Why do I get esp_image: Image hash failed - image is corrupt?").passes) == 1
    assert parse_log("Why do I get Image hash failed - image is corrupt?").passes == ()


def test_a_build_without_log_times() -> None:
    log = parse_log(
        "Post title: esp_image: Image hash failed - image is corrupt\n"
        "E esp_image: Checksum failed. Calculated 0xc1 read 0x8b\nE boot: Factory app partition is not bootable"
    )
    assert [error.kind for error in log.passes[0].errors] == ["checksum_failed", "not_bootable"]


def test_a_pass_survives_the_document() -> None:
    (walk,) = parse_log(f"{FIRST}\nE (3) esp_image: invalid segment length 0x400e47a4").passes
    assert from_document(LogPass, to_document(walk)) == walk


def test_bounds_of_absurd_logs() -> None:
    many = "E (1) esp_image: Image hash failed - image is corrupt\n" * 25_000
    log = parse_log(many)
    assert (len(log.passes), log.left_out) == (20_000, 5_000)
    assert log.passes[-1].lines == (25_000, 25_000)
    writes = "I (1) GATTS: GATT_WRITE_EVT, value len 20\n" * 3_000
    assert (len(parse_log(writes).events), parse_log(writes).left_out) == (2_000, 1_000)


def test_one_line_of_ten_megabytes() -> None:
    log = parse_log(b"x" * 5_000_000 + FIRST.encode() + b" y" * 2_500_000 + b"\n" + SECOND.encode())
    assert [(s.index, s.line) for s in log.passes[0].segments] == [(0, 1), (1, 2)]


def test_nothing_gives_an_empty_log() -> None:
    for nothing in ("", b"", "\n\n", b"\0\0", "  \r\n"):
        log = parse_log(nothing)
        assert (log.passes, log.events, log.unread, log.idf_versions) == ((), (), (), None)
