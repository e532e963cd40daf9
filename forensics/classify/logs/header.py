"""OTA304 to OTA306: the image header is not what the device wants."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.classify.logs.facts import Failure, LogFacts
from forensics.classify.logs.file import EFUSE_KINDS
from forensics.classify.logs.wording import finding, healed_note, read_back, versions_note, with_sent
from forensics.classify.logs.wrong_bytes import (
    ERASED_HALF,
    PROTOCOL_FIRST_BYTES,
    chip_words,
    first_byte_words,
    is_text_version,
)
from forensics.model.finding import Certainty, Finding, Where
from forensics.spec.chips import chip_by_id
from forensics.spec.esp_image import IMAGE_MAGIC

REVISION_KINDS = ("chip_rev_too_low", "chip_rev_too_high", *EFUSE_KINDS)
_USUAL_CHUNKS = (244, 512, 509, 500, 510, 182, 180, 185, 495, 253, 256, 128, 20)


def detect_magic(facts: LogFacts) -> Iterator[Finding]:
    """OTA304, from the first write and from the slot."""
    for failure in facts.of_kind("ota_invalid_magic_byte"):
        yield _first_write(facts, failure)
    for failure in facts.of_kind("invalid_magic_byte"):
        modes = [error for error in failure.walk.errors if error.kind in ("invalid_spi_mode", "invalid_spi_size")]
        values = ", ".join(f"{error.kind.removeprefix('invalid_spi_')} {error.fields.get('value')}" for error in modes)
        yield finding(
            "magic-invalid",
            Certainty.PROVEN,
            f"the slot at 0x{failure.number('address'):x} does not begin with 0xe9" + (f" (SPI {values})" if values else ""),
            lines=(*failure.lines, *(error.line for error in modes)),
            notes=(
                healed_note(failure),
                "with flash encryption an image that was written in plain reads as noise" if values else None,
                versions_note(failure.walk.idf_versions),
            ),
            help=read_back(facts, failure),
            benign=failure.benign,
        )
    for failure in facts.of_kind("segment_count"):
        yield finding(
            "magic-invalid",
            Certainty.PROVEN,
            f"no image header is at 0x{failure.number('address'):x}: it would have {failure.number('value')} segments, "
            "and 16 is the most",
            lines=failure.lines,
            notes=(healed_note(failure), "the byte is the second of the image: bytes are shifted, or this is no app image"),
            help=read_back(facts, failure),
            benign=failure.benign,
        )
    yield from _spi_alone(facts)
    for event in facts.events("update_error"):
        if event.fields.get("code") == 8:
            yield finding(
                "magic-invalid", Certainty.PROVEN, "the first byte that was written is not 0xe9", lines=(event.line,)
            )


def _spi_alone(facts: LogFacts) -> Iterator[Finding]:
    """The warnings about byte 2 and byte 3, where the line about the first byte is not in the paste."""
    for failure in facts.of_kind("invalid_spi_mode", "invalid_spi_speed", "invalid_spi_size"):
        if any(error.kind == "invalid_magic_byte" for error in failure.walk.errors):
            continue
        what = failure.error.kind.removeprefix("invalid_spi_")
        yield finding(
            "magic-invalid",
            Certainty.LIKELY,
            f"no image header is at 0x{failure.number('address'):x}: its SPI {what} would be {failure.number('value')}",
            lines=failure.lines,
            notes=(healed_note(failure), "erased flash gives mode 255 and size 15"),
            help=read_back(facts, failure),
            benign=failure.benign,
        )


def _first_write(facts: LogFacts, failure: Failure) -> Finding:
    saw = failure.number("saw")
    words = first_byte_words(saw)
    return finding(
        "magic-invalid",
        Certainty.PROVEN,
        f"the first byte that was written is 0x{saw:02x} instead of 0xe9{f': {words}' if words else ''}",
        lines=failure.lines,
        where=Where.SENDER if saw in PROTOCOL_FIRST_BYTES else Where.UNKNOWN,
        notes=(_in_sent(facts, saw), "nothing was written to flash: esp_ota_write looks at the first byte before it writes"),
        help=with_sent(facts, "the byte is looked up at the beginnings of its chunks"),
        benign=failure.benign,
    )


def _in_sent(facts: LogFacts, saw: int) -> str | None:
    """The chunks of SENT that begin with the byte: the first of them was lost, if it is the second chunk."""
    if facts.sent is None or saw > 0xFF:
        return None
    data = facts.sent.data
    if data[:1] == bytes([saw]) and saw != IMAGE_MAGIC:
        return f"{facts.sent.name} begins with this byte itself"
    sizes = facts.chunk_sizes or _USUAL_CHUNKS
    fits = [size for size in sizes if data[size : size + 1] == bytes([saw])]
    if not fits:
        return f"no second chunk of {facts.sent.name} begins with it, of the usual chunk sizes"
    named = " or ".join(str(size) for size in fits[:4])
    return (
        f"the second chunk of {facts.sent.name} begins with it when chunks have {named} bytes: then the first chunk was lost"
    )


def detect_chip(facts: LogFacts) -> Iterator[Finding]:
    """OTA305: the device's own line."""
    for failure in facts.of_kind("chip_id_mismatch"):
        found, expected = failure.number("found"), failure.number("expected")
        absurd = chip_by_id(found) is None
        header = facts.sent.image.header if facts.sent else None
        damaged = header is not None and header.chip_id != found
        notes = [healed_note(failure)]
        if found == ERASED_HALF:
            notes.append("65535 is erased flash")
        elif absurd:
            notes.append("no chip has this id: the header bytes are damaged or shifted, or this is no image")
        if damaged and header is not None and facts.sent is not None:
            notes.append(
                f"{facts.sent.name} has chip id {chip_words(header.chip_id)}: the header was damaged on the way, or "
                "another file was sent"
            )
        yield finding(
            "chip-mismatch",
            Certainty.PROVEN,
            f"the device is chip {chip_words(expected)} and read chip id {chip_words(found)} in the image header",
            lines=failure.lines,
            where=Where.UNKNOWN if absurd or damaged else Where.FILE,
            notes=notes,
            help=read_back(facts, failure) if absurd or damaged else (),
            benign=failure.benign,
        )


def detect_revision(facts: LogFacts) -> Iterator[Finding]:
    """OTA306, with the labels of the old line put right."""
    for failure in facts.of_kind(*REVISION_KINDS):
        fields = failure.error.fields
        limit, chip = fields.get("min", fields.get("max")), fields.get("chip")
        what = "eFuse block" if failure.error.kind in EFUSE_KINDS else "chip"
        swapped = False
        if limit is None:
            expected, found = failure.number("expected"), failure.number("found")
            swapped = expected < found
            limit, chip = f"v{max(expected, found)}", f"v{min(expected, found)}"
        nonsense = isinstance(limit, str) and is_text_version(limit)
        bound = "at most" if failure.error.kind.endswith("high") else "at least"
        yield finding(
            "revision-mismatch",
            Certainty.PROVEN,
            f"the image wants {what} revision {bound} {limit} and the device has {chip}",
            lines=failure.lines,
            where=Where.FILE,
            notes=(
                healed_note(failure),
                'the line has its labels swapped (v3.1.7 to v4.2): "expected" is the chip\'s, "found" the image\'s'
                if swapped
                else None,
                "the wanted revision is made of letters: segment 0 is no app descriptor" if nonsense else None,
                versions_note(failure.walk.idf_versions),
            ),
            benign=failure.benign,
        )
