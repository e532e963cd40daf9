"""The shipped cases that are logs: a short one for each fault that a device reports.

The lines of the verifier are those that a walk over a damaged image gives; the walk is handed in, since it belongs to
another stage. ``pytest tests/unit/pipeline/test_log_samples.py --update-golden`` writes the folders anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forensics.model.chunk_plan import ChunkPlan
from forensics.model.device import DeviceSettings
from forensics.synth.faults import inject
from forensics.synth.image import build_image
from forensics.synth.layouts import FORUM_LAYOUT
from forensics.synth.samples import image
from forensics.synth.tap import map_lines
from forensics.synth.variants import other_build

Predict = Callable[[bytes, DeviceSettings], Sequence[str]]
"""The lines that a device prints over an image, with 0 for every time."""

Files = dict[str, bytes]
"""Content by file name."""

_INFO = DeviceSettings(level="info")
_CHUNK = 244
_FORUM_SWAP = 1700
_TICK = 10
_TIME = re.compile(r"\(0\)")


@dataclass(frozen=True, slots=True)
class LogSample:
    """One case: the ``slug`` of the fault it shows first, one line about it, and its files."""

    name: str
    slug: str | None
    about: str
    build: Callable[[Predict], Files]


def timed(lines: Sequence[str], start: int) -> list[str]:
    """The lines with times that rise by the tick of 100 Hz."""
    return [_TIME.sub(f"({start + number * _TICK})", line, count=1) for number, line in enumerate(lines)]


def _log(*parts: Sequence[str]) -> bytes:
    lines = [line.rstrip() for part in parts for line in part]
    return ("\n".join(lines) + "\n").encode()


def _walked(
    damage: Callable[[bytes], bytes], settings: DeviceSettings = _INFO, *, keep: bool = False, after: Sequence[str] = ()
) -> Callable[[Predict], Files]:
    """The log over the usual image after ``damage``; ``keep`` puts the image that was sent beside it."""

    def build(predict: Predict) -> Files:
        sent = image()
        files = {"device.log": _log(timed(predict(damage(sent), settings), 48210), after)}
        return {**files, "sent.bin": sent} if keep else files

    return build


def _written(*lines: str) -> Callable[[Predict], Files]:
    return lambda _predict: {"device.log": _log(lines)}


def _put(at: int, content: bytes) -> Callable[[bytes], bytes]:
    return lambda sent: sent[:at] + content + sent[at + len(content) :]


def _broken(fault: str, seed: int = 1) -> Callable[[bytes], bytes]:
    return lambda sent: inject(sent, fault, ChunkPlan(size=_CHUNK), seed).received


def _swapped(sent: bytes, first: int, size: int = _CHUNK) -> bytes:
    """Two neighbouring chunks that changed places."""
    at, middle, end = first * size, (first + 1) * size, (first + 2) * size
    return sent[:at] + sent[middle:end] + sent[at:middle] + sent[end:]


def _without_a_chunk(sent: bytes) -> bytes:
    return sent[: 30 * _CHUNK] + sent[31 * _CHUNK :] + b"\xff" * _CHUNK


def _mapped(predict: Predict) -> Files:
    """One sector of the slot was damaged, and the tap in the device printed its map before the check."""
    sent = image()
    stored = _put(0x2345, bytes(byte ^ 0x5A for byte in sent[0x2345:0x2390]))(sent)
    lines = [f"I ({48000 + _TICK * number}) otatap: {line}" for number, line in enumerate(map_lines(stored))]
    return {"device.log": _log(lines, timed(predict(stored, _INFO), 48210)), "sent.bin": sent}


def _cut(sent: bytes, size: int) -> bytes:
    return sent[:size].ljust(len(sent), b"\xff")


def _no_hash(predict: Predict) -> Files:
    lines = predict(_swapped(image(), 30), DeviceSettings(idf="v3.1", level="debug"))
    return {"device.log": _log(timed([re.sub(r"(Calculated hash: )\w+", r"\g<1>00000000", line) for line in lines], 9120))}


def _short_write(predict: Predict) -> Files:
    sent = image()
    walk = timed(predict(_cut(sent, _CHUNK), _INFO), 20310)
    later = [
        f"E ({20400 + 30 * number}) esp_ota_ops: OTA image has invalid magic byte (expected 0xE9, saw "
        f"0x{sent[number * _CHUNK]:02x})"
        for number in range(1, 7)
    ]
    return {"device.log": _log(walk, later), "sent.bin": sent}


def _link_lost(predict: Predict) -> Files:
    before = (
        "I (31020) ota: recv ota start cmd, fw_length = 16384",
        "I (31880) NimBLE: mtu update event; conn_handle=0 cid=4 mtu=247",
        "I (36410) NimBLE: disconnect; reason=520",
    )
    return {"device.log": _log(before, timed(predict(_cut(image(), 40 * _CHUNK), _INFO), 36430))}


def _other_log(predict: Predict) -> Files:
    sent = build_image(size=64 * 1024, seed=7)
    other = build_image(size=60 * 1024, seed=8)
    return {"device.log": _log(timed(predict(other_build(other, seed=5), _INFO), 512)), "sent.bin": sent}


def _other_dump(predict: Predict) -> Files:
    sent = image()
    log = _log(timed(predict(_broken("flip-many")(sent), _INFO), 48210))
    return {"device.log": log, "sent.bin": sent, "received.bin": _broken("zero-one")(sent)}


def forum_case(predict: Predict) -> Files:
    """The forum thread's image and log again, with two chunks of 244 bytes swapped."""
    sent = build_image(layout=FORUM_LAYOUT, seed=7)
    lines = predict(_swapped(sent, _FORUM_SWAP), DeviceSettings(idf="v3.1"))
    shown = [re.sub(r"^[DV] ", "I ", line) for line in lines]
    return {"device.log": _log(timed(shown, 696102)), "sent.bin": sent}


