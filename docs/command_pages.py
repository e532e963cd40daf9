"""The reference of the command line, read from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import typer

from docs.markdown import code_block, code_cell, escaped, table
from forensics.cli.main import COMMANDS, _app


def command_page() -> str:
    """Every command with its arguments and options."""
    text = "# Commands\n\n`otadiff SENT RECEIVED` is short for `otadiff compare SENT RECEIVED`.\n"
    for words, command, context in every_command():
        text += f"\n## otadiff {words}\n\n{_help(command.help or '')}"
        usage = " ".join(command.collect_usage_pieces(context))
        text += f"{code_block(f'otadiff {words} {usage}')}\n"
        rows = [(code_cell(names.replace(" <str>", "")), escaped(help)) for names, help in _parameters(command, context)]
        text += table(("Argument or option", "Meaning"), rows) if rows else ""
    return text


def _help(text: str) -> str:
    """Help as Markdown; a paragraph that begins with a backspace is laid out already, as click has it."""
    parts = ""
    for paragraph in text.strip().split("\n\n"):
        if paragraph.startswith("\b"):
            parts += code_block(paragraph.removeprefix("\b").strip("\n")) + "\n"
        else:
            parts += f"{escaped(paragraph)}\n\n"
    return parts


def every_command() -> Iterator[tuple[str, Any, Any]]:
    """The words of each command that does something, the command, and its context."""
    for name in COMMANDS:  # one at a time: beside it, the others are only named
        root = typer.main.get_command(_app(name))
        yield from _below("", root, root.context_class(root, info_name="otadiff"), (name,))


def _below(words: str, group: Any, context: Any, names: Iterable[str]) -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401
    for name in names:
        command = group.commands[name]
        inner = command.context_class(command, info_name=name, parent=context)
        if hasattr(command, "commands"):
            yield from _below(f"{words}{name} ", command, inner, command.commands)
        else:
            yield f"{words}{name}", command, inner


def _parameters(command: Any, context: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - typer's own click
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record:
            yield record
