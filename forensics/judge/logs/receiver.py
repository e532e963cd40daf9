"""OTA202, OTA205 and OTA208, where the receiver says itself that it lost data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forensics.judge.case import Case
from forensics.judge.logs.wording import finding
from forensics.judge.wording import amount
from forensics.model.finding import Certainty, Finding, Where
from forensics.model.log import LogEvent

LOST = ("acl_buffers_exhausted", "packet_error", "sector_error", "ota_received", "ota_written")
_ABORTED = 12
"""Code of Arduino's Update that says no more than that it ended early."""
_EIGHT_BITS = 256
_PART = 16000
"""Bytes that fbiego's receiver takes at a time."""


def detect_lost(case: Case) -> Iterator[Finding]:
    """OTA202, by the receiver's buffers, numbers and counts."""
    acl = case.events("acl_buffers_exhausted")
    if acl:
        yield finding(
            "chunk-missing",
            Certainty.LIKELY,
            f"the device ran out of buffers for received packets {amount(len(acl), 'time')}: what came then was lost",
            lines=[event.line for event in acl],
            where=Where.DEVICE,
            notes=("the loss is below ATT, so a write command is lost without any error to the sender",),
        )
    gaps = case.events("packet_error", "sector_error")
    if gaps:
        yield _gap(gaps)
    yield from _counts(case)
    yield from _short_count(case)


def _counts(case: Case) -> Iterator[Finding]:
    """The receiver says how many bytes it expected and how many came, on one line or on two."""
    said = [one for one in case.events("ota_received") if one.fields.get("complete") == 0]
    values: dict[str, int] = {}
    for event in said:
        values.update({name: value for name, value in event.fields.items() if isinstance(value, int)})
    expected, got = values.get("expected"), values.get("bytes")
    if expected is None or got is None or expected == got:
        return
    lost = expected - got
    what = f"{lost} are missing" if lost > 0 else f"{-lost} too many"
    yield finding(
        "chunk-missing" if lost > 0 else "chunk-duplicated",
        Certainty.PROVEN if lost > 0 else Certainty.LIKELY,
        f"the receiver counted {got} of {expected} bytes: {what}",
        lines=[event.line for event in said],
        notes=("it writes a part again until the count is right" if len(said) > 2 else None,),
        values={"expected": expected, "bytes": got},
    )


def _short_count(case: Case) -> Iterator[Finding]:
    """The update library wrote fewer bytes than it was to write."""
    if any(event.fields.get("code") != _ABORTED for event in case.events("update_error")):
        return  # the library says itself why it wrote no more
    for event in case.events("ota_written")[-1:]:
        written, expected = event.fields.get("bytes"), event.fields.get("expected")
        if not (isinstance(written, int) and isinstance(expected, int) and written < expected):
            continue
        parts = f", {written // _PART} whole parts of {_PART}" if written and written % _PART == 0 else ""
        yield finding(
            "chunk-missing",
            Certainty.LIKELY,
            f"the device wrote {written} of {expected} bytes{parts}: {expected - written} never arrived",
            lines=(event.line,),
        )


def detect_partial(case: Case) -> Iterator[Finding]:
    """OTA208: a stream buffer that takes a part of a write, or a length that is kept in 8 bits."""
    whole = [event for event in case.events("gatt_write") if event.fields.get("length") == _EIGHT_BITS]
    if whole and case.failures:
        yield finding(
            "chunk-shortened",
            Certainty.POSSIBLE,
            f"writes of {_EIGHT_BITS} bytes came in: a receiver that keeps their length in 8 bits takes it for 0",
            lines=[event.line for event in whole],
            where=Where.DEVICE,
        )
    full = case.events("stream_buffer_full")
    if full:
        yield finding(
            "chunk-shortened",
            Certainty.LIKELY,
            f"the receiver's stream buffer was full {amount(len(full), 'time')}: it keeps a part of the write and "
            "drops the rest",
            lines=[event.line for event in full],
            where=Where.DEVICE,
        )


def detect_small_storage(case: Case) -> Iterator[Finding]:
    """OTA205: the file system in which the image is collected is smaller than the image."""
    sizes, rooms = case.events("ota_size"), case.events("storage_free")
    if not sizes or not rooms:
        return
    size, room = sizes[-1].fields.get("bytes"), rooms[-1].fields.get("bytes")
    if isinstance(size, int) and isinstance(room, int) and room < size:
        yield finding(
            "tail-missing",
            Certainty.LIKELY,
            f"the device has room for {room} of {size} bytes: the last {size - room} cannot be stored",
            lines=(sizes[-1].line, rooms[-1].line),
            where=Where.DEVICE,
        )


def _gap(gaps: Sequence[LogEvent]) -> Finding:
    first = gaps[0]
    what = "packet" if first.kind == "packet_error" else "sector"
    expected, received = first.fields.get("expected"), first.fields.get("received")
    return finding(
        "chunk-missing",
        Certainty.LIKELY,
        f"the receiver waited for {what} {expected} and got {received}: {amount(len(gaps), 'gap')} in the numbering",
        lines=[event.line for event in gaps],
        notes=("the Bluedroid receiver of Espressif's ble_ota logs the gap and appends the rest all the same",),
    )
