"""The registered faults and what ``otadiff explain`` says of each: one Markdown file a fault, read when asked for.

A file is named by its code. Its heading holds code, slug and title; then come the meaning and one section for each
row of ``SECTIONS``. Codes are never reused; a new fault takes the next free code of its group and one row here.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from forensics.model.finding import Explanation, Fault

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
    "OTA317": "update-refused",
    "OTA318": "flash-access-failed",
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

CODES: dict[str, str] = {slug: code for code, slug in _SLUG_OF_CODE.items()}
"""The code of each slug."""

SECTIONS = {
    "What you see": "symptoms",
    "Why it happens over BLE": "causes",
    "How to confirm": "confirm",
    "How to fix it in the sender": "fix_sender",
    "How to fix it on the device": "fix_device",
    "Not to be confused with": "confused_with",
    "Sources": "sources",
}
"""The headings of a file in order, and the part of an ``Explanation`` that each holds as a list."""


def fault(slug_or_code: str) -> Fault | None:
    """The fault of a slug (``chunk-missing``) or a code (``OTA202``, in any case), or None if there is none.

    Only the file of that fault is read.
    """
    slug = _SLUG_OF_CODE.get(slug_or_code.upper(), slug_or_code)
    return _read(CODES[slug]) if slug in CODES else None


def all_faults() -> tuple[Fault, ...]:
    """Every registered fault in the order of the codes."""
    return tuple(_read(code) for code in _SLUG_OF_CODE)


def page(code: str) -> str:
    """The Markdown of the fault ``code``, as it is in the file."""
    return Path(__file__).with_name(f"{code}.md").read_text(encoding="utf-8")


@cache
def _read(code: str) -> Fault:
    heading, *sections = page(code).split("\n## ")
    name, _, meaning = heading.removeprefix("# ").partition("\n")
    slug, _, title = name.removeprefix(f"{code} ").partition(": ")
    lists = {SECTIONS[title]: _items(text) for title, _, text in (section.partition("\n") for section in sections)}
    return Fault(code=code, slug=slug, title=title, explanation=Explanation(meaning=_joined(meaning), **lists))


def _items(text: str) -> tuple[str, ...]:
    return tuple(_joined(item) for item in f"\n{text}".split("\n- ")[1:])


def _joined(text: str) -> str:
    """A paragraph as one line."""
    return " ".join(text.split())
