"""The tuple of formats."""

from __future__ import annotations

import subprocess
import sys

import pytest

from forensics.report import RENDERERS, Renderer
from tests.unit.report.reports import REPORTS

HEAVY = ("rich", "jinja2", "xml.etree", "forensics.report.html", "forensics.report.terminal")


@pytest.mark.parametrize("renderer", RENDERERS, ids=lambda renderer: renderer.name)
def test_each_format_renders_each_report_the_same_twice(renderer: Renderer) -> None:
    for build in REPORTS.values():
        text = renderer.render(build())
        assert text
        assert text.endswith("\n")
        assert text == renderer.render(build())


def test_names_are_unique() -> None:
    assert len({renderer.name for renderer in RENDERERS}) == len(RENDERERS)


def test_importing_the_package_imports_no_format() -> None:
    code = "import sys, forensics.report; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in out if name.startswith(HEAVY)]


def test_plain_terminal_text_needs_no_rich() -> None:
    code = "import sys, forensics.report.terminal, forensics.report.concise; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "rich" not in out
