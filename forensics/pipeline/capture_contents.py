"""What there is in a capture, for ``otadiff inspect``."""

from __future__ import annotations

from forensics.model.capture import Capture
from forensics.model.capture_contents import CaptureContents, FoundTransfer
from forensics.model.evidence import Evidence
from forensics.protocols import recognise
from forensics.protocols.exchange import exchanges
from forensics.protocols.journal import NAME as JOURNAL
from forensics.protocols.streams import value_streams
from forensics.read.captures import Progress, read_capture

_MOST_EXCHANGES = 16


def capture_contents(evidence: Evidence, progress: Progress | None = None) -> CaptureContents:
    """Connections, streams of values and recognised transfers of a capture.

    Args:
        evidence: The capture.
        progress: Told now and then how many bytes were read.

    Raises:
        InputError: it is no capture, or cannot be read.
    """
    capture = read_capture(evidence, progress=progress)
    return CaptureContents(
        name=capture.name,
        container=capture.container,
        packets=capture.packets,
        connections=capture.connections,
        streams=value_streams(capture),
        transfers=_transfers(capture),
        timeline=capture.timeline,
        problems=capture.problems,
        notes=capture.notes,
    )


def _transfers(capture: Capture) -> tuple[FoundTransfer, ...]:
    if capture.container == JOURNAL:
        return ()
    found = []
    for exchange in exchanges(capture)[:_MOST_EXCHANGES]:
        known = recognise(exchange)
        if known is None:
            continue
        protocol, handle = known
        transfer = protocol.decode(exchange, handle)
        found.append(
            FoundTransfer(
                protocol=transfer.protocol,
                connection=transfer.connection,
                handle=transfer.handle,
                size=len(transfer.image),
                chunks=len(transfer.chunks),
                chunk_size=transfer.chunk_size,
                announced_size=transfer.announced_size,
                notes=transfer.notes,
            )
        )
    return tuple(found)
