"""What became of an image that otadiff sent itself, as its journal tells: bytes handed to the stack are not yet received."""

from __future__ import annotations

from forensics.classify.captures.facts import EvidenceFacts
from forensics.classify.faults import fault
from forensics.classify.wording import finding_of, notes
from forensics.model.capture import Capture
from forensics.model.finding import Certainty, Finding, Where

_OUTCOME = "outcome"
_ONLY_QUEUED = "what the journal calls queued was handed to the Bluetooth stack; only an answer of the device says received"


def outcome_finding(evidence: EvidenceFacts, *, intact: bool) -> Finding | None:
    """OTA505: the device refused an image, or did not say what became of one, that left the sender as it was.

    Args:
        evidence: The capture; anything but a journal tells no outcome.
        intact: The writes carry all that was sent, so nothing else explains it.
    """
    capture = evidence.capture
    found = fault("unacknowledged")
    if capture is None or found is None or not intact:
        return None
    match _last_outcome(capture):
        case "refused":
            return finding_of(
                found,
                summary=f"every byte left as it was sent, and the update was refused: {_words(capture)}",
                where=Where.DEVICE,
                notes=notes("compare what the device stored, or give its log with --log, to see why"),
            )
        case "unconfirmed":
            return finding_of(
                found,
                certainty=Certainty.POSSIBLE,
                summary=f"every byte was handed to the Bluetooth stack, and the device confirmed nothing: {_words(capture)}",
                where=Where.UNKNOWN,
                notes=notes(_ONLY_QUEUED),
            )
        case _:
            return None


def _last_outcome(capture: Capture) -> str | None:
    return next((event.result for event in reversed(capture.journal) if event.kind == _OUTCOME), None)


def _words(capture: Capture) -> str:
    """The sender's sentence, without the word before it."""
    text = next((event.text for event in reversed(capture.timeline) if event.kind == _OUTCOME), "")
    return text.partition(": ")[2] or text
