"""What a receiver is made of, and what the board under it does for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Protocol

from forensics.live.virtual.ota import OtaUpdate
from forensics.live.virtual.serial_port import SerialPort

READ, WRITE, WRITE_COMMAND, NOTIFY, INDICATE = "read", "write", "write-without-response", "notify", "indicate"
"""Properties of a characteristic, as bleak names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GattCharacteristic:
    """A characteristic of the device: its UUID (36 characters, lower case) and its properties."""

    uuid: str
    properties: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePiece:
    """What a chunk write holds of the image, and the file offset at which the receiver puts it."""

    offset: int
    content: bytes


class AttError(Exception):
    """The write callback refuses a write; ``code`` is the ATT error of the answer."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"ATT error 0x{code:02x}")


class ReceiverBoard(Protocol):
    """What a receiver finds on the board that it runs on."""

    serial: SerialPort

    def begin_transfer(self) -> None:
        """The sender asked for an update: what counts chunks begins at 0."""

    def begin_update(self) -> OtaUpdate:
        """``esp_ota_begin`` on the next slot."""

    def end_update(self, update: OtaUpdate) -> int:
        """``esp_ota_end``, and the slot as boot partition when it passes; gives an ``esp_err_t``."""

    def queue(self, piece: bytes) -> None:
        """Hands bytes to the flash task, which calls the receiver's ``store``; a full queue loses them."""

    def wait_for_flash(self) -> None:
        """Blocks the callback until the flash task has nothing more to do."""

    def notify(self, uuid: str, value: bytes) -> None:
        """Notifies or indicates, as the characteristic's properties have it."""


class Receiver(ABC):
    """The OTA part of a firmware: what its GATT callbacks do.

    Attributes:
        service: UUID of its service; ``characteristics`` are those in it.
        chunk_place: UUID of the one that takes the chunks.
        restarts: Its example restarts as soon as the image passed its checks.
    """

    service: ClassVar[str]
    characteristics: ClassVar[tuple[GattCharacteristic, ...]]
    chunk_place: ClassVar[str]
    restarts: ClassVar[bool] = False

    def __init__(self, board: ReceiverBoard) -> None:
        self.board = board

    @abstractmethod
    def is_chunk(self, uuid: str, value: bytes) -> bool:
        """The write carries image."""

    @abstractmethod
    def piece(self, value: bytes) -> ImagePiece:
        """What the chunk write ``value``, which comes next, holds of the image."""

    @abstractmethod
    def on_write(self, uuid: str, value: bytes) -> None:
        """The write callback.

        Raises:
            AttError: the write is refused.
        """

    @abstractmethod
    def store(self, piece: bytes) -> None:
        """The flash task takes ``piece`` from its queue."""
