"""Findings on what a watched transfer lacks, and on chunks of which only the CRC32 is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forensics.classify.faults import fault
from forensics.classify.wording import amount, finding_of, listed, what_of
from forensics.model.alignment import Edit
from forensics.model.finding import Certainty, Finding
from forensics.model.observation import Observation


def changed_finding(edits: Sequence[Edit], changed: Sequence[int]) -> Finding:
    """OTA207: chunks came whose CRC32 is that of no chunk of SENT.

    Args:
        edits: All edits of the report.
        changed: Indexes of those that lie in such chunks.
    """
    found = fault("bytes-altered")
    assert found is not None
    words = listed([what_of(edits[index]) for index in changed])
    return finding_of(
        found,
        summary=f"{words} came with other bytes than were sent",
        edits=tuple(changed),
        notes=("the CRC32 that the device calculated fits no bytes of the file; the bytes themselves are unknown",),
    )


def evidence_findings(observed: Observation, name: str) -> Iterator[Finding]:
    """OTA504 and OTA404: what was not seen. It says nothing against the transfer.

    Args:
        observed: What was seen.
        name: How to call the device.
    """
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
    found = fault(slug)
    assert found is not None
    return finding_of(found, summary=summary, certainty=Certainty.PROVEN, benign=True, notes=(note,))
