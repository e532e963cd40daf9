"""``live send`` over the virtual air, with every protocol and every failure that a device can bring."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("bumble", reason="the virtual ESP32 needs bumble: pip install 'otadiff[virtual]'")

from forensics import compare
from forensics.errors import LiveError, LiveFailure, UsageError
from forensics.live.choose import SendOptions
from forensics.live.provoke import parse_provocations
from forensics.live.response import parse_response
from forensics.live.virtual.board import BoardSettings
from forensics.live.virtual.esp32 import Esp32Settings
from forensics.live.virtual.receivers import RECEIVERS
from forensics.live.virtual.receivers.base import NOTIFY, READ, WRITE, WRITE_COMMAND
from forensics.model.alignment import EditKind
from forensics.model.capture import Capture
from forensics.model.finding import Verdict, Where
from forensics.model.span import ByteSpan
from forensics.protocols.senders.steps import Outcome
from forensics.read import read_evidence
from forensics.read.captures import read_capture
from tests.conftest import all_slugs
from tests.live.sent import CHUNK, image
from tests.live.session import send

OPTIONS = SendOptions(chunk_size=CHUNK, settle=0.05, timeout=2)


@pytest.mark.parametrize("receiver", RECEIVERS)
def test_an_update_arrives_and_is_accepted(receiver: str) -> None:
    session = send(Esp32Settings(board=BoardSettings(receiver=receiver)))
    assert session.board.slot_content()[: len(image())] == image()
    assert session.board.accepted is True
    assert session.transfer.outcome in (Outcome.ACCEPTED, Outcome.RECEIVED)
    assert session.moments[-1].queued == session.moments[-1].acknowledged == len(image())
    report = compare(image(), session.board.slot_content(), capture=session.journal, log=session.board.serial.text)
    assert report.verdict is Verdict.HEALTHY


@pytest.mark.parametrize("response", ["never", "always", "every:8"])
def test_the_user_chooses_which_writes_are_requests(response: str) -> None:
    session = send(Esp32Settings(), replace(OPTIONS, response=parse_response(response)))
    assert session.board.accepted is True
    writes = [event for event in _journal(session.journal).journal if event.kind == "write" and event.offset is not None]
    requests = sum(bool(event.response) for event in writes)
    assert requests == {"never": 0, "always": len(writes), "every:8": len(writes) // 8}[response]


def test_the_chunk_size_is_what_the_link_carries() -> None:
    session = send(Esp32Settings(mtu=185), replace(OPTIONS, chunk_size=None))
    assert session.transfer.acknowledged == len(image())
    assert max(event.length for event in _journal(session.journal).journal) == 182


def test_an_mtu_that_changes_is_in_the_journal() -> None:
    session = send(Esp32Settings(larger_mtu=(40, 185)), replace(OPTIONS, chunk_size=20), mtu=None)
    assert session.board.accepted is True
    mtus = [event.result for event in _journal(session.journal).journal if event.kind == "mtu"]
    assert mtus == ["ATT MTU 23", "ATT MTU 185"]


@pytest.mark.parametrize("after", [3, 60, 165])
def test_a_link_that_ends_leaves_a_whole_journal_and_a_hint(after: int) -> None:
    session = send(Esp32Settings(drop_link_after=after), replace(OPTIONS, response=parse_response("always")))
    assert session.transfer.outcome in (Outcome.BROKEN_OFF, Outcome.UNCONFIRMED)
    assert session.transfer.resume_hint
    capture = _journal(session.journal)
    assert any(event.kind == "disconnected" for event in capture.journal)
    assert not capture.problems
    stored = len(session.board.slot_content().rstrip(b"\xff"))
    report = compare(image(), session.board.slot_content(), capture=session.journal)
    assert report.verdict is Verdict.FAULTY
    assert "tail-missing" in all_slugs(report)
    assert stored <= min(session.transfer.queued + CHUNK, len(image()))


def test_a_write_that_was_only_queued_is_no_word_of_the_device() -> None:
    session = send(Esp32Settings(drop_link_after=30), OPTIONS)
    assert session.transfer.acknowledged == 0
    assert session.transfer.queued > len(session.board.slot_content().rstrip(b"\xff"))
    results = {event.result for event in _journal(session.journal).journal if event.offset is not None}
    assert "acknowledged" not in results


@pytest.mark.parametrize(
    ("settings", "failure"),
    [
        (Esp32Settings(requires_pairing=True), LiveFailure.PAIRING_REQUIRED),
        (Esp32Settings(board=BoardSettings(receiver="fbiego")), LiveFailure.NO_CHARACTERISTIC),
        (Esp32Settings(chunk_properties=frozenset({READ, NOTIFY})), LiveFailure.NO_PROPERTY),
        (Esp32Settings(chunk_properties=frozenset({WRITE})), LiveFailure.NO_PROPERTY),
    ],
)
def test_a_device_that_cannot_take_it_is_a_plain_error(settings: Esp32Settings, failure: LiveFailure) -> None:
    options = replace(OPTIONS, protocol="control-data", response=parse_response("never"))
    with pytest.raises((LiveError, UsageError)) as raised:
        send(settings, options)
    if isinstance(raised.value, LiveError):
        assert raised.value.failure is failure
    assert raised.value.next_step


def test_an_absent_device_is_a_plain_error() -> None:
    with pytest.raises(LiveError) as raised:
        send(Esp32Settings(name="OTHER"), replace(OPTIONS, timeout=0.2), device="OTA-TEST")
    assert raised.value.failure is LiveFailure.NOT_FOUND


def test_a_paired_link_is_taken() -> None:
    session = send(Esp32Settings(requires_pairing=True), replace(OPTIONS, pair=True))
    assert session.board.accepted is True


def test_only_commands_are_sent_where_requests_are_not_allowed() -> None:
    session = send(Esp32Settings(chunk_properties=frozenset({WRITE, WRITE_COMMAND})), OPTIONS)
    assert session.board.accepted is True


def test_a_shallow_queue_is_told_from_a_sender_that_lost_chunks() -> None:
    session = send(Esp32Settings(board=BoardSettings(queue_depth=8)), OPTIONS)
    assert session.board.task.lost
    assert session.transfer.outcome is Outcome.REFUSED
    report = compare(image(), session.board.slot_content(), capture=session.journal, log=session.board.serial.text)
    missing = [finding for finding in report.findings if finding.slug == "chunk-missing"]
    assert [finding.where for finding in missing] == [Where.DEVICE]
    named = {number for edit in report.edits if edit.chunks for number in range(edit.chunks[0], edit.chunks[1] + 1)}
    assert set(session.board.task.lost) <= named


def test_the_same_queue_keeps_up_with_a_sender_that_waits() -> None:
    settings = Esp32Settings(board=BoardSettings(queue_depth=8))
    session = send(settings, replace(OPTIONS, response=parse_response("always")))
    assert session.board.accepted is True


@pytest.mark.parametrize(
    ("provoked", "slug"),
    [("drop:20", "chunk-missing"), ("swap:21", "chunk-reordered"), ("repeat:22", "chunk-duplicated"),
     ("overwrite:23", "chunk-overwritten"), ("corrupt:24", "bytes-altered")],
)  # fmt: skip
def test_what_is_provoked_here_is_laid_to_the_sender(provoked: str, slug: str) -> None:
    session = send(Esp32Settings(), replace(OPTIONS, faults=parse_provocations(provoked)))
    report = compare(image(), session.board.slot_content(), capture=session.journal)
    found = [finding for finding in report.findings if finding.code.startswith("OTA2") and not finding.benign]
    assert [(finding.slug, finding.where) for finding in found] == [(slug, Where.SENDER)]
    assert any(event.kind == "provoked" for event in _journal(session.journal).journal)


def test_half_a_chunk_that_is_not_sent_is_missed_where_it_stood() -> None:
    session = send(Esp32Settings(), replace(OPTIONS, faults=parse_provocations("cut:25")))
    report = compare(image(), session.board.slot_content(), capture=session.journal)
    (edit,) = (edit for edit in report.edits if edit.kind is EditKind.DROPPED)
    assert edit.sent == ByteSpan(25 * CHUNK + CHUNK // 2, 26 * CHUNK)


@pytest.mark.parametrize("lost", [0, 1])
def test_an_answer_that_never_comes_does_not_hang(lost: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forensics.protocols.senders.control_data._BEGIN_SECONDS", 0.2)
    monkeypatch.setattr("forensics.protocols.senders.control_data._END_SECONDS", 0.2)
    session = send(Esp32Settings(lost_notifications=frozenset({lost})), OPTIONS)
    assert session.transfer.outcome is (Outcome.BROKEN_OFF, Outcome.UNCONFIRMED)[lost]


def test_a_lost_acknowledgment_of_a_sector_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forensics.protocols.senders.espressif._SECTOR_SECONDS", 0.2)
    settings = Esp32Settings(board=BoardSettings(receiver="espressif-raw"), lost_notifications=frozenset({2}))
    session = send(settings, OPTIONS)
    assert session.board.slot_content()[: len(image())] == image()


def _journal(content: bytes) -> Capture:
    return read_capture(read_evidence(content))
