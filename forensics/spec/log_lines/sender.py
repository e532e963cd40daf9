"""Lines that the sender's side prints when a link is lost, a connection fails or a write is refused.

``stack`` and ``code`` of an event are what ``link_code`` takes; codes of a connection and of a write differ even
within one system, so that the wording settles the stack.

Source: Android ``BluetoothGatt.java``; nordicsemi ``GattError.java``, nRF Connect and Android-DFU-Library;
flutter_blue_plus 1.9 to 1.35 ``FlutterBluePlusPlugin.java`` and ``utils.dart``; react-native-ble-plx ``BleError.js``
and RxAndroidBle; CoreBluetooth as ``NSError`` prints it; bleak 0.14 to 3.0 with BlueZ and WinRT; Blink
``bluetooth_error.cc`` and ``bluetooth_remote_gatt_characteristic.cc``.
"""

from __future__ import annotations

from forensics.spec.link_codes import Stack
from forensics.spec.log_lines.template import LineTemplate, LineUse


def _line(kind: str, text: str, anywhere: str, stack: Stack | None = None, **constants: int | str) -> LineTemplate:
    fields = constants if stack is None else {"stack": stack.value, **constants}
    return LineTemplate(kind=kind, text=text, use=LineUse.EVENT, constants=tuple(fields.items()), anywhere=anywhere)


def _fine(text: str, anywhere: str) -> LineTemplate:
    return LineTemplate(kind="sender_fine", text=text, use=LineUse.KNOWN, anywhere=anywhere)


_NOT_CONNECTED_STATUSES = (62, 133, 147)
"""Statuses of Android's connection callback that mean a failed attempt rather than a lost link."""


def _connection(text: str, anywhere: str) -> tuple[LineTemplate, ...]:
    """The lines of one wording of Android's connection callback; 0 is a connection, or a wanted disconnect."""
    return (
        _fine(f"{text} 0", anywhere),
        *(_line("connect_failed", f"{text} {code}", anywhere, Stack.ANDROID, code=code) for code in _NOT_CONNECTED_STATUSES),
        _line("disconnected", f"{text} {{code:d}}", anywhere, Stack.ANDROID),
    )


ANDROID = (
    *_connection("onClientConnectionState(){...}status[[=]][[:]]", "tatus"),
    *_connection("onConnectionStateChange{...}tatus[[=]][[:]]", "tatus"),
    *_connection("onnection state changed with status:", "tatus"),
    *_connection("Target device disconnected with status:", "tatus"),
    *_connection("Disconnected from MAC={...}with status", "tatus"),
    *_connection("onnection state change error:", "state change"),
    _fine("onCharacteristicWrite{...}tatus[[=]][[:]] 0", "tatus"),
    _line("write_refused", "onCharacteristicWrite{...}tatus[[=]][[:]] {code:d}", "tatus", Stack.ANDROID_GATT),
    _line("mtu", "onConfigureMTU(){...}mtu={mtu:d} status=0", "tatus"),
    _line("mtu", "onMtuChanged{...}mtu[[=]][[:]] {mtu:d}[[,]] status[[=]][[:]] 0", "tatus"),
    _line("disconnected", "status: LINK_SUPERVISION_TIMEOUT", "tatus", Stack.ANDROID, code=8),
    _line("disconnected", "status: REMOTE_USER_TERMINATED_CONNECTION", "tatus", Stack.ANDROID, code=19),
    _line("disconnected", "status: CONNECTION_TERMINATED_BY_LOCAL_HOST", "tatus", Stack.ANDROID, code=22),
    _line("disconnected", "status: LMP_OR_LL_RESPONSE_TIMEOUT", "tatus", Stack.ANDROID, code=34),
    _line("connect_failed", "status: CONNECTION_FAILED_ESTABLISHMENT", "tatus", Stack.ANDROID, code=62),
    _line("connect_failed", "status: ANDROID_SPECIFIC_ERROR", "tatus", Stack.ANDROID, code=133),
    _line("write_refused", "status[[=]] {code:d}{...}CHARACTERISTIC_WRITE", "tatus", Stack.ANDROID_GATT),
    _line("disconnected", "status[[=]] {code:d}{...}CONNECTION_STATE", "tatus", Stack.ANDROID),
)

NRF_CONNECT = (
    _line("connect_failed", "(0x85): GATT ERROR", "GATT ", Stack.ANDROID, code=133),
    _line("connect_failed", "): GATT CONN FAIL ESTABLISH", "GATT ", Stack.ANDROID, code=62),
    _line("disconnected", "Error {code:d} ({...}): GATT CONN", "GATT ", Stack.ANDROID),
    _fine("): GATT READ NOT PERMIT", "GATT "),
    _line("write_refused", "Error {code:d} ({...}): GATT", "GATT ", Stack.ANDROID_GATT),
    _line("mtu", "MTU changed to[[:]] {mtu:d}", "MTU "),
    _line("mtu", "MTU size of current device[[:]] {mtu:d}", "MTU "),
)

