"""Senders of the BLE OTA protocols, as machines without a radio: they say what to write and what to wait for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from forensics.errors import UsageError
from forensics.protocols.senders import control_data, espressif, fbiego
from forensics.protocols.senders.control_data import ControlDataSender
from forensics.protocols.senders.espressif import EspressifSender
from forensics.protocols.senders.fbiego import FbiegoSender
from forensics.protocols.senders.steps import Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPlan:
    """How to send.

    Attributes:
        chunk_size: Bytes of image in a full write.
        window: How many sectors may be under way unacknowledged, where the protocol knows such a window.
        data: UUID of the data characteristic, and ``control`` of the other, where they differ from project to project.
        answers: The device can tell what it thinks.
    """

    chunk_size: int
    window: int | None = None
    data: str = control_data.DATA
    control: str = control_data.CONTROL
    answers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderKind:
    """One protocol that can be sent.

    Attributes:
        name: Of the protocol, as its decoder is named.
        needs: UUIDs of the characteristics that it uses.
        overhead: Most bytes of protocol in a write beside the image.
        smallest: Least bytes of image in a chunk that the protocol can number.
        has_window: It acknowledges pieces, so a number of them may be under way.
        again: What happens when a transfer that broke off is sent again, one sentence.
        make: The sender for an image.
    """

    name: str
    needs: tuple[str, ...]
    overhead: int
    smallest: int
    has_window: bool
    again: str
    make: Callable[[bytes, SendPlan], Sender]


def _espressif(image: bytes, plan: SendPlan) -> Sender:
    return EspressifSender(image, chunk_size=plan.chunk_size, window=plan.window or espressif.MOST_SECTORS)


def _fbiego(image: bytes, plan: SendPlan) -> Sender:
    return FbiegoSender(image, chunk_size=plan.chunk_size)


def _control_data(image: bytes, plan: SendPlan) -> Sender:
    return ControlDataSender(image, chunk_size=plan.chunk_size, data=plan.data, control=plan.control, answers=plan.answers)


_FROM_THE_START = "this protocol begins again with the first chunk"

SENDERS: tuple[SenderKind, ...] = (
    SenderKind(
        name=EspressifSender.name,
        needs=(espressif.DATA, espressif.COMMAND),
        overhead=espressif.HEADER_SIZE + espressif.CRC_SIZE,
        smallest=espressif.SMALLEST_CHUNK,
        has_window=True,
        again="a device that keeps its place names the sector that it wants, and sending goes on there",
        make=_espressif,
    ),
    SenderKind(
        name=FbiegoSender.name,
        needs=(fbiego.RECEIVE, fbiego.TELL),
        overhead=fbiego.HEADER_SIZE,
        smallest=fbiego.SMALLEST_CHUNK,
        has_window=False,
        again=_FROM_THE_START,
        make=_fbiego,
    ),
    SenderKind(
        name=ControlDataSender.name,
        needs=(control_data.DATA, control_data.CONTROL),
        overhead=0,
        smallest=1,
        has_window=False,
        again=_FROM_THE_START,
        make=_control_data,
    ),
)
"""Every protocol that can be sent."""


def sender_named(name: str) -> SenderKind:
    """The protocol of this name.

    Raises:
        UsageError: there is none.
    """
    found = next((kind for kind in SENDERS if kind.name == name), None)
    if found is None:
        names = ", ".join(kind.name for kind in SENDERS)
        raise UsageError(f"no protocol {name!r} can be sent", next_step=f"use one of {names}, or auto")
    return found


def sender_for(characteristics: Collection[str]) -> SenderKind | None:
    """The first protocol whose characteristics the device has, or None."""
    return next((kind for kind in SENDERS if all(uuid in characteristics for uuid in kind.needs)), None)
