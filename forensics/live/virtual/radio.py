"""The air: controllers on bumble's in-process link, so that several devices hear one another without hardware."""

from __future__ import annotations

import io
import logging

from bumble.controller import Controller
from bumble.device import Device
from bumble.host import Host
from bumble.link import LocalLink
from bumble.snoop import BtSnooper
from bumble.transport.common import AsyncPipeSink

_ACL_SIZE = 251
"""Payload of the longest LE data packet. Source: Bluetooth Core Specification 5.4, volume 6, part B, section 2.4."""

CENTRAL_ADDRESS = "F0:0D:00:00:00:01"


class VirtualRadio:
    """Makes devices that hear one another; needs a running event loop.

    Args:
        link: Joins the controllers; bumble's own when None.
    """

    def __init__(self, link: LocalLink | None = None) -> None:
        # After a lost link the controller complains of every packet still on its way.
        logging.getLogger("bumble").setLevel(logging.CRITICAL)
        self._link = link or LocalLink()  # type: ignore[no-untyped-call]

    def device(self, name: str, address: str) -> Device:
        """A device of its own host and controller, not powered on yet."""
        controller = Controller(name, link=self._link)
        controller.le_acl_data_packet_length = _ACL_SIZE
        host = Host(controller, AsyncPipeSink(controller))
        return Device(name=name, address=address, host=host)  # type: ignore[arg-type]


class Central:
    """The host side of the link: what a computer with a Bluetooth adapter would be.

    Attributes:
        device: bumble's device, powered on by ``power_on``.
    """

    def __init__(self, radio: VirtualRadio, address: str = CENTRAL_ADDRESS) -> None:
        self.device = radio.device("central", address)
        self._record = io.BytesIO()
        self.device.host.snooper = BtSnooper(self._record)

    async def power_on(self) -> None:
        """Ready to scan and connect."""
        await self.device.power_on()

    async def power_off(self) -> None:
        """Ends all connections."""
        await self.device.power_off()

    def btsnoop(self) -> bytes:
        """Everything between host and controller so far, as a btsnoop file."""
        return self._record.getvalue()