WEB_BLUETOOTH = (
    _line("write_refused", "GATT Protocol Error: Unlikely Error", "GATT ", Stack.ATT, code=14),
    _line("write_refused", "GATT operation failed for unknown reason", "GATT ", Stack.WEB_BLUETOOTH, code="unknown-reason"),
    _line("write_refused", "GATT operation already in progress", "GATT ", Stack.WEB_BLUETOOTH, code="in-progress"),
    _line("write_refused", "GATT operation not permitted", "GATT ", Stack.WEB_BLUETOOTH, code="not-permitted"),
    _line("write_refused", "GATT operation not authorized", "GATT ", Stack.WEB_BLUETOOTH, code="not-authorized"),
    _line("write_refused", "GATT Error: Not paired", "GATT ", Stack.WEB_BLUETOOTH, code="not-paired"),
    _line("write_refused", "GATT Error: Not supported", "GATT ", Stack.WEB_BLUETOOTH, code="not-supported"),
    _line("disconnected", "GATT Server is disconnected", "GATT ", Stack.WEB_BLUETOOTH, code="not-connected"),
    _line("disconnected", "GATT Server disconnected", "GATT ", Stack.WEB_BLUETOOTH, code="disconnected"),
    _line(
        "connect_failed",
        "Connection attempt failed",
        "NetworkError",
        Stack.WEB_BLUETOOTH,
        code="attempt-failed",
    ),
    _line(
        "connect_failed",
        "Bluetooth Device is no longer in range",
        "NetworkError",
        Stack.WEB_BLUETOOTH,
        code="out-of-range",
    ),
    _line("write_refused_length", "Value can't exceed {limit:d} bytes", "t exceed "),
)

CORE_BLUETOOTH = (
    _line("write_refused", "CBATTErrorDomain Code={code:d}", "ErrorDomain", Stack.CB_ATT),
    *(
        _line("disconnected", f"CBErrorDomain Code={code}", "ErrorDomain", Stack.CORE_BLUETOOTH, code=code)
        for code in (3, 6, 7)
    ),
    *(
        _line("connect_failed", f"CBErrorDomain Code={code}", "ErrorDomain", Stack.CORE_BLUETOOTH, code=code)
        for code in (10, 11, 12, 14, 15, 16)
    ),
    _line("write_refused", "CBErrorDomain Code={code:d}", "ErrorDomain", Stack.CORE_BLUETOOTH),
    _line("disconnected", "The specified device has disconnected from us", "isconnect", Stack.CORE_BLUETOOTH, code=7),
    _line("disconnected", "The connection has timed out unexpectedly", "unexpectedly", Stack.CORE_BLUETOOTH, code=6),
    _line("write_refused", "The value's length is invalid", "length is invalid", Stack.CB_ATT, code=13),
)

FLUTTER_BLUE_PLUS = (
    _line("write_refused_length", "dataLen[[gth]]: {length:d} > max[[DataLen]]: {limit:d}", "dataLen"),
    # The number of this code differs between releases; the words do not.
    _line(
        "disconnected",
        "-code: {...} | {...}evice is disconnected",
        "FlutterBlue",
        Stack.FLUTTER_BLUE_PLUS,
        code="disconnected",
    ),
    _line(
        "disconnected",
        "-code: {...} | {...}evice is not connected",
        "FlutterBlue",
        Stack.FLUTTER_BLUE_PLUS,
        code="disconnected",
    ),
    _line("write_refused", "| writeCharacteristic | android-code: {code:d}", "FlutterBlue", Stack.ANDROID_GATT),
    _line("write_refused", "| writeCharacteristic | apple-code: {code:d}", "FlutterBlue", Stack.CB_ATT),
    _line("write_refused", "| writeCharacteristic | fbp-code: {code:d}", "FlutterBlue", Stack.FLUTTER_BLUE_PLUS),
    _line("write_refused", "writeCharacteristic: (code: {code:d})", "FlutterBlue", Stack.ANDROID_GATT),
    _line("write_refused", "name:writeCharacteristic errorCode:{code:d}", "FlutterBlue", Stack.ANDROID_GATT),
    _line("connect_failed", "| connect | android-code: {code:d}", "FlutterBlue", Stack.ANDROID),
    _line("connect_failed", "| connect | apple-code: {code:d}", "FlutterBlue", Stack.CORE_BLUETOOTH),
    _line("connect_failed", "| connect | fbp-code: {code:d}", "FlutterBlue", Stack.FLUTTER_BLUE_PLUS),
)

