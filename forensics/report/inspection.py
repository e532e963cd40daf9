"""The terminal view of one inspected file: what it is, its parts, and what the device does with each."""

from __future__ import annotations

from forensics.model.check import Check, Outcome
from forensics.model.inspection import Inspection, InspectionReport
from forensics.model.report import Report
from forensics.report.checks import check_words, first_failure, step_words
from forensics.report.inspection_image import add_image
from forensics.report.page import Page, Piece, Role
from forensics.report.terminal_overview import LABEL, OUTCOME_ROLES
from forensics.report.words import counted, hex_range

_OUTCOMES = {
    Outcome.PASSED: "ok",
    Outcome.FAILED: "FAILED",
    Outcome.NOT_REACHED: "not reached",
    Outcome.SKIPPED: "skipped",
}
_STEP = 22
"""Columns of a step's name, one check a line."""


def add_inspection(page: Page, report: Report, *, everything: bool) -> None:
    """All lines below the findings.

    Args:
        page: Where they go.
        report: Of one file, with nothing to compare it with; a plain ``Report`` shows what it has.
        everything: One line a check, and the file's digest.
    """
    sent = report.sent
    if sent is None:
        return
    inspection = report.inspection if isinstance(report, InspectionReport) else None
    _add_file(page, report, inspection, everything=everything)
    flash = inspection.flash if inspection is not None else None
    if flash is not None:
        from forensics.report.inspection_flash import add_flash  # noqa: PLC0415 - for flash dumps only

        add_flash(page, flash)
    # A merged file begins with a bootloader, whose parts would be taken for those of an app.
    one_image = sent.image is not None and (flash is None or flash.slot is not None)
    if sent.image is not None and one_image:
        add_image(page, sent.image, inspection, report.device.sent)
    if one_image or inspection is None or everything:
        _add_checks(page, report, inspection, everything=everything)
    if report.not_checked:
        page.hanging(label("not checked"), ", ".join(report.not_checked), Role.QUIET)


def label(words: str) -> Piece:
    """The words at the left of a line."""
    return f"{words:<{LABEL}}", Role.STRONG


def _add_file(page: Page, report: Report, inspection: Inspection | None, *, everything: bool) -> None:
    sent = report.sent
    if sent is None:
        return
    words = f"{sent.name} {counted(sent.size, 'byte')}"
    if sent.container not in ("raw", "flash"):
        words += f", read as {sent.container}"
    flash = inspection.flash if inspection else None
    if flash is not None and flash.slot is not None and sent.region is not None:
        words += f"; slot {flash.slot} is bytes {hex_range(sent.region)} of it"
    page.hanging(label("file"), words)
    if everything:
        page.add(label("SHA-256"), (sent.sha256, Role.QUIET))
    if inspection is not None and inspection.kind.words not in report.summary:
        page.hanging(label("what it is"), inspection.kind.words)


def _add_checks(page: Page, report: Report, inspection: Inspection | None, *, everything: bool) -> None:
    checks = report.device.sent
    if not checks:
        return
    if inspection is not None:
        page.hanging(label("device"), _device_words(inspection))
    if everything:
        page.add(label("checks"))
        for check in checks:
            _add_check(page, check)
    else:
        pieces: list[Piece] = [(group.text, OUTCOME_ROLES[group.outcome]) for group in check_words(checks, everything=True)]
        page.hanging_pieces(label("checks"), pieces, f" {page.glyphs.wall} ")
        for check in checks:
            if Outcome.FAILED in (check.outcome, check.would):
                page.hanging((" " * LABEL, Role.PLAIN), _failure_words(check), Role.BAD)
    failure = first_failure(checks)
    if failure is not None and failure.lines:
        page.hanging((" " * LABEL + "prints ", Role.QUIET), "\n".join(failure.lines), Role.BAD)


def _device_words(inspection: Inspection) -> str:
    words = f"{inspection.chip}, ESP-IDF {inspection.idf}"
    if inspection.chip == "esp8266":
        words = f"{inspection.chip}, ESP8266_RTOS_SDK"
    if inspection.partition_offset is not None:
        words += f", image at flash address 0x{inspection.partition_offset:x}"
    return f"{words}: {'accepts it' if inspection.err == 0 else 'refuses it'} ({_result(inspection.err)})"


def _result(err: int) -> str:
    """The result code as ESP-IDF writes it: hexadecimal, but ``ESP_FAIL`` is -1."""
    return {0: "ESP_OK", -1: "ESP_FAIL"}.get(err, f"esp_err_t 0x{err & 0xFFFFFFFF:x}")


def _failure_words(check: Check) -> str:
    words = step_words(check.step)
    if check.outcome is Outcome.NOT_REACHED:
        words += " would fail too"
    if check.reason and check.outcome is Outcome.FAILED:
        words += f": {check.reason}"
    elif check.expected is not None and check.actual is not None:
        words += f": wants {check.expected}, finds {check.actual}"
    return words


def _add_check(page: Page, check: Check) -> None:
    would = f" (would be {_OUTCOMES[check.would]})" if check.would else ""
    words = [_OUTCOMES[check.outcome] + would]
    if check.actual is not None:
        words.append(f"finds {check.actual}")
    if check.expected is not None and check.expected != check.actual:
        words.append(f"wants {check.expected}")
    if check.reason:
        words.append(check.reason)
    lead = f"  {step_words(check.step):<{_STEP}}"
    page.hanging((lead, Role.PLAIN), "; ".join(words), OUTCOME_ROLES[check.outcome])
