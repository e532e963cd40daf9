"""The log that the device would print over an image."""

from __future__ import annotations

from forensics.model.device import DEFAULT_SETTINGS, DeviceSettings, Walk
from forensics.verify.walk import walk


def predict_log(image: bytes, settings: DeviceSettings = DEFAULT_SETTINGS) -> Walk:
    """What the firmware of ``settings`` prints and returns when it verifies ``image``, with 0 for every time.

    Raises:
        UsageError: settings that name no chip, version or level.
    """
    return walk(image, None, settings)
