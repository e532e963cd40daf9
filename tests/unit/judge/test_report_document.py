"""The document has the keys that section 5 of the design fixes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import forensics
from forensics.errors import OtadiffError, ReportError
from forensics.model.report import Report
from forensics.synth.samples import SAMPLES

FIXED = {
    "": "schema tool verdict summary sent received chunking spans edits findings device",
    "sent": "name size sha256 image",
    "received": "name size sha256 image container region transform",
    "chunking": "size phase reset overhead source support alternatives",
    "spans": "received relation",
    "edits": "kind sent received chunks slack repeat excerpt",
    "findings": "code slug certainty summary edits log_lines where benign notes remedies",
    "device": "sent received",
}
CHECK = "step outcome expected actual span lines"
KINDS = {"dropped", "duplicated", "reordered", "replaced", "filled", "altered", "inserted", "truncated", "trailing"}
FIELDS = {
    "replaced": "source",
    "filled": "value",
    "altered": "bits pattern",
    "trailing": "content",
}


def documents() -> dict[str, dict[str, Any]]:
    return {sample.name: forensics.compare(*sample.build()).to_dict() for sample in SAMPLES}


DOCUMENTS = documents()
each_document = pytest.mark.parametrize("name", DOCUMENTS)


def rows(value: object) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []


@each_document
def test_the_fixed_keys_are_there(name: str) -> None:
    document = DOCUMENTS[name]
    for place, keys in FIXED.items():
        for row in rows(document[place]) if place else [document]:
            assert set(keys.split()) <= set(row), place
    for side in ("sent", "received"):
        for check in document["device"][side]:
            assert set(CHECK.split()) <= set(check)
    assert document["schema"] == "otadiff.report/1"


@each_document
def test_the_fields_of_each_kind_of_edit(name: str) -> None:
    for edit in DOCUMENTS[name]["edits"]:
        assert edit["kind"] in KINDS
        for key in FIELDS.get(edit["kind"], "").split():
            assert edit[key] is not None
        assert (edit["sent"] is None) == (edit["kind"] == "trailing")
        assert (edit["kind"] == "inserted") <= (edit["sent"] is None or edit["sent"][0] == edit["sent"][1])
        for side in ("sent", "received"):
            assert len(bytes.fromhex(edit["excerpt"][side])) <= 16


@each_document
def test_spans_cover_received_in_order(name: str) -> None:
    document = DOCUMENTS[name]
    at = 0
    for span in document["spans"]:
        assert span["received"][0] == at
        at = span["received"][1]
        if span["relation"] in ("same", "altered"):
            assert span["sent"][1] - span["sent"][0] == span["received"][1] - span["received"][0]
        if span["relation"] == "fill":
            assert 0 <= span["value"] <= 255
    region = document["received"]["region"]
    if document["received"]["transform"] is None:
        assert at == region[1] - region[0]


@each_document
def test_values_are_plain_json(name: str) -> None:
    def walk(value: object) -> None:
        if isinstance(value, dict):
            assert all(isinstance(key, str) for key in value)
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)
        else:
            assert value is None or type(value) in (bool, int, float, str)

    walk(DOCUMENTS[name])


def test_keys_of_later_versions_are_passed_over() -> None:
    document = DOCUMENTS["mixed"]
    later = {**document, "colour": "green", "chunking": {**document["chunking"], "jitter": 3}}
    assert Report.from_dict(later) == Report.from_dict(document)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        "report",
        {},
        {"schema": "otadiff.report/2"},
        {"schema": "otadiff.report/1"},
        {**DOCUMENTS["mixed"], "verdict": "green"},
        {**DOCUMENTS["mixed"], "verdict": None},
        {**DOCUMENTS["mixed"], "edits": 3},
        {**DOCUMENTS["mixed"], "edits": [{"kind": "lost"}]},
        {**DOCUMENTS["mixed"], "spans": [{"received": [5, 3], "relation": "same"}]},
        {**DOCUMENTS["mixed"], "spans": [{"received": ["0", "3"], "relation": "same"}]},
        {**DOCUMENTS["mixed"], "spans": [{"received": [0], "relation": "same"}]},
        {**DOCUMENTS["mixed"], "tool": None},
        {**DOCUMENTS["mixed"], "sent": "sent.bin"},
    ],
    ids=lambda wrong: str(wrong)[:20] if not isinstance(wrong, dict) else None,
)
def test_what_is_no_report_is_refused(wrong: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    with pytest.raises(ReportError) as error:
        Report.from_dict(wrong)
    assert isinstance(error.value, OtadiffError)


def test_a_report_without_inputs_is_a_report() -> None:
    bare = replace(Report.from_dict(DOCUMENTS["healthy"]), sent=None, received=None, chunking=None)
    assert Report.from_dict(bare.to_dict()) == bare
