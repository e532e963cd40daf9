"""SENT and RECEIVED were likely given the wrong way round."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import finding_of
from forensics.model.finding import Certainty, Finding, Remedy, Where


def detect(case: Compared) -> Finding | None:
    """Received is a sound image and sent is not, though they belong together: the arguments stand the wrong way round."""
    if case.sent.accepted or not case.received.accepted or not case.alignment.related or not case.edits:
        return None
    return finding_of(
        "inputs-exchanged",
        certainty=Certainty.LIKELY,
        summary="sent and received are probably swapped: received is a valid image, sent is a damaged copy of it",
        edits=case.free,
        where=Where.FILE,
        changes=(Remedy(where=Where.FILE, text="give the file that was sent first and the dump of the device second"),),
    )