_REFUSED = (
    "I (29) boot: ESP-IDF v4.2.2 2nd stage bootloader",
    "I (60) boot: ## Label            Usage          Type ST Offset   Length",
    "I (68) boot:  0 nvs              WiFi data        01 02 00009000 00004000",
    "I (75) boot:  1 otadata          OTA data         01 00 0000d000 00002000",
    "I (83) boot:  2 phy_init         RF data          01 01 0000f000 00001000",
    "I (90) boot:  3 ota_0            OTA app          00 10 00010000 00100000",
    "I (98) boot:  4 ota_1            OTA app          00 11 00110000 00100000",
    "I (105) boot: End of partition table",
)
_UNSIGNED = (
    "I (52110) esp_image: segment 0: paddr=00110020 vaddr=3f400020 size=0cb24h ( 52004) map",
    "I (52140) esp_image: segment 1: paddr=0011cb4c vaddr=3ffb0000 size=034b4h ( 13492)",
    "I (52150) esp_image: segment 2: paddr=00120008 vaddr=40080000 size=00008h (     8)",
    "I (52160) esp_image: Verifying image signature...",
    "E (52170) secure_boot_v1: image has invalid signature version field 0xffffffff (image without a signature?)",
    "E (52180) esp_image: Secure boot signature verification failed",
    "I (52190) esp_image: Calculating simple hash to check for corruption...",
    "W (52290) esp_image: image valid, signature bad",
)


def _no_app(predict: Predict) -> Files:
    boot = DeviceSettings(idf="v4.2.2", level="info", partition_offset=0x110000)
    factory = DeviceSettings(idf="v4.2.2", level="info", partition_offset=0x10000)
    return {
        "device.log": _log(
            _REFUSED,
            timed(predict(_put(0x900, b"\0" * 20)(image()), boot), 120),
            ("E (270) boot: OTA app partition slot 1 is not bootable",),
            timed(predict(b"\xff" * 4096, factory), 280),
            (
                "E (310) boot: OTA app partition slot 0 is not bootable",
                "E (320) boot: No bootable app partitions in the partition table",
            ),
        )
    }


def _erased(predict: Predict) -> Files:
    settings = DeviceSettings(idf="v4.2.2", level="info")
    return {"device.log": _log(timed(predict(b"\xff" * 4096, settings), 310))}


def _zeroed(predict: Predict) -> Files:
    return {
        "device.log": _log(
            timed(predict(image()[:24].ljust(8192, b"\0"), DeviceSettings(idf="v5.1.2", level="info")), 48210)
        )
    }


