"""Faults of the file that was sent, told from the log: broken before it was sent, or for another chip."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.classify.logs.belonging import kinship
from forensics.classify.logs.compared import least_differences
from forensics.classify.logs.facts import Failure, LogFacts
from forensics.classify.logs.wording import finding
from forensics.classify.logs.wrong_bytes import (
    ERASED_HALF,
    FOREIGN_FIRST_BYTES,
    TEXT_FIRST_BYTES,
    chip_words,
    first_byte_words,
    is_text_version,
)
from forensics.model.finding import Certainty, Finding, Where
from forensics.spec.chips import chip_by_id
from forensics.spec.esp_image import IMAGE_MAGIC

_OF_THE_FILE = ("invalid_segment_length", "checksum_failed", "hash_failed", "segment_count")
_MOST_WALKS = 20
"""Failures for which SENT is walked over."""

EFUSE_KINDS = ("efuse_rev_too_low", "efuse_rev_too_high")


def detect_broken(facts: LogFacts) -> Iterator[Finding]:
    """OTA103: the walk over SENT fails exactly as the log does."""
    sent = facts.sent
    if sent is None or facts.predict is None or sent.accepted:
        return
    for failure in facts.of_kind(*_OF_THE_FILE)[-_MOST_WALKS:]:
        made = [walk for walk in facts.predict(sent.data, failure.walk) if walk.errors]
        if least_differences(failure.walk, made) != ():
            continue
        if failure.walk.segments and not kinship(failure.walk, sent).complete:
            continue
        yield finding(
            "image-invalid",
            Certainty.PROVEN,
            f"{sent.name} was broken before it was sent: the device's walk over it ends as the log does",
            lines=failure.lines,
            where=Where.FILE,
            notes=("every value in the log is that of the file itself, so nothing shows a fault of the transfer",),
            benign=failure.benign,
        )
        return


def detect_chip(facts: LogFacts) -> Iterator[Finding]:
    """OTA104: a known chip, and not that of the device."""
    mismatches = [
        (one.number("expected"), one.number("found"), one.lines, one.benign) for one in facts.of_kind("chip_id_mismatch")
    ]
    for event in facts.events("https_chip_mismatch"):
        expected, found = event.fields.get("expected"), event.fields.get("found")
        if isinstance(expected, int) and isinstance(found, int):
            mismatches.append((expected, found, (event.line,), False))
    for expected, found, lines, benign in mismatches:
        if found == ERASED_HALF or chip_by_id(found) is None:
            continue
        header = facts.sent.image.header if facts.sent else None
        if header is not None and header.chip_id != found:
            continue
        yield finding(
            "wrong-chip",
            Certainty.PROVEN if header is not None else Certainty.LIKELY,
            f"the image is for chip {chip_words(found)} and the device is chip {chip_words(expected)}",
            lines=lines,
            where=Where.FILE,
            notes=(
                None if header is not None else "the same id in the file that was sent proves it (otadiff inspect sent.bin)",
            ),
            benign=benign,
        )


def detect_foreign_file(facts: LogFacts) -> Iterator[Finding]:
    """OTA101, OTA102 and OTA213: the first byte, or a revision, is that of something else than an app image."""
    for failure in facts.of_kind("ota_invalid_magic_byte"):
        yield from _first_byte(facts, failure)
    for failure in facts.of_kind(*EFUSE_KINDS):
        versions = [value for name, value in failure.error.fields.items() if name in ("min", "max")]
        texts = [value for value in versions if isinstance(value, str) and is_text_version(value)]
        if texts:
            yield finding(
                "merged-image",
                Certainty.LIKELY,
                f"no app image was sent: the revision {texts[0]} is made of letters, read where an app has its descriptor",
                lines=failure.lines,
                where=Where.FILE,
                notes=("a bootloader, a merged image or another file has text at offset 0xd0",),
                benign=failure.benign,
            )


def _first_byte(facts: LogFacts, failure: Failure) -> Iterator[Finding]:
    saw = failure.number("saw")
    words = first_byte_words(saw)
    sent = facts.sent.data[:1] if facts.sent else b""
    same_as_sent = sent == bytes([saw & 0xFF]) and sent != bytes([IMAGE_MAGIC])
    slug = "merged-image" if saw == 0xFF else "not-an-app-image" if saw in FOREIGN_FIRST_BYTES else None
    if same_as_sent and facts.sent is not None:
        kind = facts.sent.kind
        slug = "merged-image" if kind.kind == "merged" else "not-an-app-image"
        yield finding(
            slug,
            Certainty.PROVEN,
            f"{facts.sent.name} is no app image but {kind.words}: it begins with 0x{saw:02x}, as the device saw",
            lines=failure.lines,
            where=Where.FILE,
            notes=(kind.advice or None,),
        )
    elif sent == b"" and slug:
        yield finding(
            slug,
            Certainty.LIKELY if saw != 0xFF else Certainty.POSSIBLE,
            f"another file than the app image was sent: it begins with 0x{saw:02x}, {words}",
            lines=failure.lines,
            where=Where.FILE,
        )
    elif saw in TEXT_FIRST_BYTES:
        yield finding(
            "text-encoded",
            Certainty.LIKELY,
            f"the image was sent as {TEXT_FIRST_BYTES[saw]} text: the first byte is 0x{saw:02x}, {words}",
            lines=failure.lines,
            where=Where.SENDER,
        )
