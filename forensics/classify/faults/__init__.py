"""The registered faults: one module a fault, named like its slug, imported when it is asked for.

A module holds ``FAULT``: the code, the slug, the title and what ``otadiff explain`` says of it. Codes are
never reused; a new fault takes the next free code of its group and one row here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forensics.model.finding import Fault

_SLUG_OF_CODE = {
    "OTA101": "not-an-app-image",
    "OTA102": "merged-image",
    "OTA103": "image-invalid",
    "OTA104": "wrong-chip",
    "OTA201": "chunk-reordered",
    "OTA202": "chunk-missing",
    "OTA203": "chunk-duplicated",
    "OTA204": "chunk-overwritten",
    "OTA205": "tail-missing",
    "OTA206": "chunk-filled",
    "OTA207": "bytes-altered",
    "OTA208": "chunk-shortened",
    "OTA209": "header-in-payload",
    "OTA210": "flash-not-erased",
    "OTA211": "stale-data",
    "OTA212": "stream-restarted",
    "OTA213": "text-encoded",
    "OTA214": "wrong-image",
    "OTA215": "harmless-tail",
    "OTA216": "sector-padded",
    "OTA217": "bytes-inserted",
    "OTA301": "checksum-failed",
    "OTA302": "digest-failed",
    "OTA303": "segment-length-invalid",
    "OTA304": "magic-invalid",
    "OTA305": "chip-mismatch",
    "OTA306": "revision-mismatch",
    "OTA307": "segment-misplaced",
    "OTA308": "image-too-long",
    "OTA309": "signature-failed",
    "OTA310": "flash-erased",
    "OTA311": "flash-zero",
    "OTA312": "short-write-ended-transfer",
    "OTA313": "link-lost",
    "OTA314": "verifier-bug",
    "OTA315": "no-bootable-app",
    "OTA316": "sectors-differ",
    "OTA401": "inputs-exchanged",
    "OTA402": "log-of-another-image",
    "OTA403": "dump-of-another-attempt",
    "OTA404": "capture-incomplete",
    "OTA405": "capture-encrypted",
    "OTA406": "evidence-damaged",
    "OTA501": "disconnected",
    "OTA502": "write-too-long",
    "OTA503": "mtu-changed",
    "OTA504": "notifications-lost",
    "OTA505": "unacknowledged",
}

SLUGS: tuple[str, ...] = tuple(_SLUG_OF_CODE.values())
"""Every slug in the order of the codes: the file, the transfer, the device, the evidence, the link."""


def fault(slug_or_code: str) -> Fault | None:
    """The fault of a slug (``chunk-missing``) or a code (``OTA202``, in any case), or None if there is none.

    Only the module of that fault is imported.
    """
    slug = _SLUG_OF_CODE.get(slug_or_code.upper(), slug_or_code)
    if slug not in SLUGS:
        return None
    found: Fault = import_module(f"{__name__}.{slug.replace('-', '_')}").FAULT
    return found


def all_faults() -> tuple[Fault, ...]:
    """Every registered fault in the order of the codes."""
    return tuple(found for slug in SLUGS if (found := fault(slug)) is not None)
