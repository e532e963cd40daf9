"""A control and a data characteristic: michael-angerer/esp32_ble_ota, its forks, and most private projects.

The sender writes the chunk size to the data characteristic, 0x01 to control, waits for 0x02, writes the image
to the data characteristic and ends with 0x04. The UUIDs differ from project to project.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from forensics.model.transfer import DecodedTransfer
from forensics.protocols.exchange import Exchange
from forensics.protocols.image_builder import ImageBuilder

NAME = "control-data"
REQUEST, ACCEPTED, REFUSED, DONE, DONE_ACCEPTED, DONE_REFUSED = 1, 2, 3, 4, 5, 6
_DATA = "23408888-1f40-4cd8-9b89-ca8d45f8a5b0"
_GAP = "the receiver appends what comes, so a lost chunk moves up all that follows"
_BUFFER_SIZE = 512
_SIZE_SIZE = 2


def find(exchange: Exchange) -> int | None:
    """The data handle, by UUID or because another handle took 0x01 and answered; None when not there."""
    handle = exchange.handle_of(_DATA)
    if handle is not None and exchange.writes_to(handle):
        return handle
    busy = exchange.busiest()
    controls = dict.fromkeys(item.handle for item in exchange.commands if item.value == bytes([REQUEST]))
    return next((busy[0] for control in controls if _is_transfer(exchange, control, busy[0])), None)


def _is_transfer(exchange: Exchange, control: int, data: int) -> bool:
    answers = {message.value[:1] for message in exchange.told_by(control)}
    commands = {message.value for message in exchange.writes_to(control)}
    announced = len(exchange.writes_of_size(data, 2)) > 0
    return bool(answers & {b"\x02", b"\x03"}) or b"\x04" in commands or announced


def decode(exchange: Exchange, handle: int) -> DecodedTransfer:
    """Data writes end to end, without the 2 bytes that announce the chunk size before the image begins."""
    builder = ImageBuilder()
    announced: int | None = None
    for message in exchange.writes:
        if message.handle == handle:
            if len(message.value) == _SIZE_SIZE and not builder.chunks:
                announced = int.from_bytes(message.value, "little")
            else:
                builder.append(message.value, message)
        elif message.value == bytes([REQUEST]) and builder.chunks:
            if builder.chunks[-1].size == _SIZE_SIZE:
                announced = int.from_bytes(builder.image()[-_SIZE_SIZE:], "little")
            builder.restart()
    _notes(builder, exchange, handle, announced)
    return builder.transfer(exchange, protocol=NAME, handle=handle, gap=_gap(announced, builder.chunks.sizes))


def _gap(announced: int | None, sizes: Iterable[int]) -> str:
    """What the receiver does with a loss; and with the writes, where they are not as long as was announced."""
    usual = Counter(sizes).most_common(1)
    if announced is None or not usual or usual[0][0] == announced:
        return _GAP
    return f"{_GAP}; a receiver as michael-angerer's stores {announced} bytes for every write, whatever its length"


def _notes(builder: ImageBuilder, exchange: Exchange, handle: int, announced: int | None) -> None:
    sizes = Counter(builder.chunks.sizes)
    if announced is not None and sizes:
        usual = sizes.most_common(1)[0][0]
        builder.note(f"the sender announced chunks of {announced} bytes and wrote {usual}")
        if announced > _BUFFER_SIZE:
            builder.note(f"chunks above {_BUFFER_SIZE} bytes are refused by the receiver, which stores old bytes")
    words = {
        bytes([REFUSED]): "the device refused the transfer",
        bytes([DONE_ACCEPTED]): "the device accepted the image",
        bytes([DONE_REFUSED]): "the device refused the image",
    }
    for message in exchange.told_by(None):
        if message.handle != handle and message.value in words:
            builder.note(words[message.value])
