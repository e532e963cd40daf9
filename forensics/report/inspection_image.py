"""The image of an inspection: header, segments, checksum, digest, signatures and trailing bytes."""

from __future__ import annotations

import re

from forensics.model.check import Check, Outcome
from forensics.model.flash import SignatureBlock, TrailingBytes
from forensics.model.image import AppDescriptor, EspImage, ImageHeader, Segment
from forensics.model.inspection import Inspection
from forensics.report.facts import Fact, SegmentRow, SegmentTable
from forensics.report.page import Role
from forensics.report.words import counted, hex_offset, hex_range
from forensics.spec.chips import Chip, chip_by_name
from forensics.spec.spi_flash import flash_mode_name, flash_size_name, flash_speed_name

_PIN_OFF = 0xEE
"""``wp_pin`` of an image that leaves the write-protect pin alone (``WP_PIN_DISABLED``)."""
_UNIT = re.compile(r"(?<=\d)(m|[KM]B)\b")
"""The unit in a name of esptool's, which writes ``80m`` and ``4MB``."""
_NO_LIMIT = (0, 0xFFFF)
_CONTENT = {
    "erased": "erased (0xFF)",
    "zero": "zeros",
    "digest": "that are the SHA-256 of the image and agree,",
    "mapped": "of code and constants in flash, which no checksum covers,",
    "unknown": "of unknown content",
}


def identity_facts(image: EspImage, inspection: Inspection | None) -> tuple[Fact, ...]:
    """What the image calls itself, and its header."""
    header = image.header
    facts = _name_facts(image, inspection)
    if inspection is not None and inspection.names:
        named = ", ".join(f"{one.what} {one.name}" for one in inspection.names)
        facts.append(Fact(name="named", words=f"by texts in it: {named}"))
    if header is not None:
        chip = chip_by_name(image.chip) if image.chip else None
        facts += _header_facts(header, chip, image)
    return tuple(facts)


def integrity_facts(image: EspImage, inspection: Inspection | None) -> tuple[Fact, ...]:
    """Checksum, digest, and what stands behind the image."""
    facts = []
    if image.header is not None:
        facts = [_checksum_fact(image), *_digest_facts(image, image.header)]
    if inspection is not None:
        facts += _trailing_facts(image, inspection.trailing)
    return tuple(facts)


def _name_facts(image: EspImage, inspection: Inspection | None) -> list[Fact]:
    app = image.app
    if app is not None:
        when = " ".join(part for part in (app.date, app.time, "with") if part)
        limits = _limits(app.min_efuse_blk_rev_full, app.max_efuse_blk_rev_full)
        return [
            _project_fact(app),
            Fact(name="built", words=f"{when} ESP-IDF {app.idf_ver or '(not said)'}"),
            Fact(name="asks for", words=f"secure version {app.secure_version}, eFuse block revision {limits}"),
        ]
    if inspection is not None and inspection.bootloader is not None:
        boot = inspection.bootloader
        when = f"{boot.date_time} with" if boot.date_time else "with"
        return [Fact(name="built", words=f"{when} ESP-IDF {boot.idf_ver}, bootloader version {boot.version}")]
    if inspection is None or inspection.kind.kind == "app":
        return [Fact(name="project", words="not said: segment 0 begins with no app descriptor", role=Role.QUIET)]
    return []


def _project_fact(app: AppDescriptor) -> Fact:
    words = f"{app.project_name or '(no name)'}, version {app.version or '(none)'}"
    if app.library:
        words = f"{app.library}; the descriptor does not say which app (ELF {app.app_elf_sha256[:16]})"
    return Fact(name="project", words=words)


def _header_facts(header: ImageHeader, chip: Chip | None, image: EspImage) -> list[Fact]:
    speed = _spaced(flash_speed_name(header.spi_speed, chip))
    size = _spaced(flash_size_name(header.spi_size, chip))
    flash = f"{flash_mode_name(header.spi_mode)}, {speed}, {size}"
    segments = counted(header.segment_count, "segment")
    rest = [f"flash {flash}"]
    if image.chip != "ESP8266":
        name = image.chip or "not in the chip table"
        rest.append(f"chip id {header.chip_id} ({name})")
        limits = _limits(header.min_chip_rev_full, header.max_chip_rev_full)
        rest.append(f"chip revision {limits} (older field: {header.min_chip_rev})")
        pin = "off" if header.wp_pin == _PIN_OFF else str(header.wp_pin)
        rest.append(f"write-protect pin {pin}")
        rest.append(f"drive strengths {header.spi_pin_drv.hex(' ')}")
        rest.append("digest appended" if header.hash_appended else "no digest appended")
    return [
        Fact(name="header", words=f"magic 0x{header.magic:02x}, {segments}, entry 0x{header.entry_addr:08x}"),
        Fact(name="", words=", ".join(rest)),
    ]


def _spaced(name: str) -> str:
    """``80 MHz`` and ``4 MB`` for the ``80m`` and ``4MB`` of esptool."""
    return _UNIT.sub(lambda unit: " MHz" if unit[0] == "m" else f" {unit[0]}", name)


