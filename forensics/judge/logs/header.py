"""OTA304 to OTA306: the image header is not what the device wants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from forensics.judge.case import Case
from forensics.judge.logs.failures import Failure
from forensics.judge.logs.looks import (
    ERASED_HALF,
    PROTOCOL_FIRST_BYTES,
    chip_words,
    first_byte_words,
    is_known_chip,
    is_text_version,
)
from forensics.judge.logs.wording import finding, read_back, with_sent
from forensics.judge.wording import Advice
from forensics.model.finding import Certainty, Finding, Where
from forensics.model.log import LogPass
from forensics.spec.chunk_sizes import USUAL_SIZES
from forensics.spec.esp_image import IMAGE_MAGIC

REVISION_KINDS = ("chip_rev_too_low", "chip_rev_too_high", "efuse_rev_too_low", "efuse_rev_too_high")
_NO_HEADER = frozenset(("invalid_magic_byte", "segment_count"))
"""Objections that show that no image header is there: what was read from its other fields says nothing."""

_LARGEST_REVISION = 100
"""No chip has a major revision near this; larger ones are bytes of something else."""

_ENCRYPTED = (
    "several fields of the header are noise: the slot holds other data, or it was encrypted (flash encryption, a "
    "pre-encrypted file) and read without decryption"
)


_PLAIN = (
    "send the plain image and let esp_ota_write encrypt it; a file encrypted before goes through esp_encrypted_img, and "
    "one for another device's key is of no use"
)
_DESCRIPTOR = (
    "send an app image with ESP-IDF's app descriptor at its start (esp_app_desc; in Rust the macro esp_app_desc!()), whole "
    "and from its first byte on"
)


class Mismatch(NamedTuple):
    """A chip id that the device refused, and the objection of the verifier where it was that."""

    expected: int
    found: int
    lines: tuple[int, ...]
    failure: Failure | None = None


def mismatches(case: Case) -> list[Mismatch]:
    """The chip ids of headers that may be image headers."""
    by_verifier = [
        Mismatch(one.number("expected"), one.number("found"), one.lines, one)
        for one in case.failures_of("chip_id_mismatch")
        if not _is_noise(one.walk)
    ]
    return [*by_verifier, *_by_update_client(case)]


def _by_update_client(case: Case) -> Iterator[Mismatch]:
    for event in case.events("https_chip_mismatch"):
        expected, found = event.fields.get("expected"), event.fields.get("found")
        if isinstance(expected, int) and isinstance(found, int):
            yield Mismatch(expected, found, (event.line,))


def _is_noise(walk: LogPass) -> bool:
    return any(error.kind in _NO_HEADER for error in walk.errors)


def detect_magic(case: Case) -> Iterator[Finding]:
    """OTA304, from the first write and from the slot."""
    for failure in case.failures_of("ota_invalid_magic_byte"):
        yield _first_write(case, failure)
    for failure in case.failures_of("invalid_magic_byte"):
        modes = [error for error in failure.walk.errors if error.kind in ("invalid_spi_mode", "invalid_spi_size")]
        values = ", ".join(f"{error.kind.removeprefix('invalid_spi_')} {error.fields.get('value')}" for error in modes)
        others = [error for error in failure.walk.errors if error.kind in ("chip_id_mismatch", *REVISION_KINDS)]
        noise = len(modes) + len(others) > 1
        what = "holds noise where the image header should be" if noise else "does not begin with 0xe9"
        yield finding(
            "magic-invalid",
            Certainty.PROVEN,
            f"the slot at 0x{failure.number('address'):x} {what}" + (f" (SPI {values})" if values else ""),
            failure=failure,
            lines=[error.line for error in (*modes, *others)],
            notes=(_ENCRYPTED if values or others or case.events("flash_encrypted") else None,),
            help=(*((Advice(Where.FILE, _PLAIN),) if noise else ()), *read_back(case, failure)),
            changes=(),
        )
    for failure in case.failures_of("segment_count"):
        yield finding(
            "magic-invalid",
            Certainty.PROVEN,
            f"the image header at 0x{failure.number('address'):x} names {failure.number('value')} segments: 16 is the most",
            failure=failure,
            notes=("the byte is the second of the image: bytes are shifted, or this is no app image",),
            help=read_back(case, failure),
        )
    yield from _spi_alone(case)


def _spi_alone(case: Case) -> Iterator[Finding]:
    """The warnings about byte 2 and byte 3, where the line about the first byte is not in the paste."""
    for failure in case.failures_of("invalid_spi_mode", "invalid_spi_speed", "invalid_spi_size"):
        if any(error.kind == "invalid_magic_byte" for error in failure.walk.errors):
            continue
        what = failure.error.kind.removeprefix("invalid_spi_")
        yield finding(
            "magic-invalid",
            Certainty.LIKELY,
            f"no image header is at 0x{failure.number('address'):x}: its SPI {what} would be {failure.number('value')}",
            failure=failure,
            notes=("erased flash gives mode 255 and size 15",),
            help=read_back(case, failure),
        )


def _first_write(case: Case, failure: Failure) -> Finding:
    saw = failure.number("saw")
    words = first_byte_words(saw)
    return finding(
        "magic-invalid",
        Certainty.PROVEN,
        f"the first byte that was written is 0x{saw:02x} instead of 0xe9",
        failure=failure,
        where=Where.SENDER if saw in PROTOCOL_FIRST_BYTES else Where.UNKNOWN,
        notes=(
            f"0x{saw:02x}: {words}" if words else None,
            _in_sent(case, saw),
            "nothing was written to flash: esp_ota_write looks at the first byte before it writes",
        ),
        help=with_sent(case, "the byte is looked up at the beginnings of its chunks"),
    )


def _in_sent(case: Case, saw: int) -> str | None:
    """The chunks of SENT that begin with the byte: the first of them was lost, if it is the second chunk."""
    if case.sent is None or saw > 0xFF:
        return None
    data = case.sent.data
    if data[:1] == bytes([saw]) and saw != IMAGE_MAGIC:
        return f"{case.sent.name} begins with this byte itself"
    fits = [size for size in case.chunk_sizes or USUAL_SIZES if data[size : size + 1] == bytes([saw])]
    if not fits:
        return f"no second chunk of {case.sent.name} begins with it, of the usual chunk sizes"
    named = " or ".join(str(size) for size in fits[:4])
    return (
        f"the second chunk of {case.sent.name} begins with it when chunks have {named} bytes: then the first chunk was lost"
    )


def detect_chip(case: Case) -> Iterator[Finding]:
    """OTA305: the device's own line."""
    for one in mismatches(case):
        absurd = not is_known_chip(one.found)
        header = case.sent.image.header if case.sent else None
        damaged = header is not None and header.chip_id != one.found
        noise = absurd and one.found != ERASED_HALF and _odd_revision(one, case)
        notes = []
        if one.found == ERASED_HALF:
            notes.append("65535 is erased flash")
        elif absurd:
            notes.append("no chip has this id: the header is damaged, shifted or encrypted, or this is no image")
        if damaged and header is not None and case.sent is not None:
            notes.append(
                f"{case.sent.name} has chip id {chip_words(header.chip_id)}: the header was damaged on the way, or "
                "another file was sent"
            )
        yield finding(
            "chip-mismatch",
            Certainty.LIKELY if noise else Certainty.PROVEN,
            f"the device is chip {chip_words(one.expected)} and read chip id {chip_words(one.found)} in the image header",
            failure=one.failure,
            lines=one.lines,
            where=Where.UNKNOWN if absurd or damaged else Where.FILE,
            notes=(*notes, _ENCRYPTED if noise else None),
            help=read_back(case, one.failure) if one.failure and (absurd or damaged) else (),
            values={"expected": one.expected, "found": one.found},
        )


