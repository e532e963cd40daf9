"""The steps of a sender, and the conversation that yields them. No clock and no radio is in here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, cast


class Outcome(StrEnum):
    """What is known of the update at its end."""

    ACCEPTED = "accepted"
    """The device says that it checked the image and took it."""
    RECEIVED = "received"
    """The device acknowledged every byte; whether the image passed its checks only its log tells."""
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"
    """Everything was handed to the stack, and the device did not say what became of it."""
    BROKEN_OFF = "broken-off"
    """Not everything was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A value to write.

    Attributes:
        characteristic: UUID.
        value: The bytes.
        response: A write request or a write command; None where the protocol leaves it to the sender.
        offset: File offset of the image bytes in it, or None when there are none.
        start: Where in the value they begin.
        length: How many they are.
        chunk: Number of the chunk in the image, from 0, or None.
    """

    characteristic: str
    value: bytes
    response: bool | None = None
    offset: int | None = None
    start: int = 0
    length: int = 0
    chunk: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nothing is to be written until the device says something.

    Attributes:
        reason: What for, behind "waiting for".
        seconds: How long a device may take.
        characteristic: Who tells it.
        fits: The value is the answer; others are passed over.
    """

    reason: str
    seconds: float
    characteristic: str
    fits: Callable[[bytes], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The end, and one sentence about it."""

    outcome: Outcome
    text: str


Step = Write | Wait | Finished
Script = Generator[Write | Wait, bytes | None, Finished]
"""Yields what is to be done next; a wait gives the answer, or None when none came in time."""

ScriptPart = Generator[Write | Wait, bytes | None, Finished | None]
"""Part of a script: gives the end, or None when the script goes on."""


class Sender(ABC):
    """Sends one image by one protocol.

    Drive it: do what ``step`` gives, hand every notification to ``receive``, and say what went wrong with
    ``timed_out``, ``write_refused`` and ``link_lost``.

    Attributes:
        image: The bytes to send.
        subscriptions: Characteristics to subscribe to before the first step, in this order.
        data: The characteristic that takes the image.
        chunk_size: Bytes of image in a full chunk.
        acknowledged: Bytes of the image that the device said it has.
    """

    name: ClassVar[str]
    """Of the protocol, as its decoder is named."""

    restarts_when_accepted: ClassVar[bool] = False
    """The device says nothing of its checks, and restarts when the image passed them."""

    def __init__(self, image: bytes, *, subscriptions: tuple[str, ...], data: str, chunk_size: int) -> None:
        self.image = image
        self.subscriptions = subscriptions
        self.data = data
        self.chunk_size = chunk_size
        self.acknowledged = 0
        self._ending: Finished | None = None
        self._finished: Finished | None = None
        self._told: deque[tuple[str, bytes]] = deque()
        self._waiting: Wait | None = None
        self._expired = False
        self._script = self._conversation()

    @abstractmethod
    def _conversation(self) -> Script:
        """The protocol."""

    def step(self) -> Step:
        """What to do next; the same wait again as long as its answer has not come."""
        if self._finished is not None:
            return self._finished
        answer = None
        if self._waiting is not None:
            answer = self._answer(self._waiting)
            if answer is None and not self._expired:
                return self._waiting
        try:
            step = self._script.send(answer)
        except StopIteration as stop:
            self._finished = finished = cast("Finished", stop.value)
            return finished
        self._waiting = step if isinstance(step, Wait) else None
        self._expired = False
        return self.step() if self._waiting else step

    def receive(self, characteristic: str, value: bytes) -> None:
        """The device told ``value``."""
        self._told.append((characteristic, value))

    def timed_out(self) -> None:
        """The answer that the last step waits for did not come."""
        self._expired = True

    def write_refused(self, write: Write) -> None:
        """The device answered ``write`` with an ATT error, which ends the transfer unless the protocol repeats."""
        self._hear_out()
        where = f"chunk {write.chunk}" if write.chunk is not None else "a command"
        refused = Finished(outcome=Outcome.REFUSED, text=f"the device refused {where} with an ATT error")
        self._finished = self._finished or self._ending or refused

    def link_lost(self) -> Finished:
        """The link is gone; many devices restart as soon as they have the image."""
        self._hear_out()
        text = "the link ended before the transfer did"
        self._finished = self._finished or self._ending or Finished(outcome=Outcome.BROKEN_OFF, text=text)
        return self._finished

    def _hear_out(self) -> None:
        """What the device said before the end still counts, also as the answer to a write that was cut off."""
        if self._finished is None and self._told:
            self.step()

    def _answer(self, wait: Wait) -> bytes | None:
        while self._told:
            characteristic, value = self._told.popleft()
            if characteristic == wait.characteristic and wait.fits(value):
                return value
        return None
