"""Lines of ``esp_delta_ota``, which builds the new image from the running one and a patch.

Source: espressif/idf-extra-components ``esp_delta_ota/src/esp_delta_ota.c`` and its example; detools
``src/c/detools.c``.
"""

from __future__ import annotations

from forensics.model.finding import Where
from forensics.spec.log_lines.template import Meaning, event, meaning

LINES = (
    event("patch_failed", "Invalid magic word in patch", "delta-magic"),
    event("patch_failed", "SHA256 of current firmware differs from than in patch header", "delta-base"),
    event("patch_failed", "Error while applying patch: Out of memory", "no-memory"),
    event("patch_failed", "Error while applying patch: {reason:text}", "delta-patch"),
    event("patch_failed", "Error while finishing the patching: {reason:text}", "delta-end"),
    event("patch_failed", "Error in write_cb(): {reason:text}"),
    event("patch_failed", "Error in read_cb(): {reason:text}"),
)

MEANINGS: dict[str, Meaning] = {
    "delta-magic": meaning("not-an-app-image", Where.FILE,
        "the file is no patch of esp_delta_ota: it does not begin with 10 de cd fc",
        "Send the file that esp_delta_ota_patch_gen.py wrote, not a whole image."),
    "delta-base": meaning("update-refused", Where.FILE,
        "the patch was made for another app than the running one",
        "Make the patch from the very image that the device runs, or send the whole image."),
    "delta-patch": meaning("digest-failed", Where.SENDER,
        "the patch could not be applied: {reason:.60}",
        "Compare the received patch with the file, and make it with the detools version and compression of the device.",
        where=Where.UNKNOWN),
    "delta-end": meaning("tail-missing", Where.SENDER,
        "the patch was ended before it was whole: {reason:.60}",
        "Feed all bytes of the patch to the device before the end of the update.",
        where=Where.UNKNOWN),
}  # fmt: skip
