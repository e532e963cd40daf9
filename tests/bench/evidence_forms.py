"""One transfer as the texts that people bring: every form is a function from chunks to text."""

from __future__ import annotations

import base64
import json
import textwrap
from collections.abc import Callable, Iterator, Sequence

Chunk = tuple[int, int, bytes]
"""Number, offset and bytes of one write."""

Form = Callable[[Sequence[Chunk]], str]

UUID = "0000fff1-0000-1000-8000-00805f9b34fb"


def _rows(data: bytes, size: int) -> list[tuple[int, bytes]]:
    return [(at, data[at : at + size]) for at in range(0, len(data), size)]


def _ascii(data: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)


def _clock(number: int) -> str:
    ms = 37_000_000 + number * 61
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def _words(data: bytes, size: int) -> list[int]:
    return [int.from_bytes(data[at : at + size].ljust(size, b"\0"), "little") for at in range(0, len(data), size)]


def _signed(value: int) -> int:
    return value - 256 if value > 127 else value


def _each(line: Callable[[int, int, bytes], str], head: str = "", tail: str = "") -> Form:
    """A line for each chunk."""
    return lambda chunks: head + "".join(line(*chunk) + "\n" for chunk in chunks) + tail


def _dump(show: Callable[[bytes], str]) -> Form:
    """The bytes without their chunks."""
    return lambda chunks: show(b"".join(data for _, _, data in chunks))


def _starred(data: bytes, address: str, show: Callable[[bytes], str]) -> str:
    """Rows of 16 bytes, repeated ones as ``*``, as hexdump and od print them."""
    out: list[str] = []
    before: bytes | None = None
    for at, row in _rows(data, 16):
        if row == before and at + 16 <= len(data):
            out += ["*"] if out[-1] != "*" else []
        else:
            out.append(address % at + show(row))
        before = row
    return "\n".join([*out, address % len(data)]) + "\n"


def _columns(text: str, width: int) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width)) + "\n"


def _wireshark_json(chunks: Sequence[Chunk]) -> str:
    packets = [
        {
            "_index": "packets-2024-05-01",
            "_source": {
                "layers": {
                    "frame": {"frame.number": str(40 + number), "frame.len": str(len(data) + 12)},
                    "btatt": {"btatt.opcode": "0x52", "btatt.handle": "0x002a", "btatt.value": data.hex(":")},
                }
            },
        }
        for number, _offset, data in chunks
    ]
    return json.dumps(packets, indent=2) + "\n"


def _pdml(chunks: Sequence[Chunk]) -> str:
    out = ['<?xml version="1.0"?>', "<pdml>"]
    for number, _offset, data in chunks:
        out += [
            "<packet>",
            f'  <field name="num" show="{number + 40}" value="{number + 40:x}"/>',
            f'  <field name="btatt.value" showname="Value: {data[:8].hex()}" size="{len(data)}" show="{data.hex(":")}"/>',
            "</packet>",
        ]
    return "\n".join([*out, "</pdml>"]) + "\n"


def _wireshark_text(chunks: Sequence[Chunk]) -> str:
    return "".join(
        f"Frame {number + 40}: {len(data) + 12} bytes on wire\nBluetooth Attribute Protocol\n"
        f"    Opcode: Write Command (0x52)\n    Handle: 0x002a (Unknown)\n    Value: {data.hex()}\n\n"
        for number, _offset, data in chunks
    )


def _packet_logger(chunks: Sequence[Chunk]) -> str:
    out = []
    for number, _offset, data in chunks:
        groups = [data[at : at + 2].hex().upper() for at in range(0, len(data), 2)]
        out += [
            f"May 01 {_clock(number)}  ATT Send  0x0040  Write Command - Handle:0x0006 - Value: {' '.join(groups[:8])} …",
            "\tOpcode: 0x52",
            "\tAttribute Handle: 0x0006 (6)",
            *(f"\tValue: {' '.join(groups[at : at + 8])}" for at in range(0, len(groups), 8)),
        ]
    return "\n".join(out) + "\n"


def _bluetoothctl(chunks: Sequence[Chunk]) -> str:
    out = []
    for _number, _offset, data in chunks:
        out.append("[CHG] Attribute /org/bluez/hci0/dev_AA/service000a/char000b Value:")
        out += [f"  {row.hex(' '):<47}  {_ascii(row)}" for _at, row in _rows(data, 16)]
    return "\n".join(out) + "\n"


def _flutter(number: int, offset: int, data: bytes) -> str:
    return f"[FBP] <writeCharacteristic> args: {{remote_id: AA:BB, characteristic_uuid: ff01, value: {data.hex()}}}"


def _esp_log(number: int, offset: int, data: bytes) -> str:
    return "\n".join(f"I ({900 + 7 * number}) ota: {row.hex(' ')} " for _at, row in _rows(data, 16))


