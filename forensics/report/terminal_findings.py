"""One finding in compiler style: where, a picture, the bytes, notes, help."""

from __future__ import annotations

from forensics.model.alignment import Edit
from forensics.model.finding import Certainty, Finding
from forensics.model.report import Report
from forensics.model.text import inert
from forensics.report.commands import command_here
from forensics.report.log_view import LINES_SHOWN, add_log_lines
from forensics.report.page import Page, Role
from forensics.report.places import Place, place_words, places_of, subject_name
from forensics.report.terminal_drawings import add_excerpt, add_picture, gutter
from forensics.report.words import counted, display_width

PLACES_SHOWN = 3
"""Edits of one finding whose places are listed unless everything is asked for."""
CERTAINTY_ROLES = {
    Certainty.PROVEN: Role.QUIET,
    Certainty.LIKELY: Role.DOUBTFUL,
    Certainty.POSSIBLE: Role.DOUBTFUL,
}


_RUN = "   = run:  "


def add_finding(
    page: Page,
    finding: Finding,
    report: Report,
    told: set[tuple[str, str]],
    *,
    everything: bool,
    excerpts: bool,
) -> None:
    """The block of one finding.

    Notes, help and bytes that an earlier finding of this code gave (``told``) are not repeated.
    """
    _add_title(page, finding, _headline(finding, report))
    edits = [report.edits[index] for index in finding.edits if 0 <= index < len(report.edits)]
    shown = edits if everything else edits[:PLACES_SHOWN]
    _add_places(page, finding, shown, len(edits), report)
    drawn = edits if everything else edits[: 0 if finding.benign else 1]
    for edit in drawn:
        add_picture(page, edit, report)
        if excerpts and (everything or (finding.code, "") not in told):
            add_excerpt(page, edit, report)
    told.add((finding.code, ""))
    add_log_lines(page, finding, report, everything=everything)
    _add_advice(page, finding, told)


def _add_advice(page: Page, finding: Finding, told: set[tuple[str, str]]) -> None:
    lines = [("   = then: ", Role.NOTE, f"{one.code} {one.slug}: {one.summary}") for one in finding.consequences]
    lines += [("   = note: ", Role.NOTE, note) for note in finding.notes]
    lines += [("   = help: ", Role.HELP, f"{remedy.where.value}: {remedy.text}") for remedy in finding.remedies]
    lines += [(_RUN, Role.HELP, command_here(command)) for command in finding.commands]
    lines.append(("   = see:  ", Role.QUIET, f"otadiff explain {finding.code}"))
    fresh = [line for line in lines if (finding.code, line[2]) not in told]
    if fresh:
        gutter(page)
    for lead, role, words in fresh:
        told.add((finding.code, words))
        if lead == _RUN:  # a command that is wrapped could not be pasted
            page.add((lead, role), (words, Role.PLAIN))
        else:
            page.hanging((lead, role), words)


def _headline(finding: Finding, report: Report) -> str:
    """Slug and summary; the verdict above has said the summary already when it begins with it."""
    return finding.slug if report.summary.startswith(finding.summary) else f"{finding.slug}: {finding.summary}"


def _add_title(page: Page, finding: Finding, headline: str) -> None:
    level = "note" if finding.benign else "error"
    lead = f"{level}[{finding.code}] "
    role = Role.NOTE if finding.benign else Role.BAD
    head = page.text(f"{lead}{headline}")
    certainty = (finding.certainty.value, CERTAINTY_ROLES[finding.certainty])
    if page.width is None:
        page.add((lead, role), (headline, Role.STRONG), ("  ", Role.PLAIN), certainty)
        return
    free = page.width - display_width(head) - len(finding.certainty.value)
    if free >= 2:
        text = headline
        page.add((lead, role), (text, Role.STRONG), (" " * free, Role.PLAIN), certainty)
        return
    page.hanging((lead, role), headline, Role.STRONG)
    last = page.lines[-1]
    free = page.width - sum(display_width(text) for text, _ in last) - len(finding.certainty.value)
    if free >= 2:
        page.lines[-1] = (*last, (" " * free, Role.PLAIN), certainty)
    else:
        page.add((" " * (page.width - len(finding.certainty.value)), Role.PLAIN), certainty)


def _add_places(page: Page, finding: Finding, edits: list[Edit], total: int, report: Report) -> None:
    places = [place for edit in edits for place in places_of(edit, report)]
    if not places and not finding.log_lines:
        page.add(("  --> ", Role.QUIET), (subject_name(finding, report), Role.PLAIN))
    names = max((display_width(inert(place.name)) for place in places), default=0)
    ranges = max((len(place.where) for place in places), default=0)
    for place in places:
        _add_place(page, place, min(names, 28), ranges)
    if total > len(edits):
        page.add((f"      {page.glyphs.ellipsis} and {counted(total - len(edits), 'place')} more", Role.QUIET))
    for edit in edits[:1]:
        words = place_words(edit, report)
        if words:
            page.hanging(("      ", Role.PLAIN), words, Role.QUIET)
    if finding.log_lines:
        numbers = ", ".join(str(number) for number in finding.log_lines[:LINES_SHOWN])
        if len(finding.log_lines) > LINES_SHOWN:
            numbers += f" and {len(finding.log_lines) - LINES_SHOWN} more"
        page.hanging(("  --> ", Role.QUIET), f"log line{'s' if len(finding.log_lines) > 1 else ''} {numbers}")


def _add_place(page: Page, place: Place, names: int, ranges: int) -> None:
    padding = " " * max(0, names - display_width(page.text(place.name)))
    where = place.where.ljust(ranges) if place.remark else place.where
    lead = f"  --> {place.name}{padding}  {where}"
    if place.remark:
        page.hanging((f"{lead}  ", Role.PLAIN), place.remark)
    else:
        page.add((lead, Role.PLAIN))
