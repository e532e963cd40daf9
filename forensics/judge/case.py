"""All that is known of one case when findings are drawn from it; every part of it may be absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from forensics.model.alignment import Alignment, Chunking, Edit, EditKind
from forensics.model.check import Check
from forensics.model.file_kind import FileKind
from forensics.model.finding import Finding
from forensics.model.image import EspImage

if TYPE_CHECKING:
    from forensics.judge.captures.claims import Claims
    from forensics.judge.captures.facts import EvidenceFacts
    from forensics.judge.captures.legs import FirstLeg
    from forensics.judge.logs.failures import Failure
    from forensics.judge.logs.slot_map import SlotMap
    from forensics.model.evidence import HowRead
    from forensics.model.log import DeviceLog, LogEvent, LogPass
    from forensics.model.observation import Observation
    from forensics.model.solve import SolveResult

_SIGNATURE_ROOM = 0x11000
"""Padding to the next 64 KiB and a signature sector may follow an image."""

_OF_UPDATES = (
    "ota_",
    "update_",
    "https_",
    "http_update",
    "esphome_",
    "arduino_ota",
    "upload_",
    "policy_",
    "hosted_",
    "mcuboot_",
)
"""How the kinds of lines about an update begin."""

NOT_COMPARED = Alignment(spans=(), edits=(), chunking=Chunking())

Walks = Mapping[int, "tuple[LogPass, ...]"]
"""By the first line of a walk in the log: what the same device would have logged over the bytes at hand."""


@cache
def _no_log() -> DeviceLog:
    from forensics.model.log import DeviceLog  # noqa: PLC0415 - few runs read a log

    return DeviceLog(passes=(), idf_versions=None, unread=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of the comparison: its bytes as compared, and what they are.

    Attributes:
        image: The image that was found in the bytes.
        checks: The device's walk over them.
        known_kind: What kind of file they are, where that was found out before.
        mmu_page: Bytes of the MMU pages for which the image was built; None where nobody asked.
    """

    name: str
    data: bytes
    image: EspImage
    checks: tuple[Check, ...]
    known_kind: FileKind | None = None
    mmu_page: int | None = None

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
        if self.known_kind is not None:
            return self.known_kind
        from forensics.parse.identify import identify  # noqa: PLC0415 - looks for file systems and ciphertext

        return identify(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The case.

    Attributes:
        sent: The image that was sent, or None.
        received: What the device stored, or what was received of it; None with a log alone.
        alignment: How both belong together.
        transform: Encoding undone before comparing, or None. ``lossy`` names one that destroyed bytes.
        erased_tail: Erased bytes that followed in the raw input and were left out.
        evidence: What is known of the evidence that RECEIVED was read from, beside its bytes.
        claims: Which edits the evidence explains by its own damage; None where nothing is known of it.
        doubtful: A finding on the whole image was withheld, since the evidence is too damaged for it.
        first_leg: SENT against a capture beside RECEIVED, which tells on which leg a fault is.
        observed: What the device told of the transfer while it ran, or None.
        readings: How each file was read that could be read in several ways, by its name.
        unread: Why a file could not be read in full, by its name.
        device_log: The device's log, or None, and ``log_name``, what commands call it.
        failures: Every objection of the device, in the order of the log.
        sent_walks: What the device would have logged over SENT; ``dump_walks``: over the dump.
        solved: Result of the search for the calculated hash, or None when there was none.
        chunk_sizes: Bytes of a chunk as given, else None.
        slot_map: The map of the slot that the log holds or the device told, or None.
        free: Indexes of the edits that no finding explains yet.
        found: The findings so far.
    """

    sent: Side | None = None
    received: Side | None = None
    alignment: Alignment = NOT_COMPARED
    transform: str | None = None
    lossy: str | None = None
    erased_tail: int = 0
    evidence: EvidenceFacts | None = None
    claims: Claims | None = None
    doubtful: bool = False
    first_leg: FirstLeg | None = None
    observed: Observation | None = None
    readings: Mapping[str, HowRead] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    device_log: DeviceLog | None = None
    log_name: str = "device.log"
    failures: tuple[Failure, ...] = ()
    sent_walks: Walks = field(default_factory=dict)
    dump_walks: Walks = field(default_factory=dict)
    solved: SolveResult | None = None
    chunk_sizes: tuple[int, ...] | None = None
    slot_map: SlotMap | None = None
    free: tuple[int, ...] = ()
    found: tuple[Finding, ...] = ()

    @property
    def log(self) -> DeviceLog:
        """The device's log; an empty one where there is none."""
        return self.device_log or _no_log()

    @property
    def dump(self) -> Side | None:
        """RECEIVED where it is what the device stored, and not what a capture carried or the device told."""
        carried = self.observed is not None or (self.evidence is not None and self.evidence.capture is not None)
        return None if carried else self.received

    @property
    def link(self) -> EvidenceFacts | None:
        """The capture of the link, whether it is RECEIVED or beside it."""
        if self.first_leg is not None:
            return self.first_leg.evidence
        return self.evidence if self.evidence is not None and self.evidence.capture is not None else None

    @property
    def intact(self) -> bool:
        """Nothing that was found so far does harm."""
        return all(one.benign for one in self.found)

    def speaks_of_update_beside(self, event: LogEvent | None = None) -> bool:
        """The log shows an update by another line than ``event``: a verification, a known line, or words about one."""
        log = self.log
        others = (one.kind for one in log.events if one is not event)
        return bool(log.passes or log.update_lines) or any(kind.startswith(_OF_UPDATES) for kind in others)

    def failures_of(self, *kinds: str) -> list[Failure]:
        """The device's objections of these kinds."""
        return [failure for failure in self.failures if failure.error.kind in kinds]

    def events(self, *kinds: str) -> list[LogEvent]:
        """The events of these kinds in the log."""
        return [event for event in self.log.events if event.kind in kinds]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared(Case):
    """A case in which both SENT and RECEIVED are at hand."""

    sent: Side
    received: Side

    @property
    def chunking(self) -> Chunking:
        """The chunk plan."""
        return self.alignment.chunking

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits of the transfer: without those that damage of the evidence explains."""
        edits = self.alignment.edits
        return edits if self.claims is None else tuple(edit for _, edit in self.claims.rest)

    def of_kind(self, *kinds: EditKind) -> list[tuple[int, Edit]]:
        """Unclaimed edits of these kinds with their index."""
        edits = self.alignment.edits
        return [(index, edits[index]) for index in self.free if edits[index].kind in kinds]
