"""Writers of the text forms, each in the words of the program it imitates."""

from __future__ import annotations


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


def pairs(content: bytes, separator: str = " ") -> str:
    return content.hex(separator) if content else ""


def xxd(content: bytes) -> str:
    lines = []
    for offset in range(0, len(content), 16):
        row = content[offset : offset + 16]
        groups = " ".join(row[i : i + 2].hex() for i in range(0, len(row), 2))
        lines.append(f"{offset:08x}: {groups:<39}  {printable(row)}")
    return "\n".join(lines) + "\n"


def hexdump_canonical(content: bytes) -> str:
    lines = []
    last = b""
    starred = False
    for offset in range(0, len(content), 16):
        row = content[offset : offset + 16]
        if row == last and len(row) == 16:
            if not starred:
                lines.append("*")
                starred = True
            continue
        starred = False
        last = row
        lines.append(f"{offset:08x}  {pairs(row[:8]):<23}  {pairs(row[8:]):<23}  |{printable(row)}|")
    lines.append(f"{len(content):08x}")
    return "\n".join(lines) + "\n"


def esp_log_hex(content: bytes, chunk: int = 509, tag: str = "ota") -> str:
    lines = []
    for number, piece in enumerate(pieces(content, chunk)):
        lines.append(f"I ({954 + number}) {tag}_app: chunk received")
        lines += [f"I ({954 + number}) {tag}: {pairs(row)}" for row in pieces(piece, 16)]
    return "\n".join(lines) + "\n"


def esp_log_hexdump(content: bytes, chunk: int = 509) -> str:
    lines = []
    for number, piece in enumerate(pieces(content, chunk)):
        for index, row in enumerate(pieces(piece, 16)):
            halves = f"{pairs(row[:8])}  {pairs(row[8:])}"
            lines.append(
                f"\x1b[0;32mI ({1013 + number}) ota: 0x{0x3FFB5BC0 + index * 16:08x}   {halves:<50}|{printable(row)}|\x1b[0m"
            )
    return "\n".join(lines) + "\n"


def zero_x_list(content: bytes) -> str:
    rows = (", ".join(f"0x{value:02X}" for value in row) for row in pieces(content, 12))
    return "const uint8_t image[] = {\n" + "".join(f"  {row},\n" for row in rows) + "};\n"


def decimal_list(content: bytes) -> str:
    return "".join(f"flutter: [{', '.join(str(value) for value in row)}]\n" for row in pieces(content, 200))


def signed_list(content: bytes) -> str:
    values = [value - 256 if value > 127 else value for value in content]
    return "".join(f"[{', '.join(map(str, values[start : start + 100]))}]\n" for start in range(0, len(values), 100))


def bleak_log(content: bytes) -> str:
    uuid = "23408888-1f40-4cd8-9b89-ca8d45f8a5b0"
    path = "/org/bluez/hci0/dev_AA_BB_CC_DD_EE_FF/service0028/char0029"
    return "".join(
        f"2026-01-01 12:00:00,{index % 1000:03d} bleak.backends.bluezdbus.client DEBUG: "
        f"Write Characteristic {uuid} | {path}: {piece!r}\n"
        for index, piece in enumerate(pieces(content, 244))
    )


def node_inspected(content: bytes, chunk: int = 244) -> str:
    lines = []
    for piece in pieces(content, chunk):
        rest = len(piece) - 50
        tail = f" ... {rest} more byte{'s' if rest > 1 else ''}" if rest > 0 else ""
        lines.append(f"write <Buffer {pairs(piece[:50])}{tail}>")
    return "\n".join(lines) + "\n"


def node_json(content: bytes) -> str:
    return "".join('{"type":"Buffer","data":[' + ",".join(map(str, piece)) + "]}\n" for piece in pieces(content, 244))


def nrf_connect(content: bytes) -> str:
    lines = ["nRF Connect, 2026-01-01", "I\t02:45:03.120\tMTU: 247"]
    for index, piece in enumerate(pieces(content, 244)):
        time = f"02:45:{index // 1000 % 60:02d}.{index % 1000:03d}"
        value = pairs(piece, "-").upper()
        lines.append(f"V\t{time}\tWriting command to characteristic 23408888-1f40-4cd8-9b89-ca8d45f8a5b0")
        lines.append(f"I\t{time}\tData written to 23408888-1f40-4cd8-9b89-ca8d45f8a5b0, value: (0x) {value}")
        lines.append(f'A\t{time}\t"(0x) {value}" sent')
    return "\n".join(lines) + "\n"


def write_log(content: bytes, chunk: int = 244) -> str:
    return "".join(
        f"I ({5000 + index * 12}) BLE_OTA: write {index} len={len(piece)} data={piece.hex()}\n"
        for index, piece in enumerate(pieces(content, chunk))
    )


def intel_hex(content: bytes) -> str:
    lines = []
    for offset in range(0, len(content), 16):
        if offset % 0x10000 == 0:
            lines.append(_record(0, 4, (offset >> 16).to_bytes(2, "big")))
        lines.append(_record(offset & 0xFFFF, 0, content[offset : offset + 16]))
    lines.append(":00000001FF")
    return "\n".join(lines) + "\n"


def s_record(content: bytes) -> str:
    lines = ["S0030000FC"]
    for offset in range(0, len(content), 16):
        body = offset.to_bytes(4, "big") + content[offset : offset + 16]
        record = bytes([len(body) + 1]) + body
        lines.append(f"S3{(record + bytes([~sum(record) & 0xFF])).hex().upper()}")
    lines.append("S70500000000FA")
    return "\n".join(lines) + "\n"


def printable(row: bytes) -> str:
    return "".join(chr(value) if 32 <= value < 127 else "." for value in row)


def _record(address: int, kind: int, payload: bytes) -> str:
    body = bytes([len(payload)]) + address.to_bytes(2, "big") + bytes([kind]) + payload
    return f":{(body + bytes([-sum(body) & 0xFF])).hex().upper()}"
