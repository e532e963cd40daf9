"""Finds the command, loads only its module, and turns every failure into a message and an exit status."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from forensics.errors import OtadiffError
from forensics.version import VERSION

if TYPE_CHECKING:
    import typer

COMMANDS = ("compare", "inspect", "triage", "extract", "explain", "render", "demo", "live")
"""Every command; the module ``forensics.cli.NAME`` defines it in a function ``command``."""

EXIT_NO_ANSWER = 2
EXIT_INTERRUPTED = 130

_HELP = """Says what happened to ESP32 firmware that was sent over Bluetooth LE.

\b
  otadiff sent.bin received.bin        what happened to the bytes
  otadiff triage boot.log sent.bin     what a pasted log proves
  otadiff inspect image.bin            what the device will say of an image

Exit status: 0 healthy, 1 faulty, 2 inconclusive, wrong usage or unreadable input, 130 interrupted.
"""


def main() -> None:
    """The ``otadiff`` command."""
    gc.disable()  # a run is short, makes hardly any cycles, and gives its memory back by ending
    arguments = sys.argv[1:]
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    sys.exit(run(arguments, debug=debug))


def run(arguments: list[str], *, debug: bool = False) -> int:
    """Run one command line and give its exit status."""
    try:
        return _run(arguments)
    except OtadiffError as error:
        _complain(f"otadiff: {_visible(str(error))}")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_NO_ANSWER
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception as error:
        if debug:
            raise
        _complain(
            f"otadiff: internal error: {type(error).__name__}: {_visible(str(error))}\n"
            "This is a defect of otadiff, not of your transfer. Run again with --debug and report what it prints."
        )
    return EXIT_NO_ANSWER


def _run(arguments: list[str]) -> int:
    if _is_plain(arguments):
        return _inspect(arguments[1]) if arguments[0] == "inspect" else _compare(*arguments)
    if "_OTADIFF_COMPLETE" in os.environ:
        from forensics.cli.completion import spell_out_command  # noqa: PLC0415 - only a shell asks for completion

        spell_out_command(os.environ, _with_command)
    arguments = _with_command(arguments)
    name = arguments[0] if arguments and arguments[0] in COMMANDS else None
    app = _app((name,) if name else COMMANDS)
    try:
        app(arguments, prog_name="otadiff", standalone_mode=True)
    except SystemExit as stop:
        sys.stdout.flush()
        return stop.code if isinstance(stop.code, int) else 0
    return 0


def _is_plain(arguments: list[str]) -> bool:
    """Two files, or ``inspect`` and one, and no option: that needs no parser of options and does not wait for one."""
    if len(arguments) != 2 or any(word[:1] == "-" != word for word in arguments):
        return False
    return arguments[0] == "inspect" or arguments[0] not in COMMANDS


def _inspect(image: str) -> int:
    from forensics.cli.inspect_capture import capture_in, show_capture  # noqa: PLC0415 - loaded when they are used
    from forensics.cli.output import Outputs, emit  # noqa: PLC0415
    from forensics.pipeline.inspection import inspect_source  # noqa: PLC0415
    from forensics.read.source import open_source  # noqa: PLC0415

    source = open_source(image)
    capture = capture_in(source)
    if capture is not None:
        show_capture(capture, image)
        return 0
    return emit(inspect_source(source), Outputs())


def _compare(sent: str, received: str) -> int:
    from forensics.cli.output import Outputs, emit  # noqa: PLC0415 - loaded when they are used
    from forensics.pipeline.comparison import Options, compare_sources  # noqa: PLC0415

    if not sys.stderr.isatty():
        return emit(compare_sources(sent, received, Options()), Outputs())
    from forensics.cli.capture_progress import CaptureProgress  # noqa: PLC0415 - as above

    progress = CaptureProgress(received)
    report = compare_sources(sent, received, Options(progress=progress))
    progress.wipe()
    return emit(report, Outputs())


def _with_command(arguments: list[str]) -> list[str]:
    """Two files without a command are compared; options of ``compare`` may stand before them."""
    if not arguments or arguments[0] in COMMANDS:
        return arguments
    if arguments[0] in ("--help", "-h", "--version", "--install-completion", "--show-completion"):
        return arguments
    return ["compare", *arguments]


def _app(names: tuple[str, ...]) -> typer.Typer:
    """The command line with the commands ``names``; typer is loaded here."""
    import typer  # noqa: PLC0415

    app = typer.Typer(
        help=_HELP,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode=None,
        add_completion=len(names) > 1,
    )

    @app.callback(invoke_without_command=True, help=_HELP)
    def root(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
        if version:
            sys.stdout.write(f"otadiff {VERSION}\n")
            raise typer.Exit

    for name in names:
        if name == "live":
            _add_live(app, alone=len(names) == 1)
        else:
            app.command(name)(import_module(f"forensics.cli.{name}").command)
    return app


def _add_live(app: typer.Typer, *, alone: bool) -> None:
    """The commands over Bluetooth; beside others only their name, since they load bleak."""
    import typer  # noqa: PLC0415

    from forensics.cli import live  # noqa: PLC0415

    app.add_typer(live.group() if alone else typer.Typer(), name="live", help=live.HELP)


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")


def _visible(text: str) -> str:
    """User data without control characters, fit for a terminal."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
