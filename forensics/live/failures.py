"""What bleak raises, as one error with a reason and a next step in plain words.

bleak's own errors are under ``BleakError``, but a connection that takes too long is a ``TimeoutError`` and a machine
without a system bus gives an ``OSError``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)

from forensics.errors import LiveError, LiveFailure

STACK_ERRORS = (BleakError, TimeoutError, OSError, EOFError)
"""Everything that a call of bleak may raise for a reason outside this program; dbus-fast raises ``EOFError`` when
the bus goes away."""

_WORDS = {
    LiveFailure.NO_BLUETOOTH: (
        "this machine has no Bluetooth that works",
        "plug in an adapter; on Linux start its service with: systemctl start bluetooth",
    ),
    LiveFailure.POWERED_OFF: ("Bluetooth is switched off", "switch it on; on Linux with: bluetoothctl power on"),
    LiveFailure.DENIED: (
        "the system does not let this program use Bluetooth",
        "allow Bluetooth for the terminal in the privacy settings; on Linux see who may talk to bluetoothd",
    ),
    LiveFailure.NOT_FOUND: (
        "no such device advertises here",
        "see what otadiff live scan lists; a device that a phone is connected to often stops advertising",
    ),
    LiveFailure.NOT_CONNECTED: (
        "the device did not take the connection",
        "move closer, disconnect phones from it, restart it and try again",
    ),
    LiveFailure.DISCONNECTED: ("the link ended", "read the device's log for a restart, then try again"),
    LiveFailure.PAIRING_REQUIRED: (
        "the device wants to be paired first",
        "give --pair, or pair it in the system's Bluetooth settings",
    ),
    LiveFailure.NO_CHARACTERISTIC: (
        "the device has no such characteristic",
        "see what otadiff live probe lists; after new firmware the system may still know the old services: remove it there",
    ),
    LiveFailure.NO_PROPERTY: (
        "the characteristic does not allow this use",
        "see its properties with otadiff live probe",
    ),
    LiveFailure.VALUE_LENGTH: (
        "the value is too long for the characteristic or the link",
        "give a smaller --chunk; otadiff live probe shows the usable payload",
    ),
    LiveFailure.REFUSED: ("the device answered with an error", "read the device's log for the reason"),
    LiveFailure.TIMEOUT: ("there was no answer in time", "read the device's log; move closer and try again"),
    LiveFailure.OTHER: ("the Bluetooth stack reports an error", "run again with --debug and see its log"),
}

_UNAVAILABLE = {
    BleakBluetoothNotAvailableReason.POWERED_OFF: LiveFailure.POWERED_OFF,
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: LiveFailure.DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: LiveFailure.DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: LiveFailure.DENIED,
}

_ATT_ERRORS = {
    BleakGATTProtocolErrorCode.READ_NOT_PERMITTED: LiveFailure.NO_PROPERTY,
    BleakGATTProtocolErrorCode.WRITE_NOT_PERMITTED: LiveFailure.NO_PROPERTY,
    BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION: LiveFailure.PAIRING_REQUIRED,
    BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHORIZATION: LiveFailure.PAIRING_REQUIRED,
    BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION: LiveFailure.PAIRING_REQUIRED,
    BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION_KEY_SIZE: LiveFailure.PAIRING_REQUIRED,
    BleakGATTProtocolErrorCode.INVALID_ATTRIBUTE_VALUE_LENGTH: LiveFailure.VALUE_LENGTH,
    BleakGATTProtocolErrorCode.PREPARE_QUEUE_FULL: LiveFailure.VALUE_LENGTH,
}

_TEXTS = (
    ("org.freedesktop.dbus.error.serviceunknown", LiveFailure.NO_BLUETOOTH),
    ("org.freedesktop.dbus.error.namehasnoowner", LiveFailure.NO_BLUETOOTH),
    ("org.freedesktop.dbus.error.accessdenied", LiveFailure.DENIED),
    ("org.bluez.error.notready", LiveFailure.POWERED_OFF),
    ("org.bluez.error.authentication", LiveFailure.PAIRING_REQUIRED),
    ("not paired", LiveFailure.PAIRING_REQUIRED),
    ("org.bluez.error.notauthorized", LiveFailure.PAIRING_REQUIRED),
    ("not supported", LiveFailure.NO_PROPERTY),
    ("org.bluez.error.notsupported", LiveFailure.NO_PROPERTY),
    ("not permitted", LiveFailure.NO_PROPERTY),
    ("invalidvaluelength", LiveFailure.VALUE_LENGTH),
    ("failed to initiate write", LiveFailure.VALUE_LENGTH),
    ("le-connection-abort", LiveFailure.NOT_CONNECTED),
    ("failed to discover services", LiveFailure.DISCONNECTED),
    ("service discovery has not been performed", LiveFailure.DISCONNECTED),
    ("org.freedesktop.dbus.error.unknownobject", LiveFailure.DISCONNECTED),
    ("org.bluez.error.notconnected", LiveFailure.DISCONNECTED),
    ("not connected", LiveFailure.DISCONNECTED),
    ("disconnected", LiveFailure.DISCONNECTED),
)
"""Parts of the text of errors that have no class of their own, in lower case; the first that fits counts."""


def failure_of(error: BaseException) -> LiveFailure:
    """Which failure an exception of bleak's means."""
    match error:
        case BleakBluetoothNotAvailableError():
            return _UNAVAILABLE.get(error.reason, LiveFailure.NO_BLUETOOTH)
        case BleakDeviceNotFoundError():
            return LiveFailure.NOT_FOUND
        case BleakCharacteristicNotFoundError():
            return LiveFailure.NO_CHARACTERISTIC
        case BleakGATTProtocolError():
            return _ATT_ERRORS.get(error.code, LiveFailure.REFUSED)
        case TimeoutError():
            return LiveFailure.TIMEOUT
        case PermissionError():
            return LiveFailure.DENIED
        case FileNotFoundError() | ConnectionRefusedError():
            return LiveFailure.NO_BLUETOOTH
        case EOFError() | ConnectionError():
            return LiveFailure.DISCONNECTED
        case _:
            text = str(error).lower()
            return next((failure for part, failure in _TEXTS if part in text), LiveFailure.OTHER)


