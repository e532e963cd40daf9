"""The doors of the tool by name, as a user opens them: each takes paths, and gives a verdict in words or raises."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import forensics
from forensics.cli.output import render
from forensics.errors import ReportError
from forensics.model.report import Report
from forensics.pipeline.bundle import make_bundle
from forensics.pipeline.capture_contents import capture_contents
from forensics.pipeline.captures import decode_capture
from forensics.pipeline.extraction import ExtractOptions, extract_source
from forensics.pipeline.inspection import inspect_source
from forensics.read import read_evidence
from forensics.read.captures import read_capture
from tests.fuzz.forgery import all_formats, forgeries, load, unquoted_commands
from tests.fuzz.make import IMAGE


def _empty() -> str:
    return "nothing"


def _compare(sent: Path, received: Path) -> str:
    report = forensics.compare(sent, received)
    render(report, "terminal")
    return report.verdict.value


def _with_log(sent: Path, received: Path, log: Path) -> str:
    return forensics.compare(sent, received, log=log).verdict.value


def _triage(*paths: Path) -> str:
    report = forensics.triage(*paths)
    render(report, "terminal")
    return report.verdict.value


def _inspect(image: Path) -> str:
    return str(inspect_source(image).verdict.value)


def _log(log: Path) -> str:
    return f"{len(forensics.read_log(log).passes)} walks"


def _round_trip(log: Path) -> str:
    """A report with this log is the same when it is saved and loaded."""
    report = forensics.compare(IMAGE, IMAGE, log=log)
    if load(report.to_dict()) != report:
        raise AssertionError("the loaded report is another one")
    return report.verdict.value


def _log_text(log: Path) -> str:
    text = log.read_text()
    forensics.compare(bytes(2048), bytes(2048), log=text)
    return f"{len(forensics.read_log(text).passes)} walks"


def _capture(capture: Path) -> str:
    evidence = read_evidence(capture)
    capture_contents(evidence)
    found = read_capture(evidence)
    with contextlib.suppress(forensics.OtadiffError):
        decode_capture(found, None)
    return f"{len(found.values)} values"


def _extract(evidence: Path) -> str:
    return f"{len(extract_source(evidence, ExtractOptions()).content)} bytes"


def _saved(path: Path) -> str:
    try:
        report = load(json.loads(path.read_bytes()))
    except (ValueError, RecursionError) as error:
        raise ReportError(f"is no JSON: {error}") from error
    all_formats(report)
    make_bundle(report, (), render)
    return _unforged(report)


def _formats(sent: Path, received: Path) -> str:
    report = forensics.compare(sent, received)
    all_formats(report)
    return report.verdict.value


def _names(*paths: Path) -> str:
    """Nothing in the names, images and logs became a line, a tag or a command."""
    return _unforged(inspect_source(paths[0]) if len(paths) == 1 else forensics.triage(*paths))


def _unforged(report: Report) -> str:
    found = forgeries(report) + unquoted_commands(report)
    if found:
        raise AssertionError("; ".join(found))
    return report.verdict.value


def _batch(*paths: Path) -> str:
    """The command line over folders; every path that exists is a case, JSON Lines are gone on with."""
    from forensics.cli.main import main

    record = next((path for path in paths if path.suffix == ".jsonl"), paths[0].parent / "new.jsonl")
    folders = [str(path) for path in paths if path != record]
    outputs = ["--jsonl", str(record), "--sqlite", str(record.with_suffix(".sqlite"))]
    sys.argv = ["otadiff", "triage", "--batch", "--jobs", "1", *folders, *outputs]
    sys.argv += ["--resume"] if record.exists() else []
    said, status = io.StringIO(), 0
    with contextlib.redirect_stderr(said):
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
    wrong = [words for words in ("internal error", "constraint failed", "Traceback") if words in said.getvalue()]
    if wrong or status not in (0, 1, 2):
        raise AssertionError(said.getvalue())
    return f"exit status {status}"


DOORS: dict[str, Callable[..., str]] = {
    "empty": _empty,
    "compare": _compare,
    "compare-log": _with_log,
    "formats": _formats,
    "inspect": _inspect,
    "triage": _triage,
    "log": _log,
    "log-text": _log_text,
    "round-trip": _round_trip,
    "capture": _capture,
    "extract": _extract,
    "saved": _saved,
    "names": _names,
    "batch": _batch,
}
