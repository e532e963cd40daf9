"""What a capture of a BLE link holds: the values that ATT carried, the connections and their timeline."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import overload


class Operation(IntEnum):
    """How ATT carried a value; the numbers are those of the PDU.

    Source: Bluetooth Core Specification 5.4, volume 3, part F, section 3.4.8.
    """

    WRITE_REQUEST = 0x12
    LONG_WRITE = 0x18
    """Prepared pieces, put together when the execute request applied them."""
    NOTIFICATION = 0x1B
    INDICATION = 0x1D
    WRITE_COMMAND = 0x52
    SIGNED_WRITE = 0xD2

    @property
    def is_write(self) -> bool:
        """The client sent it; else the server did."""
        return self not in (Operation.NOTIFICATION, Operation.INDICATION)


FROM_HOST = 1
"""Flag: the side whose HCI was captured sent it (or the central, in a capture from the air)."""
DAMAGED = 2
"""Flag: the capture does not hold every byte of it as it was sent; what is missing is zero."""
REJECTED = 4
"""Flag: the server answered with an error, so it never took effect."""
ACKNOWLEDGED = 8
"""Flag: the server answered that it took effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttValue:
    """One value on its way between client and server.

    Attributes:
        index: Position in the capture's table of values.
        number: Packet number in the capture, from 1; the last fragment's when it came in several.
        time: Microseconds since 1970 (since the start of the capture where it has no calendar time).
        connection: Index into the capture's connections.
        handle: Attribute handle.
        uuid: UUID of the characteristic, 36 characters in lower case, or None without discovery.
        operation: How it was carried.
        value: The bytes; missing ones are zero.
        missing: How many bytes the capture does not hold.
        flags: ``FROM_HOST``, ``DAMAGED``, ``REJECTED``, ``ACKNOWLEDGED``.
    """

    index: int
    number: int
    time: int
    connection: int
    handle: int
    uuid: str | None
    operation: Operation
    value: bytes
    missing: int
    flags: int

    @property
    def is_write(self) -> bool:
        """A client wrote it to a server."""
        return self.operation.is_write

    @property
    def damaged(self) -> bool:
        """The capture does not hold it whole."""
        return bool(self.flags & DAMAGED)

    @property
    def rejected(self) -> bool:
        """The server answered with an error."""
        return bool(self.flags & REJECTED)

    @property
    def from_host(self) -> bool:
        """The captured host, or the central on the air, sent it."""
        return bool(self.flags & FROM_HOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection, from its first to its last packet in the capture.

    Attributes:
        index: Position in the capture's connections.
        handle: HCI connection handle, or the access address in a capture from the air.
        peer: Address of the other side (``aa:bb:cc:dd:ee:ff``), or None.
        mtu: ATT MTU in bytes: 23 until an exchange is seen.
        mtu_exchanged: The exchange is in the capture.
        first_time: Microseconds, of its first packet; ``last_time`` of its last.
        reason: Disconnect reason (HCI error code), or None while it lasts.
        interval: Connection interval in microseconds, or None when the capture does not say.
        uuids: Handle to UUID, of the server on the other side; ``own_uuids`` of the one on the captured side.
    """

    index: int
    handle: int
    peer: str | None = None
    mtu: int = 23
    mtu_exchanged: bool = False
    first_time: int = 0
    last_time: int = 0
    reason: int | None = None
    interval: int | None = None
    uuids: dict[int, str] = field(default_factory=dict)
    own_uuids: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """Something that happened to a connection: ``connected``, ``mtu``, ``phy``, ``disconnected`` ..."""

    number: int
    time: int
    connection: int | None
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureProblem:
    """A reason why the capture does not show the link as it was.

    Attributes:
        kind: ``truncated``, ``dropped``, ``encrypted``, ``bad-crc``, ``lost-fragment``, ``missed-packet``
            (from the central), ``missed-answer``, ``unreadable``, ``cut``.
        count: How many packets it concerns.
        first_packet: Number of the first of them, or None.
        text: One sentence.
        packets: Numbers of the packets before or at which something is missing, the first thousands of them.
    """

    kind: str
    count: int
    first_packet: int | None
    text: str
    packets: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueColumns:
    """The table of values by column: a capture holds up to millions, so each costs bytes and not objects.

    ``ends`` are the offsets in ``content`` after each value.
    """

    numbers: array[int]
    times: array[int]
    connections: array[int]
    handles: array[int]
    operations: bytearray
    flags: bytearray
    missing: array[int]
    ends: array[int]
    content: bytearray


class AttValues(Sequence[AttValue]):
    """The values of a capture in the order in which they went over the link."""

    def __init__(self, columns: ValueColumns, connections: tuple[Connection, ...]) -> None:
        self._columns = columns
        self._connections = connections
        self._content = memoryview(columns.content).toreadonly()

    def __len__(self) -> int:
        return len(self._columns.ends)

    @overload
    def __getitem__(self, index: int) -> AttValue: ...
    @overload
    def __getitem__(self, index: slice) -> list[AttValue]: ...

    def __getitem__(self, index: int | slice) -> AttValue | list[AttValue]:
        if isinstance(index, slice):
            return [self._value(place) for place in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._value(index % len(self))

    def __iter__(self) -> Iterator[AttValue]:
        return map(self._value, range(len(self)))

    @property
    def columns(self) -> ValueColumns:
        """The table by column, for a loop over all values that needs a few columns."""
        return self._columns

    def value(self, index: int) -> bytes:
        """The bytes of the value at ``index``."""
        ends = self._columns.ends
        return bytes(self._content[ends[index - 1] if index else 0 : ends[index]])

    def uuid(self, index: int) -> str | None:
        """UUID of the characteristic of the value at ``index``, or None."""
        columns = self._columns
        connection = self._connections[columns.connections[index]]
        by_client = Operation(columns.operations[index]).is_write
        server_is_peer = bool(columns.flags[index] & FROM_HOST) == by_client
        uuids = connection.uuids if server_is_peer else connection.own_uuids
        return uuids.get(columns.handles[index])

    def _value(self, index: int) -> AttValue:
        columns = self._columns
        return AttValue(
            index=index,
            number=columns.numbers[index],
            time=columns.times[index],
            connection=columns.connections[index],
            handle=columns.handles[index],
            uuid=self.uuid(index),
            operation=Operation(columns.operations[index]),
            value=self.value(index),
            missing=columns.missing[index],
            flags=columns.flags[index],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEvent:
    """One line of a sender's journal (``otadiff live send``).

    Attributes:
        line: Line number, from 1.
        time: Microseconds on a clock that never goes back.
        kind: ``write``, ``notification``, ``disconnected``, ``connected``, ``mtu``, ``provoked`` ...
        outgoing: The sender wrote it; else the device sent it.
        characteristic: UUID, or None.
        response: With response (write request), None for anything but a write.
        offset: File offset in the image of a write's payload, or None when it carries none of it.
        length: Bytes of image in it.
        crc32: CRC-32 (zlib) over those bytes, or None.
        value: The whole value where the journal holds it, else None.
        result: ``queued``, ``acknowledged``, ``refused``, ``failed`` ..., or what happened, or None.
        start: Where in the value the image begins, in bytes.
    """

    line: int
    time: int
    kind: str
    outgoing: bool
    characteristic: str | None = None
    response: bool | None = None
    offset: int | None = None
    length: int = 0
    crc32: int | None = None
    value: bytes | None = None
    result: str | None = None
    start: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One capture, read to its end.

    Attributes:
        name: File name, ``stdin`` or ``bytes``.
        container: ``btsnoop``, ``packetlogger``, ``pcap``, ``pcapng``, ``btmon``, ``tshark``, ``journal``.
        packets: How many records it holds.
        values: Everything ATT carried, rejected writes included.
        problems: Why it may not show all.
        journal: The events of a sender's journal, which knows offsets and CRCs where a capture knows bytes.
    """

    name: str
    container: str
    packets: int
    values: AttValues
    connections: tuple[Connection, ...] = ()
    timeline: tuple[TimelineEvent, ...] = ()
    problems: tuple[CaptureProblem, ...] = ()
    notes: tuple[str, ...] = ()
    journal: tuple[JournalEvent, ...] = ()
