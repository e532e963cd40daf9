"""The assertion behind the fixture ``otadiff_transfer``: compare, and fail with the diagnosis."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics.api import compare
from forensics.cli.output import render
from forensics.errors import OtadiffError
from forensics.model.finding import Verdict
from forensics.report.terminal import render_terminal
from forensics.write import Writer
from forensics.write.failures import refusals

if TYPE_CHECKING:
    import pytest

    from forensics.model.report import Report
    from forensics.pipeline.comparison import Source

FORMATS = (("html", ".html"), ("json", ".json"))
"""What is written of a transfer that is not healthy."""

_LONGEST_STEM = 100
_WIDTH = 100


class TransferError(AssertionError):
    """A transfer is not healthy; its text is the diagnosis.

    Attributes:
        report: The diagnosis.
    """

    # pytest prints the module of an exception before its text, and its summary line has room for little more than that.
    __module__ = "builtins"

    def __init__(self, text: str, report: Report) -> None:
        super().__init__(text)
        self.report = report


class TransferAssertion:
    """Compares what a test sent with what its device stored.

    Args:
        test: Node id of the test, after which the reports are named.
        folder: Where reports go; made when the first is written.
        properties: Receives ``otadiff_verdict``, ``otadiff_codes`` and ``otadiff_report``, which pytest copies into
            its JUnit file.
    """

    def __init__(self, *, test: str, folder: Path, properties: list[tuple[str, object]]) -> None:
        self._test = test
        self._folder = folder
        self._properties = properties
        self._written = 0

    def __call__(
        self,
        sent: Source,
        received: Source,
        *,
        log: str | bytes | Path | None = None,
        capture: Source | None = None,
        **options: Any,  # noqa: ANN401 - compare() names and checks them
    ) -> Report:
        """The report of a healthy transfer.

        Args:
            sent: The image that was sent: bytes-like is the content, ``str`` and ``Path`` are paths.
            received: What the device stored, or evidence of it.
            log: The device's log, as ``forensics.compare`` takes it.
            capture: A capture of the link.
            options: What else ``forensics.compare`` takes: ``chunk_size``, ``offset``, ``slot``, ``format``.

        Raises:
            TransferError: the verdict is faulty or inconclusive.
            OtadiffError: an input cannot be read.
        """
        __tracebackhide__ = True
        report = compare(sent, received, log=log, capture=capture, **options)
        self._properties.append(("otadiff_verdict", report.verdict.value))
        if report.verdict is Verdict.HEALTHY:
            return report
        self._properties.append(("otadiff_codes", " ".join(finding.code for finding in report.findings)))
        writer = Writer(one for one in (sent, received, log, capture) if isinstance(one, (str, Path)))
        raise TransferError(f"{render_terminal(report, width=_WIDTH)}\n{self._write(report, writer)}", report)

    def _write(self, report: Report, writer: Writer) -> str:
        """One line for each file written; a full disk must not hide the diagnosis."""
        stem = report_stem(self._test, self._written)
        self._written += 1
        lines = []
        for name, suffix in FORMATS:
            path = self._folder / (stem + suffix)
            try:
                with refusals(str(path)):
                    path.parent.mkdir(parents=True, exist_ok=True)
                writer.document(path).write(render(report, name))
            except OtadiffError as error:
                lines.append(f"no {name} report: {error}")
                continue
            lines.append(f"{name} report: {path}")
            if name == "html":
                self._properties.append(("otadiff_report", str(path)))
        return "\n".join(lines)


def report_stem(test: str, number: int) -> str:
    """File name without suffix for the report ``number`` of the test with node id ``test``.

    It holds only characters that every file system takes, and a digest of the node id where those do not tell it.
    """
    readable = re.sub(r"[^A-Za-z0-9_.-]+", "-", test)
    stem = readable[-_LONGEST_STEM:].strip("-.") or "test"
    if stem != test:
        stem += f"-{hashlib.sha256(test.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}"
    return stem if number == 0 else f"{stem}-{number + 1}"


def reports_folder(config: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``--otadiff-reports``, else the setting ``otadiff_reports``, else a folder that pytest clears away in time.

    A relative path on the command line begins where pytest was started, one in a settings file beside that file.
    """
    option = config.getoption("--otadiff-reports")
    if option:
        return config.invocation_params.dir / str(option)
    setting = config.getini("otadiff_reports")
    if setting:
        return (config.inipath.parent if config.inipath else config.rootpath) / str(setting)
    return tmp_path_factory.getbasetemp() / "otadiff"
