"""A log with the image that was sent, and a dump, from files to a report."""

from __future__ import annotations

import io
import json
import re
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.cli.main import run
from forensics.errors import InputError, UsageError
from forensics.model.device import DeviceSettings
from forensics.model.finding import Certainty, Verdict
from forensics.model.report import Report
from forensics.open import open_content
from forensics.pipeline.device_log import faults_of_line
from forensics.pipeline.log_report import TriageOptions, triage_text
from forensics.pipeline.triage import triage_inputs
from forensics.pipeline.triage.sorting import sort_file
from forensics.report import RENDERERS
from forensics.report.terminal import render_terminal
from forensics.spec.log_lines.dialects import DIALECTS
from forensics.synth.image import build_image
from forensics.verify.predict import predict_log
from tests.conftest import ROOT, SHARED, all_slugs

SAMPLES = ROOT / "samples"
SENT = build_image(size=96 * 1024, seed=3)
FORUM = SAMPLES / "forum-log" / "device.log"
WITHOUT_LIMIT = TriageOptions(solve_seconds=None)


def logged(image: bytes, idf: str = "v5.1.2", level: str = "verbose") -> str:
    return "\n".join(predict_log(image, DeviceSettings(idf=idf, level=level)).lines) + "\nI (9) app: done\n"


def test_the_forum_log_alone() -> None:
    report = triage_inputs([FORUM])
    assert report.verdict is Verdict.FAULTY
    assert "606688 bytes" in report.summary
    (finding,) = report.findings
    assert finding.slug == "digest-failed"
    words = " ".join((*finding.notes, *(remedy.text for remedy in finding.remedies)))
    for part in ("segments 0 to 8 are right", "exactly 606688 bytes", "no net bytes were lost or added",
                 "blind to order",
                 "8e2ae049", "46a7c8af", "v3.0 to v3.1.2"):  # fmt: skip
        assert part in words, part
    assert ("otadiff", "triage", "device.log", "sent.bin") in finding.commands
    assert ("esptool", "read-flash", "0x110000", "0x95000", "received.bin") in finding.commands


@pytest.mark.slow
def test_the_forum_case_is_solved_from_the_log_and_the_file() -> None:
    folder = SAMPLES / "forum-case"
    report = triage_inputs([folder / "device.log", folder / "sent.bin"], WITHOUT_LIMIT)
    first = report.findings[0]
    assert (first.slug, first.certainty) == ("chunk-reordered", Certainty.LIKELY)
    assert "chunks 1700 and 1701" in report.summary
    assert report.solve is not None
    assert report.solve.solutions[0].chunk_size == 244
    assert report.edits[0].chunks == (1700, 1700)