def live_failure(
    failure: LiveFailure, *, device: str | None = None, detail: str = "", next_step: str | None = None
) -> LiveError:
    """The error for one failure.

    Args:
        failure: Why live mode cannot go on.
        device: How the user called the device.
        detail: What exactly happened, put behind the reason.
        next_step: What the user can do, where it is not the usual.
    """
    reason, usual_step = _WORDS[failure]
    said = f"{reason}: {detail}" if detail else reason
    return LiveError(said, failure=failure, name=device, next_step=next_step or usual_step)


def live_error(error: BaseException, device: str | None = None, doing: str = "") -> LiveError:
    """The error for an exception of bleak's.

    Args:
        error: What bleak raised.
        device: How the user called the device.
        doing: What was under way, as ``writing to 8020``.
    """
    failure = failure_of(error)
    said = _said(error)
    detail = f"{doing}: {said}" if doing and said else doing or said
    return live_failure(failure, device=device, detail=detail)


@contextmanager
def told_plainly(device: str | None = None, doing: str = "") -> Iterator[None]:
    """Turns what bleak raises inside into a ``LiveError``."""
    try:
        yield
    except STACK_ERRORS as error:
        raise live_error(error, device, doing) from error


def _said(error: BaseException) -> str:
    if isinstance(error, BleakGATTProtocolError):
        return f"ATT error 0x{int(error.code):02x}, {str(error.args[1]).removeprefix('GATT Protocol Error: ')}"
    if isinstance(error, BleakBluetoothNotAvailableError):
        return str(error.args[0])
    if isinstance(error, OSError) and not isinstance(error, TimeoutError):
        return error.strerror or type(error).__name__
    return str(error)
