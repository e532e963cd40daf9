"""Lines of the Bluetooth stacks and their examples that bear on a transfer.

Source: ``components/bt/host/nimble`` (``ble_hci_rx_acl``), ``examples/bluetooth/nimble/bleprph`` (GAP
events), ``examples/bluetooth/bluedroid/ble/gatt_server*`` (GATTS events), NimBLE-Arduino. A NimBLE reason is
0x200 plus the HCI code of Core Specification volume 1 part F.
"""

from __future__ import annotations

from forensics.spec.log_lines.template import LineTemplate, LineUse


def _event(kind: str, text: str, *, anywhere: str) -> LineTemplate:
    return LineTemplate(kind=kind, text=text, use=LineUse.EVENT, anywhere=anywhere)


LINES = (
    _event("acl_buffers_exhausted", "failed to allocate ACL buffers", anywhere="ACL buffers"),
    _event("disconnected", "disconnect reason 0x{reason:x}", anywhere="isconnect"),
    _event("disconnected", "disconnect reason {reason:d}", anywhere="isconnect"),
    _event("disconnected", "disconnect; reason=0x{reason:x}", anywhere="isconnect"),
    _event("disconnected", "disconnect; reason={reason:d}", anywhere="isconnect"),
    _event("disconnected", "Disconnect; reason={reason:d}", anywhere="isconnect"),
    _event("disconnected", "DISCONNECT_EVT, reason = 0x{reason:x}", anywhere="DISCONNECT"),
    _event("disconnected", "DISCONNECT_EVT, reason = {reason:d}", anywhere="DISCONNECT"),
    _event("disconnected", "DISCONNECT_EVT, reason 0x{reason:x}", anywhere="DISCONNECT"),
    _event("disconnected", "isconnected, reason: 0x{reason:x}", anywhere="isconnect"),
    _event("disconnected", "isconnected, reason: {reason:d}", anywhere="isconnect"),
    _event("disconnected", "isconnected, reason = {reason:d}", anywhere="isconnect"),
    _event("disconnected", "isconnected - reason: {reason:d}", anywhere="isconnect"),
    _event("disconnected", "ESP_GATTS_DISCONNECT_EVT", anywhere="DISCONNECT"),
    _event("mtu", "mtu update event; conn_handle={connection:d} cid={channel:d} mtu={mtu:d}", anywhere="mtu="),
    _event("mtu", "ESP_GATTS_MTU_EVT, MTU {mtu:d}", anywhere=", MTU"),
    _event("mtu", "MTU exchange, MTU {mtu:d}", anywhere=", MTU"),
    _event("congested", "ESP_GATTS_CONGEST_EVT{...}congested {value:d}", anywhere="CONGEST"),
    _event("gatt_write", "GATT_WRITE_EVT, value len {length:d}", anywhere="_WRITE_EVT"),
    _event("gatt_write", "GATT_WRITE_EVT, value len = {length:d}", anywhere="_WRITE_EVT"),
    _event("gatt_write", "client write; len = {length:d}", anywhere="client write"),
    _event("gatt_long_write", "ESP_GATTS_EXEC_WRITE_EVT", anywhere="_WRITE_EVT"),
)
