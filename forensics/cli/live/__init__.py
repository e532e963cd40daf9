"""``otadiff live``: the commands that use Bluetooth LE. Only they need the extra ``live``."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import typer

from forensics.errors import UsageError

COMMANDS = ("scan", "probe", "send", "watch", "capture")
"""Every command; the module ``forensics.cli.live.NAME`` defines it in a function ``command``."""


def group() -> typer.Typer:
    """The commands below ``otadiff live``.

    Raises:
        UsageError: bleak is not installed.
    """
    if find_spec("bleak") is None:
        raise UsageError(
            "live needs bleak, which is not installed", next_step="install it with: pip install 'otadiff[live]'"
        )
    app = typer.Typer(
        help="Scan, probe, send, watch and capture over Bluetooth LE.", no_args_is_help=True, rich_markup_mode=None
    )
    for name in COMMANDS:
        app.command(name)(import_module(f"forensics.cli.live.{name}").command)
    return app
