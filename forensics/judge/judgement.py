"""From a case to its findings, the verdict and the first line that a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from forensics.judge.case import Case, Compared
from forensics.judge.rules import RULES, Of, Rule
from forensics.model.evidence import LEAST_SHARE, HowRead
from forensics.model.finding import Certainty, Consequence, Finding, Value, Verdict

MOST_OF_A_RULE = 8
"""Findings of one rule; a paste of a thousand attempts repeats itself."""

MOST_PLACES = 100
"""Places of one finding that its values list; its edits have all."""

_EVIDENCE_ALONE = ("OTA402", "OTA403", "OTA404", "OTA405", "OTA406")
"""Faults of the evidence: they leave the transfer open."""

_NEXT_BOOT = 4
"""Level of what the next boot says; how the device can be reached then, only its own advice tells."""

_OTHER_ATTEMPT = "dump-of-another-attempt"

_EXPLAINS = {
    "disconnected": ("tail-missing", "unacknowledged", "notifications-lost"),
    "write-too-long": ("chunk-shortened", "unacknowledged", "disconnected", "tail-missing"),
    "unacknowledged": ("disconnected", "tail-missing"),
    "mtu-changed": ("chunk-shortened",),
}
"""What an event on the link leads to, beyond the order of ``_level``; a write without an answer leads to nothing."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings on a case, causes first; the verdict; and the first line that a person reads."""

    findings: tuple[Finding, ...]
    verdict: Verdict
    summary: str


def judge(case: Case) -> Judgement:
    """What ``case`` shows; the verdict is never surer than how the files were read."""
    sure = _found(case)
    findings = _as_sure_as_read(sure, case)
    serious = [one for one in findings if not one.benign]
    verdict, summary = (verdict_of(findings), serious[0].summary) if serious else _quiet(case)
    doubtful = [(name, one) for name, one in case.readings.items() if not one.is_certain]
    open_ = verdict is Verdict.HEALTHY and any(one.rivals for _, one in doubtful)
    if open_ or (serious and verdict is not Verdict.FAULTY and verdict_of(sure) is Verdict.FAULTY):
        name, reading = next((one for one in doubtful if one[1].rivals), doubtful[0])
        verdict, summary = Verdict.INCONCLUSIVE, f"{name} is {' or '.join((reading.how, *reading.rivals))}"
    if verdict is Verdict.HEALTHY and case.unread:
        name, why = next(iter(case.unread.items()))
        verdict, summary = Verdict.INCONCLUSIVE, f"{name}: {why}; {summary}"
    return Judgement(findings, verdict, summary)


def _quiet(case: Case) -> tuple[Verdict, str]:
    """The verdict and the first line where nothing does harm."""
    if case.observed is not None:
        from forensics.judge.captures.observed import answer as answer_of_device  # noqa: PLC0415 - seldom needed

        return answer_of_device(case, case.observed)
    if isinstance(case, Compared):
        name = "what arrived" if case.received.name == "bytes" else case.received.name
        if case.evidence is not None and case.evidence.capture is not None:
            return Verdict.HEALTHY, f"the writes in {name} carry exactly what was sent, and it passes the device's checks"
        return Verdict.HEALTHY, f"{name} equals what was sent and passes the device's checks"
    from forensics.judge.logs.outcome import answer as answer_of_log  # noqa: PLC0415 - only with a log

    return answer_of_log(case)


def verdict_of(findings: Sequence[Finding]) -> Verdict:
    """Faulty when a fault of the file, the transfer or the device is proven or likely; else open."""
    shown = (one for one in findings if not one.benign and one.code not in _EVIDENCE_ALONE)
    return Verdict.FAULTY if any(one.certainty is not Certainty.POSSIBLE for one in shown) else Verdict.INCONCLUSIVE


def _found(case: Case) -> tuple[Finding, ...]:
    findings = list(asked(case))
    if case.evidence is not None or case.first_leg is not None:
        from forensics.judge.captures.legs import placed, with_protocol  # noqa: PLC0415 - with evidence of the link only

        findings = [placed(one, case) for one in findings]
        findings = [with_protocol(one, case) if not place else one for place, one in enumerate(_ranked(findings))]
    return _each_note_once(_with_consequences(_ranked(findings), case))


