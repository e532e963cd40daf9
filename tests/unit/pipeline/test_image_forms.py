"""Images as they are in public: each form that ``tests.bench.image_forms`` builds, held against esptool or its builder."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from forensics import compare, inspect_image
from forensics.api import triage
from forensics.cli.main import run
from forensics.errors import InputError, UsageError
from forensics.model.device import DEFAULT_SETTINGS, DeviceSettings
from forensics.model.finding import Certainty, Verdict
from forensics.model.inspection import InspectionReport
from forensics.parse.app_names import app_names
from forensics.pipeline.device_files import DeviceFiles, device_from
from forensics.pipeline.extraction import ExtractOptions, extract_source
from forensics.pipeline.inspection import inspect_source, predict
from forensics.spec.arduino import library_words
from tests.bench import images
from tests.bench.image_forms import Form, arduino, arduino_8266, forms, merged, pages, signed

FORMS = {form.name: form for form in forms()}
SIGNED = {form.name: form for form in signed()}
PARTITIONS = """
# Name,  Type, SubType, Offset, Size, Flags
nvs,     data, nvs,     ,       0x6000,
otadata, data, ota,     ,       8K,
phy,     1,    1,       ,       0x1000,
ota_0,   app,  ota_0,   ,       1M, encrypted
ota_1,   app,  0x11,    ,       512K,
"""
SDKCONFIG = """#
# Espressif IoT Development Framework (ESP-IDF) 5.1.2 Project Configuration
#
CONFIG_IDF_TARGET="esp32s3"
CONFIG_ESPTOOLPY_FLASHSIZE="2MB"
CONFIG_MMU_PAGE_SIZE=0x8000
CONFIG_PARTITION_TABLE_OFFSET=0x9000
CONFIG_SECURE_SIGNED_APPS=y
CONFIG_SECURE_SIGNED_APPS_RSA_SCHEME=y
CONFIG_BOOTLOADER_APP_ANTI_ROLLBACK=y
CONFIG_BOOTLOADER_APP_SECURE_VERSION=2
"""


def slugs(report: InspectionReport) -> list[str]:
    return [finding.slug for finding in report.findings if not finding.benign]


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_form_is_read_as_esptool_or_its_builder_says(form: Form) -> None:
    assert list(images.compared(form.data, form)) == []


@pytest.mark.parametrize("scheme", ["RSA, 1 blocks", "P256, 1 blocks", "P384, 1 blocks"])
def test_a_signature_is_verified_with_its_own_key(scheme: str) -> None:
    report = inspect_source(SIGNED[scheme].data)
    assert report.verdict is Verdict.HEALTHY
    assert report.inspection.trailing is not None
    (block,) = report.inspection.trailing.signatures
    assert block.good
    assert report.summary.split("; ")[1].startswith("the device accepts it if it trusts the key")
    trusted = DeviceSettings(key_digests=(block.key_digest or "",))
    assert "trusts its key" in inspect_source(SIGNED[scheme].data, settings=trusted).summary
    others = DeviceSettings(key_digests=("00" * 32,))
    assert slugs(inspect_source(SIGNED[scheme].data, settings=others)) == ["signature-failed"]


@pytest.mark.parametrize(
    "name", [name for name in SIGNED if name.startswith(("RSA, w", "RSA, i", "RSA, C", "P256, w", "P256, i"))]
)
def test_a_signature_that_is_not_right(name: str) -> None:
    report = inspect_source(SIGNED[name].data)
    assert slugs(report) == ["signature-failed"]
    assert "refuses it" not in report.summary


def test_nothing_is_called_accepted_that_nobody_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., object] = builtins.__import__

    def without_the_extra(name: str, *rest: object, **named: object) -> object:
        if name.startswith("cryptography"):
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without_the_extra)
    report = inspect_source(SIGNED["RSA, 1 blocks"].data)
    assert report.verdict is Verdict.HEALTHY
    assert "accepts all but the signature, which was not verified" in report.summary
    assert "secure boot signature" in report.not_checked


def test_the_device_is_what_its_project_s_files_say() -> None:
    files = DeviceFiles(partitions=PARTITIONS.encode(), sdkconfig=SDKCONFIG.encode())
    device, placed = device_from(files, DEFAULT_SETTINGS)
    assert placed
    assert (device.partition_offset, device.partition_size) == (0x120000, 0x80000)  # the smaller slot takes an update, too
    assert (device.chip, device.idf, device.flash_size, device.mmu_page) == ("esp32s3", "5.1.2", 0x200000, 0x8000)
    assert (device.signature, device.secure_version) == ("secure boot v2 (RSA-3072)", 2)
    other, _placed = device_from(DeviceFiles(partitions=PARTITIONS.encode(), slot="ota_0"), DEFAULT_SETTINGS)
    assert (other.partition_offset, other.partition_size) == (0x20000, 0x100000)


def test_the_table_of_a_build_says_the_same_as_its_csv() -> None:
    dump = FORMS["ESP32-S3, otadata selects ota_1"].data
    from_dump, _placed = device_from(DeviceFiles(partitions=dump, slot="ota_0"), DEFAULT_SETTINGS)
    report = inspect_source(dump)
    assert report.inspection.flash is not None
    assert from_dump.partition_offset == next(
        part.address for part in report.inspection.flash.parts if part.label == "ota_0"
    )


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({"partitions": b"\x00\xff" * 99}, InputError),
        ({"partitions": b"nvs, data\n"}, InputError),
        ({"partitions": b"nvs, data, nvs, , -5\n"}, InputError),
        ({"partitions": b""}, InputError),
        ({"partitions": b"nvs, data, nvs, , 0x4000\n"}, UsageError),
        ({"partitions": PARTITIONS.encode(), "slot": "ota_7"}, UsageError),
        ({"sdkconfig": PARTITIONS.encode()}, InputError),
    ],
)
def test_files_that_are_not_what_they_were_given_as(files: Mapping[str, bytes], error: type[Exception]) -> None:
    with pytest.raises(error):
        device_from(DeviceFiles(**files), DEFAULT_SETTINGS)  # type: ignore[arg-type]


def test_a_configuration_that_demands_more_than_the_image_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app.bin").write_bytes(next(form for form in pages() if "ESP32-C6" in form.name).data)
    (tmp_path / "sdkconfig").write_text(SDKCONFIG.replace("esp32s3", "esp32c6").replace("0x8000", "0x10000"))
    (tmp_path / "partitions.csv").write_text(PARTITIONS)
    arguments = [f"--sdkconfig={tmp_path / 'sdkconfig'}", f"--partitions={tmp_path / 'partitions.csv'}"]
    assert run(["inspect", str(tmp_path / "app.bin"), *arguments]) == 1
    printed = capsys.readouterr().out
    assert "the device demands one (secure boot v2 (RSA-3072)), and none follows the image" in printed
    assert "anti-rollback" in printed


def test_builds_of_arduino_are_told_apart() -> None:
    builds = [form.data for form in arduino()]
    report = inspect_image(builds[0])
    assert report.sent is not None
    assert report.sent.image is not None
    assert report.sent.image.app is not None
    assert report.sent.image.app.library == "Arduino core, library of Feb 12 2025"
    other = compare(builds[0], builds[1])
    assert other.findings[0].slug == "wrong-image"
    ours, theirs = (side.image.app.app_elf_sha256[:16] for side in (other.sent, other.received) if side and side.image)  # type: ignore[union-attr]
    assert f"sent is of ELF {ours}, received of ELF {theirs}" in other.findings[0].notes


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (("arduino-lib-builder", "37d69ca", "v5.3.2-584-g489d7a2b3a-dirty"), "Arduino core 3.1.2 or 3.1.3"),
        (("arduino-lib-builder", "esp-idf: v4.4.7 38eeba213a", "v4.4.7-dirty"), "Arduino core 2.0.15 to 2.0.17"),
        (("arduino-lib-builder", "0000000", "v5.9-dev"), "Arduino core"),
        (("libespidf", "1", "v5.3.3"), "Rust (esp-idf-sys)"),
        (("blink", "1", "v5.3.3"), None),
    ],
)
def test_the_library_that_a_descriptor_is_of(fields: tuple[str, str, str], words: str | None) -> None:
    expected = None if words is None else f"{words}, library of Mar 5 2024"
    assert library_words(*fields, "Mar  5 2024") == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (rb"C:\Users\ann\Documents\BlinkBLE\BlinkBLE.ino" + b"\0", {"Arduino sketch": "BlinkBLE.ino"}),
        (b"/home/ann/Arduino/libraries/Foo/examples/Bar/Bar.ino\0", {}),
        (b".pio/libdeps/esp32dev/NimBLE-Arduino/src/x.cpp\0", {"PlatformIO environment": "esp32dev"}),
        (b"ESPHome version 2025.7.2 compiled on %s\0", {"ESPHome": "2025.7.2"}),
        (b"3.4.0; MicroPython v1.22.0 on 2023-12-27\0", {"MicroPython": "v1.22.0 2023-12-27"}),
        (b"*** Booting Zephyr OS build v3.7.0-12-gabc ***\n\0", {"Zephyr": "v3.7.0-12-gabc"}),
        (b"OpenMQTTGateway Version: v1.8.1\r\n\0", {"OpenMQTTGateway": "v1.8.1"}),
        (b"/hardware/esp32/2.0.17/cores/esp32/main.cpp\0", {"Arduino core": "2.0.17"}),
        (b"nothing that names anything.ino", {}),
    ],
)
def test_texts_that_name_an_app(text: bytes, names: dict[str, str]) -> None:
    data = bytes(5000) + text + bytes(5000)
    assert {one.what: one.name for one in app_names(data)} == names


def test_pages_of_32_kb_are_the_cause_of_the_line() -> None:
    form = next(form for form in pages() if form.mmu_page == 0x8000 and "ESP32-C6" in form.name)
    assert compare(form.data, form.data).verdict is Verdict.HEALTHY
    refused = predict(form.data, settings=DeviceSettings(mmu_page=0x10000, level="info"))
    log = "".join(f"{line}\n" for line in refused.lines).encode()
    assert b"doesn't match data" in log
    alone = triage(log)
    assert alone.findings[0].certainty is Certainty.LIKELY
    assert "flash pages of 32 KB" in alone.summary
    beside = triage(log, form.data)
    assert beside.findings[0].certainty is Certainty.PROVEN
    assert "flash pages of 32 KB" in beside.summary


def test_slots_of_a_file_that_begins_with_the_bootloader() -> None:
    form = next(form for form in merged() if form.name == "ESP32 from 0x1000")
    report = inspect_source(form.data)
    assert report.inspection.flash is not None
    parts = {part.label: part for part in report.inspection.flash.parts}
    for label in ("ota_0", "ota_1"):
        found = extract_source(form.data, ExtractOptions(slot=label)).content
        assert form.data[parts[label].span.start :].startswith(found)
        assert compare(found, form.data, slot=label).verdict is Verdict.HEALTHY


def test_what_an_eboot_image_holds_behind_it_is_verified() -> None:
    data = arduino_8266()[0]
    assert inspect_source(data).verdict is Verdict.HEALTHY
    damaged = data[:0x2000] + bytes([data[0x2000] ^ 1]) + data[0x2001:]
    assert slugs(inspect_source(damaged)) == ["image-invalid"]


def test_two_builds_for_the_slots_of_an_esp8266() -> None:
    report = compare(FORMS["SDK user1.bin"].data, FORMS["SDK user2.bin"].data)
    assert [(one.slug, one.certainty) for one in report.findings] == [("wrong-image", Certainty.LIKELY)]


def test_a_signature_behind_the_image_is_one_in_every_command() -> None:
    data = SIGNED["RSA, 1 blocks"].data
    image = data[: len(data) - 4096]
    assert any("signature" in note for note in compare(image, data).findings[0].notes)
    assert any("signature" in note for note in compare(data, image).findings[0].notes)


def merged_dump() -> bytes:
    return FORMS["ESP32-S3, otadata selects ota_1"].data


def test_a_dump_that_ends_inside_an_image_is_not_judged_there() -> None:
    report = inspect_source(merged_dump())
    assert report.inspection.flash is not None
    last = max((part for part in report.inspection.flash.parts if part.image), key=lambda part: part.address)
    cut = merged_dump()[: last.span.start + 0x1000]
    report = inspect_source(cut)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert f"{last.label} was not verified" in report.summary
    sent = merged_dump()[last.span.start : last.span.start + (last.image.image_size or 0)] if last.image else b""
    assert compare(sent, cut, slot=last.label).verdict is Verdict.INCONCLUSIVE


def test_what_keeps_a_flash_from_booting_is_a_finding() -> None:
    dump = bytearray(merged_dump())
    dump[0x8000 + 12] ^= 1
    assert slugs(inspect_source(bytes(dump)))[0] == "no-bootable-app"


def test_every_part_is_for_the_chip_of_the_bootloader() -> None:
    dump = merged_dump()
    report = inspect_source(dump)
    assert report.inspection.flash is not None
    place = next(part.span.start for part in report.inspection.flash.parts if part.label == "ota_0")
    other = FORMS["ESP32-C3, factory app without otadata"].data
    foreign = other[0x10000:] if other[0x10000:0x10001] == b"\xe9" else other[0x20000:]
    found = inspect_source(dump[:place] + foreign[:0x8000] + dump[place + 0x8000 :])
    assert "wrong-chip" in slugs(found)
    assert "the device is an ESP32-S3" in found.summary


def test_the_prediction_has_the_page_that_the_image_was_built_for() -> None:
    for form in pages():
        if form.healthy:
            assert (predict(form.data).err == 0) == (inspect_source(form.data).inspection.err == 0), form.name


def test_a_partition_table_as_projects_write_it() -> None:
    text = b"\xef\xbb\xbfbootloader, bootloader, primary, N/A, N/A,\r\nNVS, DATA, NVS, , 24K\r\nstore, data, , , 0x1000\r\n"
    text += b"app0,\tapp,\tOTA_0, 0x10000, -0x100000, # up to 1 MB\r\n"
    device, _placed = device_from(DeviceFiles(partitions=text), DEFAULT_SETTINGS)
    assert (device.partition_offset, device.partition_size) == (0x10000, 0xF0000)
    with pytest.raises(UsageError):
        device_from(DeviceFiles(partitions=b"factory, app, factory, , 1M\nspare, app, test, , 64K\n"), DEFAULT_SETTINGS)


def test_a_scheme_that_the_chip_does_not_verify() -> None:
    data = bytearray(SIGNED["P256, 1 blocks"].data)
    chip = inspect_source(bytes(data)).sent
    assert chip is not None
    assert chip.image is not None
    fits = chip.image.chip not in ("ESP32", "ESP32-S2", "ESP32-S3", "ESP32-C3")
    assert (slugs(inspect_source(bytes(data))) == []) == fits


def test_a_byte_of_a_version_2_image_that_its_checksum_does_not_cover() -> None:
    data = bytearray(FORMS["SDK user1.bin"].data)
    data[0x100] ^= 1
    assert slugs(inspect_source(bytes(data))) == ["image-invalid"]
    assert compare(FORMS["SDK user1.bin"].data, bytes(data)).findings[0].slug == "bytes-altered"
