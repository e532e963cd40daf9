"""The fixture as a lab uses it: pytest runs inside pytest, with the plugin that the package registers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from forensics.integrations.transfer_assertion import TransferAssertion, TransferError, report_stem

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "samples"
HEALTHY, LOST = SAMPLES / "healthy", SAMPLES / "chunk-missing"


def _test_of(sample: Path, arguments: str = "") -> str:
    return f"""
        from pathlib import Path

        SAMPLE = Path({str(sample)!r})

        def test_update(otadiff_transfer):
            report = otadiff_transfer(SAMPLE / "sent.bin", SAMPLE / "received.bin"{arguments})
            assert report.verdict == "healthy"
    """


def _run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)


def test_a_healthy_transfer_passes_and_writes_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(_test_of(HEALTHY))
    _run(pytester, "--otadiff-reports", "reports").assert_outcomes(passed=1)
    assert not (pytester.path / "reports").exists()


def test_a_fault_fails_with_the_diagnosis_and_its_files_beside(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(_test_of(LOST))
    result = _run(pytester, "--otadiff-reports", "reports", "--junit-xml", "junit.xml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *FAULTY  chunk 52 never arrived*", "*OTA202*chunk-missing*", "*html report: *.html"])
    result.stdout.no_fnmatch_line("*def compare*")
    page, document = sorted((pytester.path / "reports").iterdir())
    assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert json.loads(document.read_text(encoding="utf-8"))["findings"][0]["code"] == "OTA202"
    junit = (pytester.path / "junit.xml").read_text(encoding="utf-8")
    assert '<property name="otadiff_codes" value="OTA202" />' in junit
    assert page.name in junit


def test_the_folder_of_a_settings_file_lies_beside_it(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\notadiff_reports = out/reports")
    pytester.mkdir("elsewhere")
    pytester.makepyfile(_test_of(LOST))
    _run(pytester).assert_outcomes(failed=1)
    assert len(list((pytester.path / "out" / "reports").glob("*.html"))) == 1


def test_without_a_folder_the_reports_lie_in_pytests_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(_test_of(LOST))
    result = _run(pytester, "--basetemp", str(pytester.path / "temporary"))
    assert len(list((pytester.path / "temporary" / "otadiff").glob("*.html"))) == 1
    result.stdout.fnmatch_lines(["*html report: *temporary*otadiff*.html"])


def test_a_log_is_part_of_the_diagnosis(pytester: pytest.Pytester) -> None:
    sample = SAMPLES / "forum-case"
    pytester.makepyfile(_test_of(LOST, f", log=Path({str(sample / 'device.log')!r})"))
    result = _run(pytester, "--otadiff-reports", "reports")
    result.assert_outcomes(failed=1)
    document = json.loads(next((pytester.path / "reports").glob("*.json")).read_text(encoding="utf-8"))
    assert document["log"]["passes"]


def test_a_missing_file_is_an_error_that_names_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(_test_of(Path("nowhere")))
    result = _run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *InputError: *.bin: no such file*"])


def test_pytest_starts_without_the_rest_of_otadiff() -> None:
    """Every run in the environment pays for what the plugin imports, whether it asserts a transfer or not."""
    program = """
        import sys
        import forensics.integrations.pytest_plugin
        print(*sorted(name for name in sys.modules if name.startswith(("forensics", "construct", "rich", "jinja2"))))
    """
    import textwrap

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert set(done.stdout.split()) == {
        "forensics",
        "forensics.errors",
        "forensics.integrations",
        "forensics.integrations.pytest_plugin",
        "forensics.model",
        "forensics.model.error",
    }


def test_a_folder_that_cannot_be_made_does_not_hide_the_diagnosis(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    check = TransferAssertion(test="t", folder=tmp_path / "file" / "reports", properties=[])
    with pytest.raises(TransferError, match=r"(?s)FAULTY  chunk 52 .*no html report: .*cannot be written") as failed:
        check(LOST / "sent.bin", LOST / "received.bin")
    assert failed.value.report.findings[0].slug == "chunk-missing"


def test_two_transfers_of_one_test_get_two_reports(tmp_path: Path) -> None:
    check = TransferAssertion(test="lab/test_ota.py::test_update[esp32-c3]", folder=tmp_path, properties=[])
    for _ in range(2):
        with pytest.raises(TransferError):
            check(LOST / "sent.bin", LOST / "received.bin")
    assert len(list(tmp_path.glob("*.html"))) == 2


@pytest.mark.parametrize("test", ["a.py::t[../../etc/passwd]", "a.py::t[\x1b[31m]", "x" * 5000, "", "a.py::t[\udc80]"])
def test_a_report_is_named_by_characters_that_every_file_system_takes(test: str) -> None:
    stem = report_stem(test, 0)
    assert stem.isascii()
    assert not set(stem) & set('/\\:*?"<>|\x1b')
    assert 0 < len(stem) <= 120
    assert stem != report_stem(test + "'", 0)
