"""The capture does not hold the whole transfer."""

from __future__ import annotations

from forensics.model.finding import Explanation, Fault

FAULT = Fault(
    code="OTA404",
    slug="capture-incomplete",
    title="the capture does not hold every write",
    explanation=Explanation(
        meaning=(
            "Writes are absent from the capture or cut short by it, so a byte that is missing there is "
            "not proven to be missing on the link."
        ),
        symptoms=(
            "Included length below original length in btsnoop records, or a cumulative drop count above zero",
            "The capture begins after the first write or ends before the last",
            "No ATT data at all, although the connection is there: a filtered Android log",
        ),
        causes=(
            (
                "Android's HCI log is filtered by default on many builds and cuts the payload; \"enabled "
                '(full)" is needed, and Bluetooth switched off and on.'
            ),
            "The log was rotated: the beginning is in btsnoop_hci.log.last.",
            "An air sniffer missed PDUs, or lost the connection's hops.",
            (
                "An application log (nRF Connect, bleak, noble) shows calls and not what went over the "
                "air; older Android library logs may show stale values."
            ),
            "The capture ran on the wrong connection or adapter.",
        ),
        confirm=(
            "otadiff triage CAPTURE gives the count of writes, the gaps and the capture's own drop counter.",
            "Compare bytes captured with the image's length plus headers.",
        ),
        fix_sender=(
            (
                "Capture again: full HCI snoop log on Android, PacketLogger on Apple, btmon -w on Linux; "
                "begin before connecting."
            ),
            "Prefer the sender's HCI log to an air sniffer: a gap there is strong evidence.",
        ),
        fix_device=(
            ("Log number, length and CRC32 of each write in the callback: this replaces a capture on the receiving side."),
        ),
        confused_with=(
            "OTA202 chunk-missing: the flash proves that the chunk is lost",
            "OTA405 capture-encrypted: everything is there and cannot be read",
            "OTA406 evidence-damaged: the file itself is broken",
        ),
        sources=(
            "BlueZ 5.66, src/shared/btsnoop.c (record flags and drops)",
            "NordicSemiconductor/Android-BLE-Library pull request 440 (stale values in the log)",
        ),
    ),
)
