"""Evidence of any kind to the image that it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

from forensics.errors import InputError, UsageError
from forensics.model.capture import AttValue, Capture
from forensics.model.capture_contents import ValueStream
from forensics.model.evidence import TEXT_NAMES, Evidence
from forensics.model.span import ByteSpan
from forensics.model.transfer import DecodedTransfer
from forensics.parse.image import parse_image
from forensics.pipeline.captures import NO_CHOICE, StreamChoice, decode_capture, logged_transfer
from forensics.pipeline.comparison import Source
from forensics.pipeline.region import likeliest_slot
from forensics.pipeline.sent import sent_bytes
from forensics.protocols.streams import OPERATIONS, select_values, value_streams
from forensics.read import choose_slot, read_evidence
from forensics.read.captures import Progress, read_capture
from forensics.read.weighing import is_print_out, shown_image, unbroken, weighed
from forensics.spec.esp_image import IMAGE_MAGIC

_LONGEST_END = 64
"""Bytes: padding, checksum and digest, which may be 0xFF by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractOptions:
    """What to take of the evidence.

    Attributes:
        format: Container, when it must not be recognised by content.
        slot: Label of the partition in a whole-flash dump.
        choice: Which stream of a capture.
        operation: Take only the values that were carried so, undecoded: a word of ``OPERATIONS``.
        raw: Take the values end to end as they are, without decoding a protocol.
        sent: The image that was sent, to find the slot or stream that matches it.
    """

    format: str | None = None
    slot: str | None = None
    choice: StreamChoice = NO_CHOICE
    operation: str | None = None
    raw: bool = False
    sent: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """The bytes that the evidence holds of the image, and one sentence each on what was taken from where."""

    content: bytes
    notes: tuple[str, ...]


def extract_source(source: Source, options: ExtractOptions, progress: Progress | None = None) -> Extract:
    """What ``source`` holds of an image.

    Args:
        source: The evidence: bytes-like is the content, ``str`` and ``Path`` are paths, ``-`` is standard input.
        options: What to take of it.
        progress: Told now and then how many bytes of a capture were read.

    Raises:
        InputError: it cannot be read, or holds nothing.
        UsageError: the options contradict it, or a whole-flash dump needs a slot.
    """
    if options.operation is not None and options.operation not in OPERATIONS:
        raise UsageError(f"no such operation: {options.operation}", next_step=f"use one of {', '.join(OPERATIONS)}")
    sent = None if options.sent is None else sent_bytes(options.sent)
    text_as = options.format if options.format in TEXT_NAMES and sent is not None else None
    evidence = read_evidence(source, format="raw" if text_as else options.format, slot=options.slot)
    if text_as or (options.format is None and _is_text(evidence)):
        evidence = _of_text(evidence, sent, text_as)
    wants_values = options.raw or options.operation is not None or options.choice != NO_CHOICE
    if evidence.is_capture or (evidence.pieces and wants_values):
        found = _from_capture(read_capture(evidence, progress=progress), sent, options)
    elif wants_values:
        raise UsageError(
            f"a {evidence.container} input holds no values to choose from",
            name=evidence.name,
            next_step="leave --handle, --uuid and --connection out",
        )
    else:
        found = _from_bytes(evidence, sent)
    if not found.content:
        raise InputError("holds no bytes of an image", name=evidence.name, next_step="see what it is with otadiff inspect")
    return replace(found, notes=(*found.notes, *evidence.notes))


def _is_text(evidence: Evidence) -> bool:
    return is_print_out(evidence) or unbroken(evidence) is not evidence


def _of_text(evidence: Evidence, sent: bytes | None, read_as: str | None) -> Evidence:
    """The image that a text shows: nobody wants a copy of the text as the image.

    Raises:
        InputError: it shows none.
    """
    found = shown_image(evidence) if sent is None else weighed(evidence, sent, read_as)
    if found is not None and found.container == "text":
        return found
    raise InputError(
        "is a text, and no image was found in it",
        name=evidence.name,
        next_step="name the image that was sent with --sent; --read-as raw copies the text as it is",
    )


def _from_bytes(evidence: Evidence, sent: bytes | None) -> Extract:
    transfer = logged_transfer(evidence, sent)
    if transfer is not None:
        return _decoded(transfer, evidence.name)
    if evidence.slots:
        evidence = likeliest_slot(evidence, sent) if sent is not None else _only_slot(evidence)
    evidence, behind = _to_image_end(evidence)
    content = evidence.content
    notes = [f"{len(content)} bytes from {evidence.name} ({evidence.container})"]
    if evidence.region.size != evidence.raw_size:
        notes[0] += f", file offsets 0x{evidence.region.start:x}..0x{evidence.region.end:x}"
    if evidence.erased_tail:
        notes.append(f"left out {evidence.erased_tail} erased bytes (0xff) behind them")
    if behind:
        notes.append(f"the image ends {behind} bytes before their end; what follows it is kept")
    damaged = sum(span.size for span in evidence.damaged)
    if damaged:
        notes.append(f"the evidence is damaged at {damaged} of these bytes, in {len(evidence.damaged)} places")
    return Extract(content=content, notes=tuple(notes))


