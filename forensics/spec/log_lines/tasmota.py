"""Lines of Tasmota's web upload and updater, and the sentence of WLED.

Source: Tasmota ``tasmota/language/en_GB.h`` (``D_UPLOAD_ERR_1`` to ``_14``), ``xdrv_01_9_webserver.ino`` and
``support_tasmota.ino``; WLED ``wled00/wled_server.cpp``.
"""

from __future__ import annotations

from forensics.model.finding import Certainty, Where
from forensics.spec.log_lines.template import Meaning, event, meaning

_UPLOAD: tuple[tuple[int, str, str], ...] = (
    (2, "Not enough space", "no-space"),
    (3, "Invalid file signature", "first-byte"),
    (4, "Program flash size is larger than real flash size", "flash-size"),
    (5, "Upload buffer miscompare", "tasmota-miscompare"),
    (6, "Upload failed. Enable logging 3", "tasmota-unnamed"),
    (7, "Upload aborted", "cut-off"),
    (8, "File invalid", "tasmota-unnamed"),
    (9, "File too large", "no-space"),
    (14, "Not compatible", "tasmota-version"),
)

_PLAIN = (2, 3, 4, 5, 6)
"""Errors whose words are Tasmota's alone, so that they may come without its ``UPL:``."""

LINES = (
    *(event("upload_failed", f"UPL: {word}", means, code=code) for code, word, means in _UPLOAD),
    *(event("upload_failed", word, means, code=code) for code, word, means in _UPLOAD if code in _PLAIN),
    event("upload_failed", "File upload buffer miscompare", "tasmota-miscompare", code=5),
    event("upload_failed", "Upload error code {code:d}"),
    event("ota_progress", "UPL: Progress {kilobytes:d} kB"),
    event("ota_started", "UPL: File {file:text}"),
    event("http_failed", "OTA: Connection timeout after {time:d} ms", "tasmota-safeboot"),
    event("upload_failed", "Update failed! Please check your file and retry!", "wled-unnamed"),
    event("upload_failed", "Please check your file and retry!", "wled-unnamed"),
)

MEANINGS: dict[str, Meaning] = {
    "tasmota-miscompare": meaning("image-too-long", Where.FILE,
        "the device ran out of room during the upload (buffer miscompare)",
        "Upload the minimal version or the gzipped image first, then the full one.",
        certainty=Certainty.LIKELY,
        notes=("the words sound like changed bytes, and mean most often that the image is larger than the free space",)),
    "tasmota-unnamed": meaning("digest-failed", Where.DEVICE,
        "the updater refused the file or failed to write it; the page does not say which",
        "Repeat the upload with weblog 3 and read the error of Update in the console.",
        where=Where.UNKNOWN, certainty=Certainty.POSSIBLE),
    "tasmota-version": meaning("update-refused", Where.FILE,
        "this version cannot be reached from the running one in one step",
        "Follow Tasmota's migration path: update to the version in between first."),
    "tasmota-safeboot": meaning("link-lost", Where.SENDER,
        "the device could not reach the server of the update in time",
        "Check the OTA address and the route to it; a file upload in the web page works without the server.",
        where=Where.UNKNOWN),
    "wled-unnamed": meaning("digest-failed", Where.FILE,
        "the device refused the file or failed to write it; WLED's page does not say which",
        "Choose the file for this board, chip and flash size, and read Update's error on the serial port.",
        where=Where.UNKNOWN,
        certainty=Certainty.POSSIBLE,
        notes=("the page shows this for each error of Update: no space, a wrong first byte, a refused image",)),
}  # fmt: skip
