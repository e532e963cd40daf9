"""The story of the received bytes over the sent bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from forensics.model.span import ByteSpan


class Relation(StrEnum):
    """What a range of received bytes is, compared with the sent bytes."""

    SAME = "same"
    ALTERED = "altered"
    FILL = "fill"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One piece of the received bytes. All spans together cover the compared region without a gap.

    ``sent`` is set for ``same`` (the bytes are equal) and ``altered`` (same size); ``value`` for ``fill``.
    """

    received: ByteSpan
    relation: Relation
    sent: ByteSpan | None = None
    value: int | None = None


class EditKind(StrEnum):
    """What was done to the sent bytes; section 5 of the design defines each."""

    DROPPED = "dropped"
    DUPLICATED = "duplicated"
    REORDERED = "reordered"
    REPLACED = "replaced"
    FILLED = "filled"
    ALTERED = "altered"
    INSERTED = "inserted"
    TRUNCATED = "truncated"
    TRAILING = "trailing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """The same edit ``count`` times in all, each ``*_step`` bytes after the one before."""

    count: int
    sent_step: int
    received_step: int
    source_step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Up to 16 bytes of each side where an edit begins."""

    sent: bytes
    received: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One step of the story.

    Attributes:
        kind: What happened.
        sent: Range of SENT concerned; empty for ``inserted`` (the place), None for ``trailing``.
        received: Range of RECEIVED concerned; empty for ``dropped`` (the seam).
        source: ``replaced`` only: the sent range whose bytes stand here.
        value: ``filled`` only, and ``truncated`` where one byte fills the rest.
        bits: ``altered`` only: how many bits differ.
        pattern: ``altered`` only: ``flips``, ``and``, ``noise`` ...
        content: ``trailing`` and ``truncated``: ``erased``, ``zero``, ``stale`` or ``unknown``.
        chunks: First and last chunk number concerned (zero-based), None when the edges are not on chunk edges.
        slack: How many bytes the edit could be slid back and forward and still explain the data.
        repeat: The same edit again and again, listed once.
        excerpt: A glance at the bytes.
    """

    kind: EditKind
    sent: ByteSpan | None
    received: ByteSpan
    source: ByteSpan | None = None
    value: int | None = None
    bits: int | None = None
    pattern: str | None = None
    content: str | None = None
    chunks: tuple[int, int] | None = None
    slack: tuple[int, int] = (0, 0)
    repeat: Repeat | None = None
    excerpt: Excerpt | None = None


def places_of(edit: Edit) -> Iterator[Edit]:
    """The edit itself, or each of its repetitions as an edit of its own."""
    repeat = edit.repeat or Repeat(count=1, sent_step=0, received_step=0)
    for number in range(repeat.count):
        yield replace(
            edit,
            sent=edit.sent.shifted(number * repeat.sent_step) if edit.sent else None,
            received=edit.received.shifted(number * repeat.received_step),
            source=edit.source.shifted(number * repeat.source_step) if edit.source else None,
            repeat=None,
        )


def in_order(edits: Iterable[Edit]) -> list[Edit]:
    """The edits in the order of RECEIVED, then of SENT."""
    return sorted(edits, key=lambda edit: (edit.received.start, edit.received.end, edit.sent.start if edit.sent else 0))


class ChunkSource(StrEnum):
    """Where the chunk size comes from."""

    GIVEN = "given"
    PROTOCOL = "protocol"
    INFERRED = "inferred"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunking:
    """How the sender cut the image.

    Attributes:
        size: Bytes of one chunk, None when the evidence is thin.
        phase: File offset of the first chunk edge.
        reset: Block size at which chunking starts again (4096, 16000), or None.
        overhead: Protocol bytes in each write, beside the chunk.
        support: How many edges of the edits fall on this grid.
        alternatives: Other sizes that fit, best first.
    """

    size: int | None = None
    phase: int = 0
    reset: int | None = None
    overhead: int = 0
    source: ChunkSource = ChunkSource.UNKNOWN
    support: int = 0
    alternatives: tuple[int, ...] = ()


class LayerKind(StrEnum):
    """What a sender or a receiver puts around the chunks, or does to all of them."""

    FRAMES = "frames"
    CUT_CHUNKS = "cut-chunks"
    CUT_AT_ZERO = "cut-at-zero"
    ATTEMPT = "attempt"
    ENCODED = "encoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What was taken off before the chunks were compared.

    Attributes:
        kind: What it is.
        words: The same for a person, a clause about the chunks or the bytes.
        name: ``encoded`` only: the encoding, such as ``hex``, ``swap-16``, ``xor``.
        key: ``encoded`` with ``xor`` only: the bytes of the key.
        header: ``frames`` only: bytes in front of each chunk, and ``trailer`` bytes behind it.
        kept: ``cut-chunks`` only: the bytes of each chunk that arrived, from ``first`` on.
        sent: ``attempt`` only: sent offset where the stream began again, and ``received`` where that is in RECEIVED.
    """

    kind: LayerKind
    words: str
    name: str | None = None
    key: bytes | None = None
    header: int | None = None
    trailer: int | None = None
    kept: int | None = None
    first: int | None = None
    sent: int | None = None
    received: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """Spans and edits of one pair, and how much of the two files is related at all.

    Attributes:
        layers: What was taken off before the chunks were compared, outermost first.
        content: RECEIVED with the encodings undone that keep every byte at its offset, which spans and edits count in; None
            when nothing was undone.
        related: False when the files share so little that no transfer explains the difference; the story is then one
            edit for the whole.
        similarity: Share of sampled windows of RECEIVED that occur somewhere in SENT, 0.0 to 1.0; None when not measured.
    """

    spans: tuple[Span, ...]
    edits: tuple[Edit, ...]
    chunking: Chunking
    related: bool = True
    similarity: float | None = None
    layers: tuple[Layer, ...] = ()
    content: bytes | None = None
