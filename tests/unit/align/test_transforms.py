from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.align.transforms import TRANSFORMS, lossy, undone
from forensics.align.transforms.carriage_returns import without_carriage_returns
from forensics.model.chunk_plan import ChunkPlan
from forensics.synth.faults import FAULTS, inject
from forensics.synth.image import build_image

IMAGE = build_image(size=16 * 1024, seed=9)


def as_text_mode(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


APPLY: dict[str, Callable[[bytes], bytes]] = {
    "hex": lambda data: data.hex().encode(),
    "base64": base64.b64encode,
    "utf-8": lambda data: data.decode("latin-1").encode("utf-8"),
    "utf-16": lambda data: data.decode("latin-1").encode("utf-16-le"),
    "crlf": as_text_mode,
}
image_like = st.binary(max_size=300).map(
    lambda tail: b"\xe9\x05\x02\x10abcdefgh\x01\x02\x03\x04\x05\x06\x07\x08\r9\n#" + tail
)


def test_every_transform_is_tried_here() -> None:
    assert set(APPLY) == {name for name, _ in TRANSFORMS}


@pytest.mark.parametrize("name", APPLY)
def test_an_encoded_image_is_decoded(name: str) -> None:
    decoded = undone(IMAGE, APPLY[name](IMAGE))
    assert decoded is not None
    assert (decoded.transform, decoded.content) == (name, IMAGE)


@pytest.mark.parametrize("name", [name for name in APPLY if name != "crlf"])
@given(data=image_like)
def test_undoing_gives_back_what_was_encoded(name: str, data: bytes) -> None:
    inverse = dict(TRANSFORMS)[name]
    assert inverse(APPLY[name](data)) == data
    decoded = undone(data, APPLY[name](data))
    assert decoded is not None
    assert decoded.content == data


@given(st.binary(max_size=300))
def test_carriage_returns_put_in_are_taken_out(data: bytes) -> None:
    if b"\n" in data:
        assert without_carriage_returns(as_text_mode(data)) == data
    else:
        assert without_carriage_returns(data) is None


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_are_decoded_or_not(sent: bytes, received: bytes) -> None:
    for _, inverse in TRANSFORMS:
        inverse(received)
    decoded = undone(sent, received)
    assert decoded is None or decoded.content != received
    lossy(sent, received)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if not fault.startswith("header")])
@pytest.mark.parametrize("seed", range(3))
def test_a_broken_transfer_is_not_taken_for_an_encoding(fault: str, seed: int) -> None:
    received = inject(IMAGE, fault, ChunkPlan(size=244), seed).received
    assert undone(IMAGE, received) is None
    assert lossy(IMAGE, received) is None


@pytest.mark.parametrize("seed", range(20))
def test_another_image_is_not_taken_for_an_encoding(seed: int) -> None:
    other = build_image(size=16 * 1024, seed=100 + seed)
    assert undone(IMAGE, other) is None
    assert lossy(IMAGE, other) is None


@given(image_like)
def test_a_plain_copy_is_plain(data: bytes) -> None:
    assert undone(data, data) is None
    assert undone(data, data[: len(data) // 2 + 8]) is None


def test_replacement_characters_are_proven_though_they_cannot_be_undone() -> None:
    received = IMAGE.decode("utf-8", "replace").encode("utf-8")
    assert lossy(IMAGE, received) == "utf-8-replacement"
    assert lossy(IMAGE, received[:-1] + b"!") is None


@pytest.mark.parametrize("name", [name for name in APPLY if name != "crlf"])
def test_a_fault_inside_an_encoding_survives_the_decoding(name: str) -> None:
    lost = inject(IMAGE, "drop-one", ChunkPlan(size=244), 2).received
    decoded = undone(IMAGE, APPLY[name](lost))
    assert decoded is not None
    assert (decoded.transform, decoded.content) == (name, lost)
