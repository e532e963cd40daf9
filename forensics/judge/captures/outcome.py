"""What became of an image that otadiff sent itself, as its journal tells: bytes handed to the stack are not yet received."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.judge.case import Case
from forensics.judge.wording import finding_of, notes
from forensics.model.capture import Capture
from forensics.model.finding import Certainty, Finding, Where

_OUTCOME = "outcome"
_ONLY_QUEUED = "what the journal calls queued was handed to the Bluetooth stack; only an answer of the device says received"


def detect(case: Case) -> Iterator[Finding]:
    """OTA505: the device refused an image, or did not say what became of one, that left the sender as it was."""
    capture = case.evidence.capture if case.evidence else None
    if capture is None or not case.intact:
        return
    match _last_outcome(capture):
        case "refused":
            yield finding_of(
                "unacknowledged",
                summary=f"every byte left as it was sent, and the update was refused: {_words(capture)}",
                where=Where.DEVICE,
                notes=notes("compare what the device stored, or give its log with --log, to see why"),
            )
        case "received":
            yield finding_of(
                "unacknowledged",
                certainty=Certainty.POSSIBLE,
                summary="every byte was sent and acknowledged, and the device did not say whether it took the image",
                where=Where.UNKNOWN,
                notes=notes("the device's log tells, or a restart into the new app", _words(capture)),
            )
        case "unconfirmed":
            yield finding_of(
                "unacknowledged",
                certainty=Certainty.POSSIBLE,
                summary=f"every byte was handed to the Bluetooth stack, and the device confirmed nothing: {_words(capture)}",
                where=Where.UNKNOWN,
                notes=notes(_ONLY_QUEUED),
            )


def _last_outcome(capture: Capture) -> str | None:
    return next((event.result for event in reversed(capture.journal) if event.kind == _OUTCOME), None)


def _words(capture: Capture) -> str:
    """The sender's sentence, without the word before it."""
    text = next((event.text for event in reversed(capture.timeline) if event.kind == _OUTCOME), "")
    return text.partition(": ")[2] or text
