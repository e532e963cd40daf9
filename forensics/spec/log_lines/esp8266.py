"""Lines that only ESP8266 prints: its ``Update`` and ``httpUpdate``, the NONOS SDK, and exceptions.

Source: esp8266/Arduino ``cores/esp8266/Updater.cpp`` and ``libraries/ESP8266httpUpdate``; ESP8266_NONOS_SDK, whose
boot loader is closed: lines of its logs (issues 106, 180); ESP8266_RTOS_SDK ``esp8266/source/startup.c``.
"""

from __future__ import annotations

from forensics.model.finding import Certainty, Where
from forensics.spec.log_lines.template import LineTemplate, Meaning, event, meaning

_WORDS: tuple[tuple[int, str, str], ...] = (
    (7, "MD5 verification failed", "md5"),
    (7, "MD5 Failed", "md5"),
    (8, "Flash config wrong", "esp8266-flash-config"),
    (9, "new Flash config wrong", "flash-size"),
    (10, "Magic byte is not 0xE9", "first-byte"),
    (10, "Magic byte is wrong, not 0xE9", "first-byte"),
    (11, "Invalid bootstrapping state, reset ESP8266 before updating", "esp8266-bootstrap"),
    (12, "Signature verification failed", "signature"),
    (13, "No data supplied", "esp8266-no-data"),
    (14, "Out of memory", "no-memory"),
)
"""Errors of ESP8266's ``Update`` that ESP32 words or numbers otherwise."""

_HEADS = (
    ("Update error: ERROR[{number:d}]: ", "Update error"),
    ("ERROR[{number:d}]: ", ""),
    ("[httpUpdate] Update.{call:w} failed! (ERROR[{number:d}]: ", ""),
)


def _update_errors() -> tuple[LineTemplate, ...]:
    return tuple(
        event("esp8266_update_error", head + word, means, anywhere=anywhere, code=code, reason=word)
        for code, word, means in _WORDS
        for head, anywhere in _HEADS
    )


HTTP_UPDATE = (
    event("http_update_failed", "[httpUpdate] magic header, new bin not fits SPI Flash", "flash-size", code=-107),
    event("http_update_failed", "[httpUpdate] magic header not starts with 0xE9", "first-byte", code=-106),
    event("http_update_failed", "[httpUpdate] peekBytes magic header failed", "cut-off", code=-106),
    event("http_update_failed", "[httpUpdate] FreeSketchSpace to low ({room:d}) needed: {bytes:d}", "arduino-room"),
    event("http_update_failed", "[httpUpdate] HTTP Code is ({status:d})", "http-status"),
    event("http_update_failed", "[httpUpdate] Content-Length is 0 or not set by Server?!", "http-no-length"),
    event("http_update_failed", "[httpUpdate] HTTP error: {reason:text}", "http-client"),
)

NONOS = (
    event("app_loading", "jump to run user{app:d} @ {address:x}"),
    event("esp8266_app_refused", "error magic!", "nonos-magic"),
    event("esp8266_app_refused", "backup boot failed.", "nonos-backup"),
    event("esp8266_app_refused", "first boot failed, reboot to try backup bin", "nonos-first"),
    event("esp8266_app_refused", "ERROR: App bin error, start_addr 0x{address:x} image_len {bytes:d}", "esp8266-app-bin"),
    event("esp8266_app_refused", "ERROR: app bin error, start_addr {address:x} image_len {bytes:d}", "esp8266-app-bin"),
    event("nonos_crc", "flash_crc = {calculated:d}"),
    event("nonos_crc", "img_crc = {stored:d}"),
    event("ota_failed", "[OTA]failed!"),
)

CRASHES = (
    event("panic", "Exception ({code:d}):", reason="exception"),
    event("panic", "Fatal exception {code:d}({reason:reason}):"),
    event("panic", "Soft WDT reset", reason="soft watchdog"),
    event("panic", "User exception ({reason:reason})"),
)

LINES = (*_update_errors(), *HTTP_UPDATE, *NONOS, *CRASHES)

MEANINGS: dict[str, Meaning] = {
    "esp8266-flash-config": meaning("update-refused", Where.DEVICE,
        "the running app was built for another flash size than the chip has",
        "Flash an app that was built for the right flash size by cable; after that updates over the air work."),
    "esp8266-bootstrap": meaning("update-refused", Where.DEVICE,
        "the device was not restarted since it was flashed by cable",
        "Press reset once, with GPIO0 high, then update again."),
    "esp8266-no-data": meaning("tail-missing", Where.SENDER,
        "the update was ended before a byte had been written",
        "Send the image between the begin and the end of the update."),
    "nonos-magic": meaning("no-bootable-app", Where.FILE,
        "the boot loader found no app at the address it was told to start",
        "Write an image that begins with 0xea 0x04 (or 0xe9) to that address, built for this flash size and map.",
        where=Where.UNKNOWN,
        certainty=Certainty.LIKELY,
        notes=("a wrong flash size and map sends the boot loader to another address than the updater wrote to",)),
    "nonos-backup": meaning("no-bootable-app", Where.DEVICE,
        "neither of the two apps could be started",
        "Flash boot loader, user1.bin and the init data by cable, with the flash size and map of the build."),
    "nonos-first": meaning("no-bootable-app", Where.DEVICE,
        "the new app could not be started, and the boot loader tries the other one",
        "Compare the written bytes with the file, and the flash size and map with those of the build.",
        where=Where.UNKNOWN),
    "esp8266-app-bin": meaning("no-bootable-app", Where.DEVICE,
        "the app begins at flash {address:#x}, which the chip cannot map",
        "Use a partition table whose apps are in the first 8 MiB."),
}  # fmt: skip
