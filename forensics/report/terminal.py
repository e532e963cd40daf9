"""Report -> text for a terminal or a pipe: verdict first, then the proof."""

from __future__ import annotations

from forensics.model.finding import Verdict
from forensics.model.report import Report
from forensics.report.page import Page, Role
from forensics.report.subject import is_inspection
from forensics.report.terminal_findings import add_finding
from forensics.report.terminal_overview import add_overview
from forensics.report.words import display_width

FINDINGS_SHOWN = 10
"""Findings printed unless everything is asked for."""

VERDICT_ROLES = {Verdict.HEALTHY: Role.GOOD, Verdict.FAULTY: Role.BAD, Verdict.INCONCLUSIVE: Role.DOUBTFUL}

STYLES = {
    Role.PLAIN: "",
    Role.GOOD: "green",
    Role.BAD: "bold red",
    Role.DOUBTFUL: "bold yellow",
    Role.STRONG: "bold",
    Role.QUIET: "dim",
    Role.NOTE: "cyan",
    Role.HELP: "green",
    Role.MARKED: "bold red",
    Role.CAUTION: "yellow",
}


def render_terminal(
    report: Report,
    *,
    width: int | None = 80,
    color: bool = False,
    unicode: bool = True,
    verbose: bool = False,
    excerpts: bool = True,
) -> str:
    """The whole report as text, ending with a line feed.

    Args:
        report: What to show.
        width: Columns of the terminal; None for a pipe or a file, where nothing is wrapped.
        color: Add ANSI colours. They repeat what the words say.
        unicode: The stream takes more than ASCII.
        verbose: Every finding, every place and every check.
        excerpts: Show up to 16 bytes of each side where an edit begins.
    """
    page = Page(width=None if width is None else max(40, width), unicode=unicode)
    verdict = report.verdict.value.upper()
    page.hanging((f"{verdict}  ", VERDICT_ROLES[report.verdict]), report.summary, Role.STRONG)
    shown = report.findings if verbose else report.findings[:FINDINGS_SHOWN]
    told: set[tuple[str, str]] = set()
    for finding in shown:
        page.blank()
        add_finding(page, finding, report, told, everything=verbose, excerpts=excerpts)
    if len(report.findings) > len(shown):
        page.blank()
        page.add(
            (
                f"{page.glyphs.ellipsis} and {len(report.findings) - len(shown)} more (-v shows all)",
                Role.STRONG,
            )
        )
    page.blank()
    if is_inspection(report):
        from forensics.report.inspection import add_inspection  # noqa: PLC0415 - a comparison never needs it

        add_inspection(page, report, everything=verbose)
    else:
        add_overview(page, report, everything=verbose)
    if not page.lines[-1]:
        page.lines.pop()
    return draw_page(page, color=color)


def draw_page(page: Page, *, color: bool) -> str:
    """The page as text; ``color`` adds ANSI colours, which repeat what the words say."""
    if not color:
        return page.plain()
    from io import StringIO  # noqa: PLC0415 - only colour needs it, and rich

    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    stream = StringIO()
    widest = max((display_width("".join(text for text, _ in line)) for line in page.lines), default=0)
    console = Console(
        file=stream,
        force_terminal=True,
        color_system="standard",
        legacy_windows=False,
        width=max(page.width or 0, widest, 1),
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )
    for line in page.lines:
        text = Text()
        for words, role in line:
            text.append(words, style=STYLES[role])
        text.rstrip()
        console.print(text, soft_wrap=True)
    return stream.getvalue()
