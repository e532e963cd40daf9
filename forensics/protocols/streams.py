"""Which values there are to choose from in a capture, and the choice that a user makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from forensics.errors import UsageError
from forensics.model.capture import FROM_HOST, REJECTED, AttValue, Capture, Operation
from forensics.model.capture_contents import ValueStream
from forensics.protocols.exchange import full_uuid

OPERATIONS = {
    "write-command": Operation.WRITE_COMMAND,
    "write-request": Operation.WRITE_REQUEST,
    "long-write": Operation.LONG_WRITE,
    "signed-write": Operation.SIGNED_WRITE,
    "notification": Operation.NOTIFICATION,
    "indication": Operation.INDICATION,
}
"""Words of ``--opcode``."""


@dataclass(slots=True)
class _Sums:
    """What adds up to a ``ValueStream``, with the index of its first value."""

    first: int
    count: int = 0
    size: int = 0
    rejected: int = 0
    shortest: int = 1 << 30
    longest: int = 0
    last: int = 0


def value_streams(capture: Capture) -> tuple[ValueStream, ...]:
    """Every stream of a capture, most bytes first."""
    columns = capture.values.columns
    groups: dict[tuple[int, int, int, int], _Sums] = {}
    start = 0
    rows = zip(columns.connections, columns.handles, columns.operations, columns.flags, columns.ends, strict=True)
    for index, (connection, handle, operation, flags, end) in enumerate(rows):
        key = connection, handle, operation, flags & FROM_HOST
        sums = groups.get(key)
        if sums is None:
            sums = groups[key] = _Sums(index)
        size = end - start
        start = end
        sums.count += 1
        sums.size += size
        sums.rejected += bool(flags & REJECTED)
        sums.shortest = min(sums.shortest, size)
        sums.longest = max(sums.longest, size)
        sums.last = index
    streams = [_stream(capture, key, sums) for key, sums in groups.items()]
    return tuple(sorted(streams, key=lambda stream: -stream.size))


def _stream(capture: Capture, key: tuple[int, int, int, int], sums: _Sums) -> ValueStream:
    times = capture.values.columns.times
    return ValueStream(
        connection=key[0],
        handle=key[1],
        uuid=capture.values.uuid(sums.first),
        operation=Operation(key[2]),
        count=sums.count,
        size=sums.size,
        rejected=sums.rejected,
        shortest=sums.shortest,
        longest=sums.longest,
        first_time=times[sums.first],
        last_time=times[sums.last],
    )


def select_values(
    capture: Capture,
    *,
    connection: int | None = None,
    handle: int | None = None,
    uuid: str | None = None,
    operation: str | None = None,
) -> Iterator[AttValue]:
    """The values that were chosen, in order; rejected writes are left out.

    Args:
        capture: What ``read_capture`` gave.
        connection: Connection handle or access address.
        handle: Attribute handle.
        uuid: UUID of the characteristic: 4 hex digits (with or without ``0x``) or 36 characters.
        operation: A word of ``OPERATIONS``; all writes when None.

    Raises:
        UsageError: no such operation.
    """
    if operation is not None and operation not in OPERATIONS:
        raise UsageError(f"no such operation: {operation}", next_step=f"use one of {', '.join(OPERATIONS)}")
    wanted_uuid = None if uuid is None else full_uuid(uuid)
    for value in capture.values:
        if operation is None and not value.is_write:
            continue
        if operation is not None and value.operation is not OPERATIONS[operation]:
            continue
        if connection is not None and capture.connections[value.connection].handle != connection:
            continue
        if handle is not None and value.handle != handle:
            continue
        if wanted_uuid is not None and value.uuid != wanted_uuid:
            continue
        if not value.rejected:
            yield value
