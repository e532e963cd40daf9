"""With or without response: what the user wants, what the protocol does, and what the characteristic allows."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.errors import LiveFailure, UsageError
from forensics.live.failures import live_failure
from forensics.live.services import Characteristic
from forensics.protocols.senders.steps import Write

_NEVER, _ALWAYS, _EVERY = "never", "always", "every:"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsePolicy:
    """Which writes of the image are requests.

    Attributes:
        every: Every one of so many: 1 is all of them, 0 none; None leaves it to protocol and characteristic.
    """

    every: int | None = None

    def of(self, write: Write, number: int, characteristic: Characteristic) -> bool:
        """Whether ``write`` is a request; ``number`` counts the writes of image from 1."""
        if write.offset is not None and self.every is not None:
            return self.every > 0 and number % self.every == 0
        wanted = bool(write.response)
        if wanted and not characteristic.takes_requests:
            return not characteristic.takes_commands
        return wanted or not characteristic.takes_commands

    def check(self, characteristic: Characteristic, device: str) -> None:
        """Whether the characteristic allows it: stacks accept a write that it does not, and the device drops it.

        Raises:
            LiveError: it does not.
        """
        needs_requests = self.every is not None and self.every > 0
        needs_commands = self.every is not None and self.every != 1
        name = characteristic.uuid
        if not (characteristic.takes_requests or characteristic.takes_commands):
            raise live_failure(LiveFailure.NO_PROPERTY, device=device, detail=f"{name} cannot be written")
        if needs_requests and not characteristic.takes_requests:
            raise live_failure(LiveFailure.NO_PROPERTY, device=device, detail=f"{name} takes no write requests")
        if needs_commands and not characteristic.takes_commands:
            raise live_failure(LiveFailure.NO_PROPERTY, device=device, detail=f"{name} takes no write commands")


AS_THE_PROTOCOL = ResponsePolicy()
"""What the protocol's own sender does, as far as the characteristic allows it."""


def parse_response(text: str) -> ResponsePolicy:
    """The policy that ``never``, ``always`` or ``every:N`` names.

    Raises:
        UsageError: it is none of these.
    """
    if text == _NEVER:
        return ResponsePolicy(every=0)
    if text == _ALWAYS:
        return ResponsePolicy(every=1)
    number = text.removeprefix(_EVERY)
    if not text.startswith(_EVERY) or not number.isdecimal() or not 1 <= int(number) <= 1_000_000:
        raise UsageError(f"no such way to ask for responses: {text!r}", next_step="use never, always or every:N")
    return ResponsePolicy(every=int(number))