BLE_PLX = (
    _line("write_refused", 'attErrorCode[["]] : {code:d}', "rrorCode", Stack.ATT),
    _line("disconnected", "Device {...} was disconnected", "isconnect", Stack.BLE_PLX, code=201),
    _line("disconnected", "BleError: Device {...} is not connected", "BleError", Stack.BLE_PLX, code=205),
    _line("connect_failed", "BleError: Device {...} connection failed", "BleError", Stack.BLE_PLX, code=200),
    _line("write_refused", "BleError: Operation was cancelled", "BleError", Stack.BLE_PLX, code=2),
    _line("write_refused", "BleError: Operation timed out", "BleError", Stack.BLE_PLX, code=3),
    _line("write_refused", "Operation was rejected", "Operation ", Stack.BLE_PLX, code=4),
    _line("write_refused", "Characteristic {uuid:w} write failed for device", "write failed", Stack.BLE_PLX, code=401),
    # Other tools print an errorCode too, for example that of HTTP.
    _line("connect_failed", 'errorCode[["]] : 200, [["]]attErrorCode', "rrorCode", Stack.BLE_PLX, code=200),
    _line("disconnected", 'errorCode[["]] : 201, [["]]attErrorCode', "rrorCode", Stack.BLE_PLX, code=201),
    _line("disconnected", 'errorCode[["]] : 205, [["]]attErrorCode', "rrorCode", Stack.BLE_PLX, code=205),
    _line("write_refused", 'errorCode[["]] : {code:d}, [["]]attErrorCode', "rrorCode", Stack.BLE_PLX),
)

BLEAK = (
    _line("write_refused", "Operation failed with ATT error: 0x{code:x}", "Operation ", Stack.ATT),
    _line("disconnected", "org.bluez.Error.NotConnected", "org.bluez.Error", Stack.BLUEZ, code="NotConnected"),
    _line("disconnected", "org.bluez.Error.Failed{...}Not connected", "org.bluez.Error", Stack.BLUEZ, code="NotConnected"),
    _line(
        "connect_failed",
        "le-connection-abort-by-local",
        "org.bluez.Error",
        Stack.BLUEZ,
        code="le-connection-abort-by-local",
    ),
    _line(
        "connect_failed",
        "org.bluez.Error.ConnectionAttemptFailed",
        "org.bluez.Error",
        Stack.BLUEZ,
        code="ConnectionAttemptFailed",
    ),
    _line("write_refused", "Failed to initiate write", "org.bluez.Error", Stack.BLUEZ, code="initiate-write"),
    _line("write_refused", "org.bluez.Error.{code:w}", "org.bluez.Error", Stack.BLUEZ),
    _line("disconnected", "[org.freedesktop.DBus.Error.UnknownObject]", "Bleak", Stack.BLUEZ, code="UnknownObject"),
    _line("disconnected", "BleakError: Not connected", "Bleak", Stack.BLEAK, code="not-connected"),
    _line("disconnected", "BleakError: disconnected", "Bleak", Stack.BLEAK, code="disconnected"),
    _line("connect_failed", "BleakDeviceNotFoundError", "Bleak", Stack.BLEAK, code="not-found"),
    _line("connect_failed", "BleakCharacteristicNotFoundError", "Bleak", Stack.BLEAK, code="no-characteristic"),
    _line("disconnected", "Device disconnected (/org/bluez", "isconnect", Stack.BLEAK, code="disconnected"),
    _line("disconnected", "Peripheral Device disconnected!", "isconnect", Stack.BLEAK, code="disconnected"),
    _line("write_refused", "({code:d}, 'GATT Protocol Error", "GATT ", Stack.ATT),
    # The value before it can be longer than what is looked at of a line.
    _line("write_refused", "{uuid:w}: Protocol Error 0x{code:x}", "Could not write value", Stack.ATT),
    _line("write_refused", "{uuid:w}: Unreachable", "Could not write value", Stack.WINRT, code=1),
    _line("write_refused", "{uuid:w}: Access Denied", "Could not write value", Stack.WINRT, code=3),
    _line("write_refused", "Could not write value", "Could not write value", Stack.BLEAK, code="not-written"),
    _line("disconnected", "[WinError -2147483629]", "WinError", Stack.WINRT, code=0x80000013),
    _line("write_refused", "[WinError {code:d}] The attribute", "WinError", Stack.WINRT),
    _line("write_refused", "HRESULT: 0x8065{code:x}", "HRESULT", Stack.ATT),
)

LINES = (
    *ANDROID,
    *NRF_CONNECT,
    *WEB_BLUETOOTH,
    *CORE_BLUETOOTH,
    *FLUTTER_BLUE_PLUS,
    *BLEAK,
    *BLE_PLX,
)
