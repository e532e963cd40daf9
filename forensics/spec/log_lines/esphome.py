"""Lines of ESPHome's updater on the device.

Source: esphome ``components/esphome/ota/ota_esphome.cpp``, ``components/ota/ota_component.cpp`` (until 2024.5) and
``components/http_request/ota``. The response codes are those of ``ota_backend.h``, 128 to 144.
"""

from __future__ import annotations

from forensics.model.finding import Where
from forensics.spec.log_lines.template import LineTemplate, Meaning, event, meaning

RESPONSES: tuple[tuple[int, str], ...] = (
    (129, "esphome-prepare"),
    (130, "password"),
    (131, "flash-write"),
    (134, "esp8266-flash-config"),
    (135, "flash-size"),
    (136, "no-space"),
    (137, "no-space"),
    (138, "no-slot"),
    (139, "md5"),
    (141, "signature"),
)
"""``OTAResponseTypes`` that decide alone. 132 is ESP-IDF's refusal of the image: other lines say why."""

_HEADS = (
    "Error ending update! error_code: ",
    "End update err ",
    "Error writing binary data to flash!, error_code: ",
    "Flash write err ",
)


def _responses() -> tuple[LineTemplate, ...]:
    known = [event("esphome_refused", f"{head}{code}", means, code=code) for head in _HEADS for code, means in RESPONSES]
    refused = [
        event("ota_call_failed", f"{head}132", call="end", name="OTA_VALIDATE_FAILED", code=132) for head in _HEADS[:2]
    ]
    return (*refused, *known, *(event("esphome_refused", head + "{code:d}") for head in _HEADS))


_FIRST = "0x50-0x4F-0x53-0x54-0x20", "0x47-0x45-0x54-0x20-0x2F"
_ANY = "0x{b0:x2}-0x{b1:x2}-0x{b2:x2}-0x{b3:x2}-0x{b4:x2}"

LINES = (
    event("ota_started", "Starting OTA {...} from {peer:text}"),
    event("ota_started", "Starting update from {peer:text}"),
    event("ota_progress", "OTA in progress: {percent:d}.{tenths:d}%"),
    event("ota_progress", "Progress: {percent:d}.{tenths:d}%"),
    *(
        event("esphome_greeting_wrong", f"Magic bytes {verb} {first}", means)
        for verb in ("do not match!", "mismatch!")
        for first, means in (*((one, "esphome-http") for one in _FIRST), (_ANY, "esphome-greeting"))
    ),
    event("esphome_md5", "MD5 computed: {computed:w} - Aborting due to MD5 mismatch", "md5"),
    event("esphome_refused", "Auth: Password mismatch", "password"),
    event("esphome_refused", "Auth: SHA256 required", "password"),
    event("esphome_refused", "Auth failed! Passwords do not match", "password"),
    event("esphome_link_lost", "Remote closed at {phase:text}", "cut-off"),
    event("esphome_link_lost", "Remote closed", "cut-off"),
    event("esphome_link_lost", "No data received for {time:d} ms", "stalled"),
    event("esphome_link_lost", "Handshake timeout", "stalled"),
    event("esphome_link_lost", "Timeout reading {bytes:d} bytes", "stalled"),
    event("esphome_link_lost", "Reading magic bytes failed", "cut-off"),
    event("esphome_link_lost", "Read err {bytes:d} bytes, errno {errno:d}", "cut-off"),
    event("esphome_link_lost", "Error receiving data for update, errno{...}{errno:d}", "cut-off"),
    *_responses(),
)

MEANINGS: dict[str, Meaning] = {
    "esphome-http": meaning("update-refused", Where.SENDER,
        "a browser or an HTTP client spoke to ESPHome's own update port: the first bytes are text of HTTP",
        "Upload with the ESPHome command line or dashboard, or send the file to the web server's /update page instead.",
        notes=("no byte of the image was looked at",)),
    "esphome-greeting": meaning("update-refused", Where.SENDER,
        "the client did not greet the update port as ESPHome's uploader does (6c 26 f7 5c 45)",
        "Upload with the ESPHome command line or dashboard, and keep port scanners off the device.",
        notes=("no byte of the image was looked at",)),
    "esphome-prepare": meaning("update-refused", Where.DEVICE,
        "the device could not prepare its flash for the update",
        "Restart the device and send again; if it stays so, the image is larger than the slot."),
}  # fmt: skip