def _limits(low: int, high: int) -> str:
    """The revisions from ``low`` to ``high``, each major * 100 + minor."""
    if high in _NO_LIMIT:
        return f"{_revision(low)} or later"
    return f"{_revision(low)} to {_revision(high)}"


def _revision(number: int) -> str:
    return f"v{number // 100}.{number % 100}"


def segment_table(image: EspImage, inspection: Inspection | None, checks: tuple[Check, ...]) -> SegmentTable | None:
    """The segments and what the device does with each; None when none can be read."""
    if not image.segments:
        return None
    place = inspection.partition_offset if inspection else None
    rows = tuple(
        SegmentRow(
            cells=(
                str(segment.index),
                hex_offset(segment.data.start),
                *((hex_offset(place + segment.data.start),) if place is not None else ()),
                f"0x{segment.load_addr:08x}",
                segment.region or "unknown",
                str(segment.data_len) if segment.data_len < 1 << 24 else f"0x{segment.data_len:x}",
                _deed(segment, checks),
            ),
            bad=_failed(segment, checks),
        )
        for segment in image.segments
    )
    broken = ""
    if not image.complete:
        said = f"{len(image.segments)} of {image.header.segment_count if image.header else 0} segments can be read"
        broken = f"the chain breaks off: {said}"
    heads = ("#", "file", *(("flash",) if place is not None else ()), "load", "region", "bytes", "the device")
    return SegmentTable(heads=heads, rows=rows, broken=broken)


def _failed(segment: Segment, checks: tuple[Check, ...]) -> bool:
    return any(
        check.step == f"segment-{segment.index}" and Outcome.FAILED in (check.outcome, check.would) for check in checks
    )


def _deed(segment: Segment, checks: tuple[Check, ...]) -> str:
    if _failed(segment, checks):
        return "refuses it"
    missing = segment.data_len - segment.data.size
    if missing and segment.data_len < 1 << 24:
        return f"finds {segment.data.size} of them"
    reached = not any(check.step == f"segment-{segment.index}" and check.outcome is Outcome.NOT_REACHED for check in checks)
    if segment.load_addr == 0 and not segment.mapped:
        # esptool puts padding between mapped segments there, and the loader leaves it out (should_load).
        return "skips it" if reached else "would skip it"
    if segment.region is None:
        return "knows no such address"
    deed = "map" if segment.mapped else "copy"
    done = {"map": "maps", "copy": "copies"}[deed]
    return f"{done} it" if reached else f"would {deed} it"


def _checksum_fact(image: EspImage) -> Fact:
    stored, calculated = image.checksum_stored, image.checksum_calculated
    if stored is None or calculated is None:
        return Fact(name="checksum", words="not there: the image ends before it", role=Role.BAD)
    agree = stored == calculated
    words = f"stored 0x{stored:02x}, calculated 0x{calculated:02x}{': agree' if agree else ': DIFFER'}"
    return Fact(name="checksum", words=words, role=Role.GOOD if agree else Role.BAD)


def _digest_facts(image: EspImage, header: ImageHeader) -> list[Fact]:
    if not header.hash_appended:
        words = "none appended: the checksum alone protects the image"
        if image.chip == "ESP8266":
            words = "an ESP8266 image has none"
        return [Fact(name="digest", words=words, role=Role.QUIET)]
    stored, calculated = image.digest_stored, image.digest_calculated
    if stored is None or calculated is None:
        return [Fact(name="digest", words="not there: the image ends before it", role=Role.BAD)]
    role, how = (Role.GOOD, "agree") if stored == calculated else (Role.BAD, "DIFFER")
    lines = (f"stored and calculated {how}", *dict.fromkeys((stored, calculated)))
    return [Fact(name="" if number else "digest", words=words, role=role) for number, words in enumerate(lines)]


def _trailing_facts(image: EspImage, trailing: TrailingBytes | None) -> list[Fact]:
    if trailing is None or image.image_size is None:
        return []
    facts = []
    for number, block in enumerate(trailing.signatures):
        state, role = _signature_state(block)
        words = f"{block.scheme} at {hex_range(block.span)}, {state}"
        facts.append(Fact(name="" if number else "signature", words=words, role=role))
        if block.key_digest:
            facts.append(Fact(name="", words=f"key digest, as the eFuse holds it: {block.key_digest}"))
    start = trailing.signatures[-1].span.end if trailing.signatures else trailing.span.start
    left = trailing.span.end - start
    if left:
        why = "the verifier does not read them"
        if trailing.content == "unknown":
            why += "; in a dump of a slot they are what an older image left"
        words = f"{counted(left, 'byte')} {_CONTENT.get(trailing.content, trailing.content)} from {hex_offset(start)}"
        facts.append(Fact(name="after it", words=f"{words}: {why}"))
    return facts


def _signature_state(block: SignatureBlock) -> tuple[str, Role]:
    if block.intact is False:
        return "its own CRC32 is WRONG", Role.BAD
    if block.signs_image is False:
        return "made for OTHER BYTES than these", Role.BAD
    if block.verified is None:
        return "not verified", Role.CAUTION
    return (
        ("verified with the key it carries", Role.GOOD) if block.verified else ("NOT made with the key it carries", Role.BAD)
    )
