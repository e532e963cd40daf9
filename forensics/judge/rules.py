"""Every detector in one table, in the order in which they are asked: causes before what they explain."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum, auto
from importlib import import_module
from typing import Any, NamedTuple, cast

from forensics.model.alignment import EditKind
from forensics.model.finding import Finding

Detect = Callable[[Any], "Finding | Iterable[Finding] | None"]
"""Takes the ``Case``, of rules about bytes a ``Compared``."""


class Of(Enum):
    """What a rule reads."""

    BYTES = auto()
    """SENT and RECEIVED, held against each other."""
    LINK = auto()
    """A capture of the link, what the device told while it received, and the damage of evidence."""
    LOG = auto()
    """The device's log, and the map of its slot."""


class Rule(NamedTuple):
    """One detector.

    ``place`` is its module and function. It is asked only when unexplained edits of one of ``edits`` are left; without
    any it is always asked. A serious finding of it leaves no room
    for the slugs in ``excludes`` from later rules that read the same.
    """

    of: Of
    place: str
    slugs: tuple[str, ...]
    edits: tuple[EditKind, ...] = ()
    excludes: tuple[str, ...] = ()

    def load(self) -> Detect:
        """The detector; its module is imported when it is asked for."""
        module, name = self.place.split(":")
        return cast("Detect", getattr(import_module(f"forensics.judge.{module}"), name))


def _bytes(slug: str, *edits: EditKind, excludes: tuple[str, ...] = ()) -> Rule:
    return Rule(Of.BYTES, f"faults.{slug.replace('-', '_')}:detect", (slug,), edits=edits, excludes=excludes)


def _log(place: str, *slugs: str, excludes: tuple[str, ...] = ()) -> Rule:
    return Rule(Of.LOG, f"logs.{place}", slugs, excludes=excludes)


_OF_THE_TRANSFER = (
    "chunk-reordered", "chunk-missing", "chunk-duplicated", "chunk-overwritten", "tail-missing", "chunk-filled",
)  # fmt: skip
_WRONG_FILE = ("image-invalid", "inputs-exchanged", "wrong-image")

RULES = (
    _log("evidence:detect_other_image", "log-of-another-image", excludes=("image-invalid", "bytes-altered")),
    _log("evidence:detect_other_attempt", "dump-of-another-attempt"),
    _log("sector_map:detect_other_attempt", "dump-of-another-attempt"),
    Rule(Of.LINK, "captures.observed:detect_changed", ("bytes-altered",)),
    Rule(Of.LINK, "captures.claims:detect_never_written", ("chunk-missing",)),
    _bytes("not-an-app-image", excludes=_WRONG_FILE),
    _bytes("merged-image", excludes=_WRONG_FILE),
    _bytes("inputs-exchanged", excludes=("image-invalid", "wrong-image")),
    _bytes("image-invalid"),
    _bytes("wrong-image", excludes=("harmless-tail",)),
    _bytes("text-encoded"),
    Rule(Of.BYTES, "captures.receivers:detect", ("sector-padded",), edits=(EditKind.INSERTED,)),
    Rule(Of.BYTES, "captures.fixed_writes:detect_announced", ("bytes-inserted",), edits=(EditKind.INSERTED,)),
    _bytes("stream-restarted", EditKind.DUPLICATED),
    _bytes("header-in-payload", EditKind.INSERTED),
    _bytes("sector-padded", EditKind.INSERTED),
    _bytes("chunk-shortened", EditKind.DROPPED),
    _bytes("chunk-missing", EditKind.DROPPED),
    _bytes("chunk-reordered", EditKind.REORDERED),
    Rule(
        Of.BYTES, "captures.fixed_writes:detect_stale_end", ("stale-data",), edits=(EditKind.DUPLICATED, EditKind.TRAILING)
    ),
    _bytes("chunk-duplicated", EditKind.DUPLICATED),
    _bytes("chunk-overwritten", EditKind.REPLACED),
    _bytes("chunk-filled", EditKind.FILLED),
    _bytes("flash-not-erased", EditKind.ALTERED),
    _bytes("stale-data", EditKind.ALTERED),
    _bytes("bytes-altered", EditKind.ALTERED),
    _bytes("bytes-inserted", EditKind.INSERTED),
    _bytes("tail-missing", EditKind.TRUNCATED),
    _bytes("harmless-tail"),
    Rule(
        Of.LINK,
        "captures.link:detect",
        ("disconnected", "write-too-long", "mtu-changed", "notifications-lost", "unacknowledged"),
    ),
    Rule(Of.LINK, "captures.evidence:detect", ("evidence-damaged", "capture-incomplete", "capture-encrypted")),
    Rule(Of.LINK, "captures.outcome:detect", ("unacknowledged",)),
    Rule(Of.LINK, "captures.evidence:detect_harmless", ("capture-encrypted", "capture-incomplete", "evidence-damaged")),
    Rule(Of.LINK, "captures.observed:detect_unseen", ("notifications-lost", "capture-incomplete")),
    _log("file:detect_broken", "image-invalid", excludes=("chunk-missing", "chunk-duplicated", "tail-missing")),
    _log("file:detect_chip", "wrong-chip"),
    _log("file:detect_foreign_file", "not-an-app-image", "merged-image", "text-encoded"),
    _log("solved:detect", *_OF_THE_TRANSFER),
    _log("sector_map:detect", *_OF_THE_TRANSFER, "sectors-differ"),
    _log(
        "short_write:detect",
        "short-write-ended-transfer",
        excludes=("magic-invalid", "tail-missing", "flash-erased"),
    ),
    _log("endings:detect_restart", "link-lost"),
    _log("endings:detect_link", "link-lost"),
    _log("endings:detect_refused_write", "write-too-long", "unacknowledged"),
    _log("receiver:detect_lost", "chunk-missing"),
    _log("receiver:detect_partial", "chunk-shortened"),
    _log("receiver:detect_small_storage", "tail-missing"),
    _log("length:detect_slip", "chunk-missing", "chunk-duplicated"),
    _log("ending:detect", "tail-missing"),
    _log("digest:detect_damaged_digest", "bytes-altered"),
    _log("bugs:detect", "verifier-bug"),
    _log("blank:detect_zero", "flash-zero", excludes=("checksum-failed",)),
    _log("blank:detect_erased", "flash-erased"),
    _log("length:detect", "segment-length-invalid"),
    _log("checksum:detect", "checksum-failed"),
    _log("checksum:detect_nonos", "checksum-failed"),
    _log("digest:detect", "digest-failed"),
    _log("header:detect_magic", "magic-invalid"),
    _log("header:detect_chip", "chip-mismatch"),
    _log("header:detect_revision", "revision-mismatch"),
    _log("segments:detect_flash", "flash-access-failed"),
    _log("segments:detect", "segment-misplaced"),
    _log("acceptance:detect_too_long", "image-too-long"),
    _log("acceptance:detect_signature", "signature-failed"),
    _log("said:detect"),
    _log("digest:detect_unnamed", "digest-failed"),
    _log("boot:detect", "no-bootable-app"),
    _log("boot:detect_rollback", "update-refused"),
)
"""An edit belongs to the first fault that explains it; causes come before the lines that they explain; what the log and
the files contradict comes first of all."""
