"""Every case of the real verifier, line for line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from forensics.model.check import Outcome
from forensics.model.device import DeviceSettings, Walk
from forensics.parse.image import parse_image
from forensics.verify.predict import predict_log
from forensics.verify.walk import walk

ORACLE = Path(__file__).resolve().parents[4] / "shared" / "oracle"
CASES = ORACLE / "cases.jsonl"

pytestmark = pytest.mark.skipif(not CASES.exists(), reason="the cases of the real verifier are not here")


def cases_by_version() -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    if CASES.exists():
        for line in CASES.read_text().splitlines():
            case = json.loads(line)
            grouped.setdefault(case["idf"], []).append(case)
    return grouped


GROUPED = cases_by_version()


def settings(case: dict[str, Any]) -> DeviceSettings:
    return DeviceSettings(
        idf=case["idf"],
        chip=case["chip"],
        partition_offset=case["partition_offset"],
        partition_size=case["partition_size"],
        flash_size=case["flash_size"],
        chip_revision=case["chip_revision"],
        efuse_block_revision=case["efuse_block_revision"],
        free_pages=case["free_pages"],
        level=case.get("level", "verbose"),
    )


def image_of(case: dict[str, Any]) -> bytes:
    return (ORACLE / "images" / f"{case['image']}.bin").read_bytes()


def signed(err: str) -> int:
    number = int(err, 16)
    return number - (1 << 32) if number >> 31 else number


def agrees(found: Walk, case: dict[str, Any]) -> bool:
    err = signed(case["err"])
    accepted = found.image_length == case["image_len"] if err == 0 else found.image_length is None
    return found.lines == tuple(case["log"]) and found.err == err and accepted


@pytest.mark.parametrize("version", sorted(GROUPED))
def test_every_case_of_a_version(version: str) -> None:
    wrong = [
        (case["image"], case["mutation"], case["chip"])
        for case in GROUPED[version]
        if not agrees(predict_log(image_of(case), settings(case)), case)
    ]
    assert wrong == []


@pytest.mark.parametrize("version", sorted(GROUPED))
def test_what_was_parsed_before_gives_the_same_walk(version: str) -> None:
    for case in GROUPED[version][::5]:
        data = image_of(case)
        assert walk(data, parse_image(data), settings(case)) == predict_log(data, settings(case))


def test_lines_belong_to_the_checks_that_print_them() -> None:
    for case in GROUPED["v5.5"]:
        found = predict_log(image_of(case), settings(case))
        assert tuple(line for check in found.checks for line in check.lines) == found.lines
        reached = [check.outcome for check in found.checks if check.outcome is not Outcome.NOT_REACHED]
        assert (Outcome.FAILED in reached) == (found.err != 0)
