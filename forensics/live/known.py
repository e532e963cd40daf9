"""The OTA protocols that a device offers, by the UUIDs of its services and characteristics."""

from __future__ import annotations

from collections.abc import Collection

_KNOWN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("otadiff tap", ("0f7a0001-7461-4f70-9d1c-6f7461646966",)),
    ("espressif-ble-ota", ("00008018-0000-1000-8000-00805f9b34fb", "00008020-0000-1000-8000-00805f9b34fb")),
    ("fbiego", ("fb1e4001-54ae-4a28-9f74-dfccb248601d", "fb1e4002-54ae-4a28-9f74-dfccb248601d")),
    ("control-data", ("d6f1d96d-594c-4c53-b1c6-144a1dfde6d8", "23408888-1f40-4cd8-9b89-ca8d45f8a5b0")),
    ("ardu-ble-ota", ("dac89194-35a1-11ef-aba1-b37714ad9a54",)),
    ("fast-ble-ota", ("d026496c-0b77-43fb-bd68-fce361a1be1c",)),
    ("nordic-legacy", ("00001530-1212-efde-1523-785feabcd123", "00001532-1212-efde-1523-785feabcd123")),
    ("nordic-secure", ("0000fe59-0000-1000-8000-00805f9b34fb", "8ec90002-f315-4f60-9fb8-838830daea50")),
    ("silabs", ("1d14d6ee-fd63-4fa1-bfa4-8f47b42119f0", "984227f3-34fc-4045-a5d0-2c581f81a153")),
    ("smp", ("8d53dc1d-1db7-4cd3-868b-8a527460aa84", "da2e7828-fbce-4e01-ae9e-261174997c48")),
    ("stream", ("4fafc201-1fb5-459e-8fcc-c5c9c331914b", "62ec0272-3ec5-11eb-b378-0242ac130005")),
)
"""Name and the UUIDs of its service and its data characteristic; the names are those of ``forensics.protocols``."""


def ota_services(uuids: Collection[str]) -> tuple[str, ...]:
    """The protocols of which one of ``uuids`` speaks."""
    offered = {uuid.lower() for uuid in uuids}
    return tuple(name for name, signs in _KNOWN if offered.intersection(signs))
