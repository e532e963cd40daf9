"""For any fault between sender and flash, the report from the journal and the final flash names exactly that fault."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("bumble", reason="the virtual ESP32 needs bumble: pip install 'otadiff[virtual]'")

from forensics import compare
from forensics.live.choose import SendOptions
from forensics.live.virtual.esp32 import Esp32Settings
from forensics.live.virtual.faults import AIR_FAULTS, AirFault, air_fault
from forensics.model.alignment import EditKind
from forensics.model.finding import Certainty, Verdict, Where
from forensics.model.report import Report
from tests.live.sent import image
from tests.live.session import Session, send

SLUGS = {
    "drop-one": "chunk-missing",
    "drop-burst": "chunk-missing",
    "drop-every-eighth": "chunk-missing",
    "tail-on-edge": "tail-missing",
    "swap-one": "chunk-reordered",
    "repeat-one": "chunk-duplicated",
    "overwrite-previous": "chunk-overwritten",
    "overwrite-next": "chunk-overwritten",
    "zero-one": "chunk-filled",
    "flip-many": "bytes-altered",
    "part-lost": "chunk-shortened",
    "cut-to-20": "chunk-shortened",
}
"""What each fault is called when the receiver appends what comes."""

NAMED_BY_CHUNK = ("drop-one", "drop-burst", "swap-one", "repeat-one", "overwrite-previous", "zero-one")
SIZE = 40_000


def test_every_fault_has_its_slug() -> None:
    assert set(SLUGS) == set(AIR_FAULTS)


@pytest.mark.slow
@given(st.sampled_from(sorted(SLUGS)), st.sampled_from((128, 182, 244, 495, 509)), st.integers(1, 3), st.integers(0, 999))
@settings(max_examples=20)
def test_the_report_names_the_fault_and_nothing_else(name: str, chunk: int, built: int, seed: int) -> None:
    sent = image(built, SIZE)
    fault = air_fault(name, chunks=-(-len(sent) // chunk), seed=seed)
    session = send(Esp32Settings(fault=fault), SendOptions(chunk_size=chunk, settle=0.05, timeout=5), content=sent)
    report = diagnosis(session, sent)
    if session.board.slot_content()[: len(sent)] == sent:
        assert report.verdict is Verdict.HEALTHY  # the fault put equal bytes there
        return
    assert report.verdict is Verdict.FAULTY
    transfer = [finding for finding in report.findings if finding.code.startswith("OTA2") and not finding.benign]
    assert {finding.slug for finding in transfer} - open_names(name, report) == {slug_of(fault, sent, chunk)}
    for finding in transfer:
        assert finding.certainty is Certainty.PROVEN
        assert finding.where is Where.DEVICE, "the journal shows that the chunks left the sender unharmed"
    if name in NAMED_BY_CHUNK:
        following = {place + 1 for place in fault.places}  # of two chunks that were swapped either may be named
        assert named_chunks(report) in ([set(fault.places), following] if name == "swap-one" else [set(fault.places)])
    if name == "tail-on-edge":
        cut = min(fault.places) * chunk
        (start,) = (edit.sent.start for edit in report.edits if edit.kind is EditKind.TRUNCATED and edit.sent)
        assert sent[start:cut].strip(b"\xff") == b"", "only what looks like erased flash may count as lost, too"


def diagnosis(session: Session, sent: bytes) -> Report:
    return compare(sent, session.board.slot_content(), capture=session.journal)


def open_names(name: str, report: Report) -> set[str]:
    """Part of a chunk lost inside a run of equal bytes may as well be bytes of no chunk in particular."""
    slides = any(edit.slack != (0, 0) for edit in report.edits)
    return {"chunk-missing"} if name == "part-lost" and slides else set()


def slug_of(fault: AirFault, sent: bytes, chunk: int) -> str:
    """A chunk overwritten by one of equal bytes looks as if it was filled, and is."""
    neighbour = {"overwrite-previous": -1, "overwrite-next": 1}.get(fault.name)
    if neighbour is not None:
        at = (min(fault.places) + neighbour) * chunk
        if len(set(sent[at : at + chunk])) == 1:
            return "chunk-filled"
    return SLUGS[fault.name]


def named_chunks(report: Report) -> set[int]:
    """Every chunk that an edit of the transfer names; where the bytes leave its place open, the edit slides."""
    named: set[int] = set()
    for edit in report.edits:
        if edit.chunks is not None and edit.kind is not EditKind.TRAILING:
            named |= set(range(edit.chunks[0], edit.chunks[1] + 1))
    return named
