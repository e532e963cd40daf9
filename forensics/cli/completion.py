"""Shell completion: installed for the user, and given ``otadiff SENT RECEIVED``, which is short for ``otadiff compare``."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, MutableMapping
from importlib.util import find_spec
from pathlib import Path

import shellingham
from typer._completion_shared import get_completion_script

from forensics.errors import InputError, UsageError
from forensics.write import Writer
from forensics.write.failures import refusals
from forensics.write.marks import COMPLETION_VARIABLE

_PLACES = {
    "bash": (".bash_completions/otadiff.sh", ".bashrc", "source ~/.bash_completions/otadiff.sh"),
    "zsh": (".zfunc/_otadiff", ".zshrc", "fpath+=~/.zfunc; autoload -Uz compinit; compinit"),
    "fish": (".config/fish/completions/otadiff.fish", None, None),
}
"""Where the script goes below the home folder, as typer puts it, and the line that makes the shell load it."""

_POWERSHELLS = ("powershell", "pwsh")


def install(shell: str | None = None) -> str:
    """Install completion for ``shell``, by default the one that runs this, and say where.

    typer's own installer writes the user's start-up file anew; a full disk would leave half of it.

    Raises:
        InputError: PowerShell does not say where its profile is.
        OutputError: a file cannot be written.
        UsageError: the shell has no completion.
    """
    shell, script = _shell_and_script(shell)
    writer = Writer()
    if shell in _POWERSHELLS:
        place = _profile(shell)
        _append(writer, place, script)
    else:
        below, start_up, line = _PLACES[shell]
        place = _made(Path.home() / below)
        writer.document(place).write(script)
        if start_up is not None and line is not None:
            _append(writer, Path.home() / start_up, line + "\n")
    return f"{shell} completion is in {place}; it works in the next shell\n"


def show(shell: str | None = None) -> str:
    """The script for ``shell``, by default the one that runs this.

    Raises:
        UsageError: the shell has no completion.
    """
    return _shell_and_script(shell)[1]


def _shell_and_script(shell: str | None) -> tuple[str, str]:
    try:
        shell = shell or shellingham.detect_shell()[0]
    except shellingham.ShellDetectionFailure:
        shell = ""
    if shell not in _PLACES and shell not in _POWERSHELLS:
        names = ", ".join((*_PLACES, *_POWERSHELLS))
        raise UsageError(f"there is no completion for the shell {shell!r}", next_step=f"name one of: {names}")
    return shell, get_completion_script(prog_name="otadiff", complete_var=COMPLETION_VARIABLE, shell=shell) + "\n"


def _append(writer: Writer, place: Path, text: str) -> None:
    """Put ``text`` at the end of a start-up file, once."""
    with refusals(str(place)):
        there = place.exists() and text.strip() in place.read_text(encoding="utf-8", errors="replace").splitlines()
    if not there:
        with writer.appended(_made(place)) as record:
            record.write(text)


def _made(place: Path) -> Path:
    with refusals(str(place)):
        place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _profile(shell: str) -> Path:
    try:
        asked = subprocess.run(
            [shell, "-NoProfile", "-Command", "echo $PROFILE"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        step = f"run otadiff --show-completion {shell} and add what it prints to your profile"
        raise InputError("does not say where its profile is", name=shell, next_step=step) from error
    return Path(asked.stdout.strip())


def spell_out_command(environment: MutableMapping[str, str], with_command: Callable[[list[str]], list[str]]) -> str:
    """Put the command into the words of a shell that asks for completion, where the user left it out, and return it.

    Args:
        environment: Holds the words as typer's scripts hand them over: ``COMP_WORDS`` and ``COMP_CWORD`` in bash,
            ``_TYPER_COMPLETE_ARGS`` in the others.
        with_command: Puts the command before arguments that have none.
    """
    command = ""
    for variable in ("COMP_WORDS", "_TYPER_COMPLETE_ARGS"):
        line = environment.get(variable, "")
        program, *words = line.split() or [""]  # bash puts line feeds between them
        # The first word may still be the beginning of a command while it is being typed.
        if len(words) < 2 and not (words and line[-1:].isspace()):
            continue
        command, *_ = with_command(words)
        if command != words[0]:
            environment[variable] = f"{program} compare{line[len(program) :]}"
            if environment.get("COMP_CWORD", "").isdigit():
                environment["COMP_CWORD"] = str(int(environment["COMP_CWORD"]) + 1)
    return "" if command == "live" and find_spec("bleak") is None else command  # which cannot list what it has