def asked(case: Case) -> Iterator[Finding]:
    """The findings of every rule that applies, each with the edits that it explains."""
    edits = case.alignment.edits
    claims = case.claims
    free = range(len(edits)) if claims is None else [index for index, _ in claims.rest]
    case = replace(case, free=tuple(free))
    excluded: dict[Of, set[str]] = {of: set() for of in Of}
    for rule in RULES:
        if not _applies(rule, case) or (rule.slugs and excluded[rule.of].issuperset(rule.slugs)):
            continue
        for one in _several(rule.load()(case)):
            if one.slug in excluded[rule.of] or _is_told(one, rule, case):
                continue
            case = replace(case, free=tuple(index for index in case.free if index not in one.edits))
            if case.evidence is not None and case.evidence.doubts(one.slug):
                case = replace(case, doubtful=True)
                continue
            case = replace(case, found=(*case.found, one))
            if not one.benign:
                excluded[rule.of].update(rule.excludes)
            yield one if rule.of is Of.LOG else _with_places(one, case)


def _with_places(one: Finding, case: Case) -> Finding:
    """The finding with the numbers and places of its edits beside its own values."""
    edits = [case.alignment.edits[index] for index in one.edits]
    if not edits:
        return one
    chunks = tuple(edit.chunks for edit in edits[:MOST_PLACES] if edit.chunks is not None)
    values: dict[str, Value] = {
        "places": sum(edit.repeat.count if edit.repeat else 1 for edit in edits),
        "sent": tuple((edit.sent.start, edit.sent.end) for edit in edits[:MOST_PLACES] if edit.sent),
        "received": tuple((edit.received.start, edit.received.end) for edit in edits[:MOST_PLACES]),
        **({"chunks": chunks} if chunks else {}),
    }
    return replace(one, values={**values, **one.values})


def _applies(rule: Rule, case: Case) -> bool:
    if rule.of is Of.LOG:
        return case.device_log is not None or case.slot_map is not None
    if not isinstance(case, Compared):
        return False
    if rule.of is Of.LINK:
        return case.evidence is not None or case.first_leg is not None or case.observed is not None
    return not rule.edits or any(case.alignment.edits[index].kind in rule.edits for index in case.free)


def _several(found: Finding | Iterable[Finding] | None) -> list[Finding]:
    if found is None or isinstance(found, Finding):
        return [found] if found else []
    return list(islice(found, MOST_OF_A_RULE))


def _is_told(one: Finding, rule: Rule, case: Case) -> bool:
    """An earlier finding says it; and what bytes show is not told again as what a log makes likely."""
    before = case.found
    if rule.of is Of.BYTES:
        return False
    if any(other.code == one.code and (other.edits or other.summary == one.summary) for other in before):
        return True
    if rule.of is not Of.LOG or not isinstance(case, Compared):
        return False
    another = any(other.slug == _OTHER_ATTEMPT for other in before)
    guessed = one.code.startswith(("OTA1", "OTA2")) and one.certainty is not Certainty.PROVEN
    return any(other.code == one.code for other in before) or (guessed and not another)


def _ranked(findings: Iterable[Finding]) -> list[Finding]:
    """What is merely possible comes behind what is sure, and what does no harm behind everything."""
    return sorted(findings, key=lambda one: 2 if one.benign else int(one.certainty is Certainty.POSSIBLE))


def _with_consequences(findings: Sequence[Finding], case: Case) -> list[Finding]:
    """Each finding that another one explains becomes a consequence of that one."""
    kept: list[Finding] = []
    for one in sorted(findings, key=lambda one: (one.benign, one.certainty is Certainty.POSSIBLE, _level(one))):
        cause = next((place for place, other in enumerate(kept) if _explains(other, one, case)), None)
        if one.benign and any(_is_weaker(one, other) for other in kept):
            continue
        if cause is None:
            kept.append(one)
        else:
            kept[cause] = _absorbed(kept[cause], one)
    if case.dump_walks and kept:
        from forensics.judge.logs.evidence import dump_note  # noqa: PLC0415 - only with a log beside a dump

        said = dump_note(case)
        kept[0] = replace(kept[0], notes=(*kept[0].notes, said)) if said else kept[0]
    order = {id(one): place for place, one in enumerate(findings)}
    first = {one.code: place for place, one in reversed(list(enumerate(findings)))}
    return sorted(kept, key=lambda one: order.get(id(one), first[one.code]))


