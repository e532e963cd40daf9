"""Lines of Arduino: ``Update`` and ``HTTPUpdate`` of arduino-esp32, and the ``ArduinoOTA`` example.

Source: arduino-esp32 ``libraries/Update/src/Updater.cpp`` and ``HttpsOTAUpdate``, ``libraries/HTTPUpdate/src``,
``libraries/ArduinoOTA/examples/BasicOTA``. ESP8266's ``Update`` numbers its errors otherwise from 8 on; its own
wordings are in ``esp8266``.
"""

from __future__ import annotations

from forensics.model.finding import Certainty, Where
from forensics.spec.log_lines.template import LineTemplate, Meaning, event, meaning

UPDATE_ERRORS: tuple[tuple[int, str, str], ...] = (
    (1, "Flash Write Failed", "flash-write"),
    (2, "Flash Erase Failed", "flash-write"),
    (3, "Flash Read Failed", "flash-read"),
    (4, "Not Enough Space", "no-space"),
    (5, "Bad Size Given", "arduino-size"),
    (6, "Stream Read Timeout", "stalled"),
    (7, "MD5 Check Failed", "md5"),
    (8, "Wrong Magic Byte", "first-byte"),
    (9, "Could Not Activate The Firmware", ""),
    (10, "Partition Could Not be Found", "no-slot"),
    (11, "Bad Argument", "arduino-argument"),
    (12, "Aborted", "aborted"),
    (13, "Decryption error", "arduino-decryption"),
)
"""Number, word and meaning; whether 9 means a damaged image, the lines of the verifier say."""

SHARED_NUMBERS = 7
"""Last number that means the same on ESP32 and ESP8266."""


_OF_OTHERS = ("Aborted", "Bad Argument", "Decryption error", "Not Enough Space")
"""Words that other programs print as well: alone on a line they count where the text speaks of an update."""


def _forms() -> tuple[LineTemplate, ...]:
    """The errors as ``printError``, HTTPUpdate and the examples print them: with the word, and by number alone."""
    rows = [
        event("update_error", head + word, means, anywhere=anywhere, code=code, reason=word)
        for code, word, means in UPDATE_ERRORS
        for head, anywhere in (
            ("Update error: ", "Update error"),
            (f"Update error: ERROR[{code}]: ", "Update error"),
            (f"ERROR[{code}]: ", "ERROR["),
            (f"Error[{code}]: ", "Error["),
            ("failed! (", "failed! ("),
            *(() if word in _OF_OTHERS else (("", word),)),
        )
    ]
    rows += [
        event("update_error", word + "{end}", means, code=code, reason=word, bare=1)
        for code, word, means in UPDATE_ERRORS
        if word in _OF_OTHERS
    ]
    for code, _, means in reversed(UPDATE_ERRORS):
        known = means if code <= SHARED_NUMBERS else f"arduino-number-{code}" if code <= 12 else ""
        rows.append(event("update_error", f"Error #: {code}", known, anywhere="Error #", code=code))
        rows.append(event("update_error", f"ERROR[{code}]", known, anywhere="ERROR[", code=code))
    return (
        *rows,
        event("update_error", "Update error: {reason:text}", anywhere="Update error"),
        event("update_error", "ERROR[{code:d}]: {reason:text}", anywhere="ERROR["),
        event("update_error", "Error #: {code:d}", anywhere="Error #"),
    )


UPDATE = (
    event("update_size_refused", "too large {bytes:d} > {room:d}", "arduino-room"),
    event("update_ended_early", "premature end: res:0, pos:{bytes:d}/{expected:d}", "arduino-premature"),
    event("update_ended_early", "premature end: res:{code:d}, pos:{bytes:d}/{expected:d}"),
    event("ota_progress", "Progress: {percent:d}%"),
    event("ota_progress", "OTA Progress Current: {bytes:d} bytes, Final: {total:d} bytes"),
    event("ota_progress", "HTTP update process at {bytes:d} of {total:d} bytes", anywhere="HTTP update"),
    event("ota_started", "HTTP update process started", anywhere="HTTP update"),
    event("ota_started", "Start updating {what:w}"),
)

ARDUINO_OTA = (
    event("arduino_ota_failed", "Error[0]: Auth Failed", "password", code=0),
    event("arduino_ota_failed", "Error[1]: Begin Failed", "arduino-ota-begin", code=1),
    event("arduino_ota_failed", "Error[2]: Connect Failed", "arduino-ota-connect", code=2),
    event("arduino_ota_failed", "Error[3]: Receive Failed", "cut-off", code=3),
    event("arduino_ota_failed", "Error[4]: End Failed", "arduino-ota-end", code=4),
)

_HTTP_UPDATE: tuple[tuple[int, str, str, str], ...] = (
    (-100, "Not Enough space", "To less space", "no-space"),
    (-101, "Server Did Not Report Size", "Server not Report Size", "http-no-length"),
    (-102, "File Not Found (404)", "File not Found (404)", "http-not-found"),
    (-103, "Forbidden (403)", "Forbidden (403)", "http-not-found"),
    (-104, "Wrong HTTP Code", "Wrong HTTP code", "http-other-status"),
    (-105, "Wrong MD5", "Faulty MD5", "http-md5-header"),
    (-106, "Verify Bin Header Failed", "Verify bin header failed", "first-byte"),
    (-107, "New Binary Does Not Fit Flash Size", "bin for wrong flash size", "flash-size"),
    (-108, "Partition Could Not be Found", "", "no-slot"),
)
"""``HTTP_UE_*``: number, word on ESP32 and on ESP8266, meaning. Numbers down to -11 are the HTTP client's own."""

