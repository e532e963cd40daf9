"""Findings about the evidence itself, and the edits that are its fault and not the transfer's."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from forensics.classify.captures.facts import EvidenceFacts, is_inside, places_of, widened
from forensics.classify.faults import fault
from forensics.classify.wording import amount, finding_of, indexes, listed, notes
from forensics.model.alignment import Edit, EditKind
from forensics.model.capture import CaptureProblem, Operation
from forensics.model.finding import Certainty, Finding, Where
from forensics.model.span import ByteSpan

Numbered = list[tuple[int, Edit]]

_ENCRYPTED = "capture-encrypted"
_DAMAGED = "evidence-damaged"
_SLUG_OF_PROBLEM = {
    "encrypted": _ENCRYPTED,
    "bad-crc": _DAMAGED,
    "unreadable": _DAMAGED,
    "damaged-file": _DAMAGED,
    "cut-file": _DAMAGED,
}
_INCOMPLETE = "capture-incomplete"
_DAMAGING = ("bad-crc", "unreadable", "truncated", "lost-fragment", "damaged-file", "cut-file")
"""Problems that leave a chunk in the capture, but not its bytes."""
_CLOSED_UP = (EditKind.DROPPED,)
_IN_PLACE = (EditKind.FILLED, EditKind.ALTERED, EditKind.REPLACED)


def damaged_edits(edits: Numbered, evidence: EvidenceFacts, sent_size: int) -> Numbered:
    """Edits that lie wholly where the evidence is damaged: they say nothing about the transfer.

    From the air, an edit beside a damaged chunk belongs to it: with bytes missing and bytes wrong, the line between
    both is not to be found.
    """
    damaged = widened(evidence.damaged, _reach(evidence)) if evidence.is_lossy_air else evidence.damaged
    cut = any(span.end >= sent_size for span in evidence.sent_damaged)
    return [
        (index, edit)
        for index, edit in edits
        if all(is_inside(place, damaged) for place in places_of(edit))
        or evidence.is_sent_damaged(edit)
        or (cut and edit.kind is EditKind.TRAILING)
    ]


def lost_edits(edits: Numbered, evidence: EvidenceFacts) -> Numbered:
    """Edits where the capture lost packets, or that begin where it ends: perhaps only it lost the chunks."""
    transfer = evidence.transfer
    if transfer is None:
        return []
    ended = _ends_with_the_transfer(evidence)
    losses = transfer.losses
    if begins_inside(evidence):
        losses = (transfer.chunks[0].offset, *losses)
    near = widened([ByteSpan(offset, offset) for offset in losses], _reach(evidence))
    return [
        (index, edit)
        for index, edit in edits
        if (edit.kind is EditKind.TRUNCATED and ended)
        or _at_losses(edit, losses)
        or (evidence.is_lossy_air and _perhaps_lost_on_the_air(edit, near, evidence))
    ]


def _perhaps_lost_on_the_air(edit: Edit, near: Sequence[ByteSpan], evidence: EvidenceFacts) -> bool:
    """A sniffer that missed packets may have missed others without knowing: absent bytes prove nothing then."""
    if edit.kind in (*_CLOSED_UP, EditKind.TRUNCATED):
        return True
    return all(is_inside(place, near) or evidence.is_hole(place) for place in places_of(edit))


def begins_inside(evidence: EvidenceFacts) -> bool:
    """Nothing of the connection comes before the first chunk: the capture may have begun amid the transfer."""
    capture, transfer = evidence.capture, evidence.transfer
    if capture is None or transfer is None or not transfer.chunks or capture.journal:
        return False
    first = transfer.chunks[0].number
    opened = any(
        event.connection == transfer.connection and event.kind in ("connected", "mtu") and event.number < first
        for event in capture.timeline
    )
    columns = capture.values.columns
    row = columns.connections.index(transfer.connection)
    return not opened and columns.numbers[row] == first


def _reach(evidence: EvidenceFacts) -> int:
    """Bytes: one chunk."""
    transfer = evidence.transfer
    return (transfer.chunk_size or 0) if transfer else 0


def _at_losses(edit: Edit, losses: Sequence[int]) -> bool:
    if edit.kind not in (*_CLOSED_UP, *_IN_PLACE):
        return False
    back, forward = edit.slack
    return all(_any_between(losses, place.start - back, place.end + forward) for place in places_of(edit))


def _any_between(losses: Sequence[int], first: int, last: int) -> bool:
    place = bisect_left(losses, first)
    return place < len(losses) and losses[place] <= last


def _ends_with_the_transfer(evidence: EvidenceFacts) -> bool:
    """Nothing of the connection comes after the last chunk, its end neither."""
    capture, transfer = evidence.capture, evidence.transfer
    if capture is None or transfer is None or not transfer.chunks:
        return False
    if any(problem.kind in ("cut", "cut-file", "encrypted") for problem in capture.problems):
        return True
    last = max(chunk.number for chunk in transfer.chunks)
    ended = any(event.kind == "disconnected" and event.number > last for event in capture.timeline)
    return not ended and not capture.journal and not _written_after(evidence, last)


def _written_after(evidence: EvidenceFacts, last: int) -> bool:
    """The client wrote something else after packet ``last``, such as the command that ends a transfer."""
    capture, transfer = evidence.capture, evidence.transfer
    assert capture is not None
    assert transfer is not None
    columns = capture.values.columns
    for row in range(len(columns.numbers) - 1, -1, -1):
        if columns.numbers[row] <= last:
            return False
        if columns.connections[row] == transfer.connection and Operation(columns.operations[row]).is_write:
            return True
    return False


def damage_finding(edits: Numbered, evidence: EvidenceFacts, *, decisive: bool) -> Finding | None:
    """OTA406 with the edits that damaged evidence explains, or without any when it is the reason for saying no more."""
    found = fault(_DAMAGED)
    if not (edits or decisive) or found is None:
        return None
    size = sum(span.size for span in (*evidence.damaged, *evidence.sent_damaged))
    where = f"is damaged at {amount(size, 'byte')} of the image" if size else "is cut"
    what = f"{_damaged_name(evidence)} {where}: what was sent there is not known"
    return finding_of(
        found,
        summary=evidence.notes[0] if evidence.notes and not size else what,
        edits=indexes(edits),
        where=Where.UNKNOWN,
        notes=notes(
            "the differences there are damage of the evidence and no proof of a damaged transfer",
            *(evidence.notes if size else evidence.notes[1:]),
            _problem_words([problem for problem in _problems(evidence) if problem.kind in _DAMAGING]),
            _packets(edits, evidence),
        ),
    )


def harmless_damage_finding(evidence: EvidenceFacts) -> Finding | None:
    """OTA406 for damaged evidence whose image nevertheless is what was sent, as far as the edits tell."""
    found = fault(_DAMAGED)
    if found is None or not (evidence.damaged or evidence.sent_damaged):
        return None
    summary = f"{_damaged_name(evidence)} is damaged, but no difference depends on the damaged part"
    return finding_of(found, summary=summary, benign=True, notes=notes(*evidence.notes))


def _damaged_name(evidence: EvidenceFacts) -> str:
    return evidence.name if evidence.damaged or not evidence.sent_damaged else "the evidence of what was sent"


def loss_finding(edits: Numbered, evidence: EvidenceFacts) -> Finding | None:
    """OTA404, or OTA405 on an encrypted link, with the edits where perhaps only the capture lost the chunks."""
    encrypted = any(problem.kind == "encrypted" for problem in _problems(evidence))
    slug = _ENCRYPTED if encrypted else _INCOMPLETE
    found = fault(slug)
    if not edits or found is None:
        return None
    summary = f"{evidence.name} lacks writes in {amount(len(edits), 'place')}; perhaps only the capture lost them"
    if encrypted:
        summary = f"the link of {evidence.name} is encrypted: what is not readable may have been sent all the same"
    return finding_of(
        found,
        certainty=Certainty.POSSIBLE,
        summary=summary,
        edits=indexes(edits),
        notes=notes(
            _problem_words([problem for problem in _problems(evidence) if _slug(problem) == slug]),
            _packets(edits, evidence),
        ),
    )


def quiet_findings(evidence: EvidenceFacts, told: Sequence[Finding]) -> list[Finding]:
    """What is wrong with the capture and touches no byte of the image."""
    known = {finding.slug for finding in told}
    damaging = _DAMAGING if "evidence-damaged" in known else ()
    left = [problem for problem in _problems(evidence) if problem.kind not in damaging]
    result = []
    for slug in dict.fromkeys(map(_slug, left)):
        found = fault(slug)
        if found is not None and slug not in known:
            words = _problem_words([problem for problem in left if _slug(problem) == slug])
            summary = f"{evidence.name} does not show all of the link, but no difference depends on the missing part"
            result.append(finding_of(found, summary=summary, benign=True, notes=notes(words)))
    harmless = None if _DAMAGED in known.union(finding.slug for finding in result) else harmless_damage_finding(evidence)
    return result if harmless is None else [*result, harmless]


def ciphertext_finding(evidence: EvidenceFacts) -> Finding:
    """OTA405: the writes are there and carry ciphertext instead of an image."""
    found, transfer = fault(_ENCRYPTED), evidence.transfer
    assert found is not None
    assert transfer is not None
    what = f"the {amount(len(transfer.chunks), 'write')} of {transfer.protocol} in {evidence.name}"
    return finding_of(
        found,
        certainty=Certainty.LIKELY,
        summary=f"{what} carry encrypted bytes and not the image that was sent",
        notes=notes(
            "nothing of the image occurs in them, no header is known in them, and they look like random bytes",
            "a session over protocomm is encrypted on top of the link: no capture shows what it carries",
            "if the image itself was encrypted beforehand (pre-encrypted OTA), give the encrypted file as SENT",
        ),
    )


def nothing_finding(evidence: EvidenceFacts, reason: str) -> Finding:
    """Why no image could be decoded from the capture."""
    problems = _problems(evidence)
    encrypted = any(problem.kind == "encrypted" for problem in problems)
    found = fault(_ENCRYPTED if encrypted else _INCOMPLETE)
    assert found is not None
    why = "the link is encrypted" if encrypted else reason
    return finding_of(
        found,
        summary=f"no image can be read from {evidence.name}: {why}",
        notes=notes(_problem_words(problems)),
    )


def _problems(evidence: EvidenceFacts) -> tuple[CaptureProblem, ...]:
    return evidence.capture.problems if evidence.capture else ()


def _slug(problem: CaptureProblem) -> str:
    return _SLUG_OF_PROBLEM.get(problem.kind, _INCOMPLETE)


def _problem_words(problems: Sequence[CaptureProblem]) -> str | None:
    if not problems:
        return None
    return "in the capture: " + listed([f"{problem.count} times {problem.text}" for problem in problems], most=6)


def _packets(edits: Numbered, evidence: EvidenceFacts) -> str | None:
    words = [found for _, edit in edits if (found := evidence.packet_words(edit.received))]
    return listed(words) if words else None
