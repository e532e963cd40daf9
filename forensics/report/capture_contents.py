"""The contents of a capture as text: its connections, who wrote what to which handle, and what happened when."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.model.capture import Connection
from forensics.model.capture_contents import CaptureContents, FoundTransfer, ValueStream
from forensics.model.document import to_document
from forensics.model.text import inert
from forensics.report.json_format import json_text
from forensics.report.words import counted

_SECOND = 1_000_000
_MOST_EVENTS = 40
_MOST_STREAMS = 40
_MOST_CONNECTIONS = 40


def render_capture(contents: CaptureContents) -> str:
    """The text, without colour, each line ending in a line feed."""
    lines = [f"{contents.name}: {contents.container} capture, {counted(contents.packets, 'packet')}"]
    for connection in contents.connections[:_MOST_CONNECTIONS]:
        lines += ["", *_connection(connection, contents)]
    more = len(contents.connections) - _MOST_CONNECTIONS
    if more > 0:
        lines += ["", f"and {counted(more, 'more connection')}"]
    lines += _events(contents)
    for problem in contents.problems:
        lines.append(f"problem: {problem.kind}, {problem.count} times: {problem.text}")
    lines += [f"note: {note}" for note in contents.notes]
    return "".join(f"{inert(line)}\n" for line in lines)


def render_capture_json(contents: CaptureContents) -> str:
    """The ``otadiff.capture/1`` document; operations by their names."""
    document = to_document(contents)
    for stream, value in zip(document["streams"], contents.streams, strict=True):
        stream["operation"] = _operation(value)
    return json_text(document)


def _connection(connection: Connection, contents: CaptureContents) -> Iterator[str]:
    seconds = (connection.last_time - connection.first_time) / _SECOND
    words = [f"connection 0x{connection.handle:04x}"]
    if connection.peer:
        words[0] += f" with {connection.peer}"
    words += [f"{seconds:.3f} s", f"ATT MTU {connection.mtu}" + ("" if connection.mtu_exchanged else " (no exchange seen)")]
    if connection.interval:
        words.append(f"interval {connection.interval / 1000:g} ms")
    if connection.reason is not None:
        words.append(f"disconnected with reason 0x{connection.reason:02x}")
    yield ", ".join(words)
    mine = [transfer for transfer in contents.transfers if transfer.connection == connection.index]
    for transfer in mine:
        yield from _transfer(transfer)
    streams = [stream for stream in contents.streams if stream.connection == connection.index]
    if streams:
        yield f"  {'handle':<8}{'operation':<15}{'values':>8}{'bytes':>10}{'sizes':>10}{'seconds':>9}  UUID"
    yield from (_stream(stream) for stream in streams[:_MOST_STREAMS])
    if len(streams) > _MOST_STREAMS:
        yield f"  and {counted(len(streams) - _MOST_STREAMS, 'more stream')}"


def _transfer(transfer: FoundTransfer) -> Iterator[str]:
    size = f" of {transfer.chunk_size}" if transfer.chunk_size else ""
    yield (
        f"  protocol {transfer.protocol} over handle 0x{transfer.handle:04x}: {counted(transfer.size, 'byte')} of image "
        f"in {transfer.chunks} chunks{size}"
    )
    if transfer.announced_size is not None:
        yield f"    the sender announced {counted(transfer.announced_size, 'byte')}"
    yield from (f"    {note}" for note in transfer.notes)


def _stream(stream: ValueStream) -> str:
    sizes = str(stream.longest) if stream.shortest == stream.longest else f"{stream.shortest}..{stream.longest}"
    refused = f", {stream.rejected} refused" if stream.rejected else ""
    seconds = (stream.last_time - stream.first_time) / _SECOND
    return (
        f"  0x{stream.handle:04x}  {_operation(stream):<15}{stream.count:>8}{stream.size:>10}{sizes:>10}{seconds:>9.3f}"
        f"  {stream.uuid or '-'}{refused}"
    )


def _operation(stream: ValueStream) -> str:
    return stream.operation.name.lower().replace("_", "-")


def _events(contents: CaptureContents) -> Iterator[str]:
    if not contents.timeline:
        return
    start = contents.timeline[0].time
    yield from ("", "timeline")
    for event in contents.timeline[:_MOST_EVENTS]:
        yield f"  {(event.time - start) / _SECOND:>10.3f} s  packet {event.number}  {event.kind}: {event.text}"
    more = len(contents.timeline) - _MOST_EVENTS
    if more > 0:
        yield f"  and {counted(more, 'more event')}"
