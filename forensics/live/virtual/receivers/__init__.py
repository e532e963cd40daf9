"""The OTA receivers that the virtual device can run, by name."""

from __future__ import annotations

from forensics.live.virtual.receivers.base import Receiver
from forensics.live.virtual.receivers.control_data import ControlData, MichaelAngerer
from forensics.live.virtual.receivers.espressif import EspressifBluedroid, EspressifNimble, EspressifRaw
from forensics.live.virtual.receivers.fbiego import Fbiego

RECEIVERS: dict[str, type[Receiver]] = {
    "control-data": ControlData,
    "michael-angerer": MichaelAngerer,
    "espressif-nimble": EspressifNimble,
    "espressif-bluedroid": EspressifBluedroid,
    "espressif-raw": EspressifRaw,
    "fbiego": Fbiego,
}
"""Every receiver."""