FORMS: dict[str, Form] = {
    "xxd": _dump(lambda d: "".join(f"{at:08x}: {row.hex(' ', 2):<40} {_ascii(row)}\n" for at, row in _rows(d, 16))),
    "xxd -p": _dump(lambda d: "".join(row.hex() + "\n" for _at, row in _rows(d, 30))),
    "xxd -e": _dump(
        lambda d: "".join(
            f"{at:08x}: {' '.join(f'{w:08x}' for w in _words(row, 4))}  {_ascii(row)}\n" for at, row in _rows(d, 16)
        )
    ),
    "xxd -i": _dump(
        lambda d: (
            "unsigned char fw[] = {\n"
            + ",\n".join("  " + ", ".join(f"0x{b:02x}" for b in row) for _at, row in _rows(d, 12))
            + "\n};\nunsigned int fw_len = "
            + f"{len(d)};\n"
        )
    ),
    "hexdump -C": _dump(
        lambda d: _starred(d, "%08x", lambda row: f"  {row[:8].hex(' ')}  {row[8:].hex(' ')}  |{_ascii(row)}|")
    ),
    "hexdump": _dump(lambda d: _starred(d, "%07x", lambda row: "".join(f" {w:04x}" for w in _words(row, 2)))),
    "od -t x1": _dump(lambda d: _starred(d, "%07o", lambda row: " " + row.hex(" "))),
    "od -t u1": _dump(lambda d: _starred(d, "%07o", lambda row: "".join(f" {b:3}" for b in row))),
    "od -t x4": _dump(lambda d: _starred(d, "%07o", lambda row: "".join(f" {w:08x}" for w in _words(row, 4)))),
    "gdb x/16xb": _dump(
        lambda d: "".join(
            f"0x{0x3F400000 + at:x}:\t" + "\t".join(f"0x{b:02x}" for b in row) + "\n" for at, row in _rows(d, 8)
        )
    ),
    "gdb x/4xw": _dump(
        lambda d: "".join(
            f"0x{0x3F400000 + at:x} <fw+{at}>:\t" + "\t".join(f"0x{w:08x}" for w in _words(row, 4)) + "\n"
            for at, row in _rows(d, 16)
        )
    ),
    "OpenOCD mdw": _dump(
        lambda d: "".join(
            f"0x{0x10000 + at:08x}: {' '.join(f'{w:08x}' for w in _words(row, 4))} \n" for at, row in _rows(d, 32)
        )
    ),
    "U-Boot md.b": _dump(
        lambda d: "".join(f"{0x82000000 + at:08x}: {row.hex(' ')}    {_ascii(row)}\n" for at, row in _rows(d, 16))
    ),
    "hex lines": _each(lambda i, o, d: d.hex()),
    "hex lines, capitals": _each(lambda i, o, d: d.hex(" ").upper()),
    "console, 80 columns": _dump(lambda d: _columns(d.hex(" ") + " ", 80)),
    "ESP-IDF hex": _each(_esp_log),
    "ESP-IDF hex, coloured": _each(
        lambda i, o, d: "\n".join(f"\x1b[0;32m{one}\x1b[0m" for one in _esp_log(i, o, d).split("\n"))
    ),
    "write lines": _each(lambda i, o, d: f"write chunk {i}: {d.hex(' ')}"),
    "length and hex": _each(lambda i, o, d: f"rx len={len(d)}: {d.hex()}"),
    "sequence and hex": _each(lambda i, o, d: f"recv seq={i} len={len(d)} data={d.hex()}"),
    "offset and hex": _each(lambda i, o, d: f"OTA @{o}: {d.hex()}"),
    "stamped": _each(lambda i, o, d: f"2024-05-01 {_clock(i)} INFO ble: TX {d.hex(':')}"),
    "braces": _each(lambda i, o, d: f"chunk {{ index: {i}, value: {d.hex()} }}"),
    "flutter_blue_plus": _each(_flutter),
    "Arduino HEX": _each(lambda i, o, d: "recv: " + " ".join(f"{b:X}" for b in d)),
    "Arduino 0x": _each(lambda i, o, d: "recv: " + " ".join(f"0x{b:x}" for b in d)),
    "Arduino DEC": _each(lambda i, o, d: "recv: " + ",".join(map(str, d))),
    "Python bytes": _each(lambda i, o, d: repr(d)),
    "bleak debug": _each(lambda i, o, d: f"{_clock(i)} DEBUG:bleak:Write Characteristic {UUID} | /org/bluez/x: {d!r}"),
    "bytearray": _each(lambda i, o, d: f"chunk {i}: {bytearray(d)!r}"),
    "MicroPython": _each(lambda i, o, d: f"irq 3 conn 0 handle 16 {d!r} len {len(d)}"),
    "Python list": _each(lambda i, o, d: f"write {list(d)}"),
    "list of hex()": _each(lambda i, o, d: f"tx {i} {[hex(b) for b in d]}"),
    "one list": _dump(lambda d: str(list(d)) + "\n"),
    "lists in JSON": _dump(lambda d: json.dumps([list(row) for _at, row in _rows(d, 100)]) + "\n"),
    "Node Buffer": _each(lambda i, o, d: f"write #{i} <Buffer {d.hex(' ')}>"),
    "JSON Buffer": _each(lambda i, o, d: json.dumps({"t": 1700000000 + i * 31, "type": "Buffer", "data": list(d)})),
    "Uint8Array": _each(lambda i, o, d: f"ota.js:{100 + i % 3} Uint8Array({len(d)}) [{', '.join(map(str, d))}]"),
    "Uint8Array as an object": _each(lambda i, o, d: json.dumps({str(k): b for k, b in enumerate(d)})),
    "Java bytes": _each(lambda i, o, d: f"D/Ota: onWrite [{', '.join(str(_signed(b)) for b in d)}]"),
    "Kotlin bytes": _each(lambda i, o, d: f"I/System.out: {' '.join(str(_signed(b)) for b in d)}"),
    "Go list": _each(lambda i, o, d: f"write [{' '.join(map(str, d))}]"),
    "Rust": _each(lambda i, o, d: f"[src/main.rs:40] chunk = [{', '.join(f'{b:x}' for b in d)}]"),
    "NSData": _each(lambda i, o, d: f"didWrite {{length = {len(d)}, bytes = 0x{d.hex()}}}"),
    "NSData in groups": _each(lambda i, o, d: f"write <{' '.join(d[k : k + 4].hex() for k in range(0, len(d), 4))}>"),
    "nRF Connect": _each(lambda i, o, d: f"A\t{_clock(i)}\tData written to {UUID}, value: (0x) {d.hex('-').upper()}"),
    "base64": _dump(lambda d: base64.encodebytes(d).decode()),
    "base64 chunks": _each(lambda i, o, d: base64.b64encode(d).decode()),
    "react-native-ble-plx": _each(lambda i, o, d: f" LOG  write {i} {base64.b64encode(d).decode()}"),
    "PEM": _dump(lambda d: "-----BEGIN FW-----\n" + _columns(base64.b64encode(d).decode(), 64) + "-----END FW-----\n"),
    "base64url in JSON": _each(lambda i, o, d: json.dumps({"v": base64.urlsafe_b64encode(d).decode().rstrip("=")})),
    "CSV": _each(lambda i, o, d: f"{i},{o},{len(d)},{d.hex()}", head="index,offset,length,data\n"),
    "CSV columns": _each(lambda i, o, d: f"{i};{';'.join(map(str, d))};{sum(d) & 0xFFFF}"),
    "CSV of bytes": _dump(lambda d: "addr,val\n" + "".join(f"{at},{b}\n" for at, b in enumerate(d))),
    "tshark -T fields": _each(lambda i, o, d: d.hex(":")),
    "Wireshark JSON": _wireshark_json,
    "PDML": _pdml,
    "Wireshark text": _wireshark_text,
    "PacketLogger": _packet_logger,
    "bluetoothctl": _bluetoothctl,
    "busctl": _each(lambda i, o, d: f"ay {len(d)} {' '.join(map(str, d))}"),
    "C strings": _each(lambda i, o, d: '"' + "".join(f"\\x{b:02x}" for b in d) + '"'),
    "printf": _each(lambda i, o, d: "printf '" + "".join(f"\\x{b:02x}" for b in d) + "' >> fw"),
    "percent": _each(lambda i, o, d: f"POST /ota?seq={i}&d=" + "".join(f"%{b:02X}" for b in d)),
    "binary": _each(lambda i, o, d: f"{o:6}: " + " ".join(f"{b:08b}" for b in d)),
    "wrapped list": _each(lambda i, o, d: textwrap.fill(f"write({i}) = {', '.join(map(str, d))}", 80)),
    "counter before, length behind": _each(lambda i, o, d: f"{i & 255:02X} {d.hex(' ').upper()} {len(d):02X}"),
    "among chatter": _each(
        lambda i, o, d: (
            f"connected, rssi -{50 + i % 9}\nheap {200_000 - i} free\nRX> {d.hex()}" if i % 3 == 0 else f"RX> {d.hex()}"
        )
    ),
}
"""Every form by its name."""


def chunks_of(data: bytes, size: int) -> list[Chunk]:
    """The writes of a transfer in chunks of ``size`` bytes."""
    return [(at // size, at, data[at : at + size]) for at in range(0, len(data), size)]


def forms() -> Iterator[tuple[str, Form]]:
    """All of them, in a fixed order."""
    yield from FORMS.items()
