"""Lines of the tools on the computer: esptool, espota.py and ESPHome's command line.

Source: esptool v4 and v5 ``cmds.py`` and ``loader.py``; arduino-esp32 ``tools/espota.py``; esphome ``espota2.py``.
"""

from __future__ import annotations

from forensics.model.finding import Certainty, Where
from forensics.spec.log_lines.template import LineTemplate, Meaning, event, meaning

_FATAL = "A fatal error occurred: "

ESPTOOL = (
    event(
        "tool_failed",
        _FATAL + "{...}requires chip revision in range [{min:v} - {max:v}] (this chip is revision {chip:v})",
        "esptool-range",
    ),
    event(
        "tool_failed",
        _FATAL + "{...}requires chip revision in range {min:v} - {max:v} (this chip is revision {chip:v})",
        "esptool-range",
    ),
    event(
        "tool_failed",
        _FATAL + "{...}requires chip revision {min:v} or higher (this chip is revision {chip:v})",
        "esptool-low",
    ),
    event(
        "tool_failed",
        _FATAL + "{...}requires chip revision {min:d} or higher (this chip is revision {chip:d})",
        "esptool-low",
    ),
    event("tool_failed", _FATAL + "This chip is {chip:w}, not {wanted:w}. Wrong chip argument?", "esptool-chip"),
    event("tool_failed", _FATAL + "This chip is {chip:w} not {wanted:w}. Wrong --chip argument?", "esptool-chip"),
    event("tool_failed", _FATAL + "MD5 of file does not match data in flash!", "esptool-md5"),
    event("tool_failed", _FATAL + "Write failed, the written flash region is empty.", "esptool-empty"),
    event("tool_failed", _FATAL + "{...}will not fit in {room:d} bytes of flash", "esptool-room"),
    event("tool_failed", _FATAL + "Failed to connect to {chip:w}", "esptool-port"),
    event("tool_failed", _FATAL + "Could not open {port:w}", "esptool-port"),
    event("tool_failed", _FATAL + "{reason:text}", "esptool"),
)

_ESPOTA: tuple[tuple[str, str], ...] = (
    ("No response from the ESP", "espota-silent"),
    ("No response from device", "espota-back"),
    ("No Answer to our Authentication", "espota-silent"),
    ("Authentication Failed", "password"),
    ("Error Uploading", "cut-off"),
    ("No Result!", "cut-off"),
    ("Error response from device", "espota-refused"),
    ("Listen Failed", "not-connected"),
    ("Host {host:w} Not Found", "not-connected"),
)

_ESPHOME: tuple[tuple[str, str], ...] = (
    ("Couldn't prepare flash memory for update", "esphome-prepare"),
    ("Authentication invalid. Is the password correct?", "password"),
    ("Writing OTA data to flash memory failed", "flash-write"),
    ("Finishing update failed", "esphome-end"),
    ("Please press the reset button on the ESP", "esp8266-bootstrap"),
    ("ESP has been flashed with wrong flash size", "esp8266-flash-config"),
    ("ESP does not have the requested flash size", "flash-size"),
    ("ESP does not have enough space to store OTA file", "no-space"),
    ("The OTA partition on the ESP is too small", "no-space"),
    ("The OTA partition on the ESP couldn't be found", "no-slot"),
    ("Application MD5 code mismatch", "md5"),
    ("Firmware signature verification failed", "signature"),
    ("Device closed connection without responding", "esphome-closed"),
    ("Unknown error from ESP", "esphome-unknown"),
)
"""The device's answers in words; ``esphome`` prints them as ``Error binary size: Error: ...``."""


def _espota() -> tuple[LineTemplate, ...]:
    heads = (("[ERROR]: ", "[ERROR]: "), ("ERROR ", ""))
    return tuple(event("tool_failed", head + text, means, anywhere=word) for text, means in _ESPOTA for head, word in heads)


