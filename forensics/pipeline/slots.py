"""Which slot of a whole-flash dump or a merged image belongs to the other side."""

from __future__ import annotations

from forensics.model.evidence import Evidence
from forensics.read import choose_slot
from forensics.spec.esp_image import IMAGE_MAGIC

_SAMPLE = 64
_SECTOR = 4096


def likeliest_slot(flash: Evidence, other: bytes) -> Evidence:
    """The slot whose sectors stand in ``other`` most often; where none does, the first that holds an image.

    The whole flash where no slot lies in it.
    """
    choices = [choose_slot(flash, slot) for slot in flash.slots if slot.span.start < len(flash.content)]
    return max(choices, key=lambda choice: _likeness(choice.content, other), default=flash)


def _likeness(slot: bytes, other: bytes) -> tuple[int, bool]:
    step = max(_SECTOR, len(slot) // 64)
    samples = (slot[at : at + _SAMPLE] for at in range(0, len(slot), step))
    found = sum(sample in other for sample in samples if len(set(sample)) > 1)  # runs of one byte stand anywhere
    return found, slot.startswith(bytes((IMAGE_MAGIC,)))
