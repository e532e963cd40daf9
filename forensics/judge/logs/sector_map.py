"""What the CRC32 of each sector of the slot says: OTA201 to OTA206 where one fault explains them all, else OTA316."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import gcd

from forensics.judge.case import Case, Side
from forensics.judge.logs.slot_map import SlotMap
from forensics.judge.logs.solved import SLUG_OF_EDIT
from forensics.judge.logs.wording import finding
from forensics.judge.wording import amount, listed, segment_at
from forensics.model.finding import Certainty, Finding, Where
from forensics.model.observation import Observation
from forensics.model.solve import Reading, SectorMap, SectorRun
from forensics.model.span import ByteSpan
from forensics.spec.flash import SECTOR

_LEAST_CHUNK = 16
_RUNS_TOLD = 6
_WITHHELD = "the first 16 bytes were still erased when the map was made: Arduino's Update writes them last"
_DISAGREEING = 2
"""Sectors, each with a checksum of 32 bits, whose agreement cannot be an accident."""


def detect(case: Case) -> Iterator[Finding]:
    """The fault that the map shows, as far as the bytes themselves are not at hand."""
    known = case.slot_map
    if known is None or known.found is None or known.found.first_bad is None or case.sent is None:
        return
    bytes_at_hand = known.unlike_dump == ()
    if bytes_at_hand or (case.solved is not None and case.solved.solutions):
        return
    found = _read(case, case.sent, known, known.readings[0]) if known.readings else None
    found = found or _shifted_or_differing(case.sent, known, known.found)
    yield found if case.observed is None else _behind_the_callback(found, case, case.observed)


def _behind_the_callback(one: Finding, case: Case, observed: Observation) -> Finding:
    """The device told of the chunks, too: the report's edits are those, and right chunks were damaged later."""
    if observed.unseen or not case.intact:
        return replace(one, edits=())
    note = "every chunk was right in the device's write callback: the fault is between it and the flash"
    return replace(one, edits=(), where=Where.DEVICE, notes=(note, *one.notes))


def detect_other_attempt(case: Case) -> Iterator[Finding]:
    """OTA403: the map is not of the dump, or not of the transfer that the device refused."""
    known = case.slot_map
    if known is None:
        return
    if known.unlike_dump and case.dump is not None:
        yield finding(
            "dump-of-another-attempt",
            Certainty.PROVEN,
            f"{case.dump.name} is not what the device mapped: {_sectors(known.unlike_dump)} of it "
            f"{'has' if len(known.unlike_dump) == 1 else 'have'} another checksum",
            lines=[known.lines[index] for index in known.unlike_dump if index in known.lines],
            notes=("explain the dump and the map apart: they are from different attempts or slots",),
        )
    refused = [one for one in case.failures_of("checksum_failed", "hash_failed", "invalid_segment_length") if not one.benign]
    if refused and case.sent is not None and case.sent.accepted and holds_all(known, case.sent):
        yield finding(
            "dump-of-another-attempt",
            Certainty.LIKELY,
            f"the map of the slot is of another attempt than the failed check: every sector holds what {case.sent.name} "
            "holds, and that passes all checks",
            lines=(*list(known.lines.values())[:1], *(line for one in refused for line in one.lines)),
            notes=("if both are of one attempt, the flash reads differently from one time to the next: see its supply",),
        )


def holds_all(known: SlotMap, sent: Side) -> bool:
    """Every sector of SENT is in the map, and right."""
    found = known.found
    return found is not None and found.first_bad is None and found.known == _sectors_of(sent) and not known.withheld


def map_words(known: SlotMap, sent: Side) -> str | None:
    """What a map without a wrong sector says; None when it has one, or when SENT is not at hand."""
    found = known.found
    if found is None or found.first_bad is not None or not found.known:
        return None
    if known.withheld:
        return f"all {found.known} known sectors hold what {sent.name} holds, but {_WITHHELD}"
    if holds_all(known, sent):
        return f"the slot holds {sent.name}: all {found.known} sectors have its checksums"
    return f"{found.known} of {_sectors_of(sent)} sectors are in the map of the slot, and all hold what {sent.name} holds"


