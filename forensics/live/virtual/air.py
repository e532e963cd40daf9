"""A virtual ESP32, a central that hears it, and bleak between them: everything that a session without a radio needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from forensics.live.backends import Backends
from forensics.live.virtual.backend import LARGEST_MTU, virtual_backends
from forensics.live.virtual.esp32 import Esp32Settings, VirtualEsp32
from forensics.live.virtual.radio import Central, VirtualRadio


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualAir:
    """Who is on the air.

    Attributes:
        radio: Carries them; more devices can join.
        esp32: The device.
        central: The computer's adapter, which records everything as btsnoop.
        backends: For bleak on that computer.
    """

    radio: VirtualRadio
    esp32: VirtualEsp32
    central: Central
    backends: Backends


@asynccontextmanager
async def virtual_air(settings: Esp32Settings, *, mtu: int | None = LARGEST_MTU) -> AsyncIterator[VirtualAir]:
    """Both sides powered on until the block ends.

    Args:
        settings: The device.
        mtu: ATT MTU that the central asks for; None leaves the exchange to the device.
    """
    radio = VirtualRadio()
    central = Central(radio)
    await central.power_on()
    try:
        async with VirtualEsp32.running(radio, settings) as esp32:
            yield VirtualAir(radio=radio, esp32=esp32, central=central, backends=virtual_backends(central, mtu=mtu))
    finally:
        await central.power_off()
