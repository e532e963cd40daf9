"""``otadiff explain [CODE]``: what a fault means, looks like and comes from, and how to fix it."""

from __future__ import annotations

import difflib
import textwrap
from typing import Annotated

import typer

from forensics.errors import UsageError
from forensics.explain import SLUGS, all_faults, fault
from forensics.model.finding import Fault
from forensics.write.stdout import print_text, terminal_width


def complete_fault(begun: str) -> list[tuple[str, str]]:
    """Shell completion of a code, in the case in which it was begun, or of a slug, each with the fault's title."""
    names = [(one.code.lower() if begun[:1].islower() else one.code, one.slug, one.title) for one in all_faults()]
    return [(name, title) for code, slug, title in names for name in (slug, code) if name.startswith(begun)]


def command(
    code: Annotated[
        str | None,
        typer.Argument(
            help="A code (OTA202), a slug (chunk-missing) or a pasted log line; none lists all.",
            autocompletion=complete_fault,
        ),
    ] = None,
) -> None:
    """Explain a fault."""
    if code is None:
        print_text("".join(f"{one.code}  {one.slug:<28}{one.title}\n" for one in all_faults()))
        raise typer.Exit
    found = fault(code) or _of_log_line(code)
    if found is None:
        codes = [one.code for one in all_faults()]
        near = difflib.get_close_matches(code.lower(), SLUGS, 3, 0.4) or difflib.get_close_matches(
            code.upper(), codes, 3, 0.4
        )
        raise UsageError(f"there is no fault {code!r}", next_step=f"nearest: {', '.join(near) or 'run otadiff explain'}")
    print_text(_page(found, min(100, terminal_width() or 80)))


def _of_log_line(line: str) -> Fault | None:
    """The fault that a pasted log line leads to first."""
    from forensics.pipeline.device_log import faults_of_line  # noqa: PLC0415 - only for a pasted line

    slugs = faults_of_line(line) if " " in line else ()
    return fault(slugs[0]) if slugs else None


def _page(found: Fault, width: int) -> str:
    text = found.explanation
    sections = (
        ("WHAT IT MEANS", (text.meaning,)),
        ("WHAT YOU SEE", text.symptoms),
        ("WHY IT HAPPENS OVER BLE", text.causes),
        ("HOW TO CONFIRM", text.confirm),
        ("HOW TO FIX, SENDER", text.fix_sender),
        ("HOW TO FIX, DEVICE", text.fix_device),
        ("NOT TO BE CONFUSED", text.confused_with),
        ("SOURCES", text.sources),
    )
    lines = [f"{found.code}  {found.slug}: {found.title}"]
    for heading, items in sections:
        lines += ["", heading]
        for item in items:
            lines += textwrap.wrap(item, width, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines) + "\n"
