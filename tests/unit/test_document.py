"""``to_document`` and ``from_document`` are each other's inverse for every dataclass of the model."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.errors import ReportError
from forensics.model.alignment import Chunking, ChunkSource, Edit, EditKind, Excerpt, Relation, Repeat, Span
from forensics.model.document import from_document, to_document
from forensics.model.finding import Certainty, Finding, Remedy, Where
from forensics.model.log import LogError
from forensics.model.span import ByteSpan
from forensics.model.text import inert

numbers = st.integers(0, 1 << 40)
texts = st.text().map(inert)
spans = st.builds(lambda start, size: ByteSpan(start, start + size), numbers, numbers)
maybe = st.none()
edits = st.builds(
    Edit,
    kind=st.sampled_from(EditKind),
    sent=maybe | spans,
    received=spans,
    source=maybe | spans,
    value=maybe | st.integers(0, 255),
    bits=maybe | numbers,
    pattern=maybe | texts,
    content=maybe | texts,
    chunks=maybe | st.tuples(numbers, numbers),
    slack=st.tuples(numbers, numbers),
    repeat=maybe | st.builds(Repeat, count=numbers, sent_step=numbers, received_step=numbers, source_step=st.integers()),
    excerpt=maybe | st.builds(Excerpt, sent=st.binary(max_size=16), received=st.binary(max_size=16)),
)
findings = st.builds(
    Finding,
    code=texts,
    slug=texts,
    certainty=st.sampled_from(Certainty),
    summary=texts,
    edits=st.lists(numbers).map(tuple),
    where=st.sampled_from(Where),
    benign=st.booleans(),
    notes=st.lists(texts).map(tuple),
    remedies=st.lists(st.builds(Remedy, where=st.sampled_from(Where), text=texts)).map(tuple),
)
plans = st.builds(
    Chunking,
    size=maybe | numbers,
    reset=maybe | numbers,
    source=st.sampled_from(ChunkSource),
    alternatives=st.lists(numbers).map(tuple),
)
pieces = st.builds(
    Span, received=spans, relation=st.sampled_from(Relation), sent=maybe | spans, value=maybe | st.integers(0, 255)
)
log_errors = st.builds(
    LogError,
    kind=texts,
    fields=st.dictionaries(st.sampled_from(("length", "reason")), numbers | texts),
    line=numbers,
)


@given(edits | findings | plans | pieces | log_errors)
def test_a_document_is_json_and_comes_back(value: object) -> None:
    document = json.loads(json.dumps(to_document(value)))
    assert from_document(type(value), document) == value


def test_ranges_bytes_and_enums_in_a_document() -> None:
    span = Span(received=ByteSpan(2, 5), relation=Relation.FILL, value=255)
    assert to_document(span) == {"received": [2, 5], "relation": "fill", "sent": None, "value": 255}
    assert to_document(Excerpt(sent=b"\xe9\x05", received=b"")) == {"sent": "e905", "received": ""}


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        3,
        {},
        {"received": [0, 3]},
        {"received": [3, 0], "relation": "same"},
        {"received": [-1, 0], "relation": "same"},
        {"received": [0, 3, 4], "relation": "same"},
        {"received": "0-3", "relation": "same"},
        {"received": [True, 3], "relation": "same"},
        {"received": [0.5, 3], "relation": "same"},
        {"received": [0, 3], "relation": "alike"},
        {"received": [0, 3], "relation": ["same"]},
        {"received": [0, 3], "relation": {}},
        {"received": [0, 3], "relation": "fill", "value": "255"},
        {"received": [0, 3], "relation": "same", "sent": {"start": 0}},
    ],
)
def test_a_wrong_document_is_refused_with_the_place(document: object) -> None:
    with pytest.raises(ReportError, match="Span"):
        from_document(Span, document)


@pytest.mark.parametrize("wrong", ["zz", "abc", 5, None, ["e9"]])
def test_bytes_that_are_no_hex_are_refused(wrong: object) -> None:
    with pytest.raises(ReportError):
        from_document(Excerpt, {"sent": wrong, "received": ""})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(("kind", "sent", "received", "value", "chunks", "slack", "repeat", "excerpt")), json_values)
def test_any_json_in_any_field_is_taken_or_refused(key: str, value: object) -> None:
    document = {"kind": "dropped", "sent": [0, 4], "received": [0, 0], key: value}
    try:
        edit = from_document(Edit, document)
    except ReportError:
        return
    assert from_document(Edit, to_document(edit)) == edit
