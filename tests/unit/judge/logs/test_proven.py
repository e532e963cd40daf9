"""What a walk proves, on the log that started this project and on the real verifier's output."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forensics.judge.logs.compared import comparable, least_differences
from forensics.judge.logs.proven import prove
from forensics.parse.logs import parse_log
from forensics.pipeline.device_log import predict_walks
from tests.conftest import ROOT, SHARED

ORACLE = SHARED / "oracle"
FORUM = (ROOT / "samples" / "forum-log" / "device.log").read_text(encoding="utf-8")


def test_the_forum_log_proves_nine_headers_and_the_length() -> None:
    log = parse_log(FORUM)
    proof = prove(log.passes[0])
    assert (proof.right, len(proof.segments), proof.all_right) == (9, 9, True)
    assert (proof.end, proof.covered, proof.length) == (0x941BC, 0x941C0, 606_688)
    assert proof.xor_passed
    assert log.idf_versions == "v3.0 to v3.1.2"


@pytest.mark.parametrize("level", ["I", "D"])
def test_half_a_log_proves_no_length(level: str) -> None:
    lines = [line for line in FORUM.splitlines() if "image start" not in line and "hash" not in line]
    proof = prove(parse_log("\n".join(lines[:30]).replace("I (", f"{level} (")).passes[0])
    assert proof.right >= 4
    assert proof.length is None
    assert proof.covered is None
    assert not proof.xor_passed


def test_without_the_first_segment_nothing_is_called_right() -> None:
    lines = [line for line in FORUM.splitlines() if "segment 0" not in line and "header" not in line]
    assert prove(parse_log("\n".join(lines)).passes[0]).right == 0


def _cases() -> list[dict[str, Any]]:
    path = ORACLE / "cases.jsonl"
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[::7]]


CASES = _cases()


@pytest.mark.skipif(not CASES, reason="the real verifier's output is not beside the repository")
def test_the_log_of_the_real_verifier_is_that_of_its_own_image_and_of_no_other() -> None:
    images = {case["image"]: (ORACLE / "images" / f"{case['image']}.bin").read_bytes() for case in CASES}
    names = list(images)
    told_apart = 0
    for number, case in enumerate(CASES):
        log = parse_log("\n".join(case["log"]))
        for walk in filter(comparable, log.passes):
            assert least_differences(walk, predict_walks(images[case["image"]], walk)) == (), case["mutation"]
            other = images[names[number * 5 % len(names)]]
            told_apart += bool(least_differences(walk, predict_walks(other, walk)))
    assert told_apart > len(CASES) / 2


@pytest.mark.skipif(not CASES, reason="the real verifier's output is not beside the repository")
def test_a_proven_length_is_that_of_the_accepted_image() -> None:
    checked = 0
    for case in CASES:
        for walk in parse_log("\n".join(case["log"])).passes:
            length = prove(walk).length
            if length is not None and case["err"] == "0x0":
                assert length == case["image_len"]
                checked += 1
    assert checked > 5
