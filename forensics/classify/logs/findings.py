"""Which faults a log shows, in which order they are told, and what the whole comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from forensics.classify.facts import Side
from forensics.classify.logs import (
    acceptance,
    blank,
    boot,
    bugs,
    checksum,
    digest,
    ending,
    evidence,
    file,
    header,
    length,
    receiver,
    sector_map,
    segments,
    solved,
    transfer,
)
from forensics.classify.logs.facts import LocateLength, LogFacts, PredictWalks, SlotMap, failures_of
from forensics.model.finding import Certainty, Finding
from forensics.model.log import DeviceLog
from forensics.model.solve import SolveResult

MOST_OF_A_KIND = 8
"""Findings of one row; a paste of a thousand attempts repeats itself."""


class Row(NamedTuple):
    """One detector in the order of precedence, the faults it tells of, and the kinds of lines that lead to it."""

    detect: Callable[[LogFacts], Iterable[Finding]]
    slugs: tuple[str, ...]
    kinds: tuple[str, ...] = ()


_LENGTHS = ("invalid_segment_length", "unaligned_segment_length")

PRECEDENCE = (
    Row(evidence.detect_other_image, ("log-of-another-image",)),
    Row(evidence.detect_other_attempt, ("dump-of-another-attempt",)),
    Row(file.detect_broken, ("image-invalid",)),
    Row(file.detect_chip, ("wrong-chip",), ("chip_id_mismatch", "https_chip_mismatch")),
    Row(file.detect_foreign_file, ("not-an-app-image", "merged-image", "text-encoded")),
    Row(solved.detect, tuple(solved.SLUG_OF_EDIT.values())),
    Row(sector_map.detect_other_attempt, ("dump-of-another-attempt",)),
    Row(sector_map.detect, (*solved.SLUG_OF_EDIT.values(), "sectors-differ"), ("sector_map",)),
    Row(transfer.detect_short_write, ("short-write-ended-transfer",), ("ota_invalid_magic_byte",)),
    Row(transfer.detect_link, ("link-lost",), ("disconnected", "panic")),
    Row(receiver.detect_lost, ("chunk-missing",), receiver.LOST),
    Row(receiver.detect_partial, ("chunk-shortened",), ("stream_buffer_full", "gatt_write")),
    Row(receiver.detect_small_storage, ("tail-missing",), ("storage_free",)),
    Row(length.detect_slip, ("chunk-missing", "chunk-duplicated")),
    Row(ending.detect, ("tail-missing",)),
    Row(digest.detect_damaged_digest, ("bytes-altered",)),
    Row(bugs.detect, ("verifier-bug",)),
    Row(blank.detect_zero, ("flash-zero",)),
    Row(blank.detect_erased, ("flash-erased",), ("invalid_magic_byte", *_LENGTHS)),
    Row(length.detect, ("segment-length-invalid",), _LENGTHS),
    Row(checksum.detect, ("checksum-failed",), ("checksum_failed",)),
    Row(digest.detect, ("digest-failed",), ("hash_failed", "new_image_failed_verification")),
    Row(
        header.detect_magic,
        ("magic-invalid",),
        (
            "invalid_magic_byte",
            "ota_invalid_magic_byte",
            "invalid_spi_mode",
            "invalid_spi_speed",
            "invalid_spi_size",
            "segment_count",
        ),
    ),
    Row(header.detect_chip, ("chip-mismatch",), ("chip_id_mismatch",)),
    Row(header.detect_revision, ("revision-mismatch",), header.REVISION_KINDS),
    Row(segments.detect, ("segment-misplaced",), segments.KINDS),
    Row(acceptance.detect_too_long, ("image-too-long",), ("image_too_long", "partition_size_invalid")),
    Row(acceptance.detect_signature, ("signature-failed",), (*acceptance.SIGNATURE_KINDS, *acceptance.SIGNATURE_EVENTS)),
    Row(digest.detect_unnamed, ("digest-failed",), ("ota_call_failed", "update_error")),
    Row(boot.detect, ("no-bootable-app",), (*boot.KINDS, *boot.EVENTS, "rollback")),
)
"""Causes stand before the lines that they explain; what the log and the files contradict stands first of all."""

_EXCLUDES = {
    "log-of-another-image": ("image-invalid", "bytes-altered"),
    "image-invalid": ("chunk-missing", "chunk-duplicated", "tail-missing"),
    "short-write-ended-transfer": ("magic-invalid", "tail-missing", "flash-erased"),
    "flash-zero": ("checksum-failed",),
}
"""A serious finding that leaves no room for others."""


def log_findings(
    log: DeviceLog,
    sent: Side | None = None,
    received: Side | None = None,
    *,
    locate: LocateLength | None = None,
    predict: PredictWalks | None = None,
    solved: SolveResult | None = None,
    chunk_sizes: tuple[int, ...] | None = None,
    slot_map: SlotMap | None = None,
    name: str = "device.log",
) -> tuple[Finding, ...]:
    """What the log proves, alone or with the files beside it; causes first, harmless findings last.

    Args:
        log: The parsed log.
        sent: The image that was sent.
        received: A dump of the slot.
        locate: Looks a segment length up in SENT (``forensics.solve.locate_length``).
        predict: Walks over bytes as the device of a logged walk would, and gives what it logs.
        solved: Result of the search for the calculated hash; its first solution's edits are the report's.
        chunk_sizes: Bytes of a chunk, when known.
        slot_map: The map of the slot that the log holds; the edits of its first reading are the report's.
        name: How the log is called in the commands of the advice.
    """
    facts = LogFacts(
        log=log,
        sent=sent,
        received=received,
        locate=locate,
        predict=predict,
        solved=solved,
        chunk_sizes=chunk_sizes,
        name=name,
        failures=failures_of(log),
        slot_map=slot_map,
    )
    findings: list[Finding] = []
    excluded: set[str] = set()
    for row in PRECEDENCE:
        if excluded.issuperset(row.slugs):
            continue
        found = [one for one in _first(row.detect(facts)) if one.slug not in excluded]
        findings += [one for one in found if not _told(one, findings)]
        for one in found:
            if not one.benign:
                excluded.update(_EXCLUDES.get(one.slug, ()))
    return tuple(sorted(findings, key=_rank))


def _rank(one: Finding) -> int:
    """What is merely possible stands behind what is sure, and what does no harm behind everything."""
    return 2 if one.benign else int(one.certainty is Certainty.POSSIBLE)


def join_findings(by_bytes: tuple[Finding, ...], by_log: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Findings of a comparison with those of the log beside it.

    What the bytes prove is not told again as what the log makes likely.
    """
    another = any(one.slug == "dump-of-another-attempt" for one in by_log)
    known = {one.code for one in by_bytes}
    added = [one for one in by_log if one.code not in known and (another or not _is_guess(one))]
    first = [one for one in added if one.slug == "dump-of-another-attempt"]
    rest = [one for one in added if one not in first]
    return tuple(sorted((*first, *by_bytes, *rest), key=_rank))


def _is_guess(one: Finding) -> bool:
    """What a log makes likely about the file and the transfer; what the map of the slot proves is none."""
    return one.code.startswith(("OTA1", "OTA2")) and one.certainty is not Certainty.PROVEN


def _first(findings: Iterable[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for one in findings:
        kept.append(one)
        if len(kept) == MOST_OF_A_KIND:
            break
    return kept


def _told(one: Finding, before: list[Finding]) -> bool:
    """An earlier finding says it, or knows the bytes; erased flash is the better word for a wrong first byte."""
    if one.slug == "magic-invalid":
        return any(
            other.slug == "flash-erased" and other.certainty == "proven" and set(other.log_lines) & set(one.log_lines)
            for other in before
        )
    return any(other.code == one.code and (other.edits or other.summary == one.summary) for other in before)


def faults_of_log(log: DeviceLog) -> tuple[str, ...]:
    """The slugs of the faults that the lines of a log may lead to, the most telling first."""
    kinds = {error.kind for walk in log.passes for error in walk.errors} | {event.kind for event in log.events}
    told = [one.slug for one in log_findings(log)]
    led = [slug for row in PRECEDENCE if kinds & set(row.kinds) for slug in row.slugs]
    return tuple(dict.fromkeys([*told, *led]))
