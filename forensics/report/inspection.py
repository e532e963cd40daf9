"""The terminal view of one inspected file: what it is, its parts, and what the device does with each."""

from __future__ import annotations

from forensics.model.check import Check, Outcome, accepted_words
from forensics.model.inspection import Inspection
from forensics.model.report import Report
from forensics.report.checks import check_words, first_failure, step_words
from forensics.report.facts import Fact, SegmentTable, checks_shown, image_shown, inspection_of
from forensics.report.inspection_image import identity_facts, integrity_facts, segment_table
from forensics.report.page import Page, Piece, Role
from forensics.report.terminal_overview import LABEL, OUTCOME_ROLES, add_inputs
from forensics.report.words import counted, hex_range
from forensics.spec.chips import DEFAULT_MMU_PAGE

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
    inspection = inspection_of(report)
    _add_file(page, report, inspection, everything=everything)
    add_inputs(page, report, everything=everything)
    if inspection is not None and inspection.flash is not None:
        from forensics.report.inspection_flash import flash_facts  # noqa: PLC0415 - for flash dumps only

        _add_facts(page, flash_facts(inspection.flash))
    image = image_shown(report)
    if image is not None:
        _add_facts(page, identity_facts(image, inspection))
        _add_segments(page, segment_table(image, inspection, report.device.sent))
        _add_facts(page, integrity_facts(image, inspection))
    if checks_shown(report) or everything:
        _add_checks(page, report, inspection, everything=everything)
    if report.not_checked:
        page.hanging(label("not checked"), ", ".join(report.not_checked), Role.QUIET)


def _add_facts(page: Page, facts: tuple[Fact, ...]) -> None:
    for fact in facts:
        page.hanging(label(fact.name), fact.words, fact.role)


def _add_segments(page: Page, table: SegmentTable | None) -> None:
    if table is None:
        return
    lines = [table.heads, *(row.cells for row in table.rows)]
    widths = [max(len(cells[column]) for cells in lines) for column in range(len(table.heads))]
    for number, cells in enumerate(lines):
        words = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        bad = number > 0 and table.rows[number - 1].bad
        role = Role.QUIET if number == 0 else Role.BAD if bad else Role.PLAIN
        page.add(label("" if number else "segments"), (words, role))
    if table.broken:
        page.hanging(label(""), table.broken, Role.BAD)


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
        page.hanging(label("device"), device_words(inspection, report.device.sent))
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
        page.hanging((" " * LABEL + "prints ", Role.QUIET), failure.lines, Role.BAD)


def device_words(inspection: Inspection, checks: tuple[Check, ...]) -> str:
    """The device that was walked, and its answer."""
    words = f"{inspection.chip}, ESP-IDF {inspection.idf}"
    if inspection.chip == "esp8266":
        words = f"{inspection.chip}, ESP8266_RTOS_SDK"
    if inspection.partition_offset is not None:
        words += f", image at flash address 0x{inspection.partition_offset:x}"
    if inspection.mmu_page != DEFAULT_MMU_PAGE:
        words += f", set to flash pages of {inspection.mmu_page >> 10} KB, for which the image was built"
    refused = any(check.outcome is Outcome.FAILED for check in checks)
    answer = "refuses it" if refused else accepted_words(checks)
    return f"{words}: {answer}" + (f" ({_result(inspection.err)})" if inspection.err or not refused else "")


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
