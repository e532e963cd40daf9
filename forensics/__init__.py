"""otadiff: what happened to ESP32 firmware that was sent over Bluetooth LE.

>>> import forensics
>>> report = forensics.compare("sent.bin", "received.bin")
>>> report.verdict, report.summary
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forensics.errors import OtadiffError

if TYPE_CHECKING:
    from forensics.api import compare, inspect_image, read_log, triage
    from forensics.model.limits import Limits
    from forensics.model.log import DeviceLog
    from forensics.notebook import Report
    from forensics.pipeline.inspection import predict_log

_PLACES = {
    "DeviceLog": "forensics.model.log",
    "Limits": "forensics.model.limits",
    "Report": "forensics.notebook",
    "compare": "forensics.api",
    "inspect_image": "forensics.api",
    "predict_log": "forensics.pipeline.inspection",
    "read_log": "forensics.api",
    "triage": "forensics.api",
}

__all__ = ["DeviceLog", "Limits", "OtadiffError", "Report", "compare", "inspect_image", "predict_log", "read_log", "triage"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the public name stands for
    """Load a public name when it is first used: ``import forensics`` alone costs nothing."""
    if name not in _PLACES:
        raise AttributeError(f"module 'forensics' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a name is used

    return getattr(import_module(_PLACES[name]), name)