UPGRADE = 'Upgrade":"Failed '
"""How Tasmota hands on a word of HTTPUpdate."""

HTTP_UPDATE = (
    *(
        event("http_update_failed", f"Error ({code})", means, anywhere="Error (-", code=code)
        for code, _, _, means in _HTTP_UPDATE
    ),
    event("http_update_failed", "Error (-{number:d}): HTTP error: {reason:text}", "http-client", anywhere="Error (-"),
    *(
        event("http_update_failed", UPGRADE + word, means, anywhere=UPGRADE, code=code)
        for code, *words, means in _HTTP_UPDATE
        for word in dict.fromkeys(words)
        if word
    ),
    event("http_update_failed", UPGRADE + "HTTP error: {reason:text}", "http-client", anywhere=UPGRADE),
    event("http_update_failed", UPGRADE + "{reason:text}", anywhere=UPGRADE),
    event("http_update_failed", "Magic header does not start with 0xE9", "first-byte"),
    event("http_update_failed", "Content-Length was 0 or wasn't set by Server?!", "http-no-length"),
    event("http_update_failed", "FreeSketchSpace to low ({room:d}) needed: {bytes:d}", "arduino-room"),
    event("http_update_failed", "HTTP Code is ({status:d})", "http-status"),
    event("http_update_failed", "HTTP error: {reason:text}", "http-client"),
)

LINES = (*UPDATE, *ARDUINO_OTA, *HTTP_UPDATE, *_forms())


def _two_readings(code: int, esp8266: str) -> Meaning:
    word = next(word for number, word, _ in UPDATE_ERRORS if number == code)
    slug = {8: "magic-invalid", 9: "digest-failed", 10: "update-refused", 11: "update-refused", 12: "update-refused"}[code]
    return meaning(
        slug,
        Where.DEVICE,
        f"error {code} of Update: {word.lower()} on ESP32, {esp8266} on ESP8266",
        "Print Update.errorString() (ESP32) or Update.getErrorString() (ESP8266) beside the number.",
        where=Where.UNKNOWN,
        certainty=Certainty.LIKELY,
        notes=("the two chips number the errors of Update otherwise from 8 on, and the line does not show the chip",),
    )


MEANINGS: dict[str, Meaning] = {
    "arduino-size": meaning("image-too-long", Where.DEVICE,
        "the size that was given to Update.begin is 0 or more than the slot holds",
        "Give Update.begin the size of the image, and use a partition table whose OTA slots hold it.",
        certainty=Certainty.LIKELY, notes=("nothing was written",)),
    "arduino-argument": meaning("update-refused", Where.DEVICE,
        "the app called Update with an argument that it does not know",
        "Call Update.begin with U_FLASH for an app or U_SPIFFS for a file system."),
    "arduino-decryption": meaning("update-refused", Where.DEVICE,
        "the device could not decrypt the image",
        "Set the key and address on the device with which the file was encrypted, or send the plain image.",
        notes=("Update tries to decrypt when the first byte is not 0xe9 and a key is set",)),
    "arduino-room": meaning("image-too-long", Where.DEVICE,
        "the image has {bytes} bytes, and the device has room for {room}",
        "Make the image smaller, or give the device a partition table with larger OTA slots (by cable).",
        where=Where.FILE),
    "arduino-premature": meaning("tail-missing", Where.SENDER,
        "the update was ended after {bytes} of {expected} bytes",
        "Send all bytes before the end command, and give Update.begin the real size.",
        where=Where.UNKNOWN),
    "arduino-ota-begin": meaning("update-refused", Where.DEVICE,
        "the device could not begin the update",
        "Print Update.errorString(): most often the image is larger than the slot, or the table has no OTA slot.",
        certainty=Certainty.LIKELY),
    "arduino-ota-connect": meaning("link-lost", Where.SENDER,
        "the device could not connect back to the computer that sends",
        "Let the firewall of the computer accept connections from the device (espota's option -P fixes the port)."),
    "arduino-ota-end": meaning("digest-failed", Where.DEVICE,
        "the device received all bytes and refused the image",
        "Print Update.errorString() for the reason, and the lines of the verifier before it.",
        where=Where.UNKNOWN),
    "arduino-number-8": _two_readings(8, "a wrong flash size in the running app"),
    "arduino-number-9": _two_readings(9, "a wrong flash size in the image"),
    "arduino-number-10": _two_readings(10, "a first byte other than 0xe9"),
    "arduino-number-11": _two_readings(11, "no restart since flashing by cable"),
    "arduino-number-12": _two_readings(12, "a refused signature"),
    "http-no-length": meaning("link-lost", Where.SENDER,
        "the server did not say how long the file is (no Content-Length)",
        "Serve the file with a Content-Length header, not chunked or compressed."),
    "http-not-found": meaning("link-lost", Where.SENDER,
        "the server has no such file, or does not give it away",
        "Open the address in a browser, and correct the path or the access rights."),
    "http-other-status": meaning("link-lost", Where.SENDER,
        "the server answered with another HTTP status than 200",
        "Open the address in a browser: a redirect must be followed or avoided."),
    "http-md5-header": meaning("update-refused", Where.SENDER,
        "the server's x-MD5 header holds no MD5 of 32 hexadecimal digits",
        "Correct the header x-MD5, or leave it out."),
    "http-client": meaning("link-lost", Where.SENDER,
        "the HTTP client of the device gave up: {reason:.60}",
        "Check address, port and server, and that the device reaches them.",
        where=Where.UNKNOWN),
}  # fmt: skip