def _other_chip(predict: Predict) -> Files:
    sent = build_image(chip="ESP32-S3", size=16 * 1024, seed=7)
    return {"device.log": _log(timed(predict(sent, DeviceSettings(chip="esp32", level="info")), 48210)), "sent.bin": sent}


def _too_new(sent: bytes) -> bytes:
    """The header wants chip revision v3.0 at least."""
    return _put(15, (300).to_bytes(2, "little"))(sent)


LOG_SAMPLES = (
    LogSample("forum-case", "chunk-reordered", "the forum's layout with two chunks of 244 bytes swapped", forum_case),
    LogSample("wrong-chip", "wrong-chip", "an image for the ESP32-S3 was sent to an ESP32", _other_chip),
    LogSample("checksum-failed", "checksum-failed", "bits changed inside the data", _walked(_broken("flip-many"))),
    LogSample("digest-failed", "digest-failed", "two chunks changed places", _walked(lambda sent: _swapped(sent, 30))),
    LogSample(
        "segment-length-invalid",
        "chunk-missing",
        "one chunk of 244 was lost before a header",
        _walked(_without_a_chunk, keep=True),
    ),
    LogSample(
        "magic-invalid",
        "magic-invalid",
        "the first chunk was eaten by the command parser",
        _written(
            "E (20410) esp_ota_ops: OTA image has invalid magic byte (expected 0xE9, saw 0x4f)",
            "E (20420) ota: esp_ota_write failed (ESP_ERR_OTA_VALIDATE_FAILED)",
        ),
    ),
    LogSample("chip-mismatch", "chip-mismatch", "bytes of the header were damaged", _walked(_put(12, b"\x47\xf1"))),
    LogSample(
        "revision-mismatch",
        "revision-mismatch",
        "the build wants a newer chip",
        _walked(_too_new, DeviceSettings(level="info", chip_revision=100)),
    ),
    LogSample(
        "segment-misplaced",
        "segment-misplaced",
        "the slot does not begin at a multiple of 64 KiB",
        _walked(lambda sent: sent, DeviceSettings(level="info", partition_offset=0x118000)),
    ),
    LogSample(
        "image-too-long",
        "image-too-long",
        "the slot is smaller than the image",
        _walked(lambda sent: sent, DeviceSettings(level="info", partition_size=0x3000)),
    ),
    LogSample("signature-failed", "signature-failed", "an unsigned image on a signed build", _written(*_UNSIGNED)),
    LogSample("flash-erased", "flash-erased", "the slot was erased and never written", _erased),
    LogSample("flash-zero", "flash-zero", "the header was written and zeros after it", _zeroed),
    LogSample(
        "short-write-ended-transfer", "short-write-ended-transfer", "the first short chunk ended the transfer", _short_write
    ),
    LogSample("link-lost", "link-lost", "a supervision timeout in the transfer", _link_lost),
    LogSample("verifier-bug", "verifier-bug", "a build of June 2018 that calculates no hash", _no_hash),
    LogSample("sectors-differ", "sectors-differ", "the tap's map shows one damaged sector", _mapped),
    LogSample(
        "update-refused",
        "update-refused",
        "the running app never confirmed itself",
        _written(
            "E (20410) esp_ota_ops: Running app has not confirmed state (ESP_OTA_IMG_PENDING_VERIFY)",
            "E (20420) ota: esp_ota_begin failed (ESP_ERR_OTA_ROLLBACK_INVALID_STATE)",
        ),
    ),
    LogSample(
        "flash-access-failed",
        "flash-access-failed",
        "the app has no page left to map the new image",
        _written(
            "E (20410) esp_image: bootloader_mmap(0x110020, 0x4e69c) failed",
            "E (20420) ota: esp_ota_end failed (ESP_ERR_OTA_VALIDATE_FAILED)",
        ),
    ),
    LogSample("no-bootable-app", "digest-failed", "both slots are refused at the reset", _no_app),
    LogSample("log-of-another-image", "log-of-another-image", "the log of another build", _other_log),
    LogSample("dump-of-another-attempt", "dump-of-another-attempt", "the dump was taken after another attempt", _other_dump),
)
"""Every case but ``forum-log``, which is kept as it was posted."""
