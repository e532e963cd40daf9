"""Pages in a real browser: nothing on its console, the same with scripts off, and printed on A4."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics.model.report import Report
from forensics.report.html import render_html
from tests.unit.report.hostile import hostile_inspection, hostile_report
from tests.unit.report.reports import REPORTS

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")

SCRIPT = "<script>alert(1)</script>\x1b[0m"
PAGES: dict[str, Callable[[], Report]] = {
    "dropped": REPORTS["dropped"],
    "log": REPORTS["log-only"],
    "hostile": lambda: hostile_report(SCRIPT),
    "inspection": lambda: hostile_inspection(SCRIPT),
}


def browse(tmp_path: Path, page: str, *options: str, scripts: bool = True) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    profile = tmp_path / ("profile" if scripts else "profile-without-scripts")
    if not scripts:
        (profile / "Default").mkdir(parents=True, exist_ok=True)
        blocked = {"profile": {"default_content_setting_values": {"javascript": 2}}}
        (profile / "Default" / "Preferences").write_text(json.dumps(blocked))
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    command += [f"--user-data-dir={profile}", *options, file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert "CONSOLE" not in done.stderr
    return done


@pytest.mark.parametrize(("name", "scripts"), [("dropped", True), ("log", False), ("hostile", False), ("inspection", True)])
def test_a_browser_finds_no_fault(name: str, scripts: bool, tmp_path: Path) -> None:
    page = render_html(PAGES[name]())
    shown = browse(tmp_path, page, "--dump-dom", scripts=scripts).stdout
    assert "</html>" in shown
    assert "<script>alert" not in shown
    for tag in ("<section", "<article", "<rect", "<script"):
        assert shown.count(tag) == page.count(tag)


def test_scripts_are_off_when_they_are_meant_to_be(tmp_path: Path) -> None:
    page = "<p>as written</p><script>document.body.textContent = 'changed'</script>"
    assert "<p>as written</p>" not in browse(tmp_path, page, "--dump-dom").stdout
    assert "<p>as written</p>" in browse(tmp_path, page, "--dump-dom", scripts=False).stdout


@pytest.mark.parametrize("width", [420, 1100])
def test_a_page_looks_the_same_with_scripts_off(width: int, tmp_path: Path) -> None:
    page = render_html(REPORTS["dropped"]())
    pictures = []
    for scripts in (True, False):
        picture = tmp_path / f"{scripts}.png"
        options = (f"--screenshot={picture}", f"--window-size={width},1400", "--hide-scrollbars")
        browse(tmp_path, page, *options, scripts=scripts)
        pictures.append(picture.read_bytes())
    assert pictures[0] == pictures[1]


def test_a_page_prints(tmp_path: Path) -> None:
    printed = tmp_path / "report.pdf"
    browse(tmp_path, render_html(REPORTS["twelve-findings"]()), f"--print-to-pdf={printed}", "--no-pdf-header-footer")
    content = printed.read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"/MediaBox [0 0 594" in content or b"/MediaBox [0 0 595" in content
