"""Lines of updates that go past the app itself: to the co-processor of esp-hosted, and over Matter.

Source: esp-hosted-mcu ``host/drivers/rpc/core/rpc_rsp.c`` and ``esp_hosted_rpc.proto`` (issues 113, 143, 164);
connectedhomeip ``src/app/clusters/ota-requestor/DefaultOTARequestorDriver.cpp`` and
``src/platform/ESP32/OTAImageProcessorImpl.cpp``.
"""

from __future__ import annotations

from forensics.model.finding import Certainty, Where
from forensics.spec.log_lines.template import Meaning, event, meaning

_ANSWERS = ((0x210, "begin"), (0x211, "write"), (0x212, "end"))
"""Answers to the requests 0x110 to 0x112."""

LINES = (
    *(
        event(
            "hosted_refused",
            f"Hosted RPC_Resp [{answer:#x}], uid [{{uid:d}}], resp code [5379]",
            f"hosted-{call}",
            error=5379,
        )
        for answer, call in _ANSWERS
        if call != "begin"
    ),
    *(
        event("ota_call_failed", f"Hosted RPC_Resp [{answer:#x}], uid [{{uid:d}}], resp code [{{error:d}}]", call=call)
        for answer, call in _ANSWERS
    ),
    event("hosted_refused", "Hosted RPC_Resp [0x{answer:x}], uid [{uid:d}], resp code [5379]", "hosted-end", error=5379),
    event("hosted_failed", "Hosted RPC_Resp [0x{answer:x}], uid [{uid:d}], resp code [{error:d}]"),
    event("hosted_failed", "OTA procedure failed"),
    event("ota_progress", "OTA progress: {percent:d}% ({bytes:d} bytes)"),
    event("matter_not_confirmed", "Failed to confirm image: 3", "matter-version", anywhere="confirm image"),
    event("matter_not_confirmed", "Failed to confirm image: {error:d}", anywhere="confirm image"),
)

MEANINGS: dict[str, Meaning] = {
    "hosted-write": meaning("update-refused", Where.SENDER,
        "the co-processor refused the first bytes of its image (ESP_ERR_OTA_VALIDATE_FAILED)",
        "Send the app image for the co-processor's chip (network_adapter.bin) from its first byte on.",
        where=Where.UNKNOWN,
        notes=("co-processors of some releases (2.7.0, 2.11.7, 2.12.0) refuse good images too: flash those by cable",)),
    "hosted-end": meaning("digest-failed", Where.SENDER,
        "the co-processor refused its new image at the end (ESP_ERR_OTA_VALIDATE_FAILED)",
        "Read the co-processor's own serial log for the check that failed.",
        where=Where.UNKNOWN),
    "matter-version": meaning("update-refused", Where.FILE,
        "the app that runs after the update has another version number than the Matter OTA file promised",
        "Give app (CONFIG_DEVICE_SOFTWARE_VERSION_NUMBER) and OTA file (ota_image_tool.py -vn) the same version.",
        certainty=Certainty.LIKELY, notes=("the image itself was transferred and started",)),
}  # fmt: skip
