"""Lines of the Bluetooth stacks and their examples that bear on a transfer.

Source: ``components/bt/host/nimble`` (``ble_hci_rx_acl``), ``examples/bluetooth/nimble/bleprph`` (GAP
events), ``examples/bluetooth/bluedroid/ble/gatt_server*`` (GATTS events), NimBLE-Arduino,
``components/bt/host/bluedroid/stack/gatt/gatt_db.c``. A NimBLE reason is 0x200 plus the HCI code of Core
Specification volume 1 part F.
"""

from __future__ import annotations

from forensics.model.finding import Where
from forensics.spec.log_lines.template import Meaning, event, meaning

_CHECK = "gatts_write_attr_perm_check - GATT_"


LINES = (
    event("acl_buffers_exhausted", "failed to allocate ACL buffers", anywhere="ACL buffers"),
    event("disconnected", "disconnect reason 0x{reason:x}", anywhere="isconnect"),
    event("disconnected", "onDisconnect[[()]][[,]][[:]] reason[[=]][[:]] 0x{reason:x}", anywhere="isconnect"),
    event("disconnected", "onDisconnect[[()]][[,]][[:]] reason[[=]][[:]] {reason:d}", anywhere="isconnect"),
    event("disconnected", "disconnect reason {reason:d}", anywhere="isconnect"),
    event("disconnected", "disconnect; reason=0x{reason:x}", anywhere="isconnect"),
    event("disconnected", "disconnect; reason={reason:d}", anywhere="isconnect"),
    event("disconnected", "Disconnect; reason={reason:d}", anywhere="isconnect"),
    event("disconnected", "DISCONNECT_EVT, reason = 0x{reason:x}", anywhere="DISCONNECT"),
    event("disconnected", "DISCONNECT_EVT, reason = {reason:d}", anywhere="DISCONNECT"),
    event("disconnected", "DISCONNECT_EVT, reason 0x{reason:x}", anywhere="DISCONNECT"),
    event("disconnected", "isconnected, reason: 0x{reason:x}", anywhere="isconnect"),
    event("disconnected", "isconnected, reason: {reason:d}", anywhere="isconnect"),
    event("disconnected", "isconnected, reason = {reason:d}", anywhere="isconnect"),
    event("disconnected", "isconnected - reason: {reason:d}", anywhere="isconnect"),
    event("disconnected", "ESP_GATTS_DISCONNECT_EVT", anywhere="DISCONNECT"),
    event("mtu", "mtu update event; conn_handle={connection:d} cid={channel:d} mtu={mtu:d}", anywhere="mtu="),
    event("mtu", "ESP_GATTS_MTU_EVT, MTU {mtu:d}", anywhere=", MTU"),
    event("mtu", "MTU exchange, MTU {mtu:d}", anywhere=", MTU"),
    event("mtu", "mtu, got {mtu:d}", anywhere="mtu, got"),
    event("congested", "ESP_GATTS_CONGEST_EVT{...}congested {value:d}", anywhere="CONGEST"),
    event("gatt_write", "GATT_WRITE_EVT, value len {length:d}", anywhere="_WRITE_EVT"),
    event("gatt_write", "GATT_WRITE_EVT, value len = {length:d}", anywhere="_WRITE_EVT"),
    event("gatt_write", "client write; len = {length:d}", anywhere="client write"),
    event("gatt_write_refused", _CHECK + "INSUF_AUTHENTICATION", "gatt-pairing", status=5),
    event("gatt_write_refused", _CHECK + "INSUF_ENCRYPTION", "gatt-pairing", status=15),
    event("gatt_write_refused", _CHECK + "WRITE_NOT_PERMIT", "gatt-write", status=3),
    event("gatt_long_write", "ESP_GATTS_EXEC_WRITE_EVT", anywhere="_WRITE_EVT"),
)

MEANINGS: dict[str, Meaning] = {
    "gatt-pairing": meaning("unacknowledged", Where.SENDER,
        "the device refused the write: its characteristic takes writes over an encrypted or paired link only",
        "Pair or bond before the transfer, or drop the demand from the characteristic's permissions."),
    "gatt-write": meaning("unacknowledged", Where.SENDER,
        "the device refused the write: its characteristic does not allow this kind of write",
        "Write to the characteristic of the update, with the kind of write that it announces."),
}  # fmt: skip
