"""OTA308 and OTA309: the image is whole, and the device has no room or no trust for it."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.classify.logs.facts import Failure, LogFacts
from forensics.classify.logs.wording import finding, headers_note, healed_note, read_back, versions_note
from forensics.model.finding import Certainty, Finding, Where

SIGNATURE_KINDS = ("signature_failed", "image_corrupted", "signature_bad")
SIGNATURE_EVENTS = (
    "signature_version_invalid",
    "secure_boot_failed",
    "signature_key_mismatch",
    "signature_missing",
    "signature_block_invalid",
)
_UNSIGNED = 0xFFFFFFFF


def detect_too_long(facts: LogFacts) -> Iterator[Finding]:
    """OTA308."""
    for failure in facts.of_kind("image_too_long"):
        length, partition = failure.number("length"), failure.number("partition")
        yield finding(
            "image-too-long",
            Certainty.PROVEN,
            f"the image has {length} bytes and its slot {partition}: {length - partition} too many",
            lines=failure.lines,
            where=Where.FILE,
            notes=(
                healed_note(failure),
                "the checksum passed before this, so the length is the image's own and not a damaged header",
                headers_note(failure.proof),
                versions_note(failure.walk.idf_versions),
            ),
            benign=failure.benign,
        )
    for failure in facts.of_kind("partition_size_invalid"):
        yield finding(
            "image-too-long",
            Certainty.PROVEN,
            f"the verifier was called for a partition of 0x{failure.number('size'):x} bytes, more than the 16 MiB it takes",
            lines=failure.lines,
            where=Where.DEVICE,
            notes=("this is about the partition table or the caller, not about the bytes",),
        )
    for event in facts.events("update_error"):
        if event.fields.get("code") == 4:
            yield finding(
                "image-too-long", Certainty.PROVEN, "the image does not fit the slot: not enough space", lines=(event.line,)
            )


def detect_signature(facts: LogFacts) -> Iterator[Finding]:
    """OTA309: all lines about the signature of one walk are one finding."""
    walks: dict[int | None, list[Failure]] = {}
    for failure in facts.of_kind(*SIGNATURE_KINDS):
        walks.setdefault(failure.walk.image_start, []).append(failure)
    events = facts.events(*SIGNATURE_EVENTS)
    if not walks and not events:
        return
    failures = [failure for group in walks.values() for failure in group]
    kinds = {failure.error.kind for failure in failures} | {event.kind for event in events}
    summary, certainty, where = _reading(kinds, facts)
    yield finding(
        "signature-failed",
        certainty,
        summary,
        lines=(*(line for failure in failures for line in failure.lines), *(event.line for event in events)),
        where=where,
        notes=(
            healed_note(failures[-1]) if failures else None,
            headers_note(failures[-1].proof) if failures else None,
            None
            if kinds & {"image_corrupted", "signature_bad"}
            else 'the line after it decides: "image valid, signature bad" or "image corrupted on flash" (log level warning)',
        ),
        help=read_back(facts, failures[-1]) if failures and "image_corrupted" in kinds else (),
        benign=bool(failures) and all(failure.benign for failure in failures),
    )


def _reading(kinds: set[str], facts: LogFacts) -> tuple[str, Certainty, Where]:
    unsigned = any(event.fields.get("value") == _UNSIGNED for event in facts.events("signature_version_invalid"))
    if "image_corrupted" in kinds:
        text = "the signature failed because bytes were damaged: the image does not even have its own digest"
        return text, Certainty.PROVEN, Where.UNKNOWN
    if unsigned or "signature_missing" in kinds:
        whose = "the running app" if "signature_missing" in kinds and not unsigned else "the image"
        return f"{whose} has no signature, and this build of the device demands one", Certainty.PROVEN, Where.FILE
    if kinds & {"signature_bad", "signature_key_mismatch"}:
        return (
            "every byte is right and the signature is not: unsigned, or signed with another key",
            Certainty.PROVEN,
            Where.FILE,
        )
    return "the device refused the signature of the image", Certainty.PROVEN, Where.UNKNOWN
