"""The codes that senders and devices print for a lost link, a failed connection or a refused write.

Each code names its cause; the cause has the words and the remedy, once for all stacks. A stack that passes on the
numbers of another (Android those of HCI and ATT) adds only what differs.

Source: Bluetooth Core Specification 5.4, volume 1, part F, section 1.3 (HCI) and volume 3, part F, section
3.4.1.1 (ATT); NimBLE ``ble_hs.h`` and ``ble.h``; ESP-IDF ``esp_gatt_defs.h``; Android ``gatt_api.h``,
``BluetoothGatt`` and ``BluetoothStatusCodes``; ``CBError.h``; Windows ``winerror.h`` and
``GattCommunicationStatus``; BlueZ ``gatt-api.txt``; bleak 0.22 and 3.0; flutter_blue_plus 1.35 ``FbpErrorCode``;
react-native-ble-plx 3 ``BleErrorCode``; Blink ``bluetooth_error.cc``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stack(StrEnum):
    """Whose numbers or names the codes are."""

    HCI = "hci"
    ATT = "att"
    NIMBLE = "nimble"
    BLUEDROID = "bluedroid"
    ANDROID = "android"
    """The status of a connection; nRF Connect for Android prints the same numbers."""
    ANDROID_GATT = "android_gatt"
    """The status of a write or another operation, where 8 and 19 mean something else than for a connection."""
    CORE_BLUETOOTH = "core_bluetooth"
    CB_ATT = "cb_att"
    WINRT = "winrt"
    BLUEZ = "bluez"
    BLEAK = "bleak"
    FLUTTER_BLUE_PLUS = "flutter_blue_plus"
    BLE_PLX = "ble_plx"
    WEB_BLUETOOTH = "web_bluetooth"


class Cause(StrEnum):
    """What went wrong with the link or the write."""

    TIMEOUT = "timeout"
    NO_ANSWER = "no_answer"
    CLOSED_BY_PEER = "closed_by_peer"
    CLOSED_HERE = "closed_here"
    NOT_ESTABLISHED = "not_established"
    STACK_FAILED = "stack_failed"
    NOT_CONNECTED = "not_connected"
    PARAMETERS = "parameters"
    KEYS_DIFFER = "keys_differ"
    PAIRING_NEEDED = "pairing_needed"
    TOO_LONG = "too_long"
    NOT_ALLOWED = "not_allowed"
    NOT_FOUND = "not_found"
    REFUSED_WRITE = "refused_write"
    NO_RESOURCES = "no_resources"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCode:
    """What one code means.

    Attributes:
        name: The code as its stack calls it.
        cause: What went wrong.
        words: A clause for a headline, right on either side of the link.
        change: What to do, a full sentence, for the side that printed the code.
    """

    name: str
    cause: Cause
    words: str
    change: str


_WORDS: dict[Cause, str] = {
    Cause.TIMEOUT: "supervision timeout: the other side was no longer heard",
    Cause.NO_ANSWER: "the other side did not answer in time",
    Cause.CLOSED_BY_PEER: "the other side closed the connection",
    Cause.CLOSED_HERE: "this side closed the connection",
    Cause.NOT_ESTABLISHED: "the connection was not established",
    Cause.STACK_FAILED: "the Bluetooth stack failed and names no reason",
    Cause.NOT_CONNECTED: "there was no connection any more",
    Cause.PARAMETERS: "the connection parameters were not accepted",
    Cause.KEYS_DIFFER: "encryption failed: the two sides hold different keys, or one has none",
    Cause.PAIRING_NEEDED: "the device asks for pairing or encryption first",
    Cause.TOO_LONG: "the value is longer than the characteristic or the link takes",
    Cause.NOT_ALLOWED: "the characteristic does not allow this kind of write",
    Cause.NOT_FOUND: "the service or characteristic was not found on the device",
    Cause.REFUSED_WRITE: "the device refused the write",
    Cause.NO_RESOURCES: "there was no free buffer for the write",
    Cause.BUSY: "an earlier operation was not finished",
    Cause.UNAVAILABLE: "Bluetooth is off or the app may not use it",
    Cause.UNKNOWN: "no reason is given",
}

_CHANGES: dict[Cause, str] = {
    Cause.TIMEOUT: "Read the device's log of that moment: a device that restarts, or that erases flash for longer than "
    "the supervision timeout, falls silent like this; if it does neither, bring the two closer together.",
    Cause.NO_ANSWER: "Read the device's log of that moment: its callback has to answer each write before the timeout of "
    "the sender, and a device that restarts does not answer either.",
    Cause.CLOSED_BY_PEER: "Read the device's log of that moment: its code closed the connection, or it restarted, which "
    "can look the same from here.",
    Cause.CLOSED_HERE: "Find what made the sender disconnect: its own code, the app in the background, or Bluetooth that "
    "was switched off.",
    Cause.NOT_ESTABLISHED: "Check that the device advertises, is in range and has a free connection, wait a moment, and "
    "connect again.",
    Cause.STACK_FAILED: "Close the old connection object, wait a second and connect again; if it fails each time, switch "
    "Bluetooth off and on and check that the device still advertises.",
    Cause.NOT_CONNECTED: "Stop sending when the link is lost, connect again and begin the transfer anew; the reason of the "
    "loss is in an earlier line or in the device's log.",
    Cause.PARAMETERS: "Ask for a connection interval, latency and timeout that the sender's system accepts.",
    Cause.KEYS_DIFFER: "Remove the pairing on both sides and pair again.",
    Cause.PAIRING_NEEDED: "Pair before the transfer, or let the device's characteristic take writes without encryption.",
    Cause.TOO_LONG: "Send chunks of at most MTU - 3 bytes, and at most the length that the device gave its characteristic.",
    Cause.NOT_ALLOWED: "Use the kind of write that the characteristic's properties name: with or without a response.",
    Cause.NOT_FOUND: "Check the UUIDs, and discover the services again: after an update the sender may hold an old list "
    "of them.",
    Cause.REFUSED_WRITE: "Read the device's log for what its callback did not accept: a wrong state, a failed flash write "
    "or a check of the protocol.",
    Cause.NO_RESOURCES: "Wait for each write to be confirmed before the next one, or pause between writes without a "
    "response.",
    Cause.BUSY: "Wait for the callback of each operation before the next one, and repeat the write that was not taken.",
    Cause.UNAVAILABLE: "Switch Bluetooth on and give the app the permission to use it.",
    Cause.UNKNOWN: "Read the device's log of that moment: this message hides the reason.",
}

_CHANGES_ON_DEVICE: dict[Cause, str] = {
    Cause.TIMEOUT: "Let no flash erase and no callback hold the device up for longer than the supervision timeout; if none "
    "does, bring the two closer together and look whether the sender was still running.",
    Cause.NO_ANSWER: "Look whether the sender was still running, and bring the two closer together.",
    Cause.CLOSED_BY_PEER: "Read the sender's log of that moment: it, or the system it runs on, closed the connection.",
    Cause.CLOSED_HERE: "Find what in the device's code disconnects: a failed check, a timeout of its own or a restart "
    "that it planned.",
    Cause.NOT_CONNECTED: "Let the device drop the transfer when the link is lost, and read the sender's log for the reason.",
    Cause.NO_RESOURCES: "Give the device's Bluetooth stack more buffers, or let the sender pause between writes.",
    Cause.UNKNOWN: "Read the sender's log of that moment.",
}
"""What the device itself has to do, where that differs from what the sender has to."""

_DEVICE_SIDE = frozenset((Stack.HCI, Stack.NIMBLE, Stack.BLUEDROID))

_NIMBLE_ATT, _NIMBLE_HCI, _NIMBLE_L2CAP = 0x100, 0x200, 0x300
_WINDOWS_ATT = 0x8065
"""Upper half of an ``HRESULT`` whose lower half is an ATT error."""

_APPLICATION_ERRORS = range(0x80, 0xA0)

_Codes = dict[int | str, tuple[str, Cause] | tuple[str, Cause, str]]
"""Name and cause by code; a third element is the words, where those of the cause say less."""

_HCI: _Codes = {
    0x05: ("Authentication Failure", Cause.KEYS_DIFFER),
    0x06: ("PIN or Key Missing", Cause.KEYS_DIFFER),
    0x07: ("Memory Capacity Exceeded", Cause.NO_RESOURCES, "the controller has no memory left"),
    0x08: ("Connection Timeout", Cause.TIMEOUT),
    0x09: ("Connection Limit Exceeded", Cause.NOT_ESTABLISHED, "there are too many connections already"),
    0x0D: ("Connection Rejected due to Limited Resources", Cause.NOT_ESTABLISHED),
    0x13: ("Remote User Terminated Connection", Cause.CLOSED_BY_PEER),
    0x14: (
        "Remote Device Terminated Connection due to Low Resources",
        Cause.CLOSED_BY_PEER,
        "the other side closed the connection for lack of resources",
    ),
    0x15: (
        "Remote Device Terminated Connection due to Power Off",
        Cause.CLOSED_BY_PEER,
        "the other side closed the connection because it was switched off",
    ),
    0x16: ("Connection Terminated By Local Host", Cause.CLOSED_HERE),
    0x1F: ("Unspecified Error", Cause.UNKNOWN),
    0x22: ("LL Response Timeout", Cause.NO_ANSWER, "the link layer of the other side did not answer in time"),
    0x28: ("Instant Passed", Cause.TIMEOUT, "a change of the link was agreed on and one side missed its moment"),
    0x3B: ("Unacceptable Connection Parameters", Cause.PARAMETERS),
    0x3D: ("Connection Terminated due to MIC Failure", Cause.KEYS_DIFFER),
    0x3E: ("Connection Failed to be Established", Cause.NOT_ESTABLISHED),
}

_ATT: _Codes = {
    0x01: ("Invalid Handle", Cause.NOT_FOUND),
    0x02: ("Read Not Permitted", Cause.NOT_ALLOWED, "the attribute cannot be read"),
    0x03: ("Write Not Permitted", Cause.NOT_ALLOWED),
    0x04: ("Invalid PDU", Cause.REFUSED_WRITE),
    0x05: ("Insufficient Authentication", Cause.PAIRING_NEEDED),
    0x06: ("Request Not Supported", Cause.NOT_ALLOWED),
    0x07: ("Invalid Offset", Cause.TOO_LONG, "a long write goes past the end of the value"),
    0x08: ("Insufficient Authorization", Cause.PAIRING_NEEDED),
    0x09: ("Prepare Queue Full", Cause.TOO_LONG, "a long write has more parts than the device can keep"),
    0x0A: ("Attribute Not Found", Cause.NOT_FOUND),
    0x0B: ("Attribute Not Long", Cause.TOO_LONG, "the attribute takes no long writes"),
    0x0C: ("Encryption Key Size Too Short", Cause.PAIRING_NEEDED),
    0x0D: ("Invalid Attribute Value Length", Cause.TOO_LONG),
    0x0E: ("Unlikely Error", Cause.REFUSED_WRITE),
    0x0F: ("Insufficient Encryption", Cause.PAIRING_NEEDED),
    0x10: ("Unsupported Group Type", Cause.NOT_FOUND),
    0x11: ("Insufficient Resources", Cause.NO_RESOURCES),
    0x12: ("Database Out Of Sync", Cause.NOT_FOUND, "the device's services changed since the sender listed them"),
    0x13: ("Value Not Allowed", Cause.REFUSED_WRITE),
    0xFC: ("Write Request Rejected", Cause.REFUSED_WRITE),
    0xFD: ("CCCD Improperly Configured", Cause.NOT_ALLOWED, "notifications were not switched on before the write"),
    0xFE: ("Procedure Already in Progress", Cause.BUSY),
    0xFF: ("Out of Range", Cause.REFUSED_WRITE),
}

_NIMBLE: _Codes = {
    2: ("BLE_HS_EALREADY", Cause.BUSY),
    4: ("BLE_HS_EMSGSIZE", Cause.TOO_LONG),
    6: ("BLE_HS_ENOMEM", Cause.NO_RESOURCES),
    7: ("BLE_HS_ENOTCONN", Cause.NOT_CONNECTED),
    9: ("BLE_HS_EAPP", Cause.REFUSED_WRITE, "the application's callback returned an error"),
    13: ("BLE_HS_ETIMEOUT", Cause.NO_ANSWER),
    15: ("BLE_HS_EBUSY", Cause.BUSY),
    16: ("BLE_HS_EREJECT", Cause.PARAMETERS),
    19: ("BLE_HS_ETIMEOUT_HCI", Cause.STACK_FAILED, "the controller did not answer the host"),
    20: ("BLE_HS_ENOMEM_EVT", Cause.NO_RESOURCES),
    22: ("BLE_HS_ENOTSYNCED", Cause.STACK_FAILED, "host and controller were not synchronised"),
    23: ("BLE_HS_EAUTHEN", Cause.PAIRING_NEEDED),
    24: ("BLE_HS_EAUTHOR", Cause.PAIRING_NEEDED),
    25: ("BLE_HS_EENCRYPT", Cause.PAIRING_NEEDED),
    _NIMBLE_HCI + 0x08: ("BLE_ERR_CONN_SPVN_TMO", Cause.TIMEOUT),
    _NIMBLE_HCI + 0x13: ("BLE_ERR_REM_USER_CONN_TERM", Cause.CLOSED_BY_PEER),
    _NIMBLE_HCI + 0x16: ("BLE_ERR_CONN_TERM_LOCAL", Cause.CLOSED_HERE),
    _NIMBLE_HCI + 0x3E: ("BLE_ERR_CONN_ESTABLISHMENT", Cause.NOT_ESTABLISHED),
}

_BLUEDROID: _Codes = {
    0x01: ("ESP_GATT_CONN_L2C_FAILURE", Cause.NOT_ESTABLISHED),
    0x08: ("ESP_GATT_CONN_TIMEOUT", Cause.TIMEOUT),
    0x13: ("ESP_GATT_CONN_TERMINATE_PEER_USER", Cause.CLOSED_BY_PEER),
    0x16: ("ESP_GATT_CONN_TERMINATE_LOCAL_HOST", Cause.CLOSED_HERE),
    0x22: ("ESP_GATT_CONN_LMP_TIMEOUT", Cause.NO_ANSWER),
    0x3E: ("ESP_GATT_CONN_FAIL_ESTABLISH", Cause.NOT_ESTABLISHED),
    0x100: ("ESP_GATT_CONN_CONN_CANCEL", Cause.CLOSED_HERE),
    0x101: ("ESP_GATT_CONN_NONE", Cause.NOT_CONNECTED),
}

_ANDROID: _Codes = {
    1: ("GATT_CONN_L2C_FAILURE", Cause.NOT_ESTABLISHED),
    8: ("GATT_CONN_TIMEOUT", Cause.TIMEOUT),
    19: ("GATT_CONN_TERMINATE_PEER_USER", Cause.CLOSED_BY_PEER),
    22: ("GATT_CONN_TERMINATE_LOCAL_HOST", Cause.CLOSED_HERE),
    34: ("GATT_CONN_LMP_TIMEOUT", Cause.NO_ANSWER),
    62: ("GATT_CONN_FAIL_ESTABLISH", Cause.NOT_ESTABLISHED),
    129: ("GATT_INTERNAL_ERROR", Cause.STACK_FAILED),
    133: ("GATT_ERROR", Cause.STACK_FAILED, "Android's catch-all error: mostly no connection could be made"),
    137: ("GATT_AUTH_FAIL", Cause.PAIRING_NEEDED),
    147: ("GATT_CONNECTION_TIMEOUT", Cause.NOT_ESTABLISHED, "the device did not answer the attempt to connect in time"),
    256: ("GATT_CONN_CANCEL", Cause.CLOSED_HERE),
    257: ("GATT_FAILURE", Cause.STACK_FAILED, "Android found no free connection or client, or failed otherwise"),
}

_ANDROID_GATT: _Codes = {
    128: ("GATT_NO_RESOURCES", Cause.NO_RESOURCES),
    129: ("GATT_INTERNAL_ERROR", Cause.STACK_FAILED),
    132: ("GATT_BUSY", Cause.BUSY),
    133: ("GATT_ERROR", Cause.STACK_FAILED, "Android's catch-all error: the write got no proper answer"),
    135: ("GATT_ILLEGAL_PARAMETER", Cause.REFUSED_WRITE),
    137: ("GATT_AUTH_FAIL", Cause.PAIRING_NEEDED),
    142: ("GATT_NOT_ENCRYPTED", Cause.PAIRING_NEEDED),
    143: ("GATT_CONNECTION_CONGESTED", Cause.NO_RESOURCES),
    147: ("GATT_CONNECTION_TIMEOUT", Cause.NO_ANSWER),
    200: ("ERROR_GATT_WRITE_NOT_ALLOWED", Cause.NOT_ALLOWED),
    201: ("ERROR_GATT_WRITE_REQUEST_BUSY", Cause.BUSY),
    257: ("GATT_FAILURE", Cause.STACK_FAILED),
}

_CORE_BLUETOOTH: _Codes = {
    0: ("CBErrorUnknown", Cause.UNKNOWN),
    1: ("CBErrorInvalidParameters", Cause.NOT_ALLOWED),
    2: ("CBErrorInvalidHandle", Cause.NOT_FOUND),
    3: ("CBErrorNotConnected", Cause.NOT_CONNECTED),
    4: ("CBErrorOutOfSpace", Cause.NO_RESOURCES),
    5: ("CBErrorOperationCancelled", Cause.CLOSED_HERE, "the operation was cancelled on this side"),
    6: ("CBErrorConnectionTimeout", Cause.TIMEOUT),
    7: ("CBErrorPeripheralDisconnected", Cause.CLOSED_BY_PEER),
    8: ("CBErrorUUIDNotAllowed", Cause.NOT_ALLOWED),
    10: ("CBErrorConnectionFailed", Cause.NOT_ESTABLISHED),
    11: ("CBErrorConnectionLimitReached", Cause.NOT_ESTABLISHED, "there are too many connections already"),
    12: ("CBErrorUnknownDevice", Cause.NOT_ESTABLISHED, "the system does not know the device"),
    13: ("CBErrorOperationNotSupported", Cause.NOT_ALLOWED),
    14: ("CBErrorPeerRemovedPairingInformation", Cause.KEYS_DIFFER, "the device no longer knows the pairing"),
    15: ("CBErrorEncryptionTimedOut", Cause.KEYS_DIFFER, "the link could not be encrypted in time"),
    16: ("CBErrorTooManyLEPairedDevices", Cause.NO_RESOURCES, "there are too many paired devices"),
}

_WINRT: _Codes = {
    1: ("GattCommunicationStatus.Unreachable", Cause.NOT_CONNECTED, "Windows could not reach the device"),
    2: ("GattCommunicationStatus.ProtocolError", Cause.REFUSED_WRITE),
    3: ("GattCommunicationStatus.AccessDenied", Cause.NOT_ALLOWED, "Windows does not let the app use the characteristic"),
    0x80000013: ("RO_E_CLOSED", Cause.NOT_CONNECTED, "Windows had closed the device's object"),
}

_BLUEZ: _Codes = {
    "AuthenticationFailed": ("org.bluez.Error.AuthenticationFailed", Cause.KEYS_DIFFER),
    "ConnectionAttemptFailed": ("org.bluez.Error.ConnectionAttemptFailed", Cause.NOT_ESTABLISHED),
    "DoesNotExist": ("org.bluez.Error.DoesNotExist", Cause.NOT_FOUND),
    "Failed": ("org.bluez.Error.Failed", Cause.UNKNOWN),
    "InProgress": ("org.bluez.Error.InProgress", Cause.BUSY),
    "InvalidOffset": ("org.bluez.Error.InvalidOffset", Cause.TOO_LONG),
    "InvalidValueLength": ("org.bluez.Error.InvalidValueLength", Cause.TOO_LONG),
    "ImproperlyConfigured": ("org.bluez.Error.ImproperlyConfigured", Cause.NOT_ALLOWED),
    "NotAuthorized": ("org.bluez.Error.NotAuthorized", Cause.PAIRING_NEEDED),
    "NotConnected": ("org.bluez.Error.NotConnected", Cause.NOT_CONNECTED),
    "NotPermitted": ("org.bluez.Error.NotPermitted", Cause.NOT_ALLOWED),
    "NotReady": ("org.bluez.Error.NotReady", Cause.UNAVAILABLE),
    "NotSupported": ("org.bluez.Error.NotSupported", Cause.NOT_ALLOWED),
    "UnknownObject": (
        "org.freedesktop.DBus.Error.UnknownObject",
        Cause.NOT_CONNECTED,
        "BlueZ no longer knew the device's characteristic, as after a lost link",
    ),
    "le-connection-abort-by-local": ("le-connection-abort-by-local", Cause.NOT_ESTABLISHED),
    "initiate-write": ("Failed to initiate write", Cause.TOO_LONG),
}

_BLEAK: _Codes = {
    "disconnected": ("disconnected", Cause.UNKNOWN, "the link was lost and bleak names no reason"),
    "not-connected": ("Not connected", Cause.NOT_CONNECTED),
    "not-found": ("BleakDeviceNotFoundError", Cause.NOT_ESTABLISHED, "the device was not found"),
    "no-characteristic": ("BleakCharacteristicNotFoundError", Cause.NOT_FOUND),
    "not-written": ("Could not write value", Cause.UNKNOWN, "the write failed"),
}

_FLUTTER_BLUE_PLUS: _Codes = {
    1: ("FbpErrorCode.timeout", Cause.NO_ANSWER),
    "disconnected": ("FbpErrorCode.deviceIsDisconnected", Cause.NOT_CONNECTED),
}
"""From 2 on the numbers differ between releases: ``deviceIsDisconnected`` is 5 or 6."""

_BLE_PLX: _Codes = {
    0: ("UnknownError", Cause.UNKNOWN),
    2: ("OperationCancelled", Cause.CLOSED_HERE, "the operation was cancelled, by the app or since the link was lost"),
    3: ("OperationTimedOut", Cause.NO_ANSWER),
    4: ("OperationStartFailed", Cause.NOT_ALLOWED, "the phone rejected the operation before it sent anything"),
    100: ("BluetoothUnsupported", Cause.UNAVAILABLE),
    101: ("BluetoothUnauthorized", Cause.UNAVAILABLE),
    102: ("BluetoothPoweredOff", Cause.UNAVAILABLE),
    200: ("DeviceConnectionFailed", Cause.NOT_ESTABLISHED),
    201: ("DeviceDisconnected", Cause.UNKNOWN, "the link was lost and the app names no reason"),
    204: ("DeviceNotFound", Cause.NOT_ESTABLISHED, "the device was not found"),
    205: ("DeviceNotConnected", Cause.NOT_CONNECTED),
    206: ("DeviceMTUChangeFailed", Cause.REFUSED_WRITE, "the MTU could not be changed"),
    302: ("ServiceNotFound", Cause.NOT_FOUND),
    303: ("ServicesNotDiscovered", Cause.NOT_FOUND),
    401: ("CharacteristicWriteFailed", Cause.REFUSED_WRITE, "the write failed"),
    404: ("CharacteristicNotFound", Cause.NOT_FOUND),
}

_WEB_BLUETOOTH: _Codes = {
    "unknown-reason": (
        "GATT operation failed for unknown reason.",
        Cause.UNKNOWN,
        "the operation failed and the browser hides why",
    ),
    "in-progress": ("GATT operation already in progress.", Cause.BUSY),
    "not-permitted": ("GATT operation not permitted.", Cause.NOT_ALLOWED),
    "not-authorized": ("GATT operation not authorized.", Cause.PAIRING_NEEDED),
    "not-paired": ("GATT Error: Not paired.", Cause.PAIRING_NEEDED),
    "not-supported": ("GATT Error: Not supported.", Cause.NOT_ALLOWED),
    "disconnected": ("GATT Server disconnected", Cause.UNKNOWN, "the link was lost and the browser hides why"),
    "not-connected": ("GATT Server is disconnected.", Cause.NOT_CONNECTED),
    "attempt-failed": ("Connection attempt failed.", Cause.NOT_ESTABLISHED),
    "out-of-range": ("Bluetooth Device is no longer in range.", Cause.NOT_ESTABLISHED, "the device is out of range"),
}

_TABLES: dict[Stack, tuple[_Codes, ...]] = {
    Stack.HCI: (_HCI,),
    Stack.ATT: (_ATT,),
    Stack.NIMBLE: (_NIMBLE,),
    Stack.BLUEDROID: (_BLUEDROID, _HCI),
    Stack.ANDROID: (_ANDROID, _HCI),
    Stack.ANDROID_GATT: (_ANDROID_GATT, _ATT),
    Stack.CORE_BLUETOOTH: (_CORE_BLUETOOTH,),
    Stack.CB_ATT: (_ATT,),
    Stack.WINRT: (_WINRT,),
    Stack.BLUEZ: (_BLUEZ,),
    Stack.BLEAK: (_BLEAK,),
    Stack.FLUTTER_BLUE_PLUS: (_FLUTTER_BLUE_PLUS,),
    Stack.BLE_PLX: (_BLE_PLX,),
    Stack.WEB_BLUETOOTH: (_WEB_BLUETOOTH,),
}
"""Where to look a code up, the stack's own table first."""


