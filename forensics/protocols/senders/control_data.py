"""Sends over a control and a data characteristic, as michael-angerer/esp32_ble_ota and most private projects do."""

from __future__ import annotations

from forensics.protocols import control_data as words
from forensics.protocols.senders.steps import Finished, Outcome, Script, Sender, Wait, Write

CONTROL = "7ad671aa-21c0-46a4-b722-270e3ae3d830"
DATA = "23408888-1f40-4cd8-9b89-ca8d45f8a5b0"

_BEGIN_SECONDS = 30.0
"""``esp_ota_begin`` erases the whole slot: about ten seconds for 1.5 MB."""
_END_SECONDS = 30.0


class ControlDataSender(Sender):
    """Announces the chunk size, asks, sends the chunks end to end, and says that it is done."""

    name = words.NAME

    def __init__(
        self, image: bytes, *, chunk_size: int, data: str = DATA, control: str = CONTROL, answers: bool = True
    ) -> None:
        self._control = control
        self._answers = answers
        super().__init__(image, subscriptions=(control,) if answers else (), data=data, chunk_size=chunk_size)

    def _conversation(self) -> Script:
        yield Write(characteristic=self.data, value=self.chunk_size.to_bytes(2, "little"), response=True)
        yield self._command(words.REQUEST)
        if self._answers:
            answer = yield self._wait("the device to accept the transfer", _BEGIN_SECONDS, words.ACCEPTED, words.REFUSED)
            if answer is None:
                return Finished(outcome=Outcome.BROKEN_OFF, text="the device did not answer the request for a transfer")
            if answer[0] == words.REFUSED:
                return Finished(outcome=Outcome.REFUSED, text="the device refused the transfer")
        for chunk, offset in enumerate(range(0, len(self.image), self.chunk_size)):
            piece = self.image[offset : offset + self.chunk_size]
            yield Write(characteristic=self.data, value=piece, offset=offset, length=len(piece), chunk=chunk)
        self._ending = Finished(outcome=Outcome.UNCONFIRMED, text="the link ended before the device sent its verdict")
        yield self._command(words.DONE)
        if not self._answers:
            return Finished(outcome=Outcome.UNCONFIRMED, text="the control characteristic sends nothing")
        wait = self._wait("the device to check the image", _END_SECONDS, words.DONE_ACCEPTED, words.DONE_REFUSED)
        return self._verdict((yield wait))

    def _verdict(self, answer: bytes | None) -> Finished:
        if answer is None:
            return Finished(outcome=Outcome.UNCONFIRMED, text="the device did not say what became of the image")
        if answer[0] == words.DONE_REFUSED:
            return Finished(outcome=Outcome.REFUSED, text="the device refused the image")
        self.acknowledged = len(self.image)
        return Finished(outcome=Outcome.ACCEPTED, text="the device accepted the image")

    def _command(self, code: int) -> Write:
        return Write(characteristic=self._control, value=bytes([code]), response=True)

    def _wait(self, reason: str, seconds: float, *codes: int) -> Wait:
        def fits(value: bytes) -> bool:
            return len(value) == 1 and value[0] in codes

        return Wait(reason=reason, seconds=seconds, characteristic=self._control, fits=fits)
