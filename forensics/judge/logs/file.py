"""Faults of the file that was sent, told from the log: broken before it was sent, for another chip, or no app image."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.judge.case import Case
from forensics.judge.logs.belonging import kinship
from forensics.judge.logs.compared import least_differences
from forensics.judge.logs.failures import Failure
from forensics.judge.logs.header import Mismatch, mismatches
from forensics.judge.logs.looks import (
    CHIP_ID_AT,
    ERASED_HALF,
    TEXT_FIRST_BYTES,
    Look,
    chip_words,
    is_known_chip,
    is_text_version,
    look_of,
    text_of,
)
from forensics.judge.logs.wording import finding
from forensics.judge.wording import Advice
from forensics.model.finding import Certainty, Finding, Where
from forensics.model.log import LogSegment
from forensics.spec.chips import CHIPS
from forensics.spec.esp_image import IMAGE_MAGIC

_OF_THE_FILE = ("invalid_segment_length", "checksum_failed", "hash_failed", "segment_count")
_LETTER_P = 0x50
_BOOTLOADERS_END = 0x8000
_OR_A_REQUEST = "'P' is also how an HTTP request (POST) begins, when a browser or HTTP client connects to the port"
_LARGEST_BOOTLOADER = 0x10000
REACHED_BY_24_BITS = 0x1000000
"""16 MiB: quad SPI flash is read no further without addresses of 32 bits (CONFIG_BOOTLOADER_CACHE_32BIT_ADDR_QUAD_FLASH)."""
_SEND_THE_APP = Advice(
    Where.FILE,
    "send the app alone: build/<project>.bin, micropython.bin, or firmware.bin of PlatformIO, and no *-merged.bin, "
    "*.factory.bin or bootloader.bin, which are for address 0x0 or 0x1000",
)

EFUSE_KINDS = ("efuse_rev_too_low", "efuse_rev_too_high")


def detect_broken(case: Case) -> Iterator[Finding]:
    """OTA103: the walk over SENT fails exactly as the log does."""
    sent = case.sent
    if sent is None or sent.accepted:
        return
    for failure in case.failures_of(*_OF_THE_FILE):
        made = [walk for walk in case.sent_walks.get(failure.walk.lines[0], ()) if walk.errors]
        if least_differences(failure.walk, made) != ():
            continue
        if failure.walk.segments and not kinship(failure.walk, sent).complete:
            continue
        yield finding(
            "image-invalid",
            Certainty.PROVEN,
            f"{sent.name} was broken before it was sent: the device's walk over it ends as the log does",
            failure=failure,
            where=Where.FILE,
            notes=("every value in the log is that of the file itself, so nothing shows a fault of the transfer",),
        )
        return


def detect_chip(case: Case) -> Iterator[Finding]:
    """OTA104: a known chip, and not that of the device."""
    for one in mismatches(case):
        header = case.sent.image.header if case.sent else None
        if one.found == ERASED_HALF or not is_known_chip(one.found) or (header and header.chip_id != one.found):
            continue
        yield finding(
            "wrong-chip",
            Certainty.PROVEN if header is not None else Certainty.LIKELY,
            f"the image is for chip {chip_words(one.found)} and the device is chip {chip_words(one.expected)}",
            failure=one.failure,
            lines=one.lines,
            where=Where.FILE,
            notes=(
                None if header is not None else "the same id in the file that was sent proves it (otadiff inspect sent.bin)",
            ),
            values={"expected": one.expected, "found": one.found},
        )


def detect_foreign_file(case: Case) -> Iterator[Finding]:
    """OTA101, OTA102 and OTA213: a first byte, a chip id, a revision or a load address that no app image has."""
    for failure in case.failures_of("ota_invalid_magic_byte"):
        yield from _first_byte(case, failure)
    for one in mismatches(case):
        yield from _chip_id(one)
    for failure in case.failures_of(*EFUSE_KINDS):
        versions = [value for name, value in failure.error.fields.items() if name in ("min", "max")]
        texts = [value for value in versions if isinstance(value, str) and is_text_version(value)]
        if texts:
            yield finding(
                "merged-image",
                Certainty.LIKELY,
                f"no app image was sent: the revision {texts[0]} is made of letters, read where an app has its descriptor",
                failure=failure,
                where=Where.FILE,
                notes=("a bootloader, a merged image or another file has text at offset 0xd0",),
            )
    yield from _bootloader(case)


def _first_byte(case: Case, failure: Failure) -> Iterator[Finding]:
    saw = failure.number("saw")
    content = bytes([saw & 0xFF])
    sent = case.sent.data[:1] if case.sent else b""
    look = look_of(content)
    if sent == content and sent != bytes([IMAGE_MAGIC]) and case.sent is not None:
        kind = case.sent.kind
        yield finding(
            "merged-image" if kind.kind == "merged" else "not-an-app-image",
            Certainty.PROVEN,
            f"{case.sent.name} is no app image but {kind.words}: it begins with 0x{saw:02x}, as the device saw",
            failure=failure,
            where=Where.FILE,
            notes=(kind.advice or None,),
        )
    elif not sent and look is not None:
        notes = (_OR_A_REQUEST,) if saw == _LETTER_P else ()
        yield _other_file(look, f"the first byte is 0x{saw:02x}{_quoted(saw)}", failure=failure, notes=notes)
    elif not sent and saw == 0xFF:
        yield finding(
            "merged-image",
            Certainty.POSSIBLE,
            "a merged image may have been sent: it begins with 0xff, as its padding in front of the bootloader does",
            failure=failure,
            where=Where.FILE,
            help=(_SEND_THE_APP,),
        )
    elif saw in TEXT_FIRST_BYTES:
        yield finding(
            "text-encoded",
            Certainty.POSSIBLE if saw in (0x45, 0x65) and not sent else Certainty.LIKELY,
            f"the image was sent as {TEXT_FIRST_BYTES[saw]} text: the first byte is 0x{saw:02x}{_quoted(saw)}",
            failure=failure,
            where=Where.SENDER,
        )


def _quoted(byte: int) -> str:
    return f", '{chr(byte)}'" if 0x20 < byte < 0x7F else ""


def _other_file(
    look: Look, why: str, *, failure: Failure | None, lines: tuple[int, ...] = (), notes: tuple[str, ...] = ()
) -> Finding:
    """What the device took for an image begins as another kind of file does."""
    return finding(
        "not-an-app-image",
        Certainty.LIKELY,
        f"{look.words} was sent instead of the image: {why}",
        failure=failure,
        lines=lines,
        where=Where.FILE,
        notes=(*notes, "the server answered with something else than the file" if look.web else None),
        help=(Advice(Where.SENDER if look.web else Where.FILE, look.change),),
    )


def _chip_id(one: Mismatch) -> Iterator[Finding]:
    """A chip id that is two letters of a text."""
    content = (one.found & 0xFFFF).to_bytes(2, "little")  # the field has 16 bits, whatever a paste made of the number
    text = text_of(content)
    look = look_of(content, CHIP_ID_AT)
    if is_known_chip(one.found) or text is None:
        return
    if look is not None:
        begins = look.begins.decode("latin-1").rstrip()
        why = f"chip id {one.found} is {text} of {begins}"
        yield _other_file(look, why, failure=one.failure, lines=one.lines)
        return
    yield finding(
        "not-an-app-image",
        Certainty.LIKELY,
        f"the file that was sent is text, not an image: chip id {one.found} is the text {text}",
        failure=one.failure,
        lines=one.lines,
        where=Where.FILE,
        notes=("an error or log-in page, a redirect or a script has text where an image has its chip id",),
    )


def _bootloader(case: Case) -> Iterator[Finding]:
    """Segment 0 of an app is mapped, and loads no code: an image that begins otherwise is a bootloader."""
    for walk in case.log.passes:
        first = walk.segments[0] if walk.segments else None
        refused = [one for one in case.failures_of("segment_invalid", "segment_overlaps_bootloader") if one.walk is walk]
        at_zero = [one for one in refused if one.number("index") == 0]
        loads = first is not None and first.index == 0 and _is_all_ram(walk.segments)
        if walk.image_start is not None and walk.image_start >= REACHED_BY_24_BITS:
            continue  # flash reads wrap there, and what was read is the bootloader at the bottom
        started = [one for one in case.events("app_loaded", "ota_succeeded") if one.line > walk.lines[1]]
        if not at_zero and not (loads and (walk.image_start or 0) > _BOOTLOADERS_END and not started):
            continue
        lines = [segment.line for segment in walk.segments]
        where = f"0x{at_zero[0].number('start'):08x}" if at_zero else f"0x{first.vaddr:08x}" if first else ""
        yield finding(
            "merged-image",
            Certainty.LIKELY,
            f"a bootloader or merged image was sent, not the app: segment 0 loads to {where}, where bootloaders load",
            lines=(*lines, *(line for one in at_zero for line in one.lines)),
            where=Where.FILE,
            notes=("an app maps its segment 0 from flash, and a bootloader loads all its segments into RAM",),
            help=(_SEND_THE_APP,),
            benign=bool(at_zero) and at_zero[0].benign,
        )
        return


def _is_all_ram(segments: tuple[LogSegment, ...]) -> bool:
    """No segment is mapped, each loads into the RAM of a chip, and together they are as small as a bootloader."""
    in_ram = all(
        not one.map and any(chip.region(one.vaddr) and not chip.maps(one.vaddr) for chip in CHIPS) for one in segments
    )
    return in_ram and len(segments) > 1 and sum(one.size for one in segments) < _LARGEST_BOOTLOADER
