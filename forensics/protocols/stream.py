"""The image end to end over one characteristic: ClaesClaes, chegewara, Meshtastic, anything unknown.

Source: chegewara and ClaesClaes Arduino-ESP32-NimBLE-OTA; meshtastic/firmware-ota and esp32-unified-ota.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from forensics.model.transfer import DecodedTransfer
from forensics.protocols.exchange import Exchange, Message
from forensics.protocols.image_builder import ImageBuilder

NAME = "stream"
_DATA = "62ec0272-3ec5-11eb-b378-0242ac130005"
_SIZE_COMMAND = re.compile(rb"\AOTA_SIZE:(\d{1,9})")
_UNIFIED_COMMAND = re.compile(rb"\AOTA (\d{1,9}) ([0-9a-fA-F]{64})\r?\n?")
_TEXT_COMMANDS = (b"VERSION", b"REBOOT", b"OTA")
_SHORT_ENDS = 510
_MAX_HEADER = 5
_SAMPLES = 24
_GAP = "the receiver appends what comes, so a lost chunk moves up all that follows"
_GAP_SHORT_ENDS = f"{_GAP}; a receiver without a size command ends at the first write under 510 bytes"

Locate = Callable[[bytes], int | None]


def find(exchange: Exchange) -> int | None:
    """The data handle, by UUID; None when it is not there."""
    handle = exchange.handle_of(_DATA)
    return handle if handle is not None and exchange.writes_to(handle) else None


def decode(exchange: Exchange, handle: int) -> DecodedTransfer:
    """The writes end to end, after the text command that some dialects begin with."""
    return decode_with_header(exchange, handle, 0)


def decode_with_header(exchange: Exchange, handle: int, header: int) -> DecodedTransfer:
    """As ``decode``; ``header`` bytes in front of each write are left out."""
    builder = ImageBuilder()
    dialect, announced = "", None
    for message in exchange.writes_to(handle):
        command = _command(message.value) if not builder.chunks else None
        if command is not None:
            dialect, size = command
            announced = announced if size is None else size
            continue
        builder.append(message.value[header:], message)
    if dialect:
        builder.note(f"the dialect of {dialect}")
    if not dialect and not header and exchange.handle_of(_DATA) == handle:
        sizes = builder.chunks.sizes
        place = next((place for place, size in enumerate(sizes) if size < _SHORT_ENDS), None)
        if place is not None and place < len(sizes) - 1:
            short = builder.chunks[place]
            builder.note(
                f"packet {short.number} has {short.size} bytes: a receiver that ends at the first write "
                f"under {_SHORT_ENDS} bytes ended there"
            )
    gap = _GAP if dialect else _GAP_SHORT_ENDS
    return builder.transfer(exchange, protocol=NAME, handle=handle, gap=gap, overhead=header, announced_size=announced)


def _command(value: bytes) -> tuple[str, int | None] | None:
    """Dialect and announced size of a text command, or None when it is data."""
    match = _SIZE_COMMAND.match(value)
    if match:
        return "Meshtastic firmware-ota", int(match[1])
    match = _UNIFIED_COMMAND.match(value)
    if match:
        return "Meshtastic unified OTA", int(match[1])
    if len(value) < 20 and value.startswith(_TEXT_COMMANDS):
        return "Meshtastic unified OTA", None
    return None


def match_header(exchange: Exchange, locate: Locate) -> tuple[int, int, int] | None:
    """Handle, header size and number of samples that occur in the sent image behind it, or None.

    This is how a transfer is found when discovery is not in the capture and the protocol is unknown.
    """
    best: tuple[int, int, int] | None = None
    for handle in exchange.busiest()[:8]:
        writes = [item for item in exchange.writes_to(handle) if len(item.value) >= 16 and not item.damaged]
        samples = writes[:: max(1, len(writes) // _SAMPLES)][:_SAMPLES]
        for header in range(_MAX_HEADER + 1):
            hits = _hits(samples, header, locate)
            if hits and (best is None or hits > best[2]):
                best = handle, header, hits
    return best


def _hits(samples: Sequence[Message], header: int, locate: Locate) -> int:
    """How many samples occur in the image behind ``header`` bytes; runs of one byte say nothing."""
    hits = 0
    for message in samples:
        payload = message.value[header:]
        if len(payload) >= 8 and payload.count(payload[:1]) < len(payload):
            hits += locate(payload) is not None
    return hits
