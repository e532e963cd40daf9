"""The file that was sent is a whole-flash image, not an app."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import apps_inside, finding_of
from forensics.model.finding import Finding, Remedy, Where


def detect(case: Compared) -> Finding | None:
    """The file that was sent is an image of the whole flash, with the bootloader in front."""
    kind = case.sent.kind
    if kind.kind != "merged":
        return None
    return finding_of(
        "merged-image",
        summary="the file that was sent is a merged flash image or flash dump, not the app image alone",
        edits=case.free,
        where=Where.FILE,
        notes=(f"it is {kind.words}", *apps_inside(kind)),
        changes=(Remedy(where=Where.FILE, text=kind.advice),),
    )
