"""Lines of the mask ROM, which starts the bootloader, and of the panic handler.

Source: the ROM prints no source that is public; the lines are those of ESP-IDF's
``docs/en/api-guides/fatal-errors.rst`` and of boots of each chip. Panic lines:
``components/esp_system/panic.c``.
"""

from __future__ import annotations

from forensics.spec.log_lines.template import LineTemplate, LineUse


def _event(kind: str, text: str, *, anywhere: str = "", **constants: int | str) -> LineTemplate:
    return LineTemplate(kind=kind, text=text, use=LineUse.EVENT, constants=tuple(constants.items()), anywhere=anywhere)


def _known(text: str) -> LineTemplate:
    return LineTemplate(kind="known", text=text, use=LineUse.KNOWN)


ROM_EVENTS = (
    _event("reset", "rst:0x{code:x} ({reason:reason}),boot:0x{boot:x} ({mode:reason})", anywhere="rst:0x"),
    _event("reset", "ets {...}rst cause:{code:d}, boot mode:({mode:reason})"),
    _event("rom_started", "ESP-ROM:{rom:w}"),
    _event("rom_started", "ets {built:built}"),
    _event("rom_digest_failed", "SHA-256 comparison failed"),
    _event("rom_digest_failed", "Sha256 error"),
    _event("rom_header_invalid", "invalid header: 0x{value:x}"),
    _event("rom_flash_read_failed", "flash read err, {code:d}"),
    _event("rom_checksum_failed", "csum err:0x{calculated:x}!=0x{read:x}"),
    _event("rom_checksum_failed", "ets_main.c {line:d}"),
    _event("rom_boot_refused", "secure boot check fail"),
)

PANIC_EVENTS = (
    _event("panic", "Guru Meditation Error: Core {core:d} panic'ed ({reason:reason})"),
    _event("panic", "abort() was called at PC 0x{pc:x}"),
    _event("panic", "assert failed: {reason:text}"),
    _event("panic", "Brownout detector was triggered", reason="brownout"),
    _event("panic", "Task watchdog got triggered", reason="task watchdog"),
    _event("restart", "Rebooting..."),
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
    _known("chksum 0x{value:x}"),
    _known("Attempting to boot anyway"),
    _known("Calculated: {digest:digest}"),
    _known("Expected: {digest:digest}"),
    _known("Core {core:d} register dump"),
    _known("Backtrace:{rest:text}"),
)

LINES = (*ROM_EVENTS, *PANIC_EVENTS, *KNOWN)
