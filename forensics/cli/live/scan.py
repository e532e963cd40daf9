"""``otadiff live scan``: which devices are near, and which of them can be updated."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from forensics.live.scan import SeenDevice, scan
from forensics.model.text import inert
from forensics.write.stdout import print_text

_SILENT = "switch the device on, bring it closer, and disconnect phones from it: many stop advertising while connected"

Seconds = Annotated[float, typer.Option("--seconds", metavar="S", min=0.1, help="How long to listen.")]


def command(seconds: Seconds = 10.0) -> None:
    """List the devices that advertise nearby, with the update services that otadiff recognises."""
    if sys.stdout is None or not sys.stdout.isatty():
        found = asyncio.run(scan(seconds))
        for device in found:
            print_text("\t".join((device.address, f"{device.rssi}", _name(device), ", ".join(device.services))) + "\n")
    else:
        with Live(console=Console(), refresh_per_second=4) as shown:
            found = asyncio.run(scan(seconds, seen=lambda devices: shown.update(_table(devices))))
    if not found:
        sys.stderr.write(f"otadiff: nobody advertised in {seconds:g} s; {_SILENT}\n")


def _name(device: SeenDevice) -> str:
    return inert(device.name or "")


def _table(devices: tuple[SeenDevice, ...]) -> Table:
    table = Table("device", "signal", "name", "update service", box=None, padding=(0, 2, 0, 0))
    for device in devices:
        words = (device.address, f"{device.rssi} dBm", _name(device), ", ".join(device.services))
        table.add_row(*(Text(word) for word in words))
    return table
