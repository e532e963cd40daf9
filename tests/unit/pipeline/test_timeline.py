"""Every report that has a capture tells the link's events, the transfer and the findings on the capture's clock."""

from __future__ import annotations

from forensics.judge.captures.timeline import MOST_EVENTS
from forensics.model.capture import TimelineEvent
from forensics.model.report import Report
from forensics.pipeline.comparison import Options, compare_sources
from tests import captures as synth
from tests.unit.pipeline.test_captures import IMAGE, LACKS_CHUNK_100, WHOLE, btsnoop, journal
from tests.unit.protocols import senders
from tests.unit.protocols.senders import NOTIFY, Step

START = 1_760_000_000_000_000


def events(report: Report, kind: str) -> list[TimelineEvent]:
    return [event for event in report.timeline if event.kind == kind]


def captured(steps: list[Step], extra: int = 0) -> bytes:
    pdus = synth.mtu_exchange(247, 517, time=START - 5000) + senders.conversation(steps)
    packets = synth.hci_packets(pdus)
    others = [synth.connected(0x41, time=START - 9000) for _ in range(extra)]
    end = synth.disconnected(reason=0x13, time=packets[-1].time + 1_000_000)
    return synth.write_btsnoop([*others, synth.connected(time=START - 8000), *packets, end], 1002)


def test_a_capture_as_received_tells_link_transfer_and_findings() -> None:
    report = compare_sources(IMAGE, captured(LACKS_CHUNK_100), Options())
    assert [event.kind for event in report.timeline] == [
        "connected",
        "mtu",
        "first-chunk",
        "finding",
        "last-chunk",
        "disconnected",
    ]
    numbers = [event.number for event in report.timeline]
    assert numbers == sorted(numbers)
    (found,) = events(report, "finding")
    assert found.text == "OTA202 chunk-missing: chunk 100"
    (first,), (last,) = events(report, "first-chunk"), events(report, "last-chunk")
    assert first.time < found.time < last.time
    assert "ended by the remote user" in events(report, "disconnected")[0].text
    assert Report.from_dict(report.to_dict()) == report


def test_a_capture_beside_a_dump_tells_where_the_lost_bytes_went_over_the_link() -> None:
    received = IMAGE[: 100 * 244] + IMAGE[101 * 244 :]
    report = compare_sources(IMAGE, received, Options(capture=captured(WHOLE)))
    (found,) = events(report, "finding")
    (first,) = events(report, "first-chunk")
    steps_of_a_chunk = (first.number, first.number + 2 * 100)
    assert (first.number, found.number) == steps_of_a_chunk
    without = compare_sources(IMAGE, received, Options(capture=captured(LACKS_CHUNK_100)))
    assert len(events(without, "finding")) == 1


def test_a_journal_has_a_timeline_of_its_own_clock() -> None:
    report = compare_sources(IMAGE, journal(IMAGE), Options())
    assert [event.kind for event in report.timeline] == ["first-chunk", "last-chunk"]
    assert report.timeline[0].time == 0


def test_a_capture_without_an_image_still_has_its_events() -> None:
    report = compare_sources(IMAGE, captured([Step(NOTIFY, 0x2D, b"\1")]), Options())
    assert [event.kind for event in report.timeline] == ["connected", "mtu", "disconnected"]


def test_bytes_alone_have_no_timeline() -> None:
    assert compare_sources(IMAGE, IMAGE, Options()).timeline == ()
    assert compare_sources(IMAGE, IMAGE, Options(capture=btsnoop(WHOLE))).timeline != ()


def test_a_timeline_that_is_too_long_keeps_the_transfers_connection_and_counts_the_rest() -> None:
    report = compare_sources(IMAGE, captured(WHOLE, extra=MOST_EVENTS + 500), Options())
    kinds = {event.kind for event in report.timeline}
    assert {"mtu", "first-chunk", "last-chunk", "disconnected", "left-out"} <= kinds
    (left_out,) = events(report, "left-out")
    assert left_out.text.startswith("503 more events")
    assert len(report.timeline) == MOST_EVENTS + 3
