"""What there is in a capture, before anything is taken from it."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.capture import CaptureProblem, Connection, Operation, TimelineEvent

SCHEMA = "otadiff.capture/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueStream:
    """The values of one operation on one handle of one connection.

    Attributes:
        connection: Index into the capture's connections.
        handle: Attribute handle; ``uuid`` where discovery is in the capture.
        count: How many values; ``size`` their bytes, ``rejected`` how many the server refused.
        shortest: Bytes of the shortest value; ``longest`` of the longest.
        first_time: Microseconds, of the first; ``last_time`` of the last.
    """

    connection: int
    handle: int
    uuid: str | None
    operation: Operation
    count: int
    size: int
    rejected: int
    shortest: int
    longest: int
    first_time: int
    last_time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTransfer:
    """A transfer whose protocol was recognised.

    Attributes:
        protocol: Its name.
        connection: Index into the capture's connections; ``handle`` takes the image.
        size: Bytes of image that it carried, in ``chunks`` writes of ``chunk_size`` bytes as a rule.
        announced_size: Image length that the sender announced, or None.
        notes: What the decoder saw.
    """

    protocol: str
    connection: int
    handle: int
    size: int
    chunks: int
    chunk_size: int | None
    announced_size: int | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureContents:
    """One capture.

    Attributes:
        name: File name without its folder.
        container: ``btsnoop``, ``pcap`` ...
        packets: How many records it holds.
        streams: Every stream of values, most bytes first.
        transfers: What was recognised, the connection with the most bytes first.
    """

    schema: str = SCHEMA
    name: str
    container: str
    packets: int
    connections: tuple[Connection, ...]
    streams: tuple[ValueStream, ...]
    transfers: tuple[FoundTransfer, ...]
    timeline: tuple[TimelineEvent, ...]
    problems: tuple[CaptureProblem, ...]
    notes: tuple[str, ...]
