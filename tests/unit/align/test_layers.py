"""A fault below a layer is told as the same fault without it, at its place in the files."""

from __future__ import annotations

from random import Random

import pytest

from forensics.align.aligner import align
from forensics.model.alignment import EditKind, LayerKind
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.document import to_document
from forensics.synth.image import build_image
from tests.bench.doubles import KINDS, LAYERS, is_right
from tests.property.replay import replay

SENT = build_image(size=96_000, seed=3)
PLAN = ChunkPlan(244)
EXACT = ("drop", "repeat", "swap", "overwrite-previous", "zero", "erased", "noise", "flip", "part-lost")


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("kind", EXACT)
def test_one_fault_below_a_layer(layer: str, kind: str) -> None:
    if kind == "flip" and "swap" in layer:
        pytest.skip("a changed byte of a swapped word is one byte before it was swapped, and another one behind")
    case = LAYERS[layer](SENT, PLAN, [kind], 3, Random(f"{layer}/{kind}"))
    alignment = align(case.sent, case.received)
    content = case.received if alignment.content is None else alignment.content
    assert replay(case.sent, content, to_document(alignment.edits)) == content
    assert is_right(case, alignment)


@pytest.mark.slow
@pytest.mark.parametrize("layer", LAYERS)
def test_two_faults_below_a_layer_give_received(layer: str) -> None:
    random = Random(layer)
    for _ in range(12):
        plan = ChunkPlan(random.choice((20, 128, 244, 509)))
        case = LAYERS[layer](SENT, plan, random.sample(list(KINDS), 2), random.choice((3, 20)), random)
        alignment = align(case.sent, case.received)
        content = case.received if alignment.content is None else alignment.content
        assert replay(case.sent, content, to_document(alignment.edits)) == content


def test_frames_are_a_layer_with_its_numbers() -> None:
    case = LAYERS["header-2-trailer-2"](SENT, PLAN, ["zero"], 3, Random(1))
    alignment = align(case.sent, case.received)
    (layer,) = alignment.layers
    assert (layer.kind, layer.header, layer.trailer) == (LayerKind.FRAMES, 2, 2)
    assert alignment.chunking.size == PLAN.size


def test_a_stream_that_began_again_is_a_layer() -> None:
    end = 200 * PLAN.size
    blank = SENT[: 50 * PLAN.size] + bytes(PLAN.size) + SENT[51 * PLAN.size :]
    alignment = align(SENT, SENT[:end] + blank)
    assert [(layer.kind, layer.sent, layer.received) for layer in alignment.layers] == [(LayerKind.ATTEMPT, 0, end)]
    assert {edit.kind for edit in alignment.edits} == {EditKind.DUPLICATED, EditKind.FILLED}


def test_bytes_that_were_sent_are_no_header() -> None:
    chunks = [SENT[at : at + PLAN.size] for at in range(0, len(SENT), PLAN.size)]
    swapped = b"".join(b"".join(chunks[at : at + 2][::-1]) for at in range(0, len(chunks), 2))
    assert align(SENT, swapped).layers == ()
