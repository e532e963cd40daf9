"""The image of an inspection: header, segments, checksum, digest, signatures and trailing bytes."""

from __future__ import annotations

import re

from forensics.model.check import Check, Outcome
from forensics.model.flash import TrailingBytes
from forensics.model.image import EspImage, ImageHeader, Segment
from forensics.model.inspection import Inspection
from forensics.report.page import Page, Piece, Role
from forensics.report.terminal_overview import LABEL
from forensics.report.words import counted, hex_offset, hex_range
from forensics.spec.chips import Chip, chip_by_name
from forensics.spec.spi_flash import flash_mode_name, flash_size_name, flash_speed_name

_PIN_OFF = 0xEE
"""``wp_pin`` of an image that leaves the write-protect pin alone (``WP_PIN_DISABLED``)."""
_UNIT = re.compile(r"(?<=\d)(m|[KM]B)\b")
"""The unit in a name of esptool's, which writes ``80m`` and ``4MB``."""
_NO_LIMIT = (0, 0xFFFF)
_CONTENT = {"erased": "erased (0xFF)", "zero": "zeros", "unknown": "of unknown content"}


def add_image(page: Page, image: EspImage, inspection: Inspection | None, checks: tuple[Check, ...]) -> None:
    """Everything that the bytes of the image say."""
    _add_names(page, image, inspection)
    header = image.header
    if header is not None:
        chip = chip_by_name(image.chip) if image.chip else None
        _add_header(page, header, chip, image)
    if image.segments:
        _add_segments(page, image, inspection, checks)
    if header is not None:
        _add_checksum(page, image)
        _add_digest(page, image, header)
    if inspection is not None:
        _add_trailing(page, image, inspection.trailing)


def _row(page: Page, name: str, words: str, role: Role = Role.PLAIN) -> None:
    page.hanging((f"{name:<{LABEL}}", Role.STRONG), words, role)


def _add_names(page: Page, image: EspImage, inspection: Inspection | None) -> None:
    app = image.app
    if app is not None:
        _row(page, "project", f"{app.project_name or '(no name)'}, version {app.version or '(none)'}")
        when = " ".join(part for part in (app.date, app.time, "with") if part)
        _row(page, "built", f"{when} ESP-IDF {app.idf_ver or '(not said)'}")
        limits = _limits(app.min_efuse_blk_rev_full, app.max_efuse_blk_rev_full)
        _row(page, "asks for", f"secure version {app.secure_version}, eFuse block revision {limits}")
    elif inspection is not None and inspection.bootloader is not None:
        boot = inspection.bootloader
        when = f"{boot.date_time} with" if boot.date_time else "with"
        _row(page, "built", f"{when} ESP-IDF {boot.idf_ver}, bootloader version {boot.version}")
    elif inspection is None or inspection.kind.kind == "app":
        _row(page, "project", "not said: segment 0 begins with no app descriptor", Role.QUIET)


def _add_header(page: Page, header: ImageHeader, chip: Chip | None, image: EspImage) -> None:
    speed = _spaced(flash_speed_name(header.spi_speed, chip))
    size = _spaced(flash_size_name(header.spi_size, chip))
    flash = f"{flash_mode_name(header.spi_mode)}, {speed}, {size}"
    segments = counted(header.segment_count, "segment")
    _row(page, "header", f"magic 0x{header.magic:02x}, {segments}, entry 0x{header.entry_addr:08x}")
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
    page.hanging((" " * LABEL, Role.PLAIN), ", ".join(rest))


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


def _add_segments(page: Page, image: EspImage, inspection: Inspection | None, checks: tuple[Check, ...]) -> None:
    place = inspection.partition_offset if inspection else None
    heads = ["#", "file", *(["flash"] if place is not None else []), "load", "region", "bytes", "the device"]
    rows = [
        [
            str(segment.index),
            hex_offset(segment.data.start),
            *([hex_offset(place + segment.data.start)] if place is not None else []),
            f"0x{segment.load_addr:08x}",
            segment.region or "unknown",
            str(segment.data_len) if segment.data_len < 1 << 24 else f"0x{segment.data_len:x}",
            _deed(segment, checks),
        ]
        for segment in image.segments
    ]
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    for number, row in enumerate([heads, *rows]):
        lead = f"{'segments' if number == 0 else '':<{LABEL}}"
        cells = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        bad = number > 0 and _failed(image.segments[number - 1], checks)
        role = Role.QUIET if number == 0 else Role.BAD if bad else Role.PLAIN
        page.add((lead, Role.STRONG), (cells, role))
    if not image.complete:
        said = f"{len(image.segments)} of {image.header.segment_count if image.header else 0} segments can be read"
        page.hanging((" " * LABEL, Role.PLAIN), f"the chain breaks off: {said}", Role.BAD)


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


def _add_checksum(page: Page, image: EspImage) -> None:
    stored, calculated = image.checksum_stored, image.checksum_calculated
    if stored is None or calculated is None:
        _row(page, "checksum", "not there: the image ends before it", Role.BAD)
        return
    agree = stored == calculated
    words = f"stored 0x{stored:02x}, calculated 0x{calculated:02x}{': agree' if agree else ': DIFFER'}"
    _row(page, "checksum", words, Role.GOOD if agree else Role.BAD)


def _add_digest(page: Page, image: EspImage, header: ImageHeader) -> None:
    if not header.hash_appended:
        words = "none appended: the checksum alone protects the image"
        _row(page, "digest", "an ESP8266 image has none" if image.chip == "ESP8266" else words, Role.QUIET)
        return
    stored, calculated = image.digest_stored, image.digest_calculated
    if stored is None or calculated is None:
        _row(page, "digest", "not there: the image ends before it", Role.BAD)
    elif stored == calculated:
        _row(page, "digest", f"stored and calculated agree\n{stored}", Role.GOOD)
    else:
        _row(page, "digest", f"stored and calculated DIFFER\n{stored}\n{calculated}", Role.BAD)


def _add_trailing(page: Page, image: EspImage, trailing: TrailingBytes | None) -> None:
    if trailing is None or image.image_size is None:
        return
    lines: list[Piece] = [
        (
            f"{block.scheme} at {hex_range(block.span)}{_intact(block.intact)}; not verified",
            Role.PLAIN,
        )
        for block in trailing.signatures
    ]
    for number, (words, role) in enumerate(lines):
        _row(page, "signature" if number == 0 else "", words, role)
    start = trailing.signatures[-1].span.end if trailing.signatures else trailing.span.start
    left = trailing.span.end - start
    if left:
        why = "the verifier does not read them"
        if trailing.content == "unknown":
            why += "; in a dump of a slot they are what an older image left"
        words = f"{counted(left, 'byte')} {_CONTENT.get(trailing.content, trailing.content)} from {hex_offset(start)}"
        _row(page, "after it", f"{words}: {why}")


def _intact(intact: bool | None) -> str:
    return {True: ", its own CRC32 agrees", False: ", its own CRC32 is WRONG"}.get(intact, "") if intact is not None else ""
