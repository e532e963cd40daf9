"""Lines of the mask ROM, which starts the bootloader, and of the panic handler.

Source: the ROM prints no source that is public; the lines are those of ESP-IDF's
``docs/en/api-guides/fatal-errors.rst`` and of boots of each chip. Panic lines:
``components/esp_system/panic.c``.
"""

from __future__ import annotations

from forensics.model.finding import Certainty, Where
from forensics.spec.log_lines.template import LineTemplate, LineUse, Meaning, event, meaning


def _known(text: str) -> LineTemplate:
    return LineTemplate(kind="known", text=text, use=LineUse.KNOWN)


ROM_EVENTS = (
    event("reset", "rst:0x{code:x} ({reason:reason}),boot:0x{boot:x} ({mode:reason})", anywhere="rst:0x"),
    event("reset", "ets {...}rst cause:{code:d}, boot mode:({mode:reason})"),
    event("rom_started", "ESP-ROM:{rom:w}"),
    event("rom_started", "ets {built:built}"),
    event("rom_digest_failed", "SHA-256 comparison failed"),
    event("rom_digest_failed", "Sha256 error"),
    event("rom_header_invalid", "invalid header: 0x{value:x}"),
    event("rom_flash_read_failed", "flash read err, {code:d}", "rom-flash-read"),
    event("rom_checksum_failed", "csum err:0x{calculated:x}!=0x{read:x}"),
    event("rom_checksum_failed", "Checksum failure. Calculated 0x{calculated:x} stored 0x{read:x}"),
    # ESP8266 prints both sums on lines of their own before the third one.
    event("rom_checksum", "chksum 0x{calculated:x}"),
    event("rom_checksum", "csum 0x{read:x}"),
    event("rom_checksum_failed", "csum err"),
    event("rom_stopped", "ets_main.c {line:d}"),
    event("rom_stopped", "ets_main.c"),
    event("signature_outdated", "Sig block {index:d} invalid: Image digest does not match"),
    event("signature_block_invalid", "Sig block {index:d} invalid: {reason:text}"),
    event("signature_key_mismatch", "Sig block {index:d} signed with untrusted key"),
    event("rom_boot_refused", "secure boot check fail", "rom-secure-boot"),
    event("rom_boot_refused", "secure boot verification failed", "rom-secure-boot"),
    event(
        "rom_boot_refused",
        "No signature block magic byte found at signature sector (found 0x{found:x} not 0x{expected:x})",
        "rom-not-signed",
    ),
    event("rom_image_invalid", "Invalid image block, can't boot", "rom-image-block"),
    event("rom_chip_mismatch", "wrong chip id 0x{found:x}", "rom-chip-id"),
    event("rom_chip_mismatch", "Invalid chip id. Expected {expected:d} read {found:d}", "rom-chip"),
    event("rom_digest_ignored", "Attempting to boot anyway"),
    event("rom_load", "load:0x{address:x},len:0x{bytes:x}"),
    event("rom_load", "load:0x{address:x},len:{bytes:d}"),
)

PANIC_EVENTS = (
    event("panic", "Guru Meditation Error: Core {core:d} panic'ed ({reason:reason})"),
    event("panic", "abort() was called at PC 0x{pc:x}"),
    event("panic", "assert failed: {reason:text}"),
    event("panic", "Brownout detector was triggered", reason="brownout"),
    event("panic", "Task watchdog got triggered", reason="task watchdog"),
    event("panic", "Interrupt wdt timeout on CPU{core:d}", reason="interrupt watchdog"),
    event("panic", "ERROR A {reason:reason} has been detected"),
    event("watchdog_task", "{task:w} (CPU {cpu:d}", anywhere="(CPU "),
    event("watchdog_running", "CPU {cpu:d}: {task:w}"),
    event("restart", "Rebooting..."),
)

KNOWN = (
    _known("Build:{built:text}"),
    _known("load:0x{address:x},len:{length:text}"),
    _known("load 0x{address:x}, len {length:d}, room {room:d}"),
    _known("entry 0x{address:x}"),
    _known("mode:{mode:w}, clock div:{divider:d}"),
    _known("SPI mode:{mode:w}, clock div:{divider:d}"),
    _known("SPIWP:0x{value:x}"),
    _known("configsip: {value:text}"),
    _known("clk_drv:0x{rest:text}"),
    _known("Saved PC:0x{address:x}"),
    _known("ho {...} tail {...}"),
    _known("tail {value:d}"),
    _known("Valid secure boot key blocks: {blocks:text}"),
    _known("Calculated: {digest:digest}"),
    _known("Expected: {digest:digest}"),
    _known("Core {core:d} register dump"),
    _known("Backtrace:{rest:text}"),
)

LINES = (*ROM_EVENTS, *PANIC_EVENTS, *KNOWN)

MEANINGS: dict[str, Meaning] = {
    "rom-flash-read": meaning("no-bootable-app", Where.DEVICE,
        "the ROM could not read a bootloader at its address (flash read err {code})",
        "Flash the bootloader of this chip at its address; with flash encryption on, write it encrypted.",
        notes=("a flash mode or a voltage strap (GPIO12) that does not fit the flash chip gives the same line",)),
    "rom-secure-boot": meaning("signature-failed", Where.FILE,
        "the ROM refused the bootloader: its secure boot check failed",
        "Flash a bootloader that is signed with the key whose digest is in the eFuse."),
    "rom-not-signed": meaning("signature-failed", Where.FILE,
        "the bootloader is not signed: 0x{found:02x} is where its signature block must begin with 0x{expected:02x}",
        "Sign the bootloader (idf.py secure-sign-data, version 2) and flash the signed file."),
    "rom-image-block": meaning("no-bootable-app", Where.DEVICE,
        "the ROM met a segment of the bootloader that cannot be loaded: what is there is no bootloader of this chip",
        "Flash the bootloader of this chip at its address: 0x1000 (ESP32, S2), 0x2000 (P4, C5), 0x0 (others).",
        where=Where.FILE),
    "rom-chip-id": meaning("chip-mismatch", Where.FILE,
        "the header at the bootloader's address names chip id {found:#x}, which is not this chip's",
        "Flash the bootloader that was built for this chip at the chip's bootloader address.",
        certainty=Certainty.LIKELY,
        notes=("an id that no chip has is no header at all: another file or encrypted content is there",)),
    "rom-chip": meaning("chip-mismatch", Where.FILE,
        "the bootloader is for chip id {found}, and this chip has id {expected}",
        "Flash the bootloader that was built for this chip."),
}  # fmt: skip
