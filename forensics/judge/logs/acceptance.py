"""OTA308 and OTA309: the image is whole, and the device has no room or no trust for it."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.judge.case import Case
from forensics.judge.logs.failures import Failure
from forensics.judge.logs.wording import finding, headers_note, read_back
from forensics.model.finding import Certainty, Finding, Where

SIGNATURE_KINDS = ("signature_failed", "image_corrupted", "signature_bad")
SIGNATURE_EVENTS = (
    "signature_version_invalid",
    "secure_boot_failed",
    "signature_key_mismatch",
    "signature_missing",
    "signature_block_invalid",
    "signature_outdated",
)
_UNSIGNED = 0xFFFFFFFF


def detect_too_long(case: Case) -> Iterator[Finding]:
    """OTA308."""
    for failure in case.failures_of("image_too_long"):
        length, partition = failure.number("length"), failure.number("partition")
        yield finding(
            "image-too-long",
            Certainty.PROVEN,
            f"the image is {length - partition} bytes longer than its partition ({length} in {partition})",
            failure=failure,
            where=Where.FILE,
            notes=(
                "the checksum passed before this, so the length is the image's own and not a damaged header",
                headers_note(failure.proof),
            ),
        )
    for failure in case.failures_of("partition_size_invalid"):
        yield finding(
            "image-too-long",
            Certainty.PROVEN,
            f"the verifier was called for a partition of 0x{failure.number('size'):x} bytes, more than the 16 MiB it takes",
            failure=failure,
            where=Where.DEVICE,
            notes=("this is about the partition table or the caller, not about the bytes",),
        )


def detect_signature(case: Case) -> Iterator[Finding]:
    """OTA309: all lines about the signature of one walk are one finding."""
    walks: dict[int | None, list[Failure]] = {}
    for failure in case.failures_of(*SIGNATURE_KINDS):
        walks.setdefault(failure.walk.image_start, []).append(failure)
    events = case.events(*SIGNATURE_EVENTS)
    if not walks and not events:
        return
    failures = [failure for group in walks.values() for failure in group]
    kinds = {failure.error.kind for failure in failures} | {event.kind for event in events}
    summary, certainty, where = _reading(kinds, case)
    yield finding(
        "signature-failed",
        certainty,
        summary,
        lines=(*(line for failure in failures for line in failure.lines), *(event.line for event in events)),
        where=where,
        notes=(
            failures[-1].excuse if failures else None,
            headers_note(failures[-1].proof) if failures else None,
            "the keys were compared first, so the log does not show whether the bytes are right"
            if "signature_key_mismatch" in kinds and not kinds & {"image_corrupted", "signature_bad"}
            else None
            if kinds & {"image_corrupted", "signature_bad"}
            else 'the line after it decides: "image valid, signature bad" or "image corrupted on flash" (log level warning)',
        ),
        help=read_back(case, failures[-1]) if failures and "image_corrupted" in kinds else (),
        benign=bool(failures) and all(failure.benign for failure in failures),
    )


def _reading(kinds: set[str], case: Case) -> tuple[str, Certainty, Where]:
    unsigned = any(event.fields.get("value") == _UNSIGNED for event in case.events("signature_version_invalid"))
    if "image_corrupted" in kinds:
        text = "the signature failed because bytes were damaged: the image does not even have its own digest"
        return text, Certainty.PROVEN, Where.UNKNOWN
    if "signature_outdated" in kinds:
        text = "the image was changed after it was signed: its signature is for other bytes"
        return text, Certainty.LIKELY, Where.UNKNOWN
    if unsigned or "signature_missing" in kinds:
        whose = "the running app" if "signature_missing" in kinds and not unsigned else "the image"
        return f"{whose} has no signature, and this build of the device demands one", Certainty.PROVEN, Where.FILE
    if "signature_key_mismatch" in kinds:
        bytes_right = ", and every byte of it is right" if "signature_bad" in kinds else ""
        return f"the image is signed with a key that this device does not trust{bytes_right}", Certainty.PROVEN, Where.FILE
    if "signature_bad" in kinds:
        text = "every byte is right and the signature is not: unsigned, or signed with another key"
        return text, Certainty.PROVEN, Where.FILE
    return "the device refused the signature of the image", Certainty.PROVEN, Where.UNKNOWN
