"""``otadiff live probe DEVICE``: what a device offers for an update. It writes nothing to it."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from forensics.cli import options
from forensics.cli.live.watch import Journal, Pair, Timeout
from forensics.live.journal import JournalWriter
from forensics.live.link import CONNECT_SECONDS
from forensics.live.probe import ProbedDevice, probe
from forensics.model.text import inert
from forensics.write import Writer
from forensics.write.stdout import print_text


def command(
    device: Annotated[str, typer.Argument(metavar="DEVICE", help="Address, or the name that it advertises.")],
    pair: Pair = False,
    timeout: Timeout = CONNECT_SECONDS,
    journal: Journal = None,
    force: options.Force = False,
) -> None:
    """Connect, list the services, and name the update protocol, the usable payload and what is dangerous about them."""
    with Writer(force=force).journal(journal) as record:
        found = asyncio.run(probe(device, journal=JournalWriter(record), timeout=timeout, pair=pair))
    print_text("\n".join(inert(line) for line in _lines(found)) + "\n")


def _lines(found: ProbedDevice) -> list[str]:
    lines = [f"device     {found.name}  {found.address}", f"protocol   {', '.join(found.protocols) or 'none that is known'}"]
    if found.payload is not None:
        lines.append(f"payload    {found.payload} bytes without response (ATT MTU {found.mtu})")
    send = f"otadiff live send SENT {found.address}" if found.sender else "needs --data UUID and --control UUID"
    lines.append(f"send       {send}")
    service = ""
    for one in found.characteristics:
        if one.service != service:
            service = one.service
            lines.append(f"service    {service}")
        lines.append(f"           {one.uuid}  {', '.join(one.properties)}")
    return [*lines, *(f"danger     {danger}" for danger in found.dangers)]
