"""Finds the command, loads only its module, and turns every failure into a message and an exit status."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from forensics.cli.stopping import EXIT_INTERRUPTED, Stopped, stop_in_order
from forensics.errors import OtadiffError
from forensics.model.text import inert
from forensics.version import VERSION
from forensics.write.failures import words_of
from forensics.write.stdout import nowhere, print_text

if TYPE_CHECKING:
    import typer

COMMANDS = {
    "compare": "What happened to the bytes on their way to the device.",
    "inspect": "What a file is, and what the device will say about it.",
    "triage": "What logs, images, dumps and captures prove together.",
    "extract": "Write the image that a dump, log or capture holds.",
    "explain": "What a fault means, where it comes from and how to fix it.",
    "render": "Show a saved report again, in any format.",
    "demo": "Make an image, break it on purpose, and explain it.",
    "live": "Scan, probe, send, watch and capture over Bluetooth LE.",
}
"""Every command, with its line in the list; the module ``forensics.cli.NAME`` defines it in a function ``command``."""

EXIT_NO_ANSWER = 2

_HELP = """Says what happened to ESP32 firmware that was sent over Bluetooth LE.

\b
  otadiff sent.bin received.bin        what happened to the bytes
  otadiff triage boot.log sent.bin     what a pasted log proves
  otadiff inspect image.bin            what the device will say of an image

With --debug anywhere on the line, errors come with their traceback and the log of the Bluetooth stack.

Exit status: 0 healthy, 1 faulty, 2 inconclusive, wrong usage or unreadable input, 130 interrupted, 143 terminated,
129 hung up.
"""


def main() -> None:
    """The ``otadiff`` command."""
    stop_in_order()
    sys.stderr = sys.stderr or nowhere()
    gc.disable()  # a run is short, makes hardly any cycles, and gives its memory back by ending
    arguments = sys.argv[1:]
    debug = "--debug" in arguments
    if debug:
        os.environ["OTADIFF_DEBUG"] = "1"  # workers of a batch see it
        import logging  # noqa: PLC0415 - only to see what happens

        logging.basicConfig(level=logging.DEBUG)  # bleak tells what it asks of the system
    arguments = [argument for argument in arguments if argument != "--debug"]
    status = run(arguments, debug=debug)
    try:
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):  # closed, or full: Python need not try again
        _forget_stdout()
    sys.exit(status)


def run(arguments: list[str], *, debug: bool = False) -> int:
    """Run one command line and give its exit status."""
    try:
        return _run(arguments)
    except OtadiffError as error:
        if debug:
            import traceback  # noqa: PLC0415 - as above

            traceback.print_exception(error)
        _complain(f"otadiff: {inert(str(error))}")
    except BrokenPipeError:
        _forget_stdout()
        return EXIT_NO_ANSWER
    except KeyboardInterrupt:
        _complain(f"otadiff: interrupted; {_AGAIN}")
        return EXIT_INTERRUPTED
    except Stopped as stop:
        _complain(f"otadiff: {stop.word}; {_AGAIN}")
        return int(str(stop.code))
    except OSError as error:
        reason, step = words_of(error)
        _complain(f"otadiff: the system refuses to go on: {inert(reason)}; {step}")
    except Exception as error:
        if debug:
            raise
        _complain(
            f"otadiff: internal error: {type(error).__name__}: {inert(str(error))}\n"
            "This is a defect of otadiff, not of your transfer. Run again with --debug and report what it prints."
        )
    return EXIT_NO_ANSWER


_AGAIN = "run the same command again, or go on with --resume; a report that was there before is as it was"


_ANSWERED_BY_TYPER = ("--help", "-h", "--version")


def _forget_stdout() -> None:
    """Nobody takes the rest, so Python need not try to write it at its end."""
    if sys.stdout is not None and not sys.stdout.closed:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: list[str]) -> int:
    if _is_plain(arguments):
        return _inspect(arguments[1]) if arguments[0] == "inspect" else _compare(*arguments)
    if arguments == ["--version"]:
        print_text(f"otadiff {VERSION}\n")
        return 0
    name = arguments[0] if arguments else ""
    if "_OTADIFF_COMPLETE" in os.environ:
        from forensics.cli.completion import spell_out_command  # noqa: PLC0415 - only a shell asks for completion

        name = spell_out_command(os.environ, _with_command)
    if arguments and arguments[0] in ("--install-completion", "--show-completion"):
        from forensics.cli import completion  # noqa: PLC0415 - as above

        answer = completion.install if arguments[0] == "--install-completion" else completion.show
        print_text(answer(*arguments[1:2]))
        return 0
    arguments = _with_command(arguments)
    app = _app(arguments[0] if arguments and arguments[0] in COMMANDS else name)
    try:
        app(arguments, prog_name="otadiff", standalone_mode=True)
    except Stopped:
        raise
    except SystemExit as stop:
        reason = stop.__context__  # typer turns these two into an exit status
        if isinstance(reason, BrokenPipeError):
            raise reason from None
        if reason is not None and isinstance(reason.__cause__, KeyboardInterrupt):
            raise reason.__cause__ from None
        if any(word in _ANSWERED_BY_TYPER for word in arguments):
            print_text("")  # says so when standard output is closed
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
    from forensics.open import open_content  # noqa: PLC0415
    from forensics.pipeline.inspection import inspect_source  # noqa: PLC0415
    from forensics.write import Writer  # noqa: PLC0415

    outputs = Outputs(writer=Writer((image,)))
    source = open_content(image)
    capture = capture_in(source)
    if capture is not None:
        show_capture(capture, image, outputs)
        return 0
    return emit(inspect_source(source), outputs)


def _compare(sent: str, received: str) -> int:
    from forensics.cli.output import Outputs, emit  # noqa: PLC0415 - loaded when they are used
    from forensics.pipeline.comparison import Options, compare_sources  # noqa: PLC0415
    from forensics.write import Writer  # noqa: PLC0415

    outputs = Outputs(writer=Writer((sent, received)))
    if sys.stderr is None or not sys.stderr.isatty():
        return emit(compare_sources(sent, received, Options()), outputs)
    from forensics.cli.capture_progress import CaptureProgress  # noqa: PLC0415 - as above

    progress = CaptureProgress(received)
    report = compare_sources(sent, received, Options(progress=progress))
    progress.wipe()
    return emit(report, outputs)


def _with_command(arguments: list[str]) -> list[str]:
    """Two files without a command are compared; options of ``compare`` may stand before them."""
    if not arguments or arguments[0] in COMMANDS:
        return arguments
    if arguments[0] in ("--help", "-h", "--version", "--install-completion", "--show-completion"):
        return arguments
    return ["compare", *arguments]


def _app(name: str) -> typer.Typer:
    """The command line for the command ``name``; of the others it knows only what a list shows. typer is loaded here."""
    import typer  # noqa: PLC0415

    app = typer.Typer(
        help=_HELP,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode=None,
        add_completion=name not in COMMANDS or "_OTADIFF_COMPLETE" in os.environ,
    )

    @app.callback(invoke_without_command=True, help=_HELP)
    def root(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
        if version:
            print_text(f"otadiff {VERSION}\n")
            raise typer.Exit

    for one, about in COMMANDS.items():
        if one != name:
            app.command(one, help=about)(lambda: None)
        elif one == "live":
            app.add_typer(import_module("forensics.cli.live").group(), name=one)
        else:
            app.command(one)(import_module(f"forensics.cli.{one}").command)
    return app


def _complain(text: str) -> None:
    if sys.stderr is not None:
        with suppress(OSError):  # nobody is left to be told
            sys.stderr.write(text + "\n")
