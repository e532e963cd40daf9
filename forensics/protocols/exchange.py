"""One connection as a protocol sees it: what the client wrote and what the server told, in order."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, overload

from forensics.model.capture import DAMAGED, FROM_HOST, REJECTED, AttValues, Capture, Operation

_MOST_HANDLES = 16
_MOST_COMMANDS = 50_000
_WRITES = frozenset(int(operation) for operation in Operation if operation.is_write)


def short_uuid(number: int) -> str:
    """The 36 characters of a 16-bit UUID. Source: Core Specification 5.4, volume 3, part B, section 2.5.1."""
    return f"0000{number:04x}-0000-1000-8000-00805f9b34fb"


def full_uuid(text: str) -> str:
    """The 36 characters of a UUID that a user gave as 4 hex digits (with or without ``0x``) or whole."""
    short = text.lower().removeprefix("0x")
    return f"0000{short}-0000-1000-8000-00805f9b34fb" if len(short) == 4 else short


class Message(NamedTuple):
    """One value on its way: ``order`` in the capture's table of values, else as in ``AttValue``."""

    order: int
    number: int
    time: int
    handle: int
    operation: int
    value: bytes
    damaged: bool

    @property
    def is_write(self) -> bool:
        """The client wrote it."""
        return self.operation in _WRITES


class Messages(Sequence[Message]):
    """Some rows of a capture's table of values; each becomes a ``Message`` only while it is looked at."""

    def __init__(self, values: AttValues, rows: array[int]) -> None:
        self._values = values
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> Messages: ...

    def __getitem__(self, index: int | slice) -> Message | Messages:
        if isinstance(index, slice):
            return Messages(self._values, self._rows[index])
        return self._message(self._rows[index])

    def __iter__(self) -> Iterator[Message]:
        return map(self._message, self._rows)

    def sample(self, count: int) -> Messages:
        """About ``count`` of them, evenly spread."""
        return self[:: max(1, len(self) // count)]

    def _message(self, row: int) -> Message:
        columns = self._values.columns
        return Message(
            row,
            columns.numbers[row],
            columns.times[row],
            columns.handles[row],
            columns.operations[row],
            self._values.value(row),
            bool(columns.flags[row] & DAMAGED),
        )


class Exchange:
    """What went between one client and one server on one connection, writes that were rejected left out."""

    def __init__(self, capture: Capture, connection: int, client_is_host: bool, rows: array[int]) -> None:
        self.capture = capture
        self.connection = connection
        found = capture.connections[connection]
        self.connection_handle = found.handle
        self.uuids = found.uuids if client_is_host else found.own_uuids
        columns = capture.values.columns
        self._written: dict[int, array[int]] = {}
        self._told: dict[int, array[int]] = {}
        self._sizes: Counter[int] = Counter()
        for row in rows:
            handle, is_write = columns.handles[row], columns.operations[row] in _WRITES
            (self._written if is_write else self._told).setdefault(handle, array("I")).append(row)
            if is_write:
                self._sizes[handle] += columns.ends[row] - (columns.ends[row - 1] if row else 0)
        self._rows = rows
        self.messages = Messages(capture.values, rows)

    @property
    def writes(self) -> Messages:
        """All writes, in order."""
        return Messages(self.capture.values, self._all_rows(self._written, writes=True))

    def writes_to(self, handle: int) -> Messages:
        """The writes to one handle, in order."""
        return Messages(self.capture.values, self._written.get(handle, array("I")))

    @property
    def commands(self) -> Messages:
        """The writes to every handle but the busiest: what controls a transfer, not what it carries."""
        data = self.busiest()[:1]
        rows = (row for handle, rows in self._written.items() if handle not in data for row in rows)
        return Messages(self.capture.values, array("I", sorted(rows)[:_MOST_COMMANDS]))

    def writes_of_size(self, handle: int, size: int) -> Messages:
        """The writes of ``size`` bytes to one handle."""
        ends = self.capture.values.columns.ends
        rows = self._written.get(handle, array("I"))
        fitting = (row for row in rows if ends[row] - (ends[row - 1] if row else 0) == size)
        return Messages(self.capture.values, array("I", fitting))

    def told_by(self, handle: int | None) -> Messages:
        """The notifications and indications of one handle, or of all."""
        rows = self._told.get(handle, array("I")) if handle is not None else self._all_rows(self._told, writes=False)
        return Messages(self.capture.values, rows)

    def _all_rows(self, by_handle: dict[int, array[int]], *, writes: bool) -> array[int]:
        """The rows of all handles, in order."""
        if len(by_handle) == 1:
            return next(iter(by_handle.values()))
        operations = self.capture.values.columns.operations
        return array("I", (row for row in self._rows if (operations[row] in _WRITES) == writes))

    def handle_of(self, *uuids: str) -> int | None:
        """The handle of the first characteristic whose UUID is one of ``uuids``."""
        for handle, uuid in sorted(self.uuids.items()):
            if uuid in uuids:
                return handle
        return None

    def busiest(self) -> list[int]:
        """The handles that were written most, most bytes first."""
        return [handle for handle, _size in self._sizes.most_common(_MOST_HANDLES)]

    @property
    def written_bytes(self) -> int:
        """Bytes of all writes."""
        return self._sizes.total()


def exchanges(capture: Capture) -> list[Exchange]:
    """All exchanges of a capture, the one with the most bytes written first."""
    columns = capture.values.columns
    found: dict[tuple[int, bool], array[int]] = {}
    rows = zip(columns.connections, columns.operations, columns.flags, strict=True)
    for row, (connection, operation, flags) in enumerate(rows):
        if not flags & REJECTED:
            key = connection, bool(flags & FROM_HOST) == (operation in _WRITES)
            found.setdefault(key, array("I")).append(row)
    made = [Exchange(capture, *key, rows) for key, rows in found.items()]
    return sorted(made, key=lambda exchange: -exchange.written_bytes)
