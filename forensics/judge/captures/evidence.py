"""OTA404 to OTA406: what the evidence itself lacks, apart from what the transfer did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forensics.judge.captures.facts import EvidenceFacts, Numbered
from forensics.judge.case import Case
from forensics.judge.wording import amount, finding_of, indexes, listed, notes
from forensics.model.capture import CaptureProblem
from forensics.model.finding import Certainty, Finding

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


def detect(case: Case) -> Iterator[Finding]:
    """The edits that damaged or lossy evidence explains, and what else it lacks without harm."""
    evidence, claims = case.evidence, case.claims
    if evidence is not None and claims is not None:
        yield from damage_findings(claims.damaged, evidence, decisive=case.doubtful)
        yield from _loss(claims.lost, evidence)


def damage_findings(edits: Numbered, evidence: EvidenceFacts, *, decisive: bool) -> Iterator[Finding]:
    """OTA406 with the edits that damaged evidence explains, or without any when it is the reason for saying no more."""
    if not (edits or decisive):
        return
    size = sum(span.size for span in (*evidence.damaged, *evidence.sent_damaged))
    where = f"is damaged at {amount(size, 'byte')} of the image" if size else "is cut"
    what = f"{_damaged_name(evidence)} {where}: what was sent there is not known"
    yield finding_of(
        _DAMAGED,
        summary=evidence.notes[0] if evidence.notes and not size else what,
        edits=indexes(edits),
        notes=notes(
            "the differences there are damage of the evidence and no proof of a damaged transfer",
            *(evidence.notes if size else evidence.notes[1:]),
            _problem_words([problem for problem in _problems(evidence) if problem.kind in _DAMAGING]),
            _packets(edits, evidence),
        ),
    )


def detect_harmless(case: Case) -> Iterator[Finding]:
    """What is wrong with the evidence and touches no byte of the image."""
    known = {finding.slug for finding in case.found}
    if case.link is not None:
        yield from _quiet(case.link, known)
    evidence = case.evidence
    if evidence is None or case.observed is not None or _DAMAGED in known:
        return
    told = case.link is evidence and any(_slug(problem) == _DAMAGED for problem in _problems(evidence))
    if (evidence.damaged or evidence.sent_damaged) and not told:
        summary = f"{_damaged_name(evidence)} is damaged, but no difference depends on the damaged part"
        yield finding_of(_DAMAGED, summary=summary, benign=True, notes=evidence.notes)


def _damaged_name(evidence: EvidenceFacts) -> str:
    return evidence.name if evidence.damaged or not evidence.sent_damaged else "the evidence of what was sent"


def _loss(edits: Numbered, evidence: EvidenceFacts) -> Iterator[Finding]:
    """OTA404, or OTA405 on an encrypted link, with the edits where perhaps only the capture lost the chunks."""
    if not edits:
        return
    encrypted = any(problem.kind == "encrypted" for problem in _problems(evidence))
    slug = _ENCRYPTED if encrypted else _INCOMPLETE
    summary = f"{evidence.name} lacks writes in {amount(len(edits), 'place')}; perhaps only the capture lost them"
    if encrypted:
        summary = f"the link of {evidence.name} is encrypted: what is not readable may have been sent all the same"
    yield finding_of(
        slug,
        certainty=Certainty.POSSIBLE,
        summary=summary,
        edits=indexes(edits),
        notes=notes(
            _problem_words([problem for problem in _problems(evidence) if _slug(problem) == slug]),
            _packets(edits, evidence),
        ),
    )


def _quiet(link: EvidenceFacts, known: set[str]) -> Iterator[Finding]:
    damaging = _DAMAGING if _DAMAGED in known else ()
    left = [problem for problem in _problems(link) if problem.kind not in damaging]
    for slug in dict.fromkeys(map(_slug, left)):
        if slug not in known:
            words = _problem_words([problem for problem in left if _slug(problem) == slug])
            summary = f"{link.name} does not show all of the link, but no difference depends on the missing part"
            yield finding_of(slug, summary=summary, benign=True, notes=(words,))


def ciphertext_finding(evidence: EvidenceFacts) -> Finding:
    """OTA405: the writes are there and carry ciphertext instead of an image."""
    transfer = evidence.transfer
    assert transfer is not None
    what = f"the {amount(len(transfer.chunks), 'write')} of {transfer.protocol} in {evidence.name}"
    return finding_of(
        _ENCRYPTED,
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
    why = "the link is encrypted" if encrypted else reason
    return finding_of(
        _ENCRYPTED if encrypted else _INCOMPLETE,
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
