"""The virtual device without its radio: flash, the OTA receiver, the queue between them, and the serial port."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from forensics.live.virtual.faults import AirFault
from forensics.live.virtual.flash import NorFlash, Slot
from forensics.live.virtual.flash_task import FlashTask
from forensics.live.virtual.ota import Erase, OtaUpdate, Verify
from forensics.live.virtual.receivers import RECEIVERS
from forensics.live.virtual.receivers.base import Receiver
from forensics.live.virtual.receivers.observer import Observer
from forensics.live.virtual.serial_port import SerialPort
from forensics.model.device import DeviceSettings
from forensics.spec.esp_err import ESP_OK

MICROSECONDS_A_BYTE = 10
"""Air time of a write command: about 100 kB/s, as fast as the 1 M PHY gets with long packets."""

REQUEST_MICROSECONDS = 15_000
"""A write request and its response take two connection intervals of 7.5 ms, the shortest there are."""

_TAG_TAP = "otatap"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSettings:
    """What firmware the device runs, and what state it is in.

    Attributes:
        receiver: A key of ``RECEIVERS``.
        erase: When its slot is erased.
        queue_depth: Pieces between write callback and flash task; None is a callback that writes flash itself.
        slot: Where the update goes; ``old_image`` stands there before.
        flash_size: Bytes of flash.
        tap: It has the tap of ``otatap.h``; ``echo`` the characteristic that tells chunks back.
        idf: ESP-IDF version whose verifier it runs; None is the one the image was built with.
        level: Most detailed log level that it prints; ``info`` unless a project changes it.
    """

    receiver: str = "control-data"
    erase: Erase = Erase.SEQUENTIAL
    queue_depth: int | None = None
    slot: Slot = field(default_factory=lambda: Slot(label="ota_0", offset=0x110000, size=0x100000))
    old_image: bytes = b""
    flash_size: int = 0x400000
    tap: bool = False
    echo: bool = False
    idf: str | None = None
    level: str = "info"


class Board:
    """The device as its own firmware sees it.

    Args:
        settings: Firmware and state.
        verify: The device's walk over an image.
        send: Notifies a value over a characteristic.
        fault: What happens to chunk writes before the write callback gets them.

    Attributes:
        serial: The serial port.
        flash: All of it.
        receiver: The OTA part of the firmware.
        task: What writes flash; its ``lost`` are the pieces that the queue lost.
        accepted: The update passed the device's checks; None before its end.
    """

    def __init__(
        self,
        settings: BoardSettings,
        *,
        verify: Verify,
        send: Callable[[str, bytes], None],
        fault: AirFault | None = None,
    ) -> None:
        self.settings = settings
        self.flash = NorFlash(settings.flash_size)
        self.flash.write(settings.slot.offset, settings.old_image)
        self.serial = SerialPort(lambda: self._now // 1000)
        self.receiver: Receiver = RECEIVERS[settings.receiver](self)
        self.task = FlashTask(settings.queue_depth, self.receiver.store, lambda: self.flash.busy_microseconds)
        self.accepted: bool | None = None
        self._observer = Observer(send, tap=settings.tap, echo=settings.echo)
        self._verify, self._send, self._fault = verify, send, fault
        self._now = 0

    def write(self, uuid: str, value: bytes, *, response: bool) -> None:
        """A write came over the link.

        Raises:
            AttError: the receiver refuses it.
        """
        self._now += max(REQUEST_MICROSECONDS if response else 0, len(value) * MICROSECONDS_A_BYTE)
        if not self.receiver.is_chunk(uuid, value):
            self.receiver.on_write(uuid, value)
            return
        for delivered in self._fault.deliver(value) if self._fault else (value,):
            self._observer.chunk(self.receiver.piece(delivered))
            self.receiver.on_write(uuid, delivered)

    def idle(self) -> None:
        """Nothing has come for a while, which is long for the flash task and the tap."""
        self.wait_for_flash()
        self._observer.flush()

    def slot_content(self) -> bytes:
        """The whole slot, as ``esptool read-flash`` would give it."""
        return self.flash.read(self.settings.slot.offset, self.settings.slot.size)

    def begin_transfer(self) -> None:
        """The sender asked for an update."""
        self._observer.begin()

    def begin_update(self) -> OtaUpdate:
        """``esp_ota_begin``."""
        slot = self.settings.slot
        self.serial.info("ota", f"Writing to partition subtype {16 + int(slot.label[-1])} at offset 0x{slot.offset:x}")
        return OtaUpdate(self.flash, slot, self.settings.erase, self.serial)

    def end_update(self, update: OtaUpdate) -> int:
        """``esp_ota_end``; the tap prints its map of what was written first."""
        slot = self.settings.slot
        for line in self._observer.end(self.flash.read(slot.offset, update.written)):
            self.serial.info(_TAG_TAP, line)
        settings = DeviceSettings(
            idf=self.settings.idf,
            partition_offset=slot.offset,
            partition_size=slot.size,
            flash_size=self.settings.flash_size,
            level=self.settings.level,
        )
        err = update.end(self._verify, settings)
        self.accepted = err == ESP_OK
        return err

    def queue(self, piece: bytes) -> None:
        """To the flash task; the callback returns at once when there is a queue."""
        self._now = max(self._now, self.task.offer(piece, self._now))

    def wait_for_flash(self) -> None:
        """Until the flash task has done all there is."""
        self._now = self.task.drain(self._now)

    def notify(self, uuid: str, value: bytes) -> None:
        """To the sender."""
        self._send(uuid, value)
