"""Lists the devices that advertise nearby, and which of them offer an update service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bleak import BleakScanner

from forensics.live.backends import PLATFORM, Backends
from forensics.live.failures import told_plainly
from forensics.live.known import ota_services


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDevice:
    """One device.

    Attributes:
        address: Bluetooth address; on macOS the system's own UUID for it.
        name: What it calls itself, or None.
        rssi: Signal in dBm, of its last advertisement.
        services: OTA protocols that it advertises; others show only when it is connected to.
    """

    address: str
    name: str | None
    rssi: int
    services: tuple[str, ...]


async def scan(
    seconds: float,
    *,
    backends: Backends = PLATFORM,
    seen: Callable[[tuple[SeenDevice, ...]], None] = lambda devices: None,
) -> tuple[SeenDevice, ...]:
    """The devices that advertised within ``seconds``: those with an update service first, then the strongest.

    Args:
        seconds: How long to listen.
        backends: Bluetooth stack.
        seen: Told the list whenever it changes.

    Raises:
        LiveError: there is no Bluetooth, or it may not be used.
    """
    found: dict[str, SeenDevice] = {}
    with told_plainly("", "scanning"):
        async with BleakScanner(backend=backends.scanner) as scanner:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    async for device, advertisement in scanner.advertisement_data():
                        known = found.get(device.address)
                        found[device.address] = SeenDevice(
                            address=device.address,
                            name=advertisement.local_name or device.name or (known.name if known else None),
                            rssi=advertisement.rssi,
                            services=ota_services(advertisement.service_uuids) or (known.services if known else ()),
                        )
                        seen(_in_order(found))
    return _in_order(found)


def _in_order(found: dict[str, SeenDevice]) -> tuple[SeenDevice, ...]:
    return tuple(sorted(found.values(), key=lambda device: (not device.services, -device.rssi, device.address)))
