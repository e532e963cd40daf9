"""Every hand-made report by its name, for the tests of every format."""

from __future__ import annotations

from tests.unit.report.chunk_reports import dropped, filled, header_in_every_chunk, swapped
from tests.unit.report.image_reports import (
    healthy,
    log_only,
    trailing,
    truncated,
    twelve_findings,
    wrong_image,
)

REPORTS = {
    "dropped": dropped,
    "swapped": swapped,
    "filled": filled,
    "header-in-every-chunk": header_in_every_chunk,
    "truncated": truncated,
    "trailing": trailing,
    "wrong-image": wrong_image,
    "healthy": healthy,
    "twelve-findings": twelve_findings,
    "log-only": log_only,
}
"""Every story by its name."""
