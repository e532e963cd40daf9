"""The evidence itself is damaged or cannot be used."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA406",
    slug="evidence-damaged",
    title="the evidence itself is damaged",
    explanation=Explanation(
        meaning=(
            "The dump, log or capture was damaged before otadiff read it, or is ciphertext. Differences in it "
            "are not differences of the transfer."
        ),
        symptoms=(
            "Broken pairs of hex digits, lines cut in the middle or two log lines in one",
            "A dump of high entropy everywhere, without 0xE9 at the start, of the right size",
            "Records that run past the end of the capture file",
        ),
        causes=(
            "The serial log dropped bytes: the console's rate was too low for a hex dump of each chunk.",
            "Flash encryption is on and the slot was dumped raw: esptool reads ciphertext.",
            "A copy from a terminal or forum changed spaces, cut lines or removed control characters.",
            "The monitor put decoded lines between hex lines; these are recognised and left out.",
            "A capture file was copied while it was still written.",
        ),
        confirm=(
            "otadiff triage lists the lines it could not read, by number.",
            "Check flash encryption: espefuse summary, or the boot log's line on flash encryption.",
            "Read the dump twice and compare.",
        ),
        fix_sender=("Save logs to a file instead of copying from a terminal; attach files, not pastes.",),
        fix_device=(
            "Raise the console rate (921600) or print a CRC32 of each chunk instead of its bytes.",
            ("With flash encryption read through the app (esp_partition_read decrypts) and send it out from there."),
        ),
        confused_with=(
            "OTA207 bytes-altered: the slot itself holds the changed bytes",
            "OTA214 wrong-image: a readable dump of another firmware",
            "OTA404 capture-incomplete: an intact capture that lacks writes",
        ),
        sources=(
            "components/app_update/esp_ota_ops.c, esp_ota_write, flash encryption, ESP-IDF v5.4",
            "espressif/arduino-esp32 issue 3976 (raw dump of an encrypted device)",
        ),
    ),
)
