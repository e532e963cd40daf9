"""Many cases: found, worked through in any executor, told in order, and gone on with."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import pytest

from forensics.errors import InputError
from forensics.model.error import ReportError
from forensics.pipeline.batch import Case, CaseResult, find_cases, run_batch
from forensics.pipeline.batch.database import open_database
from forensics.pipeline.batch.json_lines import JsonLines, line_of, read_results
from forensics.pipeline.batch.runner import BATCH_OPTIONS, run_case
from forensics.pipeline.batch.tally import NO_CAPTURE, Tally
from forensics.pipeline.triage import TriageOptions
from forensics.write import Writer
from tests.conftest import ROOT
from tests.unit.pipeline.test_bug_folder import LOST, SENT, fill, zipped

T = TypeVar("T")
SAMPLES = ROOT / "samples"
SOME = ("chunk-missing", "disconnected", "forum-log", "healthy", "wrong-chip")


@pytest.fixture
def bugs(tmp_path: Path) -> Path:
    """Five samples, one of them in a zip file, a broken zip file and a folder of prose."""
    folder = tmp_path / "bugs"
    for name in SOME[:-1]:
        fill(folder / name, {path.name: path.read_bytes() for path in (SAMPLES / name).iterdir()})
    last = {path.name: path.read_bytes() for path in (SAMPLES / SOME[-1]).iterdir()}
    fill(folder, {"wrong-chip.zip": zipped(last), "broken.zip": b"PK\x03\x04 and no more", "prose/a.md": b"hello\n"})
    return folder


def results_of(cases: tuple[Case, ...], executor: Executor) -> list[CaseResult | None]:
    return [result for _case, result in run_batch(cases, executor)]


def test_cases_are_folders_zips_and_loose_files_of_one_name(tmp_path: Path) -> None:
    loose = ("a_sent.bin", "a_received.bin", "a.log", "b-sent.bin", "b-dump.hex", "c.bin", "boot.log", "sent.bin", ".hidden")
    fill(tmp_path, dict.fromkeys((*loose, "bug1/app.bin", "bug2/x/app.bin"), b"x"))
    fill(tmp_path, {"bug3.zip": zipped({"app.bin": b"x"})})
    (tmp_path / "again").symlink_to(tmp_path)
    found = {case.name: sorted(Path(path).name for path in case.paths) for case in find_cases([tmp_path])}
    assert found == {
        "a": ["a.log", "a_received.bin", "a_sent.bin"],
        "b": ["b-dump.hex", "b-sent.bin"],
        "bug1": ["bug1"],
        "bug2": ["bug2"],
        "bug3.zip": ["bug3.zip"],
        "c": ["c.bin"],
        tmp_path.name: ["boot.log", "sent.bin"],
    }
    assert [case.name for case in find_cases([tmp_path / "bug1", tmp_path / "bug3.zip"])] == ["bug1/app", "bug3.zip"]
    with pytest.raises(InputError):
        find_cases([tmp_path / "absent"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError):
        find_cases([tmp_path / "empty"])


def test_each_case_has_a_result(bugs: Path) -> None:
    with ThreadPoolExecutor(1) as executor:
        found = {result.case: result for result in results_of(find_cases([bugs]), executor) if result is not None}
    assert [result.verdict for result in found.values()] == [None, "faulty", "faulty", "faulty", "healthy", None, "faulty"]
    assert found["chunk-missing"].codes == ("OTA202",)
    assert found["chunk-missing"].firmware_version == "v1.0"
    assert found["chunk-missing"].chunk_size == 244
    assert found["disconnected"].protocol == "control-data"
    assert "damaged zip" in (found["broken.zip"].error or "")
    assert (found["prose"].error or "").startswith(
        "a.md: says nothing about a transfer: plain text; add the .bin that was sent"
    )
    assert all(result.fingerprint for result in found.values())


class _LastFirst(ThreadPoolExecutor):
    """The sooner a case is handed out, the later it is done."""

    def __init__(self) -> None:
        super().__init__(8)
        self._left = 8

    def submit(self, work: Callable[..., T], /, *arguments: object, **options: object) -> Future[T]:
        self._left -= 1
        return super().submit(_delayed, 0.02 * max(0, self._left), work, *arguments, **options)


def _delayed(seconds: float, work: Callable[..., T], /, *arguments: object, **options: object) -> T:
    time.sleep(seconds)
    return work(*arguments, **options)


def test_the_order_of_completion_changes_nothing(bugs: Path) -> None:
    cases = find_cases([bugs])
    with ThreadPoolExecutor(1) as one, _LastFirst() as another, _processes(2) as third:
        plain = results_of(cases, one)
        assert results_of(cases, another) == plain
        assert results_of(cases, third) == plain
    assert [result.case for result in plain if result is not None] == [case.name for case in cases]


class _Counting(Executor):
    """Runs at once, and counts what waits for its result to be taken."""

    def __init__(self) -> None:
        self.most = self.waiting = 0

    def submit(self, work: Callable[..., T], /, *arguments: object, **options: object) -> Future[T]:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        future: Future[T] = Future()
        future.set_result(work(*arguments, **options))
        return future


def _named(case: Case, _options: TriageOptions, _known: str | None) -> CaseResult:
    return CaseResult(case=case.name, verdict="healthy")


def test_only_a_few_cases_are_handed_out_ahead() -> None:
    executor = _Counting()
    handed_out = 0

    def cases() -> Iterator[Case]:
        nonlocal handed_out
        for number in range(5000):
            handed_out += 1
            yield Case(name=str(number), paths=())

    for number, (case, _result) in enumerate(run_batch(cases(), executor, ahead=10, work=_named)):
        executor.waiting -= 1
        assert case.name == str(number)
        assert handed_out <= number + 10
    assert executor.most <= 10


@contextmanager
def _processes(count: int) -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        yield pool


def killed_by_its_case(case: Case, options: TriageOptions, known: str | None) -> CaseResult | None:
    """``run_case``, but one case is so large that the system kills the process."""
    if case.name == "forum-log":
        os.kill(os.getpid(), signal.SIGKILL)
    return run_case(case, options, known)


def ended_by_its_case(case: Case, options: TriageOptions, known: str | None) -> CaseResult | None:
    """``run_case``, but one case raises what nobody expects."""
    if case.name == "forum-log":
        raise RecursionError("too deep")
    return run_case(case, options, known)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system kills no process so")
@pytest.mark.parametrize("given", [True, False], ids=["a pool of the caller's", "processes of its own"])
def test_a_case_that_kills_its_worker_is_told_and_costs_no_other(bugs: Path, given: bool) -> None:
    cases = find_cases([bugs])
    with ThreadPoolExecutor(1) as one:
        plain = {result.case: result for result in results_of(cases, one) if result is not None}
    if given:
        with _processes(2) as pool:
            found = [result for _, result in run_batch(cases, pool, jobs=2, work=killed_by_its_case)]
    else:
        found = [result for _, result in run_batch(cases, jobs=2, work=killed_by_its_case)]
    assert [result.case for result in found if result is not None] == [case.name for case in cases]
    for result in found:
        assert result is not None
        if result.case == "forum-log":
            assert result.verdict is None
            assert "its worker process died" in (result.error or "")
        else:
            assert result == plain[result.case]


def test_a_case_that_raises_is_told(bugs: Path) -> None:
    with ThreadPoolExecutor(2) as executor:
        found = [result for _, result in run_batch(find_cases([bugs]), executor, work=ended_by_its_case)]
    errors = {result.case: result.error for result in found if result is not None and result.error}
    assert errors["forum-log"] == "internal error: RecursionError: too deep"
    assert len(found) == 7


def test_a_defect_of_ours_is_a_result(bugs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def defective(*_unused: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("forensics.pipeline.batch.runner.triage_bug", defective)
    result = run_case(find_cases([bugs])[1], BATCH_OPTIONS)
    assert result is not None
    assert result.error == "internal error: ZeroDivisionError: a defect"


def test_a_known_case_is_left_out_until_a_byte_of_it_changes(bugs: Path) -> None:
    cases = find_cases([bugs])
    with ThreadPoolExecutor(1) as executor:
        first = [result for _, result in run_batch(cases, executor) if result is not None]
        known = {result.case: result.fingerprint or "" for result in first}
        assert [result for _, result in run_batch(cases, executor, known=known)] == [None] * 7
        (bugs / "healthy" / "received.bin").write_bytes(LOST)
        again = [result.case for _, result in run_batch(cases, executor, known=known) if result is not None]
    assert again == ["healthy"]


RESULTS = [CaseResult(case=f"case {number}", verdict="healthy", fingerprint=str(number)) for number in range(4)]


def write(path: Path, results: list[CaseResult], *, resume: bool = False, complete: bool = True) -> bytes:
    with Writer().record(path, resume=resume) as record:
        lines = JsonLines(record, resume=resume)
        for result in results:
            if lines.done.get(result.case) == result:
                assert lines.keep(result.case) == result
            else:
                lines.add(result)
        if complete:
            lines.tidy()
    return path.read_bytes()


def test_a_run_that_was_interrupted_ends_as_if_it_never_was(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole", RESULTS)
    assert [json.loads(line)["case"] for line in whole.splitlines()] == [result.case for result in RESULTS]
    path = tmp_path / "parts"
    write(path, RESULTS[:2], complete=False)
    with path.open("ab") as stream:
        stream.write(line_of(RESULTS[2]).encode()[:40])
    assert list(read_results(path)) == ["case 0", "case 1"]
    assert write(path, RESULTS, resume=True) == whole
    assert write(path, RESULTS, resume=True) == whole


def test_a_case_that_changed_takes_its_old_place(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    write(path, RESULTS)
    changed = [RESULTS[0], CaseResult(case="case 1", verdict="faulty", fingerprint="new"), RESULTS[3]]
    others = [RESULTS[2]]  # of another folder, or of one that is gone: nobody asked to forget it
    assert write(path, changed, resume=True) == "".join(map(line_of, [*changed, *others])).encode()


def test_lines_are_ascii_and_come_back(tmp_path: Path) -> None:
    hostile = CaseResult(case="\x1b[31m\x7f\udc80\u202e\n", error="</script>", fingerprint="0")
    line = line_of(hostile)
    assert line.isascii()
    assert line[:-1].isprintable()
    read = CaseResult.from_dict(json.loads(line))
    assert read == replace(hostile, case=r"\x1b[31m\x7f\udc80\u202e\x0a"), "what a file held is made inert"
    assert CaseResult.from_dict(json.loads(line_of(read))) == read
    path = tmp_path / "lines"
    path.write_text("[]\nnull\n{}\nnot json\n" + line + '{"schema": "otadiff.case/1"}\n')
    assert list(read_results(path).values()) == [read]
    with pytest.raises(ReportError):
        CaseResult.from_dict({"schema": "otadiff.report/1"})


def test_the_database_answers_questions(bugs: Path, tmp_path: Path) -> None:
    path = tmp_path / "bugs.sqlite"
    with open_database(Writer().document(path)) as database, ThreadPoolExecutor(2) as executor:
        for _case, result in run_batch(find_cases([bugs]), executor):
            assert result is not None
            database.add(result)
        database.add(CaseResult(case="\udc80", error="\udc80", chunk_size=1 << 70))
        assert not path.exists()
    connection = sqlite3.connect(path)
    count = connection.execute("SELECT count(*) FROM cases WHERE verdict = 'faulty'").fetchone()
    codes = connection.execute('SELECT code FROM findings WHERE "case" = ? ORDER BY position', ("disconnected",)).fetchall()
    sent = connection.execute("SELECT sha256 FROM inputs WHERE role = 'sent' AND \"case\" = 'healthy'").fetchall()
    version = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    assert (count, codes, version) == ((4,), [("OTA501",)], (1,))
    assert len(sent) == 1
    assert not list(tmp_path.glob("*.part"))


def test_an_interrupted_database_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "bugs.sqlite"
    path.write_bytes(b"old")
    with pytest.raises(AttributeError), open_database(Writer(force=True).document(path)) as database:
        database.add(None)  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["bugs.sqlite"]


def test_the_tally_counts_by_fault_protocol_and_version(bugs: Path) -> None:
    tally = Tally()
    with ThreadPoolExecutor(2) as executor:
        for _case, result in run_batch(find_cases([bugs]), executor):
            assert result is not None
            tally.add(result)
    assert dict(tally.verdicts) == {"error": 2, "faulty": 4, "healthy": 1}
    assert {fault.code for fault in tally.faults} >= {"OTA202", "OTA302", "OTA501"}
    assert [(group.name, group.cases) for group in tally.protocols] == [("control-data", 1), (NO_CAPTURE, 6)]
    assert tally.versions[0].name == "blink v1.0"
    assert [name for name, _reason in tally.errors] == ["broken.zip", "prose"]
    assert tally.verdict == "faulty"


def test_the_verdict_of_a_batch() -> None:
    for verdicts, expected in (
        (["healthy", "healthy"], "healthy"),
        (["healthy", "faulty", None], "faulty"),
        (["healthy", None], "inconclusive"),
        (["inconclusive"], "inconclusive"),
        ([], "inconclusive"),
    ):
        tally = Tally()
        for number, verdict in enumerate(verdicts):
            tally.add(CaseResult(case=str(number), verdict=verdict, error=None if verdict else "broken"))
        assert tally.verdict == expected


def test_nothing_in_a_result_depends_on_the_place(bugs: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    fill(other, {"case/a.bin": SENT, "case/b.bin": LOST})
    fill(bugs, {"case/a.bin": SENT, "case/b.bin": LOST})
    paths = (other / "case", bugs / "case")
    first, second = (run_case(Case(name="case", paths=(str(path),)), BATCH_OPTIONS) for path in paths)
    assert first == second
    assert first is not None
    assert str(tmp_path) not in line_of(first)
