"""otadata: which slot the bootloader would start, and why.

Source: components/bootloader_support/src/bootloader_utility.c
(``bootloader_utility_get_selected_boot_partition``) and bootloader_common_loader.c
(``bootloader_common_select_otadata``), ESP-IDF v5.4.
"""

from __future__ import annotations

from forensics.model.flash import OtaData, OtaSelect
from forensics.model.span import ByteSpan
from forensics.spec.otadata import (
    EMPTY_SEQUENCE,
    OTA_SELECT_ENTRY,
    OTA_SELECT_SIZE,
    OTADATA_SECTOR,
    REFUSED_STATES,
    STATES,
    sequence_crc,
)


def parse_otadata(data: bytes, offset: int = 0, *, ota_slots: int, has_factory: bool) -> OtaData:
    """The two entries at file offset ``offset`` and the slot that they select.

    Args:
        data: A file that holds the otadata partition.
        offset: Where in it.
        ota_slots: How many OTA slots the partition table has.
        has_factory: True when it has a factory app.
    """
    entries = []
    for start in (offset, offset + OTADATA_SECTOR):
        row = data[start : start + OTA_SELECT_SIZE]
        if len(row) == OTA_SELECT_SIZE:
            entries.append(_entry(row, start))
    active = _active(entries)
    slot, why = _selected(entries, active, ota_slots, has_factory)
    return OtaData(entries=tuple(entries), active=active, slot=slot, why=why)


def _entry(row: bytes, start: int) -> OtaSelect:
    fields = OTA_SELECT_ENTRY.parse(row)
    state = STATES.get(fields.state, f"0x{fields.state:x}")
    crc = sequence_crc(fields.sequence)
    return OtaSelect(
        sequence=fields.sequence,
        state=state,
        crc_stored=fields.crc,
        crc_calculated=crc,
        valid=fields.sequence != EMPTY_SEQUENCE and state not in REFUSED_STATES and fields.crc == crc,
        span=ByteSpan(start, start + OTA_SELECT_SIZE),
    )


def _active(entries: list[OtaSelect]) -> int | None:
    """The valid entry with the higher sequence number; the first one of equals."""
    valid = [index for index, entry in enumerate(entries) if entry.valid]
    return max(valid, key=lambda index: (entries[index].sequence, -index), default=None)


def _selected(entries: list[OtaSelect], active: int | None, ota_slots: int, has_factory: bool) -> tuple[str | None, str]:
    if active is not None and ota_slots:
        sequence = entries[active].sequence
        slot = f"ota_{(sequence - 1) % ota_slots}"
        why = f"otadata[{active}] has the highest valid sequence: ({sequence} - 1) modulo {ota_slots} slots"
        return slot, why
    first = "factory" if has_factory else "ota_0" if ota_slots else None
    if first is None:
        return None, "the partition table has no bootable app"
    if not ota_slots:
        return first, "the partition table has no OTA slot"
    if all(entry.sequence == EMPTY_SEQUENCE for entry in entries):
        return first, "otadata was never written: no update has been selected yet"
    return first, "no entry of otadata is valid"
