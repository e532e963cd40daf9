"""Sends an image as an instrumented sender: every write, answer and event goes to the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256

from bleak.exc import BleakGATTProtocolError

from forensics.errors import LiveError, LiveFailure, UsageError
from forensics.live.backends import PLATFORM, Backends
from forensics.live.choose import SendOptions, choose_sender
from forensics.live.journal import ImagePart, JournalWriter, WriteResult
from forensics.live.link import Link
from forensics.live.progress import Progress
from forensics.live.provoke import AlteredWrite, Fault, Provoker
from forensics.live.tap import Announce, TapListener
from forensics.protocols.senders import SenderKind
from forensics.protocols.senders.steps import Finished, Outcome, Sender, Wait, Write
from forensics.protocols.tap import TapObserver


class _StoppedOnPurposeError(Exception):
    """A ``stop`` was provoked."""


class Transfer:
    """One sending of one image.

    Attributes:
        outcome: What is known at the end, and ``text``, one sentence about it.
        error: What broke it off, or None.
        queued: Bytes of image that the stack took.
        tap: What the device's tap tells, when it was asked for.
        warnings: What the user should know of the choices that were made, one sentence each.
    """

    def __init__(
        self,
        image: bytes,
        options: SendOptions,
        *,
        journal: JournalWriter,
        backends: Backends = PLATFORM,
        progress: Callable[[Progress], None] = lambda moment: None,
        announce: Announce = lambda divergence: None,
        name: str = "sent.bin",
    ) -> None:
        if not image:
            raise UsageError("is empty", name=name, next_step="name the .bin that idf.py build made")
        self.image = image
        self.options = options
        self.outcome = Outcome.BROKEN_OFF
        self.text = "nothing was sent"
        self.error: LiveError | None = None
        self.queued = 0
        self.warnings: list[str] = []
        self._journal = journal
        self._backends = backends
        self._progress = progress
        self._announce = announce
        self._name = name
        self.tap: TapListener | None = None
        self._answered = 0
        self._chunk_writes = 0
        self._next_chunk = 0
        self._began: float | None = None
        self._news = asyncio.Event()
        self._provoker = Provoker(options.faults)
        self._link: Link
        self._kind: SenderKind | None = None
        self._sender: Sender

    async def run(self, device: str) -> None:
        """Sends to ``device``.

        Raises:
            LiveError: it broke off before any of the image was written; a later end is an ``outcome``.
            UsageError: the options do not fit the device.
        """
        digest = sha256(self.image).hexdigest()
        self._journal.header(name=self._name, size=len(self.image), sha256=digest)
        self._tell("looking for the device")
        options = self.options
        try:
            async with Link.open(
                device,
                backends=self._backends,
                journal=self._journal,
                timeout=options.timeout,
                pair=options.pair,
                settle=options.settle,
            ) as link:
                self._link = link
                await self._send_over(link, device)
        except asyncio.CancelledError:
            self._end(Finished(outcome=Outcome.BROKEN_OFF, text="interrupted on this side"))
            raise

    @property
    def resume_hint(self) -> str | None:
        """Where it stopped and what happens when it is sent again, or None when nothing is left to do."""
        if self._kind is None or self.outcome in (Outcome.ACCEPTED, Outcome.RECEIVED):
            return None
        place = f"{self.queued} of {len(self.image)} bytes were handed to the stack"
        if self.outcome is Outcome.BROKEN_OFF:
            place += f"; chunk {self._next_chunk} would have been next"
        return f"{place}. Send it again: {self._kind.again}"

    @property
    def acknowledged(self) -> int:
        """Bytes of image that the device confirmed, by its protocol or by answers to write requests."""
        known = self._sender.acknowledged if self._kind is not None else 0
        return min(len(self.image), max(known, self._answered))

    async def _send_over(self, link: Link, device: str) -> None:
        chosen = choose_sender(self.image, self.options, link, device)
        self._kind, self._sender = chosen.kind, chosen.sender
        self.warnings += chosen.warnings
        self.options.response.check(link.characteristic(self._sender.data), device)
        self._journal.event(
            "protocol",
            self._kind.name,
            outgoing=True,
            characteristic=self._sender.data,
            chunk_size=self._sender.chunk_size,
        )
        for uuid in self._sender.subscriptions:
            await link.subscribe(uuid, self._listener(uuid))
        if self.options.tap:
            self.tap = TapListener(TapObserver(self.image, self._sender.chunk_size), self._journal, self._announce)
            await self.tap.subscribe(link)
        watcher = asyncio.create_task(self._wake_at_the_end(link))
        try:
            self._end(await self._heard_out(link, await self._drive()))
            if self.tap is not None:
                await self.tap.hear_out(link)
        except _StoppedOnPurposeError:
            self._end(Finished(outcome=Outcome.BROKEN_OFF, text=f"stopped on purpose before chunk {self._next_chunk}"))
        except LiveError as error:
            if not self.queued:
                raise
            self.error = error
            self._end(self._sender.link_lost())
        finally:
            watcher.cancel()

    def _listener(self, uuid: str) -> Callable[[bytes], None]:
        def take(value: bytes) -> None:
            self._sender.receive(uuid, value)
            self._news.set()

        return take

    async def _wake_at_the_end(self, link: Link) -> None:
        await link.ended.wait()
        self._news.set()

    async def _drive(self) -> Finished:
        """Does what the sender says until it has finished."""
        waiting: Wait | None = None
        deadline = 0.0
        while True:
            self._news.clear()
            step = self._sender.step()
            if isinstance(step, Finished):
                return step
            if isinstance(step, Write):
                await self._chunk(step) if step.offset is not None else await self._write(AlteredWrite(write=step))
                continue
            for held in self._provoker.release():
                await self._write(held)
            if step is not waiting:
                waiting, deadline = step, _now() + step.seconds
                self._tell(f"waiting for {step.reason}")
            if self._link.ended.is_set():
                return self._sender.link_lost()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._news.wait()
            except TimeoutError:
                self._journal.event("no-answer", f"no answer: {step.reason}", characteristic=step.characteristic)
                self._sender.timed_out()

    async def _heard_out(self, link: Link, finished: Finished) -> Finished:
        """The end, once the device had the time to say by a restart that it took the image."""
        if finished.outcome is not Outcome.RECEIVED or not self._sender.restarts_when_accepted:
            return finished
        self._tell("waiting for the device to restart")
        with suppress(TimeoutError):
            async with asyncio.timeout(self.options.restart):
                await link.ended.wait()
        if not link.lost:
            return finished
        text = "the device acknowledged every byte, and restarted as it does with a good image"
        return Finished(outcome=Outcome.ACCEPTED, text=text)

    async def _chunk(self, write: Write) -> None:
        """One chunk of the image, with the fault that was asked for."""
        provoked = self._provoker.apply(write)
        if provoked.fault is not None:
            self._journal.event("provoked", provoked.fault, outgoing=True, chunk=write.chunk, offset=write.offset)
        self._next_chunk = write.chunk or 0
        if provoked.fault is Fault.STOP:
            raise _StoppedOnPurposeError
        if self.options.pace:
            await asyncio.sleep(self.options.pace)
        for one in provoked.writes:
            await self._write(one)
        self._next_chunk += 1

    async def _write(self, altered: AlteredWrite) -> None:
        write, image = altered.write, None
        if write.offset is not None:
            self._chunk_writes += 1
            self._began = self._began or _now()
            image = ImagePart(offset=write.offset, start=write.start, length=write.length, altered=altered.altered)
        place = self._link.characteristic(write.characteristic)
        response = self.options.response.of(write, self._chunk_writes, place)
        try:
            result = await self._link.write(write.characteristic, write.value, response=response, image=image)
        except LiveError as error:
            lost = error.failure is LiveFailure.DISCONNECTED
            if isinstance(error.__cause__, BleakGATTProtocolError) and self.queued and not lost:
                self.error = error
                self._sender.write_refused(write)
                return
            raise
        if write.offset is not None:
            self.queued = max(self.queued, write.offset + write.length)
            self._answered += write.length if result is WriteResult.ACKNOWLEDGED else 0
            self._tell("sending")

    def _end(self, finished: Finished) -> None:
        self.outcome, self.text = finished.outcome, finished.text
        for chunk in self._provoker.unused:
            self.warnings.append(f"chunk {chunk} never came, so nothing was provoked there")
        self._journal.event("outcome", str(finished.outcome), text=finished.text)
        self._tell(finished.text)

    def _tell(self, phase: str) -> None:
        seconds = _now() - self._began if self._began is not None else 0.0
        moment = Progress(
            phase=phase, total=len(self.image), queued=self.queued, acknowledged=self.acknowledged, seconds=seconds
        )
        self._progress(moment)


def _now() -> float:
    return asyncio.get_running_loop().time()
