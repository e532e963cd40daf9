"""What the device told of a transfer while it ran: chunks of which only the CRC32 is known, and what was not seen."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.judge.captures.facts import is_inside
from forensics.judge.case import Case, Compared
from forensics.judge.logs.sector_map import holds_all, map_words
from forensics.judge.wording import amount, finding_of, listed, what_of
from forensics.model.finding import Finding, Verdict
from forensics.model.observation import Observation


def detect_changed(case: Compared) -> Iterator[Finding]:
    """OTA207: chunks came whose CRC32 is that of no chunk of SENT."""
    edits, changed = case.alignment.edits, case.observed.changed if case.observed else ()
    within = tuple(index for index in case.free if is_inside(edits[index].received, changed))
    if within:
        words = listed([what_of(edits[index]) for index in within])
        yield finding_of(
            "bytes-altered",
            summary=f"{words} came with other bytes than were sent",
            edits=within,
            notes=("the CRC32 that the device calculated fits no bytes of the file; the bytes themselves are unknown",),
        )


def detect_unseen(case: Case) -> Iterator[Finding]:
    """OTA504 and OTA404: what was not seen. It says nothing against the transfer."""
    observed, name = case.observed, case.received.name if case.received else "the device"
    if observed is None:
        return
    size = sum(span.size for span in observed.unseen)
    not_known = f"{amount(size, 'byte')} of the image were not seen" if size else "none of them concerned image data"
    if observed.lost_notifications:
        yield _finding(
            "notifications-lost",
            f"{amount(observed.lost_notifications, 'notification')} of {name} did not come: {not_known}",
            "they are numbered, so the loss is one of the evidence and not of the transfer",
        )
    elif observed.unrecorded:
        yield _finding(
            "capture-incomplete",
            f"{amount(observed.unrecorded, 'chunk')} found the ring of the tap full: {not_known}",
            "raise OTATAP_RING in the firmware, or send more slowly",
        )
    elif observed.chunks and not observed.ended and size:
        yield _finding(
            "capture-incomplete",
            f"{_why_not_ended(observed, name)}: {not_known}",
            "the transfer was watched only in part, or it broke off: the device calls otatap_finish at its end",
        )


def _why_not_ended(observed: Observation, name: str) -> str:
    return f"the link to {name} ended too early" if observed.link_lost else f"{name} did not report the end of the transfer"


def _finding(slug: str, summary: str, note: str) -> Finding:
    return finding_of(slug, summary=summary, benign=True, notes=(note,))


def answer(case: Case, observed: Observation) -> tuple[Verdict, str]:
    """The verdict and the first line where nothing does harm: the slot's map decides, then the chunks."""
    assert case.sent is not None
    assert case.received is not None
    known, sent, name = case.slot_map, case.sent, case.received.name
    mapped = map_words(known, sent) if known is not None else None
    if known is not None and holds_all(known, sent):
        return Verdict.HEALTHY, mapped or ""
    if not observed.chunks:
        return Verdict.INCONCLUSIVE, mapped or f"{name} reported no chunk: no transfer was seen"
    if observed.unseen:
        size = sum(span.size for span in observed.unseen)
        return Verdict.INCONCLUSIVE, f"every chunk that was seen is right, and {size} bytes of {sent.name} were not seen"
    return Verdict.HEALTHY, f"{name} equals what was sent and passes the device's checks"
