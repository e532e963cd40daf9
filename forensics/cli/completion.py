"""Shell completion of ``otadiff SENT RECEIVED``, which is short for ``otadiff compare``."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping


def spell_out_command(environment: MutableMapping[str, str], with_command: Callable[[list[str]], list[str]]) -> None:
    """Put the command into the words of a shell that asks for completion, where the user left it out.

    Args:
        environment: Holds the words as typer's scripts hand them over: ``COMP_WORDS`` and ``COMP_CWORD`` in bash,
            ``_TYPER_COMPLETE_ARGS`` in the others.
        with_command: Puts the command before arguments that have none.
    """
    for variable in ("COMP_WORDS", "_TYPER_COMPLETE_ARGS"):
        program, _, rest = environment.get(variable, "").partition(" ")
        words = rest.split()
        # The first word may still be the beginning of a command while it is being typed.
        if len(words) < 2 and not (words and rest[-1:].isspace()):
            continue
        added = len(with_command(words)) - len(words)
        if added:
            environment[variable] = f"{program} compare {rest}"
            if environment.get("COMP_CWORD", "").isdigit():
                environment["COMP_CWORD"] = str(int(environment["COMP_CWORD"]) + added)
