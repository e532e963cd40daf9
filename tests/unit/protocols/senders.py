"""Senders: the values that each protocol's client writes for an image, and what a healthy device answers."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from forensics.protocols.espressif import crc16
from tests.captures import AttPdu, value_pdu

DATA, CONTROL = 0x2A, 0x2D
COMMAND, REQUEST, NOTIFY = 0x52, 0x12, 0x1B
STEP = 7500


@dataclass(frozen=True)
class Step:
    """One value: opcode, handle, bytes."""

    opcode: int
    handle: int
    value: bytes


def conversation(steps: Iterable[Step], start: int = 1_760_000_000_000_000) -> list[AttPdu]:
    pdus: list[AttPdu] = []
    for index, step in enumerate(steps):
        from_central = step.opcode != NOTIFY
        time = start + index * STEP
        pdus.append(AttPdu(time=time, from_central=from_central, data=value_pdu(step.opcode, step.handle, step.value)))
        if step.opcode == REQUEST:
            pdus.append(AttPdu(time=time + 100, from_central=False, data=b"\x13"))
    return pdus


def cut(image: bytes, size: int) -> list[bytes]:
    return [image[start : start + size] for start in range(0, len(image), size)]


def espressif_command(number: int, payload: bytes) -> bytes:
    body = number.to_bytes(2, "little") + payload.ljust(16, b"\0")
    return body + crc16(body).to_bytes(2, "little")


def espressif(image: bytes, size: int = 460, *, last_is_ffff: bool = False) -> list[Step]:
    steps = [
        Step(REQUEST, CONTROL, espressif_command(1, len(image).to_bytes(4, "little"))),
        Step(NOTIFY, CONTROL, espressif_command(3, b"\1\0\0\0")),
    ]
    sectors = cut(image, 4096)
    for number, sector in enumerate(sectors):
        pieces = cut(sector, size)
        name = 0xFFFF if last_is_ffff and number == len(sectors) - 1 and len(sector) < 4096 else number
        for sequence, piece in enumerate(pieces):
            last = sequence == len(pieces) - 1
            header = name.to_bytes(2, "little") + bytes([0xFF if last else sequence])
            tail = crc16(sector).to_bytes(2, "little") if last else b""
            steps.append(Step(COMMAND, DATA, header + piece + tail))
        ack = number.to_bytes(2, "little") + bytes(16)
        steps.append(Step(NOTIFY, DATA, ack + crc16(ack).to_bytes(2, "little")))
    return [*steps, Step(REQUEST, CONTROL, espressif_command(2, b""))]


def fbiego(image: bytes, size: int = 500) -> list[Step]:
    parts = cut(image, 16000)
    steps = [
        Step(COMMAND, DATA, b"\xfd"),
        Step(COMMAND, DATA, b"\xfe" + len(image).to_bytes(4, "big")),
        Step(COMMAND, DATA, b"\xff" + len(parts).to_bytes(2, "big") + size.to_bytes(2, "big")),
    ]
    for number, part in enumerate(parts):
        for position, piece in enumerate(cut(part, size)):
            steps.append(Step(COMMAND, DATA, b"\xfb" + bytes([position]) + piece))
        end = b"\xfc" + len(part).to_bytes(2, "big") + number.to_bytes(2, "big")
        steps.append(Step(REQUEST, DATA, end))
        steps.append(Step(NOTIFY, CONTROL, b"\xf1" + (number + 1).to_bytes(2, "big")))
    return [*steps, Step(NOTIFY, CONTROL, b"\xf2" + len(parts).to_bytes(2, "big"))]


def control_data(image: bytes, size: int = 244) -> list[Step]:
    return [
        Step(REQUEST, DATA, size.to_bytes(2, "little")),
        Step(REQUEST, CONTROL, b"\1"),
        Step(NOTIFY, CONTROL, b"\2"),
        *(Step(REQUEST, DATA, piece) for piece in cut(image, size)),
        Step(REQUEST, CONTROL, b"\4"),
        Step(NOTIFY, CONTROL, b"\5"),
    ]


def stream(image: bytes, size: int = 510) -> list[Step]:
    return [Step(COMMAND, DATA, piece) for piece in cut(image, size)]


def meshtastic(image: bytes, size: int = 256) -> list[Step]:
    command = f"OTA {len(image)} {'ab' * 32}\n".encode()
    return [Step(REQUEST, DATA, command), Step(NOTIFY, CONTROL, b"OK\n"), *stream(image, size)]


def ardu_ble_ota(image: bytes, size: int = 238, *, compressed: bool = False) -> list[Step]:
    data = zlib.compress(image) if compressed else image
    begin = b"\x03" + b"".join(number.to_bytes(4, "little") for number in (len(image), size + 1, 4096, len(data)))
    pieces = cut(data, size)
    packages = [
        Step(COMMAND, DATA, (b"\x06" if index % 16 == 15 else b"\x05") + piece) for index, piece in enumerate(pieces)
    ]
    end = b"\x08" + zlib.crc32(data).to_bytes(4, "little")
    return [
        Step(COMMAND, DATA, b"\x01"),
        Step(COMMAND, DATA, begin + bytes([compressed])),
        *packages,
        Step(COMMAND, DATA, end),
    ]


def silabs(image: bytes, size: int = 244) -> list[Step]:
    body = [Step(COMMAND, DATA, piece) for piece in cut(image, size)]
    return [Step(REQUEST, CONTROL, b"\0"), *body, Step(REQUEST, CONTROL, b"\3")]


def fast_ble_ota(image: bytes, size: int = 509) -> list[Step]:
    announcement = len(image).to_bytes(4, "little") + zlib.crc32(image).to_bytes(4, "little") + b"\0"
    return [Step(REQUEST, DATA, announcement), *(Step(COMMAND, DATA, piece) for piece in cut(image, size))]


def smp(image: bytes, size: int = 400, write: int = 244) -> list[Step]:
    steps: list[Step] = []
    for offset in range(0, len(image), size):
        piece = image[offset : offset + size]
        body = bytearray([0xBF])
        body += b"\x63off" + b"\x1a" + offset.to_bytes(4, "big")
        if offset == 0:
            body += b"\x63len" + b"\x1a" + len(image).to_bytes(4, "big")
        body += b"\x64data" + b"\x59" + len(piece).to_bytes(2, "big") + piece + b"\xff"
        header = b"\x02\0" + len(body).to_bytes(2, "big") + b"\0\x01" + bytes([offset // size & 255]) + b"\x01"
        steps += [Step(COMMAND, DATA, part) for part in cut(bytes(header + body), write)]
    return steps


def nordic_secure(image: bytes, size: int = 244) -> list[Step]:
    steps = [
        Step(REQUEST, CONTROL, b"\x01\x01" + (64).to_bytes(4, "little")),
        Step(COMMAND, DATA, bytes(64)),
        Step(REQUEST, CONTROL, b"\x04"),
    ]
    for number, thing in enumerate(cut(image, 4096)):
        steps.append(Step(REQUEST, CONTROL, b"\x01\x02" + len(thing).to_bytes(4, "little")))
        steps += [Step(COMMAND, DATA, piece) for piece in cut(thing, size)]
        done = image[: number * 4096 + len(thing)]
        answer = b"\x60\x03\x01" + len(done).to_bytes(4, "little") + zlib.crc32(done).to_bytes(4, "little")
        steps += [
            Step(REQUEST, CONTROL, b"\x03"),
            Step(NOTIFY, CONTROL, answer),
            Step(REQUEST, CONTROL, b"\x04"),
        ]
    return steps


def nordic_legacy(image: bytes, size: int = 20) -> list[Step]:
    return [
        Step(REQUEST, CONTROL, b"\x01\x04"),
        Step(COMMAND, DATA, bytes(8) + len(image).to_bytes(4, "little")),
        Step(REQUEST, CONTROL, b"\x02\0"),
        Step(COMMAND, DATA, bytes(14)),
        Step(REQUEST, CONTROL, b"\x02\x01"),
        Step(REQUEST, CONTROL, b"\x03"),
        *(Step(COMMAND, DATA, piece) for piece in cut(image, size)),
        Step(REQUEST, CONTROL, b"\x04"),
        Step(REQUEST, CONTROL, b"\x05"),
    ]