def _absorbed(cause: Finding, effect: Finding) -> Finding:
    if _is_weaker(effect, cause):
        return cause
    told = Consequence(code=effect.code, slug=effect.slug, summary=effect.summary, log_lines=effect.log_lines)
    return replace(
        cause,
        edits=tuple(sorted({*cause.edits, *effect.edits})),
        consequences=(*cause.consequences, told, *effect.consequences),
        remedies=(*cause.remedies, *(effect.remedies if _level(effect) == _NEXT_BOOT else ())),
    )


def _is_weaker(one: Finding, other: Finding) -> bool:
    """The same lines in weaker words."""
    same_lines = bool(one.log_lines) and set(one.log_lines) <= set(other.log_lines)
    return same_lines and not one.edits and _level(one) == _level(other) and one.benign == other.benign


def _level(one: Finding) -> int:
    """How early in the chain of causes a fault is: the file, the link, the transfer, the device's check, the next boot."""
    if one.slug == "no-bootable-app":
        return _NEXT_BOOT
    if one.slug == "link-lost":
        return 1
    if one.slug == "short-write-ended-transfer":
        return 2
    return {"1": 0, "5": 1, "2": 2, "3": 3}.get(one.code[3], 5)


def _explains(cause: Finding, effect: Finding, case: Case) -> bool:
    """``effect`` would not be there without ``cause``."""
    if cause.benign or effect.benign or cause.certainty is Certainty.POSSIBLE or _level(effect) == 5:
        return False
    later = not cause.log_lines or not effect.log_lines or cause.log_lines[0] <= effect.log_lines[-1]
    if cause.slug == effect.slug in ("link-lost", "no-bootable-app"):
        return later and not cause.edits
    if effect.slug in _EXPLAINS.get(cause.slug, ()):
        return cause.slug != "unacknowledged" or bool(cause.values.get("refused"))
    if effect.edits or any(one.slug == _OTHER_ATTEMPT for one in case.found):
        return False
    if _level(cause) < _level(effect):
        return later and (_level(effect) > 2 or not cause.edits)
    same = _level(cause) == _level(effect) == 3
    return same and later and (_shares_walk(cause, effect, case) or _is_of_no_walk(effect, case))


def _is_of_no_walk(one: Finding, case: Case) -> bool:
    """What a caller says behind the objection of the verifier."""
    walks = [walk.lines for walk in case.log.passes]
    return bool(walks) and not any(first <= line <= last for first, last in walks for line in one.log_lines)


def _shares_walk(one: Finding, other: Finding, case: Case) -> bool:
    """Both are about one walk of the device, of which the first objection decides."""
    return any(
        any(first <= line <= last for line in one.log_lines) and any(first <= line <= last for line in other.log_lines)
        for first, last in (walk.lines for walk in case.log.passes)
    )


def _as_sure_as_read(findings: Sequence[Finding], case: Case) -> tuple[Finding, ...]:
    """Nothing is more certain than how SENT and RECEIVED were read."""
    for name, reading in case.readings.items():
        if reading.is_certain:
            continue
        notes = (
            f"this depends on how {name} is read: as {reading.how}",
            *(f"it could also be read as {one}" for one in reading.rivals),
        )
        findings = [
            one
            if one.code.startswith("OTA1")
            else replace(one, certainty=_as_sure(one, reading), notes=(*one.notes, *notes))
            for one in findings
        ]
    return tuple(findings)


def _as_sure(finding: Finding, reading: HowRead) -> Certainty:
    if reading.share < LEAST_SHARE or (finding.slug == "text-encoded" and reading.rivals):
        return Certainty.POSSIBLE
    return Certainty.LIKELY if finding.certainty is Certainty.PROVEN else finding.certainty


def _each_note_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What was said of one finding is not repeated under the next."""
    told: set[str] = set()
    result = []
    for finding in findings:
        result.append(replace(finding, notes=tuple(note for note in finding.notes if note not in told)))
        told.update(finding.notes)
    return tuple(result)