def link_code(stack: Stack, code: int | str) -> LinkCode | None:
    """What ``code`` of ``stack`` means; None when it is not known.

    Codes that carry another stack's number are taken apart: NimBLE's 0x100 + ATT and 0x200 + HCI, and Windows'
    ``HRESULT`` 0x8065.... with an ATT error, signed or not.
    """
    row = _row(stack, code)
    if row is None:
        return None
    name, cause, *words = row
    change = _CHANGES_ON_DEVICE.get(cause) if stack in _DEVICE_SIDE else None
    return LinkCode(name=name, cause=cause, words=words[0] if words else _WORDS[cause], change=change or _CHANGES[cause])


def _row(stack: Stack, code: int | str) -> tuple[str, Cause] | tuple[str, Cause, str] | None:
    if stack is Stack.WINRT and isinstance(code, int):
        code &= 0xFFFFFFFF
    for table in _TABLES[stack]:
        if code in table:
            return table[code]
    if isinstance(code, str):
        return None
    if stack is Stack.NIMBLE and _NIMBLE_ATT < code < _NIMBLE_HCI:
        return _row(Stack.ATT, code - _NIMBLE_ATT)
    if stack is Stack.NIMBLE and _NIMBLE_HCI < code < _NIMBLE_L2CAP:
        return _HCI.get(code - _NIMBLE_HCI)
    if stack is Stack.WINRT and code >> 16 == _WINDOWS_ATT:
        return _row(Stack.ATT, code & 0xFFFF)
    if stack in (Stack.ATT, Stack.CB_ATT) and code in _APPLICATION_ERRORS:
        return f"Application Error 0x{code:02X}", Cause.REFUSED_WRITE, "the device's application refused the write"
    return None
