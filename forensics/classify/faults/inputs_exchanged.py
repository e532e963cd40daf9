"""SENT and RECEIVED were likely given the wrong way round."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import finding_of
from forensics.model.finding import Certainty, Explanation, Fault, Finding, Remedy, Where

FAULT = Fault(
    code="OTA401",
    slug="inputs-exchanged",
    title="sent and received look swapped",
    explanation=Explanation(
        meaning=(
            "The file given as RECEIVED is a valid image and the one given as SENT is a damaged copy of "
            "it. The comparison then describes the faults backwards."
        ),
        symptoms=(
            "A lost chunk is reported as duplicated or inserted, a cut tail as bytes behind the end",
            "SENT fails the walk and RECEIVED passes it",
            "SENT is a slot dump with 0xFF behind the image",
        ),
        causes=(
            "The two paths were swapped on the command line or in a script.",
            "The read-back was saved under the name of the build's file.",
        ),
        confirm=(
            "otadiff inspect on both: the one that passes is the file that was sent.",
            "Run otadiff again with the files swapped and see whether the report becomes simpler.",
        ),
        fix_sender=(
            "Give the build's .bin first and the dump second: otadiff SENT RECEIVED.",
            "Keep the sent file read-only in the build folder, and name dumps by slot and date.",
        ),
        fix_device=("Nothing needs changing on the device; check only which slot the dump was read from.",),
        confused_with=(
            "OTA103 image-invalid: the file that was sent is really the damaged one",
            "OTA214 wrong-image: two different builds, neither a copy of the other",
        ),
        sources=("components/bootloader_support/src/esp_image_format.c, image_load, ESP-IDF v5.4",),
    ),
)


def detect(facts: Facts) -> Finding | None:
    """Received is a sound image and sent is not, though they belong together: the arguments stand the wrong way round."""
    if facts.sent.accepted or not facts.received.accepted or not facts.alignment.related or not facts.alignment.edits:
        return None
    return finding_of(
        FAULT,
        certainty=Certainty.LIKELY,
        summary="sent and received are probably swapped: received is a valid image, sent is a damaged copy of it",
        edits=facts.free,
        where=Where.FILE,
        changes=(Remedy(where=Where.FILE, text="give the file that was sent first and the dump of the device second"),),
    )
