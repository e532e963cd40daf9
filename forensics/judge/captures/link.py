"""Findings about the link during the transfer: what its timeline and its answers show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from forensics.judge.captures.answers import Unanswered, unanswered
from forensics.judge.case import Case
from forensics.judge.wording import amount, finding_of, notes
from forensics.model.alignment import EditKind
from forensics.model.capture import ACKNOWLEDGED, FROM_HOST, REJECTED, Capture, Connection, Operation, TimelineEvent
from forensics.model.finding import Certainty, Finding, Where
from forensics.model.transfer import DecodedTransfer

_LONGEST_ATTRIBUTE = 512
"""Bytes. Source: Bluetooth Core Specification 5.4, volume 3, part F, section 3.2.9."""
_WRITE_HEADER = 3
_CLOSED_BY_PEER, _CLOSED_BY_HOST = 0x13, 0x16
_TOO_LONG_ERRORS = ("0x0d", "0x09")
"""Invalid Attribute Value Length and Prepare Queue Full (volume 3, part F, section 3.4.1.1)."""
_ACKNOWLEDGES_SECTORS = "espressif-ble-ota"
"""The protocol whose device answers each sector on the data handle with a frame that begins with its number."""
_FRAME_SIZE, _SECTOR_NUMBER_SIZE = 20, 2
_HIDES_ANSWERS = frozenset({"missed-answer", "missed-event", "dropped", "truncated", "cut", "encrypted", "unreadable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """The transfer on its connection; ``rows`` are the values that the client wrote to its handle."""

    capture: Capture
    transfer: DecodedTransfer
    connection: Connection
    rows: tuple[int, ...]

    def size(self, row: int) -> int:
        ends = self.capture.values.columns.ends
        return ends[row] - (ends[row - 1] if row else 0)

    def on_data_handle(self, row: int) -> bool:
        columns = self.capture.values.columns
        at = (columns.connections[row], columns.handles[row])
        return at == (self.transfer.connection, self.transfer.handle)

    def events(self, kind: str) -> list[TimelineEvent]:
        index = self.connection.index
        return [event for event in self.capture.timeline if event.kind == kind and event.connection == index]


def detect(case: Case) -> Iterator[Finding]:
    """What the link did to the transfer; harmless where the writes carry what was sent."""
    evidence, claims = case.link, case.first_leg.claims if case.first_leg else case.claims
    if evidence is None or evidence.capture is None or claims is None:
        return
    capture, transfer = evidence.capture, evidence.transfer
    if transfer is None or not transfer.chunks or not capture.connections:
        return
    connection = capture.connections[transfer.connection]
    link = _Link(capture=capture, transfer=transfer, connection=connection, rows=tuple(_rows(capture, transfer)))
    complete = all(edit.kind is not EditKind.TRUNCATED for _, edit in claims.rest)
    intact = case.intact
    found = (
        _too_long(link, benign=intact),
        _unacknowledged(link, benign=intact),
        None if complete else _disconnected(link),
        _mtu_changed(link, benign=intact),
        _notifications_lost(link, benign=intact),
    )
    yield from (finding for finding in found if finding is not None)


def _rows(capture: Capture, transfer: DecodedTransfer) -> Iterator[int]:
    columns = capture.values.columns
    for row, (connection, handle, operation) in enumerate(
        zip(columns.connections, columns.handles, columns.operations, strict=True)
    ):
        if handle == transfer.handle and connection == transfer.connection and Operation(operation).is_write:
            yield row


def _disconnected(link: _Link) -> Finding | None:
    """OTA501: the link ended before the image did."""
    last = link.transfer.chunks[-1]
    event = next((one for one in link.events("disconnected") if one.number > last.number), None)
    if event is None:
        return None
    from_host = bool(link.rows and link.capture.values.columns.flags[link.rows[-1]] & FROM_HOST)
    seconds = (event.time - last.time) / 1_000_000
    announced = link.transfer.announced_size
    of_all = f" of {announced}" if announced else ""
    return finding_of(
        "disconnected",
        summary=f"the link ended after {len(link.transfer.image)}{of_all} bytes of the image: {event.text}",
        where=_who_ended(link.connection.reason, from_host),
        notes=notes(f"packet {event.number}, {seconds:.3f} s after the last chunk (packet {last.number})"),
    )


def _who_ended(reason: int | None, from_host: bool) -> Where:
    if reason == _CLOSED_BY_PEER:
        return Where.DEVICE if from_host else Where.SENDER
    if reason == _CLOSED_BY_HOST:
        return Where.SENDER if from_host else Where.DEVICE
    return Where.UNKNOWN if reason is None else Where.AIR


def _too_long(link: _Link, *, benign: bool) -> Finding | None:
    """OTA502: writes above the MTU or the longest attribute, or refused for their length."""
    connection = link.connection
    room = connection.mtu - _WRITE_HEADER if connection.mtu_exchanged else _LONGEST_ATTRIBUTE
    columns = link.capture.values.columns
    rows = [
        row
        for row in link.rows
        if link.size(row) > _LONGEST_ATTRIBUTE or (link.size(row) > room and columns.operations[row] != Operation.LONG_WRITE)
    ]
    refused = [event for event in link.events("write-rejected") if event.text.endswith(_TOO_LONG_ERRORS)]
    if not (rows or refused):
        return None
    longest = max(map(link.size, rows), default=0)
    limit = min(room, _LONGEST_ATTRIBUTE)
    what = f"{amount(len(rows), 'write')} of up to {longest} bytes where {limit} fit" if rows else ""
    said = f"the server refused {amount(len(refused), 'write')} for their length" if refused else ""
    first = columns.numbers[rows[0]] if rows else refused[0].number
    return finding_of(
        "write-too-long",
        summary="; ".join(part for part in (what, said) if part),
        where=Where.SENDER,
        benign=benign,
        notes=notes(f"first at packet {first}", f"the ATT MTU is {connection.mtu}" if connection.mtu_exchanged else None),
    )


def _mtu_changed(link: _Link, *, benign: bool) -> Finding | None:
    """OTA503: the MTU was exchanged while the image was on its way, and the chunks changed with it."""
    numbers = link.capture.values.columns.numbers
    if len(link.rows) < 2:
        return None
    first, last = numbers[link.rows[0]], numbers[link.rows[-1]]
    event = next((one for one in link.events("mtu") if first < one.number < last), None)
    if event is None:
        return None
    before = max(link.size(row) for row in link.rows if numbers[row] < event.number)
    after = max(link.size(row) for row in link.rows if numbers[row] > event.number)
    if before == after:
        return None
    return finding_of(
        "mtu-changed",
        certainty=Certainty.PROVEN,
        summary=f"the MTU changed during the transfer: writes of up to {before} bytes before it, {after} after it",
        where=Where.SENDER,
        benign=benign,
        notes=notes(f"packet {event.number}: {event.text}"),
    )


def _notifications_lost(link: _Link, *, benign: bool) -> Finding | None:
    """OTA504: what the device answers got no answer, although the sender went on."""
    hidden = any(problem.kind in _HIDES_ANSWERS for problem in link.capture.problems)
    if hidden:
        return None
    silent, first = _silent_sectors(link)
    if silent is None:
        silent = unanswered(link.capture, link.transfer)
    if silent is None:
        return None
    return finding_of(
        "notifications-lost",
        certainty=Certainty.LIKELY,
        summary=f"{amount(silent.count, silent.unit)} of {silent.of_all} got no acknowledgment, and the sender went on",
        where=Where.UNKNOWN,
        benign=benign,
        notes=notes(first, "whether the device sent it or the link lost it is not known"),
    )


def _silent_sectors(link: _Link) -> tuple[Unanswered | None, str | None]:
    """Sectors without the acknowledgment of their number, and a note on the first of them."""
    transfer, values = link.transfer, link.capture.values
    if transfer.protocol != _ACKNOWLEDGES_SECTORS or not transfer.reset:
        return None, None
    left = {chunk.offset // transfer.reset for chunk in transfer.chunks}
    left -= {max(left)}
    answered = {
        int.from_bytes(values.value(row)[:_SECTOR_NUMBER_SIZE], "little")
        for row, operation in enumerate(values.columns.operations)
        if not Operation(operation).is_write and link.on_data_handle(row) and link.size(row) == _FRAME_SIZE
    }
    silent = sorted(left - answered)
    if not silent or not left & answered:
        return None, None
    return Unanswered(unit="sector", count=len(silent), of_all=len(left)), f"the first is sector {silent[0]}"


def _unacknowledged(link: _Link, *, benign: bool) -> Finding | None:
    """OTA505: write requests that the server refused or never answered."""
    columns = link.capture.values.columns
    requests = [row for row in link.rows if columns.operations[row] == Operation.WRITE_REQUEST]
    refused = [row for row in requests if columns.flags[row] & REJECTED]
    answered = sum(bool(columns.flags[row] & ACKNOWLEDGED) for row in requests)
    hidden = any(problem.kind in _HIDES_ANSWERS for problem in link.capture.problems)
    silent = [row for row in requests if not columns.flags[row] & (REJECTED | ACKNOWLEDGED)]
    if hidden or not answered:
        silent = []
    if not (refused or silent):
        return None
    words = []
    if refused:
        words.append(f"the server refused {amount(len(refused), 'write request')} with an error")
    if silent:
        words.append(f"{amount(len(silent), 'write request')} got no answer")
    return finding_of(
        "unacknowledged",
        summary=" and ".join(words),
        where=Where.DEVICE,
        benign=benign,
        notes=notes(f"first at packet {columns.numbers[(refused or silent)[0]]}"),
        values={"refused": len(refused), "silent": len(silent)},
    )
