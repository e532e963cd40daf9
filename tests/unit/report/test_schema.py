"""The shipped JSON Schema: reports validate, and it names every key of the model."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import pytest

import forensics
from forensics.model.inspection import InspectionReport
from forensics.model.log import LogError
from tests.unit.report.hostile import HOSTILE, hostile_inspection, hostile_report
from tests.unit.report.reports import REPORTS

SAMPLES = Path(__file__).parents[3] / "samples"
MODEL = ("report", "alignment", "finding", "image", "check", "log", "solve", "capture", "inspection", "flash", "file_kind")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    text = resources.files("forensics.report").joinpath("schema/otadiff.report-1.schema.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def test_reports_validate(schema: dict[str, Any]) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="the jsonschema package is not installed")
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    inspected = [forensics.inspect_image(path) for path in sorted(SAMPLES.glob("*/sent.bin"))]
    handmade = [build() for build in REPORTS.values()]
    for report in [*handmade, *inspected, *map(hostile_report, HOSTILE), *map(hostile_inspection, HOSTILE)]:
        validator.validate(json.loads(json.dumps(report.to_dict())))


@pytest.mark.parametrize(
    ("key", "value"),
    [("verdict", "fine"), ("spans", [{"received": [1], "relation": "same"}]), ("schema", "otadiff.report/2")],
)
def test_what_is_no_report_is_refused(schema: dict[str, Any], key: str, value: object) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="the jsonschema package is not installed")
    document = {**REPORTS["dropped"]().to_dict(), key: value}
    assert not jsonschema.Draft202012Validator(schema).is_valid(document)


def test_every_key_of_the_model_is_described(schema: dict[str, Any]) -> None:
    assert list(schema["properties"]) == [field.name for field in fields(InspectionReport)]
    described = {name: set(entry.get("properties", ())) for name, entry in schema["$defs"].items()}
    for module in MODEL:
        for name, kind in vars(import_module(f"forensics.model.{module}")).items():
            if is_dataclass(kind) and name in described and kind is not LogError:
                assert described[name] == {field.name for field in fields(kind)}, name


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    references = {part.split('"')[0] for part in json.dumps(schema).split('"#/$defs/')[1:]}
    assert references == set(schema["$defs"])
