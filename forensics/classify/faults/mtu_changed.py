"""The ATT MTU differs from what the sender assumed."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA503",
    slug="mtu-changed",
    title="the ATT MTU was not the one the sender used",
    explanation=Explanation(
        meaning=(
            "The MTU exchange came late, never, or had another result than the sender took for its chunk "
            "size; the sender worked with an old or assumed value."
        ),
        symptoms=(
            "Exchange MTU Response after the first writes, or none at all in the capture",
            "Chunk lengths that change in mid-transfer, or a first chunk of 20 bytes and larger ones later",
            "bleak on Windows shows 20 for seconds after connecting, or 247 and then 23",
        ),
        causes=(
            "The sender reads the MTU before the exchange has finished.",
            "A hard-coded MTU is larger than the negotiated one (the smaller of both sides counts).",
            "A reconnect made a new connection, whose MTU starts at 23 again.",
            (
                "On BlueZ bleak's mtu_size gives 23 unless the MTU was acquired; "
                "max_write_without_response_size is the value to use."
            ),
            "The receiver computes offsets or the end of the transfer from an MTU that is not in force.",
        ),
        confirm=(
            "otadiff triage CAPTURE shows the exchange and the chunk sizes before and after.",
            "Log the MTU on both sides: ESP_GATTS_MTU_EVT or BLE_GAP_EVENT_MTU on the device.",
        ),
        fix_sender=(
            (
                "Wait for the exchange (onMtuChanged on Android; poll max_write_without_response_size in "
                "bleak) before the first chunk."
            ),
            "Take the chunk size anew after each reconnect.",
        ),
        fix_device=(
            "Take the length of each write as it comes; do not derive it from the MTU.",
            "Tell the sender the MTU that is in force, in the answer to the start command.",
        ),
        confused_with=(
            "OTA502 write-too-long: a write that exceeds the MTU in force",
            "OTA312 short-write-ended-transfer: a receiver that takes the smaller chunk for the last",
        ),
        sources=(
            "Bluetooth Core Specification 5.4, Vol 3, Part F, 3.4.2 MTU exchange",
            "hbldh/bleak issues 1497 and 1749, pull request 1586",
            "sparkleo-io/flutter_ota issue 18",
        ),
    ),
)