@pytest.mark.parametrize("seed", range(4))
def test_a_swap_in_a_log_of_32_bytes_is_proven(seed: int) -> None:
    random = Random(seed)
    size = random.choice((244, 509, 180))
    at = random.randrange(20, len(SENT) // size - 60) * size
    damaged = SENT[:at] + SENT[at + size : at + 2 * size] + SENT[at : at + size] + SENT[at + 2 * size :]
    report = triage_text(logged(damaged), SENT, TriageOptions(chunk_size=size, solve_seconds=None))
    if "hash_failed" not in {error.kind for walk in (report.log.passes if report.log else ()) for error in walk.errors}:
        pytest.skip("the swap went over a header")
    assert (report.findings[0].slug, report.findings[0].certainty) == ("chunk-reordered", Certainty.PROVEN)


@pytest.mark.parametrize(("size", "count"), [(244, 1), (244, 3), (509, 1), (180, -1)])
def test_lost_and_gained_bytes_are_counted(size: int, count: int) -> None:
    cut = SENT.index(b"\x0d\xf0", 40_000)
    moved = size * count
    damaged = SENT[:cut] + SENT[cut + moved :] if moved > 0 else SENT[:cut] + SENT[cut + moved : cut] + SENT[cut:]
    report = triage_text(logged(damaged + b"\xff" * 4096), SENT)
    told = {finding.slug: finding for finding in report.findings}
    slug = "chunk-missing" if moved > 0 else "chunk-duplicated"
    assert told[slug].summary.startswith(f"{abs(moved)} bytes")


def test_each_part_of_a_failed_digest_is_told_from_the_other() -> None:
    digest = SENT[:-32] + bytes(byte ^ 0x55 for byte in SENT[-32:])
    assert triage_text(logged(digest), SENT).findings[0].slug == "bytes-altered"
    missing = SENT[:-32] + b"\xff" * 32
    assert triage_text(logged(missing), SENT).findings[0].slug == "tail-missing"
    stale = SENT[:14] + b"\x01" + SENT[15:]
    report = triage_text(logged(stale), stale)
    assert [finding.slug for finding in report.findings][:1] == ["image-invalid"]
    assert report.findings[0].certainty is Certainty.PROVEN


def test_a_log_of_another_image_says_nothing_of_the_file() -> None:
    other = build_image(size=80 * 1024, seed=9)
    report = triage_text(logged(other), SENT)
    assert report.findings[0].slug == "log-of-another-image"
    assert report.verdict is Verdict.INCONCLUSIVE
    rebuilt = build_image(size=96 * 1024, seed=4)
    assert "log-of-another-image" in {finding.slug for finding in triage_text(logged(rebuilt), SENT).findings}


def test_the_file_s_own_log_is_healthy() -> None:
    report = triage_text(logged(SENT), SENT)
    assert (report.verdict, report.findings) == (Verdict.HEALTHY, ())
    assert "sent.bin" in report.summary


def test_a_dump_is_told_to_be_the_logged_one_or_not(tmp_path: Path) -> None:
    damaged = SENT[:50_000] + bytes(244) + SENT[50_244:]
    other = SENT[:60_000] + bytes(244) + SENT[60_244:]
    paths = [tmp_path / name for name in ("boot.log", "sent.bin", "dump.bin")]
    for path, content in zip(paths, (logged(damaged).encode(), SENT, damaged), strict=True):
        path.write_bytes(content)
    same = triage_inputs(paths)
    assert "dump-of-another-attempt" not in {finding.slug for finding in same.findings}
    assert any("it is the image that the log speaks of" in note for finding in same.findings for note in finding.notes)
    paths[2].write_bytes(other)
    report = triage_inputs([paths[1], paths[0], paths[2]])
    assert report.findings[0].slug == "dump-of-another-attempt"
    assert report.findings[0].certainty is Certainty.PROVEN


@pytest.mark.slow
def test_reports_come_back_from_json() -> None:
    folder = SAMPLES / "forum-case"
    report = triage_inputs([folder / "device.log", folder / "sent.bin"], WITHOUT_LIMIT)
    assert Report.from_dict(json.loads(json.dumps(report.to_dict()))) == report


def test_findings_quote_their_lines() -> None:
    lines = FORUM.read_text(encoding="utf-8").splitlines()
    report = triage_inputs([FORUM])
    assert report.log is not None
    quoted = {quote.line: quote.text for quote in report.log.quotes}
    assert quoted == {line: lines[line - 1] for line in report.findings[0].log_lines}


@pytest.mark.parametrize("renderer", [one.name for one in RENDERERS])
def test_text_of_a_log_is_inert(renderer: str) -> None:
    text = "E (1) esp_image: invalid segment length 0x3 [bold]\x1b[2J<script>alert(1)</script>\u202e\n"
    report = triage_text(text + "E (2) esp_image: Image hash failed - image is corrupt\n")
    shown = next(one for one in RENDERERS if one.name == renderer).render(report)
    assert "\x1b" not in shown
    assert "<script>alert" not in shown or renderer not in ("html", "markdown")
    assert "\u202e" not in shown


@settings(max_examples=60)
@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_any_text_gives_a_report(text: str | bytes) -> None:
    report = triage_text(text)
    assert report.verdict in tuple(Verdict)
    assert report.summary


LINES = FORUM.read_text(encoding="utf-8").splitlines()


@settings(max_examples=80)
@given(st.lists(st.sampled_from(LINES), max_size=30), st.integers(0, 5000), st.binary(max_size=4))
def test_any_mixture_of_lines_and_a_damaged_image_gives_a_report(lines: list[str], at: int, junk: bytes) -> None:
    sent = build_small()
    triage_text("\n".join(lines), sent[:at] + junk + sent[at + 2 :], TriageOptions(solve_seconds=0.01))


TEMPLATES = sorted({re.sub(r"\[\[|\]\]", "", line.text) for _, lines in DIALECTS for line in lines})
NUMBERS = st.sampled_from(["0", "1", "ff", "ffffffff", "110020", "3f400020", "123456789abc", "8e2ae049", "v9.9", "nvs"])


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(TEMPLATES), NUMBERS), min_size=1, max_size=12), st.booleans())
def test_any_values_in_any_lines_give_a_report(parts: list[tuple[str, str]], with_sent: bool) -> None:
    lines = [f"E (1) esp_image: {re.sub(r'{[^}]*}', value, text)}" for text, value in parts]
    report = triage_text("\n".join(lines), build_small() if with_sent else None, TriageOptions(solve_seconds=0.01))
    assert render_terminal(report, verbose=True)


