"""Connects to a device and says what it offers for an update, without writing anything to it."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.live.backends import PLATFORM, Backends
from forensics.live.journal import JournalWriter
from forensics.live.known import ota_services
from forensics.live.link import CONNECT_SECONDS, SETTLE_SECONDS, Link
from forensics.live.services import LONGEST_ATTRIBUTE, Characteristic
from forensics.protocols.senders import sender_for

_SMALLEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedDevice:
    """What a device offers.

    Attributes:
        name: What it calls itself; ``address`` as the system names it.
        protocols: OTA protocols that it speaks; ``sender`` is the one that ``live send`` would use, or None.
        characteristics: Everything that was discovered.
        payload: Most bytes of a write without response, as of now: what fits into the ATT ``mtu`` and into an attribute.
        dangers: What may damage an update on this link, one sentence each.
    """

    name: str
    address: str
    protocols: tuple[str, ...]
    sender: str | None
    characteristics: tuple[Characteristic, ...]
    payload: int | None
    mtu: int | None
    dangers: tuple[str, ...]


async def probe(
    device: str,
    *,
    journal: JournalWriter,
    backends: Backends = PLATFORM,
    timeout: float = CONNECT_SECONDS,
    settle: float = SETTLE_SECONDS,
    pair: bool = False,
) -> ProbedDevice:
    """What ``device`` offers.

    Raises:
        LiveError: there is no Bluetooth, no such device, or no connection.
    """
    async with Link.open(device, backends=backends, journal=journal, timeout=timeout, settle=settle, pair=pair) as link:
        uuids = [one.uuid for one in link.characteristics]
        kind = sender_for(uuids)
        writable = [one for one in link.characteristics if one.takes_commands or one.takes_requests]
        data = link.characteristic(kind.needs[0]) if kind else next(iter(writable), None)
        payload = link.usable_payload(data.uuid, response=False) if data else None
        return ProbedDevice(
            name=link.name,
            address=link.address,
            protocols=ota_services([*uuids, *(one.service for one in link.characteristics)]),
            sender=kind.name if kind else None,
            characteristics=link.characteristics,
            payload=payload,
            mtu=link.mtu,
            dangers=_dangers(data, payload),
        )


def _dangers(data: Characteristic | None, payload: int | None) -> tuple[str, ...]:
    if data is None or payload is None:
        return ("nothing on this device can be written",)
    found = []
    if not data.takes_requests:
        found.append("the data takes no write requests: a lost chunk is noticed only if the protocol acknowledges")
    if data.takes_commands and payload >= LONGEST_ATTRIBUTE:
        found.append(f"a write command may be longer than the {LONGEST_ATTRIBUTE} bytes of an attribute: keep to those")
    if payload <= _SMALLEST:
        found.append("a write carries 20 bytes: either no larger MTU was negotiated, or this system does not report it")
    return tuple(found)