ESPHOME = (
    *(event("tool_failed", f"ERROR Error {{...}}: Error: {text}", means) for text, means in _ESPHOME),
    *(event("tool_failed", f"ERROR Error {{...}}: {text}", means) for text, means in _ESPHOME[-1:]),
    event("tool_failed", "ERROR Error receiving acknowledge {...}: timed out", "stalled"),
    event("tool_failed", "ERROR Error receiving acknowledge {...}: [Errno {errno:d}]", "esphome-closed"),
    event("tool_failed", "ERROR Error sending {...}: timed out", "stalled"),
    event("tool_failed", "ERROR Error sending {...}: [Errno {errno:d}]", "esphome-closed"),
    event("tool_failed", "ERROR Connecting to {...} failed: {reason:text}", "not-connected"),
    event("tool_failed", "ERROR Error resolving IP address of {host:w}", "not-connected"),
    event("tool_failed", "ERROR Connection failed.", "not-connected"),
)

BUILD = (
    event("tool_failed", "Error: app partition is too small for binary", "no-space"),
    event("tool_failed", "Error: All app partitions are too small for binary", "no-space"),
)

LINES = (*BUILD, *ESPTOOL, *_espota(), *ESPHOME)

_CABLE = "Try another cable, port or a lower baud rate, and hold BOOT while the chip is reset."

MEANINGS: dict[str, Meaning] = {
    "esptool-range": meaning("revision-mismatch", Where.FILE,
        "the file is for chip revisions {min} to {max}, and this chip is {chip}: esptool wrote nothing",
        "Build with a revision range that holds this chip (menuconfig, Hardware Settings), or with a newer ESP-IDF."),
    "esptool-low": meaning("revision-mismatch", Where.FILE,
        "the file is for chip revision {min} or higher, and this chip is {chip}: esptool wrote nothing",
        "Build with a lower minimum chip revision.",
        notes=("esptool compares only the minor revision of the ESP32-C3",)),
    "esptool-chip": meaning("chip-mismatch", Where.FILE,
        "the chip on the cable is {chip}, and esptool was told {wanted}",
        "Choose the board that is really connected, and build for it."),
    "esptool-md5": meaning("digest-failed", Where.DEVICE,
        "what the flash holds after writing is not what esptool sent",
        "Check the flash chip, its supply and its mode (try --flash_mode dio), and write at a lower speed."),
    "esptool-empty": meaning("flash-access-failed", Where.DEVICE,
        "nothing was written: the flash is still erased where esptool wrote",
        "Check the flash chip and its pins, its supply, and whether it is write-protected."),
    "esptool-room": meaning("image-too-long", Where.SENDER,
        "the file ends past the {room} bytes of the flash",
        "Choose the flash size of the chip, or another address.",
        where=Where.FILE),
    "esptool-port": meaning("link-lost", Where.SENDER,
        "esptool could not reach the chip over the serial port",
        _CABLE),
    "esptool": meaning("update-refused", Where.SENDER,
        "esptool gave up: {reason:.80}",
        "Follow esptool's own sentence; its troubleshooting page explains most of them.",
        certainty=Certainty.POSSIBLE),
    "espota-silent": meaning("link-lost", Where.DEVICE,
        "the device did not answer espota's invitation",
        "Check that the running app calls ArduinoOTA.handle() often, and address, UDP port 3232 (8266) and network.",
        where=Where.UNKNOWN, notes=("no byte of the image was transferred",)),
    "espota-back": meaning("link-lost", Where.SENDER,
        "the device accepted the invitation and did not connect back to the computer",
        "Let the firewall of the computer accept connections from the device (espota's option -P fixes the port).",
        certainty=Certainty.LIKELY),
    "espota-refused": meaning("update-refused", Where.DEVICE,
        "espota took the device's last answer for an error",
        "Read the device's serial log, or espota's output with -d, for the error of Update.",
        certainty=Certainty.POSSIBLE,
        notes=("an OK right behind a count (392OK) is misread by older versions of espota: then the update succeeded",)),
    "esphome-end": meaning("digest-failed", Where.DEVICE,
        "the device received all bytes and refused the image",
        "Read the lines of esp_image in the device's own log (USB or MQTT).",
        where=Where.UNKNOWN),
    "esphome-closed": meaning("link-lost", Where.DEVICE,
        "the device closed the connection during the upload",
        "Read the device's own log: a restart, too little memory or a weak link looks like this from outside.",
        where=Where.UNKNOWN),
    "esphome-unknown": meaning("update-refused", Where.DEVICE,
        "the device refused the update and did not say why",
        "Restart the device and send again; its own log holds the reason.",
        certainty=Certainty.POSSIBLE),
}  # fmt: skip
