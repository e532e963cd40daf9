"""Chooses the protocol and the chunk size for a device, from what the user wants and what the device offers."""

from __future__ import annotations

from dataclasses import dataclass, field

from forensics.errors import LiveFailure, UsageError
from forensics.live.failures import live_failure
from forensics.live.link import CONNECT_SECONDS, SETTLE_SECONDS, Link
from forensics.live.provoke import Fault
from forensics.live.response import AS_THE_PROTOCOL, ResponsePolicy
from forensics.live.services import LONGEST_ATTRIBUTE
from forensics.protocols.senders import SenderKind, SendPlan, control_data, sender_for, sender_named
from forensics.protocols.senders.steps import Sender

AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOptions:
    """How to send.

    Attributes:
        protocol: Name of a protocol, or ``auto``.
        chunk_size: Bytes of image in a write; what the link carries when None.
        response: Which writes are requests.
        pace: Seconds to wait before each chunk.
        window: Sectors under way without acknowledgment, where the protocol knows such a window.
        data: UUID of the data characteristic of a control-and-data protocol, ``control`` of the other.
        faults: Chunk number to the fault that is provoked there.
        pair: Pair first.
        timeout: Seconds for finding and connecting.
        settle: Seconds to wait for the MTU.
        restart: Seconds to wait at the end for the restart by which some devices say that they took the image.
        tap: Listen to the tap in the device on the same connection.
    """

    protocol: str = AUTO
    chunk_size: int | None = None
    response: ResponsePolicy = AS_THE_PROTOCOL
    pace: float = 0.0
    window: int | None = None
    data: str | None = None
    control: str | None = None
    faults: dict[int, Fault] = field(default_factory=dict)
    pair: bool = False
    timeout: float = CONNECT_SECONDS
    settle: float = SETTLE_SECONDS
    restart: float = 6.0
    tap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSender:
    """A protocol, its sender for the image, and what the user should know of it, one sentence each."""

    kind: SenderKind
    sender: Sender
    warnings: tuple[str, ...]


def choose_sender(image: bytes, options: SendOptions, link: Link, device: str) -> ChosenSender:
    """The sender for ``image`` over ``link``.

    Args:
        image: The bytes to send.
        options: What the user wants.
        link: The connection.
        device: How the user called the device.

    Raises:
        LiveError: the device does not offer what the protocol needs.
        UsageError: the options do not fit the protocol or the link.
    """
    kind = _kind(options, link, device)
    if options.window is not None and not kind.has_window:
        raise UsageError(
            f"{kind.name} acknowledges nothing on the way, so it has no window",
            next_step="give --response every:N to wait for an answer now and then",
        )
    data, control = options.data or control_data.DATA, options.control or control_data.CONTROL
    has_own_uuids = kind.name == control_data.ControlDataSender.name
    needs = (data, control) if has_own_uuids else kind.needs
    found = [link.characteristic(uuid) for uuid in needs]
    usable = link.usable_payload(needs[0], response=False)
    size = _chunk_size(options.chunk_size, kind, usable)
    plan = SendPlan(
        chunk_size=size, window=options.window, data=data, control=control, answers=not has_own_uuids or found[1].tells
    )
    return ChosenSender(
        kind=kind, sender=kind.make(image, plan), warnings=tuple(_warnings(size + kind.overhead, usable, found[1].tells))
    )


def _kind(options: SendOptions, link: Link, device: str) -> SenderKind:
    if options.protocol != AUTO:
        return sender_named(options.protocol)
    if options.data or options.control:
        return sender_named(control_data.ControlDataSender.name)
    kind = sender_for([one.uuid for one in link.characteristics])
    if kind is None:
        raise live_failure(
            LiveFailure.NO_CHARACTERISTIC,
            device=device,
            detail="it offers no update service that otadiff can send to",
            next_step="name your own characteristics with --data UUID and --control UUID",
        )
    return kind


def _chunk_size(wanted: int | None, kind: SenderKind, usable: int) -> int:
    size = usable - kind.overhead if wanted is None else wanted
    if size < kind.smallest:
        raise UsageError(
            f"chunks of {size} bytes are too small for {kind.name}, which needs {kind.smallest}",
            next_step=f"a write on this link carries {usable} bytes",
        )
    return size


def _warnings(size: int, usable: int, tells: bool) -> list[str]:
    found = []
    if size > LONGEST_ATTRIBUTE:
        found.append(f"writes of {size} bytes exceed the {LONGEST_ATTRIBUTE} of an attribute: devices drop them")
    elif size > usable:
        found.append(f"writes of {size} bytes exceed the {usable} that the link carries in one piece")
    if not tells:
        found.append("the control characteristic has no notifications, so the device cannot say what became of the image")
    return found
