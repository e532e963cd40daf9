"""What otadiff raises when it cannot do its job. A fault in the user's transfer is a finding, never an error.

OtadiffError
 |- InputError     a file cannot be read, or is no evidence of the kind that was asked for
 |- OutputError    an output cannot be written
 |- UsageError     options that contradict each other or the evidence, or would destroy a file
 |- LiveError      the radio or the device on it did not do what live mode needs
 '- ReportError    a saved report that is not an ``otadiff.report/1`` document
"""

from __future__ import annotations

from enum import StrEnum

from forensics.model.error import OtadiffError, ReportError

__all__ = ["InputError", "LiveError", "LiveFailure", "OtadiffError", "OutputError", "ReportError", "UsageError"]


class InputError(OtadiffError):
    """A file cannot be read, or holds nothing that otadiff can compare.

    Args:
        reason: What is wrong, in one clause.
        name: The file or argument concerned.
        next_step: What the user can do.
        offset: Where in the file, in bytes, when the reason is at one place.
    """

    def __init__(self, reason: str, *, name: str, next_step: str, offset: int | None = None) -> None:
        super().__init__(reason, name=name, offset=offset, next_step=next_step)


class OutputError(OtadiffError):
    """An output cannot be written. What had its name before is still there. The next step is always known."""

    def __init__(self, reason: str, *, next_step: str, name: str | None = None) -> None:
        super().__init__(reason, name=name, next_step=next_step)


class UsageError(OtadiffError):
    """Options that contradict each other or the evidence, or that would destroy a file. The next step is always known."""

    def __init__(self, reason: str, *, next_step: str, name: str | None = None, offset: int | None = None) -> None:
        super().__init__(reason, name=name, offset=offset, next_step=next_step)


class LiveFailure(StrEnum):
    """Why live mode could not go on."""

    NO_BLUETOOTH = "no-bluetooth"
    POWERED_OFF = "powered-off"
    DENIED = "denied"
    NOT_FOUND = "not-found"
    NOT_CONNECTED = "not-connected"
    """No connection came about, although the device was seen."""
    DISCONNECTED = "disconnected"
    """The link ended although nobody here asked for it."""
    PAIRING_REQUIRED = "pairing-required"
    NO_CHARACTERISTIC = "no-characteristic"
    NO_PROPERTY = "no-property"
    """The characteristic is there and cannot be used in that way."""
    VALUE_LENGTH = "value-length"
    REFUSED = "refused"
    """The device answered with an ATT error."""
    TIMEOUT = "timeout"
    OTHER = "other"


class LiveError(OtadiffError):
    """The radio or the device on it did not do what live mode needs; ``failure`` says why."""

    def __init__(
        self,
        reason: str,
        *,
        next_step: str,
        failure: LiveFailure = LiveFailure.OTHER,
        name: str | None = None,
    ) -> None:
        self.failure = failure
        super().__init__(reason, name=name, next_step=next_step)
