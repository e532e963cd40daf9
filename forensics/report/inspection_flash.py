"""The contents of a flash dump or merged image: partitions, otadata, and what boots."""

from __future__ import annotations

from forensics.model.flash import OtaData
from forensics.model.inspection import FlashContents, FlashPart
from forensics.report.page import Page, Role
from forensics.report.terminal_overview import LABEL
from forensics.report.words import counted, hex_offset


def add_flash(page: Page, flash: FlashContents) -> None:
    """One line a partition, the state of otadata, and the app that is started."""
    table = flash.table
    if flash.base:
        words = f"the file begins at flash address {hex_offset(flash.base)}"
        page.hanging((f"{'place':<{LABEL}}", Role.STRONG), words)
    if table is None:
        page.hanging((f"{'table':<{LABEL}}", Role.STRONG), "no partition table was found", Role.CAUTION)
    else:
        at = hex_offset(table.span.start + flash.base)
        md5 = "no MD5" if table.md5_stored is None else "MD5 agrees"
        if table.md5_stored != table.md5_calculated:
            md5 = "MD5 is WRONG"
        words = f"{counted(len(table.partitions), 'partition')}, at flash address {at}, {md5}"
        page.hanging((f"{'table':<{LABEL}}", Role.STRONG), words)
        for problem in table.problems:
            page.hanging((" " * LABEL, Role.PLAIN), problem, Role.BAD)
    for number, part in enumerate(flash.parts):
        _add_part(page, "holds" if number == 0 else "", part)
    if flash.otadata is not None:
        _add_otadata(page, flash.otadata)
    if flash.why:
        words = f"{flash.boots}: {flash.why}" if flash.boots else f"nothing: {flash.why}"
        page.hanging((f"{'boots':<{LABEL}}", Role.STRONG), words, Role.GOOD if flash.boots else Role.BAD)


def _add_part(page: Page, name: str, part: FlashPart) -> None:
    kind = f" ({part.subtype})" if part.subtype and part.subtype != part.label else ""
    place = hex_offset(part.address)
    judged = {True: "; accepted", False: "; REFUSED", None: ""}[part.accepted]
    words = f"{place}, {part.size} bytes: {part.holds}{judged}"
    role = Role.BAD if part.accepted is False else Role.PLAIN
    lead = f"{part.label}{kind} "
    page.hanging((f"{name:<{LABEL}}", Role.STRONG), lead + words, role)


def _add_otadata(page: Page, otadata: OtaData) -> None:
    for index, entry in enumerate(otadata.entries):
        if entry.sequence == 0xFFFFFFFF:
            words = f"entry {index}: never written"
        else:
            crc = "CRC agrees" if entry.crc_stored == entry.crc_calculated else "CRC is WRONG"
            active = ", decides" if index == otadata.active else ""
            words = f"entry {index}: sequence {entry.sequence}, state {entry.state}, {crc}{active}"
        page.hanging((f"{'otadata' if index == 0 else '':<{LABEL}}", Role.STRONG), words)
