"""fbiego's ESP32_BLE_OTA_Arduino: position-addressed chunks in parts of 16 000 bytes.

Source: fbiego/ESP32_BLE_OTA_Arduino and BLE_OTA_Python. All numbers are big endian.
"""

from __future__ import annotations

from forensics.model.transfer import DecodedTransfer
from forensics.protocols.exchange import Exchange, Message
from forensics.protocols.image_builder import ImageBuilder

NAME = "fbiego"
PART_SIZE = 16000
START, SIZE, PARTS, CHUNK, PART_END = 0xFD, 0xFE, 0xFF, 0xFB, 0xFC
_RECEIVE = "fb1e4002-54ae-4a28-9f74-dfccb248601d"
_HEADER_SIZE = 2
_DEFAULT_CHUNK = 500
_SAMPLES = 500
_GAP = (
    "the receiver never clears its two part buffers, so a lost chunk shows the bytes 32000 earlier in the "
    "image, or zeros in the first two parts; the length stays right"
)


def find(exchange: Exchange) -> int | None:
    """The handle that takes the messages, by UUID or by their shape; None when it is not there."""
    handle = exchange.handle_of(_RECEIVE)
    if handle is not None and exchange.writes_to(handle):
        return handle
    for busy in exchange.busiest():
        announced = any(message.value[:1] == b"\xff" for message in exchange.writes_of_size(busy, 5))
        sample = exchange.writes_to(busy).sample(_SAMPLES)
        chunks = sum(message.value[:1] == b"\xfb" for message in sample)
        if announced and chunks and chunks * 10 >= len(sample) * 7:
            return busy
    return None


def decode(exchange: Exchange, handle: int) -> DecodedTransfer:
    """Chunks at part number times 16 000 plus position times the announced chunk size.

    Which part a chunk belongs to is known only when the message after it says so.
    """
    builder = ImageBuilder()
    chunk = _DEFAULT_CHUNK
    announced: int | None = None
    pending: list[Message] = []
    part = 0
    for message in exchange.writes_to(handle):
        code, value = message.value[:1], message.value
        if code == b"\xfb" and len(value) > _HEADER_SIZE:
            pending.append(message)
        elif code == b"\xfc" and len(value) == 5:
            part = int.from_bytes(value[3:5], "big")
            *unended, pending = _runs(pending)
            for before, run in enumerate(reversed(unended), 1):
                builder.note(f"the message that ends part {part - before} is not in the capture")
                _place(builder, run, part - before, chunk, announced_length=None)
            _place(builder, pending, part, chunk, announced_length=int.from_bytes(value[1:3], "big"))
            pending = []
            part += 1
        elif code == b"\xfe" and len(value) == 5:
            announced = int.from_bytes(value[1:5], "big")
        elif code == b"\xff" and len(value) == 5:
            chunk = int.from_bytes(value[3:5], "big") or _DEFAULT_CHUNK
            if chunk * 256 < PART_SIZE:
                builder.note(f"chunks of {chunk} bytes need more than 256 positions a part: the position wraps")
    if pending:
        builder.note(f"the last {len(pending)} chunks are in no finished part")
        _place(builder, pending, part, chunk, announced_length=None)
    return builder.transfer(
        exchange,
        protocol=NAME,
        handle=handle,
        gap=_GAP,
        overhead=_HEADER_SIZE,
        reset=PART_SIZE,
        announced_size=announced,
    )


def _runs(messages: list[Message]) -> list[list[Message]]:
    """The chunks of one part each: where the position starts again, the message that ends a part is missing."""
    runs: list[list[Message]] = [[]]
    for message in messages:
        if runs[-1] and message.value[1] < runs[-1][-1].value[1]:
            runs.append([])
        runs[-1].append(message)
    return runs


def _place(builder: ImageBuilder, messages: list[Message], part: int, chunk: int, *, announced_length: int | None) -> None:
    length = 0
    if part < 0:
        builder.note(f"{len(messages)} chunks belong before the image")
        return
    for message in messages:
        payload = message.value[_HEADER_SIZE:]
        length += len(payload)
        builder.put(part * PART_SIZE + message.value[1] * chunk, payload, message)
    if announced_length is not None and length != announced_length:
        builder.note(
            f"part {part}: {length} bytes were written where the sender says {announced_length}: "
            "chunks are missing before the place of this capture"
        )
