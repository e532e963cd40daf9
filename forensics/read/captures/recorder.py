"""Collects what the layers find: values by column, connections, timeline and problems."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import NamedTuple

from forensics.model.capture import (
    DAMAGED,
    FROM_HOST,
    AttValues,
    Capture,
    CaptureProblem,
    Connection,
    JournalEvent,
    TimelineEvent,
    ValueColumns,
)
from forensics.read.captures.value_store import StoredValues, ValueStore

_MAX_CONNECTIONS = 4096
_MAX_EVENTS = 20000
_MOST_MISSING = 0xFFFF
_MOST_PADDED = 32 * 1024 * 1024
"""Bytes: the largest image that fits the flash of the family."""
_MOST_COPIED = 1 << 20
"""Entries of attribute tables that are copied for later connections to the same peer."""


@dataclass(slots=True)
class OpenConnection:
    """A connection while the capture is read; the fields are those of ``Connection``."""

    index: int
    handle: int
    peer: str | None = None
    mtu: int = 23
    client_mtu: int | None = None
    mtu_exchanged: bool = False
    first_time: int = 0
    last_time: int = 0
    reason: int | None = None
    interval: int | None = None
    server_uuids: tuple[dict[int, str], dict[int, str]] = field(default_factory=lambda: ({}, {}))
    """Handle to UUID of the server on the peer's side, and of the one on the captured side."""


class Origin(NamedTuple):
    """Where a fragment or PDU comes from: packet number, time in microseconds, connection, side, and ATT bearer."""

    number: int
    time: int
    connection: OpenConnection
    from_host: bool
    bearer: int = 0


@dataclass(slots=True)
class _Problem:
    count: int
    packets: list[int]
    text: str


class Recorder:
    """What one capture holds, as it is found."""

    def __init__(self) -> None:
        self.packets = 0
        self.journal: list[JournalEvent] = []
        self.connections: list[OpenConnection] = []
        self.numbers = array("I")
        self.times = array("q")
        self.connection_column = array("H")
        self.handles = array("H")
        self.operations = bytearray()
        self.flags = bytearray()
        self.missing = array("H")
        self.ends = array("I")
        self._padded = 0
        self._store = ValueStore()
        self._timeline: list[TimelineEvent] = []
        self._problems: dict[str, _Problem] = {}
        self._notes: list[str] = []

    def connect(self, handle: int, time: int, peer: str | None = None) -> OpenConnection:
        """A connection begins, or is seen for the first time."""
        if len(self.connections) >= _MAX_CONNECTIONS:
            self.problem("unreadable", None, f"more than {_MAX_CONNECTIONS} connections; the rest is in the last")
            return self.connections[-1]
        made = OpenConnection(len(self.connections), handle, peer, first_time=time, last_time=time)
        self.connections.append(made)
        return made

    def record(self, origin: Origin, handle: int, operation: int, value: bytes, *, flags: int = 0, missing: int = 0) -> int:
        """Appends one value and gives its index; ``missing`` of its bytes are not in the capture."""
        number, time, connection, from_host, _bearer = origin
        flags |= FROM_HOST if from_host else 0
        if missing:
            flags |= DAMAGED
        index = len(self.ends)
        self.numbers.append(number)
        self.times.append(time)
        self.connection_column.append(connection.index)
        self.handles.append(handle)
        self.operations.append(operation)
        self.flags.append(flags)
        self.missing.append(min(missing, _MOST_MISSING))
        self.ends.append(self._store.append(value))
        connection.last_time = time
        return index

    def may_pad(self, size: int) -> bool:
        """Whether ``size`` absent bytes are put in as zeros: a damaged file can announce more than any memory holds."""
        self._padded += size
        return self._padded <= _MOST_PADDED

    def event(self, number: int, time: int, kind: str, text: str, connection: OpenConnection | None) -> None:
        """Appends to the timeline; the events of a capture that never ends are cut."""
        if len(self._timeline) < _MAX_EVENTS:
            index = None if connection is None else connection.index
            self._timeline.append(TimelineEvent(number=number, time=time, connection=index, kind=kind, text=text))

    def problem(self, kind: str, number: int | None, text: str, count: int = 1) -> None:
        """Counts a reason why the capture does not show all; the text of the first stays."""
        known = self._problems.get(kind)
        if known is None:
            known = self._problems[kind] = _Problem(0, [], text)
        known.count += count
        if number is not None and len(known.packets) < _MAX_EVENTS:
            known.packets.append(number)

    def note(self, text: str) -> None:
        """Remembers one sentence about the capture, once."""
        if text not in self._notes:
            self._notes.append(text)

    def capture(self, name: str, container: str) -> Capture:
        """Everything that was found."""
        self._share_discovery()
        connections = tuple(_closed(item) for item in self.connections)
        columns = ValueColumns(
            numbers=self.numbers,
            times=self.times,
            connections=self.connection_column,
            handles=self.handles,
            operations=self.operations,
            flags=self.flags,
            missing=self.missing,
            ends=self.ends,
            content=bytearray() if self._store.is_in_file else self._store.tail,
        )
        values = AttValues(columns, connections)
        if self._store.is_in_file:
            values = StoredValues(columns, connections, self._store)
        problems = tuple(
            CaptureProblem(
                kind=kind,
                count=item.count,
                first_packet=item.packets[0] if item.packets else None,
                text=item.text,
                packets=tuple(item.packets),
            )
            for kind, item in self._problems.items()
        )
        return Capture(
            name=name,
            container=container,
            packets=self.packets,
            values=values,
            connections=connections,
            timeline=tuple(self._timeline),
            problems=problems,
            notes=tuple(self._notes),
            journal=tuple(self.journal),
        )

    def _share_discovery(self) -> None:
        """Centrals keep the attribute table of a peer, so a later connection to it shows no discovery."""
        known: dict[str, OpenConnection] = {}
        copied = 0
        for connection in self.connections:
            if connection.peer is None:
                continue
            earlier = known.get(connection.peer)
            if earlier is not None:
                tables = zip(earlier.server_uuids, connection.server_uuids, strict=True)
                copied += sum(len(theirs) for theirs, mine in tables if theirs and mine)
                connection.server_uuids = _with_those_of(earlier, connection, may_copy=copied <= _MOST_COPIED)
            known[connection.peer] = connection


def _with_those_of(
    earlier: OpenConnection, later: OpenConnection, *, may_copy: bool
) -> tuple[dict[int, str], dict[int, str]]:
    """Both tables of ``later``, with what ``earlier`` found before; a table is copied only where both have entries."""
    first, second = (
        theirs | mine if mine and theirs and may_copy else mine or theirs
        for theirs, mine in zip(earlier.server_uuids, later.server_uuids, strict=True)
    )
    return first, second


def _closed(connection: OpenConnection) -> Connection:
    return Connection(
        index=connection.index,
        handle=connection.handle,
        peer=connection.peer,
        mtu=connection.mtu,
        mtu_exchanged=connection.mtu_exchanged,
        first_time=connection.first_time,
        last_time=connection.last_time,
        reason=connection.reason,
        interval=connection.interval,
        uuids=connection.server_uuids[0],
        own_uuids=connection.server_uuids[1],
    )