def _odd_revision(one: Mismatch, case: Case) -> bool:
    """The same header, or one that was read beside it, asks for a revision that no chip has."""
    for failure in case.failures_of(*REVISION_KINDS):
        values = [value for value in failure.error.fields.values() if isinstance(value, int)]
        if max(values, default=0) > _LARGEST_REVISION:
            return True
    return False


def detect_revision(case: Case) -> Iterator[Finding]:
    """OTA306, with the labels of the old line put right."""
    for failure in case.failures_of(*REVISION_KINDS):
        if _is_noise(failure.walk):
            continue
        fields = failure.error.fields
        limit, chip = fields.get("min", fields.get("max")), fields.get("chip")
        what = "eFuse block" if failure.error.kind.startswith("efuse") else "chip"
        swapped = False
        if limit is None:
            expected, found = failure.number("expected"), failure.number("found")
            swapped = expected < found
            limit, chip = f"v{max(expected, found)}", f"v{min(expected, found)}"
        odd = _is_odd(limit)
        bound = "at most" if failure.error.kind.endswith("high") else "at least"
        yield finding(
            "revision-mismatch",
            Certainty.LIKELY if odd else Certainty.PROVEN,
            f"the image wants {what} revision {bound} {limit} and the device has {chip}",
            failure=failure,
            where=Where.UNKNOWN if odd else Where.FILE,
            help=(Advice(Where.FILE, _DESCRIPTOR),) if odd else (),
            changes=() if odd else None,
            notes=(
                'the line has its labels swapped (v3.1.7 to v4.2): "expected" is the chip\'s, "found" the image\'s'
                if swapped
                else None,
                "no chip has such a revision: ordinary bytes are where the app descriptor should be, so the image has none, "
                "or bytes before it were lost"
                if odd
                else None,
            ),
        )


def _is_odd(limit: int | str) -> bool:
    """Letters, or a number that no chip has: the field is no revision."""
    if not isinstance(limit, str):
        return False
    major = limit.removeprefix("v").partition(".")[0]
    return is_text_version(limit) or (major.isdecimal() and int(major[:9]) >= _LARGEST_REVISION)