@pytest.mark.slow
def test_a_report_with_a_search_is_a_valid_document() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="the jsonschema package is not installed")
    text = resources.files("forensics.report").joinpath("schema/otadiff.report-1.schema.json").read_text("utf-8")
    folder = SAMPLES / "forum-case"
    for sent in (folder / "sent.bin", SAMPLES / "healthy" / "sent.bin"):
        report = triage_inputs([folder / "device.log", sent], WITHOUT_LIMIT)
        jsonschema.Draft202012Validator(json.loads(text)).validate(json.loads(json.dumps(report.to_dict())))


def test_a_search_without_success_says_what_it_covered() -> None:
    damaged = bytearray(SENT)
    damaged[0x3000] ^= 5
    damaged[0x9000] ^= 5
    report = triage_text(logged(bytes(damaged)), SENT, TriageOptions(chunk_size=4096, solve_seconds=None))
    assert report.solve is not None
    assert report.solve.solutions == ()
    assert any("swaps of neighbouring chunks" in note for note in report.findings[0].notes)
    assert "damaged images tried" in render_terminal(report)


def build_small() -> bytes:
    return build_image(size=8192, seed=2)


def is_log(content: bytes) -> bool:
    return sort_file(open_content(content)).log is not None


def test_logs_and_images_are_told_apart() -> None:
    assert is_log(FORUM.read_bytes())
    assert is_log(FORUM.read_text(encoding="utf-8").encode("utf-16"))
    assert is_log(b"\xff\x00garbage" + FORUM.read_bytes())
    assert not is_log(SENT)
    assert not is_log(SENT[244:])
    assert not is_log(b"\xff" * 4096)
    assert not is_log(bytes(4096))


@pytest.mark.skipif(not (SHARED / "logs").exists(), reason="the real logs are not beside the repository")
def test_real_logs_and_real_images_are_told_apart() -> None:
    assert all(is_log(path.read_bytes()) for path in (SHARED / "logs").glob("*.txt"))
    assert not any(is_log(path.read_bytes()) for path in (SHARED / "images").glob("*.bin"))


@pytest.mark.skipif(not (SHARED / "logs").exists(), reason="the real logs are not beside the repository")
@pytest.mark.parametrize(
    ("name", "verdict", "slugs"),
    [
        ("001", Verdict.HEALTHY, {"no-bootable-app"}),
        ("004", Verdict.FAULTY, {"digest-failed", "no-bootable-app"}),
        ("018", Verdict.HEALTHY, set()),
        ("031", Verdict.HEALTHY, {"magic-invalid"}),
        ("045", Verdict.FAULTY, {"checksum-failed", "segment-misplaced", "no-bootable-app"}),
        ("050", Verdict.FAULTY, {"flash-erased", "no-bootable-app"}),
        ("063", Verdict.FAULTY, {"magic-invalid", "no-bootable-app"}),
        ("072", Verdict.HEALTHY, set()),
        ("079", Verdict.HEALTHY, {"magic-invalid", "no-bootable-app"}),
    ],
)
def test_real_logs(name: str, verdict: Verdict, slugs: set[str]) -> None:
    report = triage_inputs([SHARED / "logs" / f"{name}.txt"])
    assert report.verdict is verdict
    assert all_slugs(report) == slugs
    assert verdict is Verdict.FAULTY or all(finding.benign for finding in report.findings)


def test_inputs_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    image = tmp_path / "sent.bin"
    image.write_bytes(SENT)
    with pytest.raises(InputError):
        triage_inputs([tmp_path / "absent.log"])
    with pytest.raises(UsageError):
        triage_inputs([FORUM], TriageOptions(chunk_size=0))


@pytest.mark.parametrize(
    ("line", "slug"),
    [
        ("E (56) esp_image: Checksum failed. Calculated 0x1 read 0x2", "checksum-failed"),
        ("Image hash failed - image is corrupt", "digest-failed"),
        ("> W (5) esp_image: image at 0x10000 has invalid SPI mode 255", "magic-invalid"),
        ("I (8) NimBLE: disconnect; reason=520", "link-lost"),
        ("E (5) boot: OTA app partition slot 0 is not bootable", "no-bootable-app"),
    ],
)
def test_a_pasted_line_leads_to_its_fault(line: str, slug: str) -> None:
    assert slug in faults_of_line(line)


def test_prose_leads_nowhere() -> None:
    assert faults_of_line("I'm running out of ideas") == ()


def test_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(["triage", str(FORUM), "--color", "never"]) == 1
    assert "E (696712) esp_image: Image hash failed" in capsys.readouterr().out
    stdin: Any = io.TextIOWrapper(io.BytesIO(FORUM.read_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    assert run(["triage", "-", "--json", "-", "--unread"]) == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out)["log"]["idf_versions"] == "v3.0 to v3.1.2"
    assert "every line of the log was understood" in shown.err
    assert run(["triage", "absent.log"]) == 2
    assert "absent.log" in capsys.readouterr().err
