"""The contents of a flash dump or merged image: partitions, otadata, and what boots."""

from __future__ import annotations

from forensics.model.flash import OtaData
from forensics.model.image import EspImage
from forensics.model.inspection import LOADER, FlashContents, FlashPart
from forensics.report.facts import Fact
from forensics.report.page import Role
from forensics.report.words import counted, hex_offset


def flash_facts(flash: FlashContents) -> tuple[Fact, ...]:
    """One fact a partition, the state of otadata, and the app that is started."""
    facts = []
    if flash.base:
        facts.append(Fact(name="place", words=f"the file begins at flash address {hex_offset(flash.base)}"))
    if not any(part.label == LOADER for part in flash.parts):  # an ESP8266 needs no table
        facts += _table_facts(flash)
    facts += [_part_fact("" if number else "holds", part) for number, part in enumerate(flash.parts)]
    if flash.otadata is not None:
        facts += _otadata_facts(flash.otadata)
    if flash.why:
        words = f"{flash.boots}: {flash.why}" if flash.boots else f"nothing: {flash.why}"
        facts.append(Fact(name="boots", words=words, role=Role.GOOD if flash.boots else Role.BAD))
    return tuple(facts)


def _table_facts(flash: FlashContents) -> list[Fact]:
    table = flash.table
    if table is None:
        return [Fact(name="table", words="no partition table was found", role=Role.CAUTION)]
    at = hex_offset(table.span.start + flash.base)
    md5 = "no MD5" if table.md5_stored is None else "MD5 agrees"
    if table.md5_stored != table.md5_calculated:
        md5 = "MD5 is WRONG"
    words = f"{counted(len(table.partitions), 'partition')}, at flash address {at}, {md5}"
    problems = [Fact(name="", words=problem, role=Role.BAD) for problem in table.problems]
    return [Fact(name="table", words=words), *problems]


def _part_fact(name: str, part: FlashPart) -> Fact:
    kind = f" ({part.subtype})" if part.subtype and part.subtype != part.label else ""
    judged = {True: "; accepted", False: "; REFUSED", None: ""}[part.accepted]
    if part.image is not None:
        judged += "" if part.intact else f", {integrity_words(part.image)}"
    words = f"{part.label}{kind} {hex_offset(part.address)}, {part.size} bytes: {part.holds}{judged}"
    return Fact(name=name, words=words, role=Role.BAD if part.accepted is False else Role.PLAIN)


def integrity_words(image: EspImage) -> str:
    """What checksum and digest say of an image: ``checksum 0x4b and digest agree``."""
    pairs = (
        ("checksum", image.checksum_stored, image.checksum_calculated),
        ("digest", image.digest_stored, image.digest_calculated),
    )
    states = {name: stored == calculated for name, stored, calculated in pairs if stored is not None}
    good = [
        f"{name} 0x{image.checksum_stored:02x}" if name == "checksum" else name for name, agrees in states.items() if agrees
    ]
    agreed = f"{' and '.join(good)} agree{'s' if len(good) == 1 else ''}" if good else ""
    wrong = [f"{name} is WRONG" for name, agrees in states.items() if not agrees]
    return ", ".join(words for words in (agreed, *wrong) if words) or "it ends before its checksum"


def _otadata_facts(otadata: OtaData) -> list[Fact]:
    facts = []
    for index, entry in enumerate(otadata.entries):
        if entry.sequence == 0xFFFFFFFF:
            words = f"entry {index}: never written"
        else:
            crc = "CRC agrees" if entry.crc_stored == entry.crc_calculated else "CRC is WRONG"
            active = ", decides" if index == otadata.active else ""
            words = f"entry {index}: sequence {entry.sequence}, state {entry.state}, {crc}{active}"
        facts.append(Fact(name="" if index else "otadata", words=words))
    return facts
