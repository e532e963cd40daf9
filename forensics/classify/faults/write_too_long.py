"""A write was longer than the link or the attribute allows."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA502",
    slug="write-too-long",
    title="a write was longer than the link allows",
    explanation=Explanation(
        meaning=(
            "A write exceeds the ATT MTU minus 3, or the 512 bytes an attribute may hold. Stacks then cut "
            "it, refuse it or send it in prepared parts."
        ),
        symptoms=(
            "ATT error 0x0D (Invalid Attribute Value Length) or 0x09 (Prepare Queue Full)",
            "Prepare Write and Execute Write requests in the capture",
            ("Exceptions in the sender about the length of the value (WinRT raises; bleak limits write requests to 512)"),
            "The device gets 20 bytes, or 3 bytes less, of each chunk",
        ),
        causes=(
            "Chunk equals MTU instead of MTU - 3.",
            "A hard-coded MTU is larger than the negotiated one.",
            "No MTU exchange took place, so that 20 bytes are the limit.",
            "Long (prepared) writes are not handled by the receiver, or counted twice.",
            ("The attribute value is over 512 bytes, which the specification forbids; an MTU of 517 allows 514."),
            "A web client chose 507 bytes and the other stack mishandled it, while 247 worked (gb88/BLEOTA).",
        ),
        confirm=(
            "otadiff triage CAPTURE lists the MTU exchange and the lengths of the writes.",
            "Print the payload size in the sender before the first chunk.",
        ),
        fix_sender=(
            (
                "Use min(512, MTU - 3) minus the protocol's header: max_write_without_response_size in "
                "bleak, maximumWriteValueLength(for:) on Apple."
            ),
            (
                "On Android call requestMtu and wait for onMtuChanged; on other systems poll the size for "
                "a while after connecting."
            ),
            "When in doubt use 244, or 20.",
        ),
        fix_device=(
            ("Set the preferred MTU: ble_att_set_preferred_mtu in NimBLE, esp_ble_gatt_set_local_mtu in Bluedroid."),
            ("Handle param->write.is_prep and ESP_GATTS_EXEC_WRITE_EVT, or refuse prepared writes with an error."),
            "Refuse a write that is larger than the buffer, and end the transfer.",
        ),
        confused_with=(
            "OTA208 chunk-shortened: what it leaves in the image",
            "OTA503 mtu-changed: the chunk was right for the MTU before",
            "OTA505 unacknowledged: the write was valid and got no answer",
        ),
        sources=(
            "Bluetooth Core Specification 5.4, Vol 3, Part F, 3.2.9 Long attribute values",
            "Bluetooth Core Specification 5.4, Vol 3, Part F, 3.4.6 Queued writes",
            "sparkleo-io/flutter_ota issues 8 and 18, h2zero/NimBLE-Arduino issue 183, hbldh/bleak issue 585",
        ),
    ),
)
