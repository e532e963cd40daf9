"""The file that was sent fails the device's checks by itself."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import finding_of, first_failure, notes
from forensics.model.finding import Explanation, Fault, Finding, Where

FAULT = Fault(
    code="OTA103",
    slug="image-invalid",
    title="the file that was sent fails its own checks",
    explanation=Explanation(
        meaning=(
            "The image was already damaged before the transfer: its checksum, digest or segment list does "
            "not hold in the file, so every device refuses it."
        ),
        symptoms=(
            "esp_image: Checksum failed. Calculated 0x.. read 0x..",
            "esp_image: Image hash failed - image is corrupt",
            ("The same values at every attempt and on every device; flashing the file by cable fails in the same way."),
        ),
        causes=(
            "The source file itself is faulty: the build, a copy or a download ended early or changed bytes.",
            (
                "The image was edited after esptool elf2image made it (version strings, flash mode, "
                "embedded keys), and the appended SHA-256 was not made again."
            ),
            (
                "A flash mode or flash size patch touched file offsets 2 and 3 of an app; only the "
                "bootloader is ever rewritten that way, and esptool before 4.0 left its digest stale."
            ),
            "A version control or mail filter changed line endings in the binary.",
        ),
        confirm=(
            (
                'otadiff inspect SENT shows which check fails; esptool image-info SENT prints "(invalid" '
                "behind Checksum or Validation Hash."
            ),
            "Compare the SHA-256 of the file with the one on the build machine.",
        ),
        fix_sender=(
            ("Build again, and copy the file without any text conversion; mark *.bin as binary in .gitattributes."),
            ("Verify the image before connecting, for example with otadiff inspect, and stop when it is faulty."),
        ),
        fix_device=("Nothing needs changing on the device; check only that it reports the return value of esp_ota_end.",),
        confused_with=(
            "OTA207 bytes-altered: the file was right and the received copy is not",
            "OTA101 not-an-app-image: no image at all",
            "OTA401 inputs-exchanged: the damaged file is the received one, given first",
        ),
        sources=(
            ("components/bootloader_support/src/esp_image_format.c, process_checksum and verify_simple_hash, ESP-IDF v5.4"),
            "espressif/arduino-esp32 issue 1483, a file that was faulty at its source",
        ),
    ),
)


def detect(facts: Facts) -> Finding | None:
    """The file that was sent fails the device's checks by itself."""
    image = facts.sent.image
    if image.valid or facts.sent.kind.kind not in ("app", "esp8266"):
        return None
    check = first_failure(facts.sent.checks)
    what = f"its {check.step.replace('-', ' ')} check fails" if check else "its checksum or digest is wrong"
    detail = f"expected {check.expected}, found {check.actual}" if check and check.expected and check.actual else None
    return finding_of(
        FAULT,
        summary=f"the file that was sent is broken already: {what}",
        where=Where.FILE,
        notes=notes(detail, "no transfer can heal it: the device would refuse it byte for byte as sent"),
    )
