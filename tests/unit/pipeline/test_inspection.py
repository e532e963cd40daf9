"""One file through identification, parse, walk and findings."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.errors import InputError, OtadiffError, UsageError
from forensics.model.check import Outcome
from forensics.model.device import DeviceSettings
from forensics.model.finding import Certainty, Verdict
from forensics.model.inspection import InspectionReport
from forensics.pipeline.inspection import inspect_source, predict, predict_log
from forensics.report.terminal import render_terminal
from forensics.spec.chips import CHIPS
from forensics.spec.otadata import OTA_SELECT_ENTRY, sequence_crc
from forensics.spec.partition_table import PARTITION_ENTRY, PARTITION_MAGIC
from forensics.synth.image import build_image
from tests.unit.parse.build import build_image as small_built
from tests.unit.parse.build import descriptor, shared, small_image
from tests.unit.parse.test_identify import KINDS

APP = build_image(chip="ESP32", size=8192)
SMALL = small_image()
BOOTLOADER = small_built([(0x40380000, bytes(range(256)) * 4), (0x3FC80000, b"data" * 20)])
OTHER = small_image(min_chip_rev_full=0)
EMPTY_ENTRY = b"\xff" * 32

TABLE = (
    ("nvs", 1, 2, 0x9000, 0x4000),
    ("otadata", 1, 0, 0xD000, 0x2000),
    ("factory", 0, 0, 0x10000, 0x10000),
    ("one", 0, 0x10, 0x20000, 0x10000),
    ("two", 0, 0x11, 0x30000, 0x10000),
)


def partition_table(rows: tuple[tuple[str, int, int, int, int], ...] = TABLE) -> bytes:
    return b"".join(
        PARTITION_ENTRY.build(
            {
                "magic": PARTITION_MAGIC,
                "type": kind,
                "subtype": subtype,
                "offset": offset,
                "size": size,
                "label": label.encode().ljust(16, b"\0"),
                "flags": 0,
            }
        )
        for label, kind, subtype, offset, size in rows
    )


def select(sequence: int, state: int = 2) -> bytes:
    built: bytes = OTA_SELECT_ENTRY.build(
        {"sequence": sequence, "label": b"\xff" * 20, "state": state, "crc": sequence_crc(sequence)}
    )
    return built


def flash_dump(
    *, otadata: tuple[bytes, bytes] = (select(1), select(2)), table_at: int = 0x8000, two: bytes = OTHER
) -> bytes:
    dump = bytearray(b"\xff" * 0x40000)
    parts = (
        (0, BOOTLOADER),
        (table_at, partition_table()),
        (0xD000, otadata[0]),
        (0xE000, otadata[1]),
        (0x20000, SMALL),
        (0x30000, two),
    )
    for offset, part in parts:
        dump[offset : offset + len(part)] = part
    return bytes(dump)


def slugs(report: InspectionReport) -> list[str]:
    return [finding.slug for finding in report.findings]


def test_an_accepted_image() -> None:
    report = inspect_source(APP)
    assert report.verdict is Verdict.HEALTHY
    assert report.findings == ()
    assert report.sent is not None
    assert report.sent.image is not None
    assert report.sent.image.chip == "ESP32"
    assert report.received is None
    assert (report.inspection.err, report.inspection.chip, report.inspection.idf) == (0, "esp32", "v5.1.2")
    assert report.inspection.partition_offset is None


@pytest.mark.parametrize("name", KINDS)
def test_every_wrong_file_is_named(name: str) -> None:
    report = inspect_source(KINDS[name])
    kind = report.inspection.kind.kind
    if kind == "merged":
        assert slugs(report) == ["merged-image"]
    elif kind not in ("app", "esp8266"):
        assert slugs(report) == ["not-an-app-image"]
    images = kind in ("app", "esp8266", "bootloader", "merged")
    whole = Verdict.FAULTY if "damaged" in name else Verdict.HEALTHY
    assert report.verdict is (whole if images else Verdict.INCONCLUSIVE)
    if kind not in ("app", "esp8266", "bootloader", "merged", "unknown", "ciphertext"):
        assert report.sent is not None
        assert report.sent.image is None


def test_an_archive_is_named_and_not_unpacked() -> None:
    report = inspect_source(gzip.compress(APP, mtime=0))
    assert report.inspection.kind.kind == "gzip"
    assert slugs(report) == ["not-an-app-image"]


def test_a_named_format_unwraps() -> None:
    lines = "\n".join(f"{at:08x}: {APP[at : at + 16].hex(' ')}" for at in range(0, len(APP), 16))
    assert inspect_source(lines.encode()).inspection.kind.kind == "hex-text"
    assert inspect_source(lines.encode(), format="hexdump").verdict is Verdict.HEALTHY


@pytest.mark.parametrize(("offset", "step"), [(0x200, "checksum"), (-1, "digest")])
def test_a_damaged_image_is_invalid_whatever_its_transfer(offset: int, step: str) -> None:
    data = bytearray(APP)
    data[offset] ^= 0x10
    report = inspect_source(bytes(data))
    assert slugs(report) == ["image-invalid"]
    assert next(check for check in report.device.sent if check.outcome is Outcome.FAILED).step == step


def test_a_device_of_another_chip() -> None:
    report = inspect_source(SMALL, settings=DeviceSettings(chip="esp32s3"))
    assert slugs(report)[0] == "wrong-chip"
    assert "ESP32-C3" in report.summary
    assert "ESP32-S3" in report.summary


def test_a_device_of_another_chip_and_a_damaged_image_are_two_findings() -> None:
    report = inspect_source(SMALL[:-1] + b"\0", settings=DeviceSettings(chip="esp32s3"))
    assert slugs(report)[:2] == ["image-invalid", "wrong-chip"]


def test_an_unknown_chip_id_is_a_finding_and_the_walk_goes_on() -> None:
    report = inspect_source(small_built([(0x3C000020, descriptor()), (0x40380000, bytes(36))], chip_id=0x77))
    assert slugs(report) == ["wrong-chip"]
    assert report.findings[0].certainty is Certainty.LIKELY
    assert report.verdict is Verdict.FAULTY
    assert {check.step: check.would for check in report.device.sent}["digest"] is Outcome.PASSED


@pytest.mark.parametrize(
    ("given_settings", "slug"),
    [
        (DeviceSettings(chip_revision=0), "revision-mismatch"),
        (DeviceSettings(partition_size=256), "image-too-long"),
        (DeviceSettings(partition_size=0x1000001), "image-too-long"),
        (DeviceSettings(partition_offset=0x110010), "segment-misplaced"),
        (DeviceSettings(flash_size=0x110100), "image-too-long"),
    ],
)
def test_what_only_this_device_minds(given_settings: DeviceSettings, slug: str) -> None:
    report = inspect_source(SMALL, settings=given_settings)
    assert slug in slugs(report)
    assert "image-invalid" not in slugs(report)
    assert report.inspection.err != 0


def test_a_bootloader_is_verified_in_its_place() -> None:
    report = inspect_source(BOOTLOADER)
    assert report.verdict is Verdict.HEALTHY
    assert report.inspection.partition_offset == 0
    assert [(one.slug, one.benign) for one in report.findings] == [("not-an-app-image", True)]
    assert not any(check.outcome is Outcome.NOT_REACHED for check in report.device.sent)


def test_a_flash_dump_names_its_parts_and_what_boots() -> None:
    report = inspect_source(flash_dump())
    flash = report.inspection.flash
    assert slugs(report) == ["merged-image"]
    assert report.sent is not None
    assert report.sent.container == "flash"
    assert flash is not None
    assert [(part.label, part.accepted) for part in flash.parts] == [
        ("bootloader", True),
        ("nvs", None),
        ("otadata", None),
        ("factory", None),
        ("one", True),
        ("two", True),
    ]
    assert flash.boots == "two"


@pytest.mark.parametrize(
    ("otadata", "boots"),
    [
        ((EMPTY_ENTRY, EMPTY_ENTRY), "one"),
        ((select(1), EMPTY_ENTRY), "one"),
        ((select(4), select(3)), "two"),
        ((select(3), select(2, state=3)), "one"),
    ],
)
def test_the_slot_that_boots(otadata: tuple[bytes, bytes], boots: str) -> None:
    flash = inspect_source(flash_dump(otadata=otadata)).inspection.flash
    assert flash is not None
    assert flash.boots == boots


def test_the_bootloader_falls_back_past_a_broken_slot() -> None:
    flash = inspect_source(flash_dump(two=OTHER[:-1] + b"\0")).inspection.flash
    assert flash is not None
    assert flash.boots == "one"
    assert "two" in flash.why


@pytest.mark.parametrize("slot", ["one", "ota_0"])
def test_one_slot_is_walked_where_it_stands(slot: str) -> None:
    report = inspect_source(flash_dump(), slot=slot)
    assert report.verdict is Verdict.HEALTHY
    assert report.inspection.partition_offset == 0x20000
    assert report.sent is not None
    assert report.sent.region is not None
    assert (report.sent.region.start, report.sent.region.end) == (0x20000, 0x30000)
    lines = predict(flash_dump(), slot=slot).lines
    assert lines[0] == "D (0) esp_image: reading image header @ 0x20000"


def test_an_erased_slot_is_refused() -> None:
    assert slugs(inspect_source(flash_dump(), slot="factory")) == ["not-an-app-image"]


def test_a_table_elsewhere() -> None:
    dump = flash_dump(table_at=0xC000)
    report = inspect_source(dump, table_offset=0xC000)
    assert report.inspection.flash is not None
    assert report.inspection.flash.table is not None
    with pytest.raises(UsageError):
        inspect_source(dump, table_offset=0x8000)


def test_a_merged_file_that_begins_with_its_bootloader() -> None:
    boot = small_built([(0x40080000, bytes(range(256)) * 4), (0x3FFF0000, b"data" * 20)], chip_id=0, entry_addr=0x40080010)
    merged = bytearray(b"\xff" * 0x2F000)
    for offset, part in ((0, boot), (0x7000, partition_table()), (0x1F000, APP)):
        merged[offset : offset + len(part)] = part
    report = inspect_source(bytes(merged), slot="one")
    assert report.inspection.flash is not None
    assert report.inspection.flash.base == 0x1000
    assert report.verdict is Verdict.HEALTHY


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (APP, {"slot": "ota_0"}),
        (flash_dump(), {"slot": "ota_7"}),
        (APP, {"settings": DeviceSettings(chip="esp99")}),
        (APP, {"settings": DeviceSettings(idf="v2.1")}),
        (b"btsnoop\0" + bytes(60), {"format": "btsnoop"}),
    ],
)
def test_options_that_contradict_the_file(data: bytes, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        inspect_source(data, **options)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(InputError):
        inspect_source(Path("no-such-file.bin"))


def test_the_prediction_takes_its_arguments_by_name() -> None:
    found = predict_log(SMALL, idf="v5.5", chip="esp32s3", partition_offset=0x20000)
    assert found.err == -1
    assert found.lines[-1] == "E (0) boot_comm: mismatch chip ID, expected 9, found 5"
    assert predict_log(SMALL).image_length == len(SMALL)


def test_the_report_is_read_back_whole() -> None:
    for data in (APP, flash_dump(), b"\x7fELF"):
        report = inspect_source(data)
        assert InspectionReport.from_dict(json.loads(json.dumps(report.to_dict()))) == report


def test_the_same_input_gives_the_same_report() -> None:
    assert inspect_source(flash_dump()) == inspect_source(flash_dump())


@pytest.mark.parametrize("chip", [chip.name for chip in CHIPS if not chip.esp8266])
def test_an_image_of_every_chip_is_accepted(chip: str) -> None:
    assert inspect_source(build_image(chip=chip, size=8192, idf="v5.5")).verdict is Verdict.HEALTHY


def test_every_shared_image_agrees_with_its_index() -> None:
    folder = shared("images")
    for row in (folder / "index.tsv").read_text().splitlines()[1:]:
        name, *_, chip, segments, checksum, digest = row.split("\t")
        report = inspect_source(folder / name)
        image = report.sent.image if report.sent else None
        assert image is not None, name
        assert (image.chip, len(image.segments)) == (chip, int(segments))
        stored, said = checksum.split(" ")
        assert (image.checksum_stored, said) == (int(stored, 16), "(valid)")
        if "(valid)" in digest:
            assert image.digest_stored == digest.split(" ")[0]


def judged(data: bytes) -> InspectionReport | None:
    """A report that renders, or None for an ``OtadiffError``; anything else raises."""
    try:
        report = inspect_source(data)
    except OtadiffError:
        return None
    assert render_terminal(report, unicode=False, width=80).isascii()
    assert json.dumps(report.to_dict())
    return report


def test_every_truncation_of_a_small_image() -> None:
    for size in range(len(SMALL)):
        report = judged(SMALL[:size])
        assert report is not None
        assert report.verdict is (Verdict.FAULTY if size else Verdict.INCONCLUSIVE), size


@settings(max_examples=150)
@given(offset=st.integers(0, 63), value=st.integers(0, 255))
def test_any_byte_of_the_head(offset: int, value: int) -> None:
    data = SMALL[:offset] + bytes([value]) + SMALL[offset + 1 :]
    report = judged(data)
    assert report is not None
    assert (report.verdict is Verdict.HEALTHY) == (data == SMALL)


@settings(max_examples=100)
@given(data=st.binary(max_size=2048))
def test_any_bytes(data: bytes) -> None:
    judged(data)


@settings(max_examples=60)
@given(data=st.binary(max_size=512), place=st.integers(0, 0x9000))
def test_any_damage_to_a_flash_dump(data: bytes, place: int) -> None:
    dump = bytearray(flash_dump())
    dump[place : place + len(data)] = data
    judged(bytes(dump))


@pytest.mark.parametrize("value", [0x00, 0xFF])
def test_sixteen_mebibytes_of_one_byte(value: int) -> None:
    report = judged(bytes([value]) * (16 << 20))
    assert report is not None
    assert slugs(report) == ["not-an-app-image"]


def test_partitions_over_one_another_are_not_looked_into_again_and_again() -> None:
    dump = bytearray(flash_dump())
    rows = tuple((f"p{index}", 0, 0x10 + index % 16, 0x20000, 0x20000) for index in range(90))
    table = partition_table(rows)
    dump[0x8000 : 0x8000 + len(table)] = table
    flash = inspect_source(bytes(dump)).inspection.flash
    assert flash is not None
    assert len(flash.parts) == 91
    assert sum(part.accepted is not None for part in flash.parts) == 5


def test_findings_do_not_depend_on_the_name(tmp_path: Path) -> None:
    path = tmp_path / "some.bin"
    path.write_bytes(APP)
    report = inspect_source(path)
    assert report.sent is not None
    assert report.sent.name == "some.bin"
    anonymous = inspect_source(APP)
    assert replace(report, sent=None, summary="") == replace(anonymous, sent=None, summary="")
