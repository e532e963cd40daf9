"""otadiff: what happened to ESP32 firmware that was sent over Bluetooth LE.

>>> import forensics
>>> report = forensics.compare("sent.bin", "received.bin")
>>> report.verdict, report.summary
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forensics.errors import OtadiffError

if TYPE_CHECKING:
    from forensics.api import compare
    from forensics.model.report import Report

_PLACES = {"compare": "forensics.api", "Report": "forensics.model.report"}

__all__ = ["OtadiffError", "Report", "compare"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the public name stands for
    """Load a public name when it is first used: ``import forensics`` alone costs nothing."""
    if name not in _PLACES:
        raise AttributeError(f"module 'forensics' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a name is used

    return getattr(import_module(_PLACES[name]), name)
