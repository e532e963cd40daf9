"""Only true edits pass: each false claim below differs from a true one by a single fact."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forensics.align.pair import Pair
from forensics.align.proof import spans_of
from forensics.model.alignment import Edit, EditKind, Relation, Repeat, Span
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.span import ByteSpan
from forensics.synth.faults import FAULTS, inject
from forensics.synth.image import build_image

SENT = bytes(range(200))

TRUE = {
    "dropped": (
        SENT[:50] + SENT[70:],
        Edit(kind=EditKind.DROPPED, sent=ByteSpan(50, 70), received=ByteSpan(50, 50)),
    ),
    "duplicated": (
        SENT[:70] + SENT[50:],
        Edit(kind=EditKind.DUPLICATED, sent=ByteSpan(50, 70), received=ByteSpan(70, 90)),
    ),
    "reordered": (
        SENT[:50] + SENT[70:90] + SENT[50:70] + SENT[90:],
        Edit(kind=EditKind.REORDERED, sent=ByteSpan(70, 90), received=ByteSpan(50, 70)),
    ),
    "replaced": (
        SENT[:50] + SENT[30:50] + SENT[70:],
        Edit(kind=EditKind.REPLACED, sent=ByteSpan(50, 70), received=ByteSpan(50, 70), source=ByteSpan(30, 50)),
    ),
    "filled": (
        SENT[:50] + b"\xff" * 20 + SENT[70:],
        Edit(kind=EditKind.FILLED, sent=ByteSpan(50, 70), received=ByteSpan(50, 70), value=0xFF),
    ),
    "altered": (
        SENT[:50] + SENT[100:120] + SENT[70:],
        Edit(kind=EditKind.ALTERED, sent=ByteSpan(50, 70), received=ByteSpan(50, 70), bits=1, pattern="noise"),
    ),
    "inserted": (
        SENT[:50] + SENT[:20] + SENT[50:],
        Edit(kind=EditKind.INSERTED, sent=ByteSpan(50, 50), received=ByteSpan(50, 70)),
    ),
    "truncated": (
        SENT[:150],
        Edit(kind=EditKind.TRUNCATED, sent=ByteSpan(150, 200), received=ByteSpan(150, 150)),
    ),
    "trailing": (SENT + b"\0" * 20, Edit(kind=EditKind.TRAILING, sent=None, received=ByteSpan(200, 220))),
}
each_kind = pytest.mark.parametrize("kind", TRUE)


def moved(span: ByteSpan | None, by: int) -> ByteSpan | None:
    return span.shifted(by) if span else None


@each_kind
def test_the_true_edit_passes(kind: str) -> None:
    received, edit = TRUE[kind]
    spans = spans_of(Pair(SENT, received), [edit])
    assert spans is not None
    assert [span.received.start for span in spans[1:]] == [span.received.end for span in spans[:-1]]
    assert (spans[0].received.start, spans[-1].received.end) == (0, len(received))


@each_kind
def test_without_the_edit_received_is_not_explained(kind: str) -> None:
    assert spans_of(Pair(SENT, TRUE[kind][0]), []) is None


@each_kind
def test_the_edit_twice_claims_the_same_bytes_twice(kind: str) -> None:
    received, edit = TRUE[kind]
    assert spans_of(Pair(SENT, received), [edit, edit]) is None or edit.kind is EditKind.DROPPED


@each_kind
@pytest.mark.parametrize("by", [-1, 1])
def test_the_edit_one_byte_beside_is_refused(kind: str, by: int) -> None:
    received, edit = TRUE[kind]
    beside = replace(edit, sent=moved(edit.sent, by), received=edit.received.shifted(by))
    assert spans_of(Pair(SENT, received), [beside]) is None


@pytest.mark.parametrize("kind", ["dropped", "duplicated", "reordered", "filled", "altered", "inserted"])
def test_a_shorter_edit_is_refused(kind: str) -> None:
    received, edit = TRUE[kind]
    size = max(0, edit.received.size - 1)
    shorter = replace(edit, received=ByteSpan(edit.received.start, edit.received.start + size))
    if edit.kind in (EditKind.DROPPED, EditKind.FILLED, EditKind.ALTERED) and edit.sent:
        shorter = replace(shorter, sent=ByteSpan(edit.sent.start, edit.sent.end - 1))
    assert spans_of(Pair(SENT, received), [shorter]) is None


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("filled", {"value": 0x00}),
        ("filled", {"value": None}),
        ("replaced", {"source": ByteSpan(31, 51)}),
        ("replaced", {"source": None}),
        ("replaced", {"source": ByteSpan(190, 210)}),
        ("duplicated", {"sent": ByteSpan(49, 69)}),
        ("reordered", {"sent": ByteSpan(71, 91)}),
        ("altered", {"sent": ByteSpan(190, 210)}),
        ("altered", {"received": ByteSpan(50, 250), "sent": ByteSpan(50, 250)}),
        ("trailing", {"received": ByteSpan(200, 221)}),
    ],
)
def test_a_false_claim_is_refused(kind: str, change: dict[str, object]) -> None:
    received, edit = TRUE[kind]
    wrong = replace(edit, **change)  # type: ignore[arg-type]
    spans = spans_of(Pair(SENT, received), [wrong])
    assert spans is None or spans == spans_of(Pair(SENT, received), [edit])


def test_overlapping_edits_are_refused() -> None:
    received, edit = TRUE["filled"]
    inside = replace(edit, sent=ByteSpan(60, 65), received=ByteSpan(60, 65))
    assert spans_of(Pair(SENT, received), [edit, inside]) is None


def test_what_a_span_says() -> None:
    spans = spans_of(Pair(SENT, TRUE["filled"][0]), [TRUE["filled"][1]])
    assert spans == (
        Span(received=ByteSpan(0, 50), relation=Relation.SAME, sent=ByteSpan(0, 50)),
        Span(received=ByteSpan(50, 70), relation=Relation.FILL, value=0xFF),
        Span(received=ByteSpan(70, 200), relation=Relation.SAME, sent=ByteSpan(70, 200)),
    )


def test_copies_that_go_straight_on_are_one_span() -> None:
    received, edit = TRUE["replaced"]
    spans = spans_of(Pair(SENT, received), [edit])
    assert spans is not None
    assert [(span.received.start, span.received.end) for span in spans] == [(0, 50), (50, 70), (70, 200)]
    one = replace(edit, source=ByteSpan(50, 70))
    assert spans_of(Pair(SENT, SENT), [one]) == (
        Span(received=ByteSpan(0, 200), relation=Relation.SAME, sent=ByteSpan(0, 200)),
    )


def test_a_repeat_is_as_many_edits() -> None:
    lost = Edit(
        kind=EditKind.DROPPED,
        sent=ByteSpan(10, 15),
        received=ByteSpan(10, 10),
        repeat=Repeat(count=4, sent_step=20, received_step=15),
    )
    single = [
        Edit(kind=EditKind.DROPPED, sent=ByteSpan(at, at + 5), received=ByteSpan(seam, seam))
        for at, seam in ((10, 10), (30, 25), (50, 40), (70, 55))
    ]
    received = SENT[:10] + SENT[15:30] + SENT[35:50] + SENT[55:70] + SENT[75:]
    pair = Pair(SENT, received)
    assert spans_of(pair, [lost]) == spans_of(pair, single) is not None
    assert spans_of(pair, [replace(lost, repeat=Repeat(count=3, sent_step=20, received_step=15))]) is None


@pytest.mark.parametrize("fault", FAULTS)
def test_what_was_injected_is_proven(fault: str) -> None:
    injection = inject(build_image(size=64 * 1024, seed=3), fault, ChunkPlan(size=244), seed=4)
    assert spans_of(Pair(injection.sent, injection.received), injection.edits) is not None
