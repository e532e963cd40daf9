"""BLE OTA protocols: from the values of a capture to the image that they carried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from forensics.errors import InputError, UsageError
from forensics.model.capture import Capture
from forensics.model.transfer import DecodedTransfer
from forensics.protocols import (
    ardu_ble_ota,
    control_data,
    espressif,
    fast_ble_ota,
    fbiego,
    nordic_legacy,
    nordic_secure,
    silabs,
    smp,
    stream,
)
from forensics.protocols.exchange import Exchange, exchanges, full_uuid
from forensics.protocols.journal import decode_journal
from forensics.protocols.stream import Locate


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One row of the protocol table.

    Attributes:
        name: As reports and options name it.
        find: The handle that takes the image in an exchange, or None when it is of another protocol.
        decode: The transfer over that handle.
    """

    name: str
    find: Callable[[Exchange], int | None]
    decode: Callable[[Exchange, int], DecodedTransfer]


PROTOCOLS: tuple[Protocol, ...] = tuple(
    Protocol(name=module.NAME, find=module.find, decode=module.decode)
    for module in (
        espressif,
        fbiego,
        ardu_ble_ota,
        nordic_secure,
        nordic_legacy,
        smp,
        fast_ble_ota,
        silabs,
        control_data,
        stream,
    )
)
"""Every protocol; one that says more of itself on the link comes before one that says less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the user chose of a capture; None is no choice."""

    connection: int | None = None
    handle: int | None = None
    uuid: str | None = None

    def of(self, exchange: Exchange) -> Choice | None:
        """The choice with its handle in ``exchange``, or None when that has no writes to what was chosen."""
        if self.connection not in (None, exchange.connection_handle):
            return None
        handle = self.handle if self.uuid is None else exchange.handle_of(full_uuid(self.uuid))
        if self.uuid is not None and (handle is None or self.handle not in (None, handle)):
            return None
        writes = exchange.writes if handle is None else exchange.writes_to(handle)
        return replace(self, handle=handle) if writes else None


def decode(
    capture: Capture,
    locate: Locate | None = None,
    *,
    protocol: str | None = None,
    connection: int | None = None,
    handle: int | None = None,
    uuid: str | None = None,
    sent: bytes | None = None,
) -> DecodedTransfer:
    """The image that a capture carried.

    Args:
        capture: What ``read_capture`` gave.
        locate: Offset of some bytes in the sent image, or None; finds transfers of unknown protocols, and the
            right one of several.
        protocol: Name of a protocol when it must not be recognised.
        connection: Connection handle (or access address) to take.
        handle: Attribute handle of the data characteristic to take; ``uuid`` names it by its UUID.
        uuid: UUID of the data characteristic, 4 hex digits or 36 characters.
        sent: The sent image, for journals, which hold CRCs and no bytes.

    Raises:
        InputError: nobody wrote anything.
        UsageError: no such protocol, connection or handle, or the capture shows another protocol.
    """
    choice = Choice(connection=connection, handle=handle, uuid=uuid)
    candidates = [(item, taken) for item in exchanges(capture) if (taken := choice.of(item)) is not None]
    if not candidates:
        wanted = choice != Choice()
        error = UsageError if wanted else InputError
        raise error(
            "holds no writes" + (" to what was chosen" if wanted else ""),
            name=capture.name,
            next_step="see what it holds with otadiff inspect",
        )
    if capture.journal:
        return decode_journal(capture, candidates[0][0], sent)
    best: DecodedTransfer | None = None
    for exchange, taken in candidates:
        transfer = _decode(exchange, locate, protocol, taken.handle)
        if transfer is not None and locate is None:
            return transfer
        if transfer is not None and (best is None or _likeness(transfer, locate) > _likeness(best, locate)):
            best = transfer
    if best is None:
        raise UsageError(f"shows no transfer of {protocol}", name=capture.name, next_step="leave --protocol out")
    return best


def recognise(exchange: Exchange) -> tuple[Protocol, int] | None:
    """The first protocol that knows the exchange, and the data handle; those that UUIDs prove come first."""
    found = [(item, handle) for item in PROTOCOLS if (handle := item.find(exchange)) is not None]
    proven = [(item, handle) for item, handle in found if handle in exchange.uuids]
    return next(iter(proven or found), None)


def _decode(exchange: Exchange, locate: Locate | None, protocol: str | None, handle: int | None) -> DecodedTransfer | None:
    if protocol is not None:
        row = next((item for item in PROTOCOLS if item.name == protocol), None)
        if row is None:
            names = ", ".join(item.name for item in PROTOCOLS)
            raise UsageError(f"no such protocol: {protocol}", next_step=f"use one of {names}")
        place = handle if handle is not None else row.find(exchange)
        if place is None and row.name == stream.NAME:
            place = exchange.busiest()[0]
        return None if place is None else row.decode(exchange, place)
    known = recognise(exchange)
    if known is not None and handle in (None, known[1]):
        return known[0].decode(exchange, known[1])
    return _unknown(exchange, locate, handle)


def _unknown(exchange: Exchange, locate: Locate | None, handle: int | None) -> DecodedTransfer:
    """A stream over the handle whose payloads occur in the sent image, else over the busiest."""
    match = stream.match_header(exchange, locate) if locate is not None else None
    if match is not None and handle in (None, match[0]):
        transfer = stream.decode_with_header(exchange, match[0], match[1])
        return replace(transfer, notes=(*transfer.notes, "found by comparing the writes with the sent image"))
    busiest = handle if handle is not None else exchange.busiest()[0]
    transfer = stream.decode(exchange, busiest)
    note = "no known protocol: the writes of the busiest characteristic end to end"
    return replace(transfer, protocol="unknown", gap="", notes=(*transfer.notes, note))


def _likeness(transfer: DecodedTransfer, locate: Locate | None) -> tuple[float, int]:
    """Share of sampled chunks that occur in the sent image, then how many bytes there are."""
    samples = transfer.chunks[:: max(1, len(transfer.chunks) // 16)]
    pieces = [transfer.image[chunk.offset : chunk.offset + chunk.size] for chunk in samples]
    hits = sum(locate is not None and locate(piece) is not None for piece in pieces if len(piece) >= 8)
    return hits / max(1, len(pieces)), len(transfer.image)