def _sectors_of(sent: Side) -> int:
    return -(-len(sent.data) // SECTOR)


def _read(case: Case, sent: Side, known: SlotMap, best: Reading) -> Finding:
    """One simple fault gives every known sector its checksum."""
    found = known.found
    assert found is not None
    kinds = [edit.kind for edit in best.edits if edit.kind in SLUG_OF_EDIT]
    first = best.edits[0]
    place = segment_at(sent.image, first.sent.start) if first.sent else None
    others = [f"another explanation of the same checksums: {_words(one)}" for one in known.readings[1:4]]
    return finding(
        SLUG_OF_EDIT[kinds[0]],
        _certainty(sent, found),
        _words(best),
        lines=_bad_lines(known, found),
        edits=tuple(range(len(best.edits))),
        notes=(
            f"with this fault {sent.name} gives each of the {len(known.crcs)} sectors in the map its checksum",
            _first_bad_note(found),
            f"it is in {place} of the image" if place else None,
            *others,
            *_evidence_notes(known, sent),
        ),
    )


def _words(reading: Reading) -> str:
    return reading.words + (f", in chunks of {reading.chunk_size} bytes" if reading.chunk_size else "")


def _certainty(sent: Side, found: SectorMap) -> Certainty:
    """Proven when the checksums of several damaged sectors agree and none of the image is missing."""
    enough = found.known - found.good >= _DISAGREEING and found.known == _sectors_of(sent)
    return Certainty.PROVEN if enough else Certainty.LIKELY


def _shifted_or_differing(sent: Side, known: SlotMap, found: SectorMap) -> Finding:
    """Several faults at once, or bytes that no file at hand holds: the first place, and the shifts behind it."""
    moved = [run for run in found.runs if run.shift]
    if moved and found.seam is not None and moved[0].shift is not None:
        slug, certainty, summary = _shift(moved[0], found.seam)
    else:
        slug, certainty, summary = "sectors-differ", Certainty.PROVEN, _differing(sent, found)
    return finding(
        slug,
        certainty,
        summary,
        lines=_bad_lines(known, found),
        notes=(
            _first_bad_note(found),
            *_run_notes(found),
            _chunk_note([run.shift for run in moved if run.shift]),
            *_evidence_notes(known, sent),
        ),
    )


def _shift(run: SectorRun, seam: ByteSpan) -> tuple[str, Certainty, str]:
    assert run.shift is not None
    place = f"at 0x{seam.start:x}" if seam.size == 1 else f"between 0x{seam.start:x} and 0x{seam.end - 1:x}"
    certainty = Certainty.PROVEN if run.last - run.first + 1 >= _DISAGREEING else Certainty.LIKELY
    size = amount(abs(run.shift), "byte")
    if run.shift > 0:
        return "chunk-missing", certainty, f"{size} never arrived {place} of the slot, and not only there"
    return "chunk-duplicated", certainty, f"{size} are there twice {place} of the slot, and more is wrong behind them"


def _differing(sent: Side, found: SectorMap) -> str:
    bad = found.known - found.good
    do = "does" if bad == 1 else "do"
    return (
        f"{bad} of {amount(found.known, 'sector')} in the map of the slot {do} not hold what {sent.name} holds there; "
        f"the first is sector {found.first_bad}"
    )


def _first_bad_note(found: SectorMap) -> str:
    first = found.first_bad
    assert first is not None
    place = f"sector {first} (0x{first * SECTOR:x} to 0x{(first + 1) * SECTOR - 1:x} of the slot) is the first wrong one"
    return f"{place}, and every sector before it that the map holds is right" if first else place


def _run_notes(found: SectorMap) -> Iterator[str]:
    """What stands in the sectors from the first wrong one on, a run a line."""
    first = found.first_bad
    assert first is not None
    told = [run for run in found.runs if run.last >= first]
    for run in told[:_RUNS_TOLD]:
        yield f"{_sectors(range(run.first, run.last + 1))}: {_run_words(run)}"
    if len(told) > _RUNS_TOLD:
        yield f"{amount(len(told) - _RUNS_TOLD, 'run')} of sectors follow"


def _run_words(run: SectorRun) -> str:
    match run.shift, run.fill:
        case None, None:
            return "bytes that are not those of the file, as a whole"
        case None, fill:
            return {0xFF: "erased flash", 0x00: "zeros"}.get(fill or 0, f"0x{fill:02x} repeated")
        case 0, _:
            return "right"
        case shift, _ if shift and shift > 0:
            return f"sent bytes, {shift} too early"
        case shift, _:
            return f"sent bytes, {-(shift or 0)} too late"


def _chunk_note(shifts: list[int]) -> str | None:
    size = gcd(*shifts) if shifts else 0
    if len(set(shifts)) < _DISAGREEING or size < _LEAST_CHUNK:
        return None
    return f"every shift is a multiple of {size}: whole chunks, of {size} bytes or a part of that, were lost or repeated"


def _sectors(indexes: range | tuple[int, ...]) -> str:
    if len(indexes) == 1:
        return f"sector {indexes[0]}"
    if isinstance(indexes, range):
        return f"sectors {indexes[0]} to {indexes[-1]}"
    return f"sectors {listed([str(index) for index in indexes])}"


def _bad_lines(known: SlotMap, found: SectorMap) -> list[int]:
    """The line of the first wrong sector, and that of the sector before it."""
    first = found.first_bad or 0
    return [known.lines[index] for index in (first - 1, first) if index in known.lines]


def _evidence_notes(known: SlotMap, sent: Side) -> Iterator[str]:
    missing = _sectors_of(sent) - sum(index < _sectors_of(sent) for index in known.crcs)
    if known.withheld:
        yield _WITHHELD
    if known.damaged:
        yield f"{amount(len(known.damaged), 'line')} of the map {'is' if len(known.damaged) == 1 else 'are'} damaged"
    if missing > 0:
        yield f"{amount(missing, 'sector')} of the image {'is' if missing == 1 else 'are'} not in the map"
    if known.earlier:
        yield f"{amount(known.earlier, 'earlier map')} in the log {'is' if known.earlier == 1 else 'are'} of another attempt"
