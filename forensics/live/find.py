"""Finds the device that a user named."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from bleak import BleakScanner

from forensics.errors import LiveFailure
from forensics.live.backends import Backends
from forensics.live.failures import live_failure, told_plainly

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice


async def find_device(wanted: str, *, backends: Backends, timeout: float) -> BLEDevice:
    """The first device that advertises with this address, system UUID or name.

    Scanning before connecting works on every platform; macOS knows no addresses.

    Args:
        wanted: Address or UUID in any case, or the whole name.
        backends: Bluetooth stack.
        timeout: Seconds to scan at most.

    Raises:
        LiveError: there is no Bluetooth, or no such device advertises.
    """
    identifier = wanted.lower()
    others: set[str] = set()
    with told_plainly(wanted, "scanning"):
        async with BleakScanner(backend=backends.scanner) as scanner:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    async for device, advertisement in scanner.advertisement_data():
                        if device.address.lower() == identifier or wanted in (advertisement.local_name, device.name):
                            return device
                        others.add(device.address)
    seen = f"in {timeout:g} seconds {len(others)} others were seen"
    raise live_failure(LiveFailure.NOT_FOUND, device=wanted, detail=seen)
