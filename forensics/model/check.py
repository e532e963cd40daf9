"""One step of the device's own verification of an image."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from forensics.model.span import ByteSpan

SIGNATURE = "signature"
"""Step of the check of secure boot."""

SECURE_VERSION = "secure-version"
"""Step of the check of anti-rollback."""

KEY_NOT_KNOWN = "whether the device trusts its key is not known"
"""Why a signature that is right says nothing about one device."""


class Outcome(StrEnum):
    """How a step of the walk ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not-reached"
    """The device stopped before it, or the bytes it needs are not there. ``would`` says what otadiff found by going on."""
    SKIPPED = "skipped"
    """The device does not make this check here; ``reason`` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check that the device makes, or would make, over an image.

    Attributes:
        step: Stable name: ``partition-size``, ``magic``, ``chip``, ``segment-count``, ``segment-N``, ``end``,
            ``checksum``, ``length``, ``digest`` ...
        outcome: What the device finds.
        expected: What it wants, in words or hex.
        actual: What the image holds.
        span: File offsets of the bytes it judges.
        lines: What the device prints there, without colour codes.
        reason: Why a step is skipped or was not reached.
        would: For a step the device never reaches: what it would have found (``passed`` or ``failed``), where the
            bytes allow to know.
        source: ESP-IDF file and function.
    """

    step: str
    outcome: Outcome
    expected: str | None = None
    actual: str | None = None
    span: ByteSpan | None = None
    lines: tuple[str, ...] = ()
    reason: str | None = None
    would: Outcome | None = None
    source: str | None = None


def accepted_words(checks: tuple[Check, ...], what: str = "it") -> str:
    """What the device does with an image that no check refuses: ``accepts it``, and never what nobody verified.

    Args:
        checks: Those of the image.
        what: What a sentence calls it.
    """
    signature = next((check for check in checks if check.step == SIGNATURE), None)
    if signature is None:
        return f"accepts {what}"
    if signature.outcome is Outcome.SKIPPED:
        return "accepts all but the signature, which was not verified"
    trusted = signature.reason != KEY_NOT_KNOWN
    return f"accepts {what}{', and trusts its key' if trusted else ' if it trusts the key'}"
