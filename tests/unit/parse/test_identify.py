from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import random
import struct
import zipfile
import zlib

import pytest

from forensics.parse.identify import identify
from tests.unit.parse.build import build_image, descriptor, shared, small_image
from tests.unit.parse.test_esp8266 import version_1, version_2
from tests.unit.parse.test_flash_tables import BLANK, entry, table_bytes

APP = small_image()
BOOTLOADER = build_image([(0x40380000, bytes(range(256)) * 4), (0x3FC80000, b"data" * 20)])
NOISE = random.Random(7).randbytes(1 << 16)


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("firmware.bin", APP)
    return target.getvalue()


def nvs() -> bytes:
    header = struct.pack("<IIB19s", 0xFFFFFFFE, 0, 0xFE, b"\xff" * 19)
    return (header + struct.pack("<I", zlib.crc32(header[4:], 0xFFFFFFFF))).ljust(0x1000, b"\xff")


def fat() -> bytes:
    return (b"\xeb\xfe\x90MSDOS5.0".ljust(54, b"\0") + b"FAT     ").ljust(510, b"\0") + b"\x55\xaa"


def spiffs() -> bytes:
    magic = (0x20140529 ^ 256 ^ 4) & 0xFFFF
    return (b"\xff" * 252 + struct.pack("<H", magic)).ljust(4 * 0x1000, b"\xff")


def flash(bootloader_at: int) -> bytes:
    dump = bytearray(b"\xff" * 0x12000)
    for offset, part in ((bootloader_at, BOOTLOADER), (0x8000, table_bytes()), (0x10000, APP)):
        dump[offset : offset + len(part)] = part
    return bytes(dump)


KINDS = {
    "app": APP,
    "app with its magic damaged": b"\x69" + APP[1:],
    "bootloader": BOOTLOADER,
    "esp8266 v1": version_1(),
    "esp8266 v2": version_2(),
    "merged from 0x0": flash(0),
    "merged from 0x0 with the bootloader at 0x1000": flash(0x1000),
    "merged with the bootloader at 0x2000": flash(0x2000),
    "merged from 0x1000": flash(0x1000)[0x1000:],
    "partition-table": table_bytes(),
    "otadata": entry(1) + BLANK,
    "nvs": nvs(),
    "littlefs": b"\x01\0\0\0\xf0\x0f\xff\xf7littlefs" + bytes(100),
    "fat": fat(),
    "fat, wear levelled": BLANK + fat(),
    "spiffs": spiffs(),
    "elf": b"\x7fELF\x01\x01\x01" + bytes(60),
    "zip": zipped(),
    "gzip": gzip.compress(APP),
    "xz": lzma.compress(APP),
    "bzip2": bz2.compress(APP),
    "zlib": zlib.compress(APP),
    "zstd": b"\x28\xb5\x2f\xfd\x04\x00" + bytes(20),
    "uf2": struct.pack("<II", 0x0A324655, 0x9E5D5157) + bytes(504),
    "mcuboot": struct.pack("<I", 0x96F3B83D) + bytes(60),
    "intel-hex": b":10010000214601360121470136007EFE09D2190140\r\n:00000001FF\r\n",
    "s-record": b"S00600004844521B\nS1130000285F245F2212226A000424290008237C2A\n",
    "hex-text": b"\n".join(APP[at : at + 16].hex(" ").encode() for at in range(0, len(APP), 16)),
    "base64-text": base64.encodebytes(APP),
    "text": b"I (0) esp_image: segment 0: paddr=00010020\n" * 9,
    "ciphertext": NOISE,
    "empty": b"",
    "erased": b"\xff" * 5000,
    "zero": bytes(5000),
    "unknown": bytes(range(200)) * 3,
}


@pytest.mark.parametrize(("name", "data"), KINDS.items(), ids=KINDS)
def test_each_kind_of_file_is_named(name: str, data: bytes) -> None:
    found = identify(data)
    assert found.kind == name.partition(" ")[0].rstrip(",")
    assert found.words
    assert bool(found.advice) == (found.kind != "app")


def test_apps_inside_a_flash_dump_are_listed_with_their_places() -> None:
    dump = flash(0x1000)
    (app,) = identify(dump).apps
    assert dump[app.start : app.end] == APP


def test_a_merged_file_of_a_real_project() -> None:
    data = shared("images", "esp-adf__esp32c3_devkit_led_pixels.bin").read_bytes()
    found = identify(data)
    assert found.kind == "merged"
    assert [(app.start, app.end) for app in found.apps] == [(0x10000, len(data))]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("BLE_OTA_Python__firmware.bin", "app"),
        ("T-Deck__firmware_T-Keyboard_Keyboard_ESP32C3_241225.bin", "merged"),
        ("esptool__secure_images_hello-world-signed.bin", "app"),
        ("esptool__secure_images_bootloader_signed_v2_rsa.bin", "bootloader"),
        ("espflash__bootloaders_esp32h2-bootloader.bin", "bootloader"),
        ("esp-self-reflasher__example_bin_dir_mcuboot-esp32.bin", "bootloader"),
        ("esptool__images_esp8266_deepsleep.bin", "esp8266"),
    ],
)
def test_real_files(name: str, kind: str) -> None:
    assert identify(shared("images", name).read_bytes()).kind == kind


def test_a_signed_and_a_padded_app_are_apps_and_said_to_be_so() -> None:
    signed = identify(shared("images", "esptool__secure_images_hello-world-signed.bin").read_bytes())
    assert (signed.kind, signed.words.endswith(", signed")) == ("app", True)
    padded = identify(APP.ljust(4096, b"\xff"))
    assert padded.kind == "app"
    assert padded.words.endswith(f"padded with {4096 - len(APP)} bytes of 0xFF")


def test_a_truncated_app_is_still_an_app() -> None:
    for size in (40, 100, len(APP) - 1):
        assert identify(APP[:size]).kind == "app"


def test_an_app_for_an_unknown_chip_is_an_app() -> None:
    assert identify(build_image([(0x3C000020, descriptor())], chip_id=0x7777)).kind == "app"


def test_many_headers_and_no_content_are_looked_at_cheaply() -> None:
    for unit in (b"\xe9\x01", b"\xe9\xff", b"\xaa\x50", b"\xaa\x50\x00\x10\x00\x00\x01\x00\x00\x00\x01\x00"):
        assert identify(unit.ljust(0x1000, b"\0") * 256).kind
