"""All that is known of one case when findings are drawn from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forensics.model.alignment import Alignment, Chunking, Edit, EditKind
from forensics.model.check import Check
from forensics.model.file_kind import FileKind
from forensics.model.image import EspImage

_SIGNATURE_ROOM = 0x11000
"""Padding to the next 64 KiB and a signature sector may follow an image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of the comparison: its bytes as compared, and what they are.

    ``kind`` is asked for only when it matters, since looking for file systems and ciphertext takes time.
    """

    name: str
    data: bytes
    image: EspImage
    checks: tuple[Check, ...]
    identify: Callable[[bytes], FileKind]

    @property
    def accepted(self) -> bool:
        """The device would accept it."""
        return self.image.valid

    @property
    def kind(self) -> FileKind:
        """What the bytes are. A valid image with an app descriptor and hardly anything behind it needs no closer look."""
        image = self.image
        if image.valid and image.app and image.image_size and len(self.data) - image.image_size < _SIGNATURE_ROOM:
            return FileKind(kind="app", words="an application image")
        return self.identify(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The case.

    Attributes:
        transform: Encoding undone before comparing, or None. ``lossy`` names one that destroyed bytes.
        erased_tail: Erased bytes that followed in the raw input and were left out.
        free: Indexes of the edits that no finding has claimed yet.
    """

    sent: Side
    received: Side
    alignment: Alignment
    transform: str | None = None
    lossy: str | None = None
    erased_tail: int = 0
    free: tuple[int, ...] = ()

    @property
    def chunking(self) -> Chunking:
        """The chunk plan."""
        return self.alignment.chunking

    def of_kind(self, *kinds: EditKind) -> list[tuple[int, Edit]]:
        """Unclaimed edits of these kinds with their index."""
        edits = self.alignment.edits
        return [(index, edits[index]) for index in self.free if edits[index].kind in kinds]