def _to_image_end(evidence: Evidence) -> tuple[Evidence, int]:
    """The evidence with bytes 0xFF that end its image and were taken for erased flash, and how many bytes follow it."""
    size = parse_image(evidence.content + b"\xff" * min(evidence.erased_tail, _LONGEST_END)).image_size
    missing = (size or 0) - len(evidence.content)
    if size is None or missing <= 0:
        return evidence, 0 if size is None else -missing
    if missing > evidence.erased_tail:
        return evidence, 0
    region = ByteSpan(evidence.region.start, evidence.region.end + missing)
    content = evidence.content + b"\xff" * missing
    return replace(evidence.holding(content), region=region, erased_tail=evidence.erased_tail - missing), 0


def _only_slot(evidence: Evidence) -> Evidence:
    """The one slot of a whole-flash dump that holds an image.

    Raises:
        UsageError: several do, or none.
    """
    flash = evidence.content
    filled = [slot for slot in evidence.slots if flash[slot.span.start : slot.span.start + 1] == bytes((IMAGE_MAGIC,))]
    if len(filled) != 1:
        labels = ", ".join(slot.label for slot in filled or evidence.slots)
        holds = "images in several slots" if filled else "no image in any slot"
        raise UsageError(f"the flash dump holds {holds}", name=evidence.name, next_step=f"choose --slot: {labels}")
    chosen = choose_slot(evidence, filled[0])
    return replace(chosen, notes=(*chosen.notes, f"slot {filled[0].label}, the only one that holds an image"))


def _from_capture(capture: Capture, sent: bytes | None, options: ExtractOptions) -> Extract:
    problems = tuple(f"{problem.kind}: {problem.count} times, {problem.text}" for problem in capture.problems)
    if options.raw or options.operation is not None:
        found = _values(capture, sent, options)
    else:
        found = _decoded(decode_capture(capture, sent, options.choice), capture.name, capture)
    return replace(found, notes=(*found.notes, *problems, *capture.notes))


def _decoded(transfer: DecodedTransfer, name: str, capture: Capture | None = None) -> Extract:
    count = len(transfer.chunks)
    text = f"{len(transfer.image)} bytes from {count} writes in {name}, protocol {transfer.protocol}"
    if capture is not None and transfer.handle:
        text += f", {_place(capture, transfer.connection, transfer.handle)}"
    notes = [text, *transfer.notes]
    announced = transfer.announced_size
    if announced is not None and announced != len(transfer.image):
        notes.append(f"the sender announced {announced} bytes")
    return Extract(content=transfer.image, notes=tuple(notes))


def _place(capture: Capture, connection: int, handle: int) -> str:
    found = capture.connections[connection]
    uuid = found.uuids.get(handle) or found.own_uuids.get(handle)
    return f"handle 0x{handle:04x}{f' ({uuid})' if uuid else ''} of connection 0x{found.handle:04x}"


def _values(capture: Capture, sent: bytes | None, options: ExtractOptions) -> Extract:
    """The chosen values end to end; without a choice of characteristic those of the likeliest one."""
    chosen = options.choice
    values: Iterator[AttValue] = select_values(
        capture,
        connection=chosen.connection,
        handle=chosen.handle,
        uuid=chosen.uuid,
        operation=options.operation,
    )
    where = "of what was chosen"
    if chosen.handle is None and chosen.uuid is None:
        place = _likeliest(capture, sent, options)
        if place is None:
            return Extract(content=b"", notes=())
        values = (value for value in values if (value.connection, value.handle) == place)
        where = f"of {_place(capture, *place)}"
    content, count = BytesIO(), 0
    for value in values:
        content.write(value.value)
        count += 1
    note = f"{content.tell()} bytes from {count} values {where} in {capture.name}, undecoded"
    return Extract(content=content.getvalue(), notes=(note,))


def _likeliest(capture: Capture, sent: bytes | None, options: ExtractOptions) -> tuple[int, int] | None:
    """Connection and handle of the stream that matches ``sent``, else of the busiest that fits the options."""
    if sent is not None and options.operation is None:
        transfer = decode_capture(capture, sent, options.choice)
        return transfer.connection, transfer.handle
    fitting = (stream for stream in value_streams(capture) if _fits(stream, capture, options))
    return next(((stream.connection, stream.handle) for stream in fitting), None)


def _fits(stream: ValueStream, capture: Capture, options: ExtractOptions) -> bool:
    wanted = options.choice.connection
    if wanted is not None and capture.connections[stream.connection].handle != wanted:
        return False
    if options.operation is None:
        return stream.operation.is_write
    return stream.operation is OPERATIONS[options.operation]
