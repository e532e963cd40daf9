"""The device's checks in a few words, equal ones gathered. Pure data, no drawing."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.check import Check, Outcome

ALWAYS_NAMED = ("magic", "checksum", "digest")
"""Steps that people look for; other steps are named only when they do not pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWords:
    """One group of checks: ``6 segments ok``, ``digest FAILED``."""

    text: str
    outcome: Outcome


def check_words(checks: tuple[Check, ...], *, everything: bool = False) -> tuple[CheckWords, ...]:
    """The checks of one side in the device's order; what it never reached comes last, in one group.

    Args:
        checks: The walk of one side.
        everything: Name the steps that pass quietly too.
    """
    groups: list[CheckWords] = []
    segments: list[Check] = []
    total = sum(check.step.startswith("segment-") and check.step[8:].isdigit() for check in checks)
    for check in checks:
        if check.step.startswith("segment-") and check.step[8:].isdigit() and check.outcome is Outcome.PASSED:
            segments.append(check)
            continue
        if segments:
            groups.append(_segments_passed(segments, total))
            segments = []
        if check.outcome is Outcome.NOT_REACHED:
            continue
        if check.outcome is Outcome.FAILED or everything or check.step in ALWAYS_NAMED:
            groups.append(CheckWords(text=_one(check), outcome=check.outcome))
    if segments:
        groups.append(_segments_passed(segments, total))
    groups += _unreached(checks)
    return tuple(groups)


def first_failure(checks: tuple[Check, ...]) -> Check | None:
    """The check at which the device stops, or None."""
    return next((check for check in checks if check.outcome is Outcome.FAILED), None)


def step_words(step: str) -> str:
    """A step's stable name in words: ``segment-3`` is ``segment 3``."""
    return step.replace("-", " ")


def _segments_passed(segments: list[Check], total: int) -> CheckWords:
    first, last = segments[0].step[8:], segments[-1].step[8:]
    if len(segments) == total:
        text = "1 segment ok" if total == 1 else f"{total} segments ok"
    else:
        text = f"segment {first} ok" if first == last else f"segments {first}-{last} ok"
    return CheckWords(text=text, outcome=Outcome.PASSED)


def _one(check: Check) -> str:
    words = step_words(check.step)
    if check.outcome is Outcome.FAILED:
        return f"{words} FAILED"
    if check.outcome is Outcome.SKIPPED:
        return f"{words} skipped"
    if check.step in ("checksum", "digest") and check.actual:
        return f"{words} {check.actual[:8]} ok"
    return f"{words} ok"


def _unreached(checks: tuple[Check, ...]) -> list[CheckWords]:
    unreached = [check for check in checks if check.outcome is Outcome.NOT_REACHED]
    named = [check for check in unreached if check.step in ALWAYS_NAMED]
    segments = [check.step[8:] for check in unreached if check.step.startswith("segment-") and check.step[8:].isdigit()]
    words = []
    if segments:
        words.append(f"segment {segments[0]}" if len(segments) == 1 else f"segments {segments[0]}-{segments[-1]}")
    for check in named:
        would = {Outcome.PASSED: " (would pass)", Outcome.FAILED: " (would fail)"}.get(check.would or check.outcome, "")
        words.append(step_words(check.step) + would)
    if not words and unreached:
        words = [step_words(check.step) for check in unreached]
    return [CheckWords(text=f"never reached: {', '.join(words)}", outcome=Outcome.NOT_REACHED)] if words else []
