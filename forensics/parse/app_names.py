"""What an app calls itself beside its descriptor: the strings that frameworks and build systems leave in an image."""

from __future__ import annotations

import re
from dataclasses import dataclass

from forensics.model.image import AppName
from forensics.model.text import inert

_REACH = 256
"""Bytes before and after an anchor in which the whole string is."""

_MOST_HITS = 16
"""Places of one anchor that are looked at."""

_PART = rb'[^/\\\x00-\x1f\x7f":*?<>|]'


@dataclass(frozen=True, slots=True)
class _Sign:
    """Text that one framework leaves: a literal that is searched for, and the name around it.

    Only the groups of the pattern are shown: the rest of a path names people and companies.
    """

    what: str
    anchor: bytes
    pattern: re.Pattern[bytes]


def _sign(what: str, anchor: bytes, pattern: bytes) -> _Sign:
    return _Sign(what, anchor, re.compile(pattern))


_SIGNS = (
    _sign("ESPHome", b" compiled on %s", rb"(?i:esphome) version (\d{1,4}\.[\w.+-]{1,24}) compiled on %s"),
    _sign("WLED", b"STSW", rb"STSW[\x01-\x09]\0{3}([\w.+-]{1,47})\0{1,47}([\x21-\x7e][\x20-\x7e]{0,46})\0"),
    _sign("Tasmota", b"ota.tasmota.com/", rb"ota\.tasmota\.com/[\da-z/]{1,32}/([\w-]{1,40})\.bin"),
    _sign("MicroPython", b"MicroPython", rb"MicroPython (v?\d{1,2}\.[\w.-]{1,40}) on (\d{4}-\d\d-\d\d)"),
    _sign("CircuitPython", b"CircuitPython", rb"CircuitPython (\d{1,2}\.\d{1,3}\.\d{1,3}[\w.+-]{0,40})"),
    _sign("ESPEasy", b"ESP_Easy_mega", rb"ESP_Easy_mega[_-](20\d{6}_[\w-]{3,60})"),
    _sign("OpenMQTTGateway", b"OpenMQTTGateway", rb"OpenMQTTGateway Version: ([\x21-\x7e]{1,48})"),
    _sign("Espruino", b"espruino.com\n", rb"espruino\.com\n (\dv\d\d[\w.-]{0,24}) "),
    _sign("Marlin", b"FIRMWARE_NAME:Marlin", rb"FIRMWARE_NAME:Marlin ([^\x00-\x1f\x7f-\xff(]{1,48}) \("),
    _sign("Zephyr", b"*** Booting Zephyr", rb"\*\*\* Booting Zephyr OS build ([\w.+-]{5,64}) {0,2}(?:\(|\*\*\*)"),
    _sign("MCUboot", b"*** Booting MCU", rb"\*\*\* Booting MCU[Bb]oot build (v?\d[\w.+-]{4,48}) {0,2}\*\*\*"),
    _sign("NuttX", b"NuttX-", rb"NuttShell \(NSH\) NuttX-(\d{1,2}\.[\w.-]{1,24})"),
    _sign("Arduino sketch", b".ino", rb"[/\\](" + _PART + rb"{1,63}\.ino)(?:\.cpp)?\0"),
    _sign("PlatformIO environment", b".pio", rb"\.pio[/\\](?:build|libdeps)[/\\]([\w.@+-]{1,64})[/\\]"),
    _sign("Arduino core", b"hardware", rb"[/\\]hardware[/\\]esp(?:32|8266)[/\\](\d{1,2}\.\d{1,2}\.[\w.+-]{1,20})[/\\]"),
    _sign("Arduino core", b"/Core:", rb"/Core:(?:v[\d.]{3,10}-git:)?([\w.-]{3,40})=\0"),
    _sign("Rust crate", b"registry", rb"registry[/\\]src[/\\][\w.-]{1,64}[/\\](esp-(?:hal|idf-svc)-\d[\w.-]{1,24})[/\\]"),
    _sign("ESP8266 SDK", b"-dev(", rb"\0([123]\.\d\.\d(?:\.\d)?-dev\([0-9a-f]{7,9}\))\0"),
)
"""What names the app first, then what names only its build or its framework.

Sources, at their main branches of 2026: ESPHome ``core/application.cpp``, WLED ``wled_metadata.h``, MicroPython
``py/mpconfig.h``, Zephyr ``kernel/banner.c``, NuttX ``nshlib/nsh_parse.c``, arduino-cli ``sketch.go`` (``#line``).
"""


def app_names(data: bytes) -> tuple[AppName, ...]:
    """The names in an image, the most telling first; none where it holds no such text."""
    found = {}
    for sign in _SIGNS:
        name = _search(data, sign)
        if name is not None and sign.what not in found:
            found[sign.what] = name
    return tuple(AppName(what=what, name=inert(name)) for what, name in found.items())


def _search(data: bytes, sign: _Sign) -> str | None:
    place = data.find(sign.anchor)
    for _ in range(_MOST_HITS):
        if place < 0:
            return None
        for found in sign.pattern.finditer(data, max(0, place - _REACH), place + len(sign.anchor) + _REACH):
            if not _is_of_library(data, found.start(), sign.what):
                return " ".join(group.decode("utf-8", "replace") for group in found.groups())
        place = data.find(sign.anchor, place + _REACH)
    return None


def _is_of_library(data: bytes, place: int, what: str) -> bool:
    """The path before a sketch's name is that of an example, or of another thing that is built in."""
    path = data[max(0, place - _REACH) : place].rpartition(b"\0")[2]
    return what == "Arduino sketch" and any(folder in path for folder in (b"libraries", b"packages", b"libdeps"))
