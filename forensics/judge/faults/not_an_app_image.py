"""The file that was sent is no ESP32 app image."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import finding_of
from forensics.model.finding import Finding, Remedy, Where

_IMAGES = ("app", "esp8266", "merged")


def detect(case: Compared) -> Finding | None:
    """The file that was sent is no app image, so no transfer could have made it bootable."""
    kind = case.sent.kind
    if kind.kind in _IMAGES:
        return None
    return finding_of(
        "not-an-app-image",
        summary=f"the file that was sent is {kind.words}, not an app image",
        edits=case.free,
        where=Where.FILE,
        notes=("the device refuses it however it is transferred",),
        changes=(Remedy(where=Where.FILE, text=kind.advice),) if kind.advice else (),
    )
