"""bleak over the virtual air."""

from __future__ import annotations

from forensics.live.backends import Backends
from forensics.live.virtual.client import client_class
from forensics.live.virtual.radio import Central
from forensics.live.virtual.scanner import scanner_class

LARGEST_MTU = 517
"""Octets: an attribute of 512 and the headers of a write that is prepared. BlueZ asks for as many."""


def virtual_backends(central: Central, *, mtu: int | None = LARGEST_MTU) -> Backends:
    """Classes for bleak that talk through ``central``, which is powered on.

    Args:
        central: The computer's side of the link.
        mtu: ATT MTU to ask for after connecting; None leaves the exchange to the device.
    """
    return Backends(scanner=scanner_class(central.device), client=client_class(central.device, mtu))
