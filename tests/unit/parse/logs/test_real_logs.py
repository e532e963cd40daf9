"""The parse of real pastes equals their labels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from forensics.model.log import DeviceLog
from forensics.parse.logs import parse_log

_T = TypeVar("_T")

SHARED = Path(__file__).resolve().parents[5] / "shared"
LOGS = SHARED / "logs"
FORUM = SHARED / "origin" / "forum-post.txt"


def _labels() -> dict[str, Any]:
    path = LOGS / "expected.json"
    labels: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return labels


def _laid_end_to_end(log: DeviceLog) -> dict[str, Any]:
    def first(values: Sequence[_T | None]) -> _T | None:
        return next((value for value in values if value is not None), None)

    checksum = first([walk.checksum for walk in log.passes])
    digest = first([walk.hash for walk in log.passes])
    return {
        "segments": [
            {"index": s.index, "paddr": s.paddr, "vaddr": s.vaddr, "size": s.size, "map": s.map}
            for walk in log.passes
            for s in walk.segments
        ],
        "image_start": first([walk.image_start for walk in log.passes]),
        "errors": [{"kind": error.kind, **error.fields} for walk in log.passes for error in walk.errors],
        "checksum": checksum and {"calculated": checksum.calculated, "read": checksum.read},
        "hash": digest and {"calculated": digest.calculated, "expected": digest.expected},
    }


@pytest.mark.skipif(not _labels(), reason="the collection of labelled logs (../shared/logs) is absent")
@pytest.mark.parametrize("name", sorted(_labels()) or ["absent"])
def test_labelled_logs(name: str) -> None:
    label = _labels()[name]
    log = parse_log((LOGS / f"{name}.txt").read_bytes())
    keys = ("index", "paddr", "vaddr", "size", "map")
    expected = {key: label[key] for key in ("image_start", "errors", "checksum", "hash")}
    expected["segments"] = [{key: segment[key] for key in keys} for segment in label["segments"]]
    assert _laid_end_to_end(log) == expected
    if "passes" in label:
        walks = [{"image_start": walk.image_start, "count": len(walk.segments)} for walk in log.passes]
        assert walks == label["passes"]


def _segment_counts() -> dict[str, int]:
    path = LOGS / "index.tsv"
    if not path.is_file():
        return {}
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return {row[0]: int(row[4]) for row in rows}


@pytest.mark.skipif(not _segment_counts(), reason="the collection of logs (../shared/logs) is absent")
@pytest.mark.parametrize(("name", "count"), sorted(_segment_counts().items()) or [("absent", 0)])
def test_every_segment_line_is_read(name: str, count: int) -> None:
    log = parse_log((LOGS / f"{name}.txt").read_bytes())
    assert sum(len(walk.segments) for walk in log.passes) == count


@pytest.mark.skipif(not LOGS.is_dir(), reason="the collection of logs (../shared/logs) is absent")
def test_a_log_of_version_2_walks_the_chain_again_for_every_segment() -> None:
    log = parse_log((LOGS / "006.txt").read_bytes())
    verified, loaded = log.passes
    assert (verified.image_start, verified.segments, verified.outcome) == (0x10000, (), "passed")
    assert [header.data_len for header in verified.segment_headers] == [
        0xFFE8, 0xD6E0, 0x2304, 0x400, 0x12540, 0x0, 0xDCB4, 0x499E8,
    ]  # fmt: skip
    assert (loaded.image_start, len(loaded.segments)) == (0x10000, 8)


@pytest.mark.skipif(not FORUM.is_file(), reason="the log that started the project (../shared/origin) is absent")
def test_the_forum_log() -> None:
    log = parse_log(FORUM.read_bytes())
    (walk,) = log.passes
    assert log.idf_versions == "v3.0 to v3.1.2"
    assert walk.header is not None
    assert (walk.header.segment_count, walk.header.spi_size, walk.header.entry_addr) == (9, 2, 0x40081034)
    assert (walk.image_start, walk.end, walk.last_segment_reached) == (0x110000, 0x1A41BC, True)
    assert [segment.size for segment in walk.segments] == [
        0x1C0C4, 0x33C4, 0, 0x400, 0x748, 0x6384C, 0x10940, 0, 0,
    ]  # fmt: skip
    assert [header.load_addr for header in walk.segment_headers] == [s.vaddr for s in walk.segments]
    assert walk.hash is not None
    assert (walk.hash.calculated, walk.hash.expected) == ("8e2ae049", "46a7c8af")
    assert (walk.outcome, [error.kind for error in walk.errors]) == ("failed", ["hash_failed"])
    assert (walk.lines, walk.hash_lines, walk.free_pages) == ((4, 58), (56, 58), 0x3E)
    assert set(log.unread) <= {1, 2, 3, *range(14, 54), 59, 60, 61}


@pytest.mark.skipif(not (SHARED / "oracle").is_dir(), reason="the real verifier's output (../shared/oracle) is absent")
def test_lines_of_the_real_verifier() -> None:
    with (SHARED / "oracle" / "cases.jsonl").open(encoding="utf-8") as cases:
        for line in cases:
            case = json.loads(line)
            if not case["log"]:
                continue
            log = parse_log("\n".join(case["log"]))
            assert log.unread == (), case["log"][log.unread[0] - 1]
            (walk,) = log.passes
            assert len(walk.segments) == sum("paddr=" in text for text in case["log"])
            assert (walk.outcome == "failed") == (case["err"] != "0x0"), case["log"][-1]
            assert walk.image_start in (None, case["partition_offset"])
