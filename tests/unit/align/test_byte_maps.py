"""Every byte or word changed in one way: named, undone, and no fault below it is hidden."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.align.aligner import align
from forensics.align.layers.byte_maps import MAPS, map_between
from forensics.model.alignment import EditKind
from forensics.model.document import to_document
from forensics.synth.image import build_image
from tests.property.replay import replay

SENT = build_image(size=60_000, seed=8)
CHUNK = 244
AT = 100 * CHUNK
NAMES = {one.name: one.apply for one in MAPS}


def with_key(key: bytes, data: bytes) -> bytes:
    return bytes(value ^ key[at % len(key)] for at, value in enumerate(data))


@pytest.mark.parametrize("name", NAMES)
@given(data=st.binary(max_size=40))
def test_a_map_undoes_itself(name: str, data: bytes) -> None:
    assert NAMES[name](NAMES[name](data)) == data


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("by", ["the sender", "the receiver"])
def test_a_fault_below_a_map_is_told(name: str, by: str) -> None:
    apply = NAMES[name]
    stored = apply(SENT) if by == "the sender" else SENT
    received = stored[:AT] + stored[AT + CHUNK :]
    received = received if by == "the sender" else apply(received)
    alignment = align(SENT, received)
    assert [layer.name for layer in alignment.layers] == [name]
    assert alignment.content is not None
    assert [(edit.kind, edit.sent and edit.sent.size) for edit in alignment.edits] == [(EditKind.DROPPED, CHUNK)]
    assert replay(SENT, alignment.content, to_document(alignment.edits)) == alignment.content


@pytest.mark.parametrize("key", [b"\x5a", b"\x13\xc7", b"\x21\x84\xf0", b"\x13\xc7\x5a\x9e"])
def test_a_key_is_found(key: bytes) -> None:
    received = with_key(key, SENT)
    alignment = align(SENT, received)
    assert [(layer.name, layer.key) for layer in alignment.layers] == [("xor", key)]
    assert alignment.content == SENT
    assert alignment.edits == ()


def test_a_blank_chunk_below_a_map_is_blank() -> None:
    mapped = NAMES["inverted"](SENT)
    received = mapped[:AT] + bytes(CHUNK) + mapped[AT + CHUNK :]
    (edit,) = align(SENT, received).edits
    assert (edit.kind, edit.value) == (EditKind.FILLED, 0)


def test_plain_bytes_have_no_map() -> None:
    assert map_between(SENT, SENT[:AT] + SENT[AT + CHUNK :]) is None
    assert map_between(SENT, build_image(size=60_000, seed=9)) is None
