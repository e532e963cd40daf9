"""OTA314: lines that are the mark of a known bug of ESP-IDF, and say nothing about the transfer."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.judge.case import Case
from forensics.judge.logs.wording import finding, read_back
from forensics.model.finding import Certainty, Finding, Where

_DECIMAL_VALIDATE_FAILED = 0x5379
"""0x1503 is 5379 in decimal, which ``err=0x%d`` of ESP-IDF v3.1 to v4.2 prints."""


def detect(case: Case) -> Iterator[Finding]:
    """A hash of zeros, and an error code that is decimal behind ``0x``."""
    for failure in case.failures_of("hash_failed"):
        hashes = failure.walk.hash
        if hashes and hashes.calculated and set(hashes.calculated) == {"0"}:
            yield finding(
                "verifier-bug",
                Certainty.PROVEN,
                "the device calculated no hash at all: 00000000 is the mark of a bug of ESP-IDF, not of a bad transfer",
                failure=failure,
                lines=failure.walk.hash_lines,
                where=Where.DEVICE,
                notes=(
                    "between 2018-05-09 and 2018-06-22 (master, v3.1-beta1) the calls stood inside assert() and vanished "
                    "with assertions disabled",
                    "the checksum passed; whether every byte is right this log cannot tell",
                ),
                help=read_back(case, failure),
            )
    decimal = [event for event in case.events("ota_call_failed") if event.fields.get("error") == _DECIMAL_VALIDATE_FAILED]
    if decimal:
        yield finding(
            "verifier-bug",
            Certainty.PROVEN,
            "err=0x5379 is the decimal number 5379 printed behind 0x: it means 0x1503, ESP_ERR_OTA_VALIDATE_FAILED",
            lines=[event.line for event in decimal],
            where=Where.DEVICE,
            notes=("esp_https_ota and the examples of ESP-IDF v3.1 to v4.2 print error codes in this way",),
            benign=True,
        )
