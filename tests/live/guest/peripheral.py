"""Gives the kernel a virtual adapter by ``/dev/vhci``, and puts the virtual ESP32 on the same air. Runs in the guest.

bumble's controller was made for bumble's own host. Linux needs four things of it done as the Core Specification says.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bumble.controller import Controller
from bumble.core import PhysicalTransport
from bumble.hci import Address, HCI_Disconnect_Command, LeFeatureMask
from bumble.link import LocalLink
from bumble.ll import ControlPdu
from bumble.transport import open_transport

from forensics.live.virtual.esp32 import Esp32Settings, VirtualEsp32
from forensics.live.virtual.radio import VirtualRadio

_LINK_LAYER_SECONDS = 0.05
_CLOSED_BY_LOCAL_HOST = 0x16
_ACL_SIZE = 251


class LatentLink(LocalLink):
    """Link-layer procedures take time, as on the air: in none at all they race inside bluetoothd."""

    def send_acl_data(
        self, sender_controller: Controller, destination_address: Address, transport: PhysicalTransport, data: bytes
    ) -> None:
        """Names the sender by the address of this connection: the kernel connects from its public one."""
        destination = self.find_le_controller(destination_address)
        connection = sender_controller.le_connections.get(destination_address)
        if destination is not None and connection is not None:
            loop = asyncio.get_running_loop()
            loop.call_soon(destination.on_link_acl_data, connection.self_address, transport, data)

    def send_ll_control_pdu(self, sender_address: Address, receiver_address: Address, packet: ControlPdu) -> None:
        send = super().send_ll_control_pdu
        asyncio.get_running_loop().call_later(_LINK_LAYER_SECONDS, send, sender_address, receiver_address, packet)


class KernelController(Controller):
    """Reports a host's own disconnect as closed by the local host, where bumble gives back the host's reason."""

    _leaving = False

    def on_hci_disconnect_command(self, command: HCI_Disconnect_Command):  # type: ignore[no-untyped-def]  # noqa: ANN201
        self._leaving = True
        try:
            return super().on_hci_disconnect_command(command)
        finally:
            self._leaving = False

    def on_le_disconnected(self, connection, reason):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        super().on_le_disconnected(connection, _CLOSED_BY_LOCAL_HOST if self._leaving else reason)


async def main(ready: Path) -> None:
    link = LatentLink()  # type: ignore[no-untyped-call]
    transport = await open_transport("vhci")
    adapter = KernelController(
        "hci0",
        host_source=transport.source,
        host_sink=transport.sink,
        link=link,
        public_address=Address("00:11:22:33:44:55"),
    )
    adapter.le_acl_data_packet_length = _ACL_SIZE
    # Offered either of these, Linux waits for an event that bumble does not send.
    adapter.le_features &= ~(LeFeatureMask.LL_PRIVACY | LeFeatureMask.LE_EXTENDED_ADVERTISING)
    async with VirtualEsp32.running(VirtualRadio(link), Esp32Settings()):
        ready.touch()
        await transport.source.terminated


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
