"""What real receivers store when a chunk is lost or a length is not what they expect, by name.

Each takes the image, the size of a chunk and the numbers of the chunks that never arrive, and gives the bytes
that the device writes.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Collection

from forensics.model.chunk_plan import ChunkPlan

Receiver = Callable[[bytes, int, Collection[int]], bytes]
"""Image, bytes of a chunk, numbers of the lost chunks -> bytes stored."""

PART_SIZE = 16000
_PART_BUFFER = 16384
SECTOR_SIZE = 4096
_CHUNK_BUFFER = 512
_SHORTEST_FULL_WRITE = 510
_TOO_MANY = 3


def fbiego(image: bytes, size: int, lost: Collection[int]) -> bytes:
    """Two part buffers that take turns and are never cleared, so a lost chunk shows what stood there before.

    Source: fbiego/ESP32_BLE_OTA_Arduino, its two part buffers of 16384 bytes.
    """
    buffers = bytearray(_PART_BUFFER), bytearray(_PART_BUFFER)
    stored = bytearray()
    number = 0
    for part, start in enumerate(range(0, len(image), PART_SIZE)):
        content, buffer = image[start : start + PART_SIZE], buffers[part % 2]
        for chunk in ChunkPlan(size=size).chunks(len(content)):
            if number not in lost:
                buffer[chunk.start : chunk.end] = content[chunk.start : chunk.end]
            number += 1
        stored += buffer[: len(content)]
    return bytes(stored)


def ble_ota_bluedroid(image: bytes, size: int, lost: Collection[int]) -> bytes:
    """A sector buffer that takes whatever comes, the CRC too, and is always written as 4096 bytes.

    Source: espressif/esp-iot-solution ``ble_ota`` 0.1.16, the Bluedroid receiver.
    """
    stored = bytearray()
    number = 0
    for start in range(0, len(image), SECTOR_SIZE):
        sector, buffer = image[start : start + SECTOR_SIZE], bytearray()
        for chunk in ChunkPlan(size=size).chunks(len(sector)):
            if number not in lost:
                buffer += sector[chunk.start : chunk.end]
                if chunk.end == len(sector):
                    buffer += binascii.crc_hqx(sector, 0).to_bytes(2, "little")
            number += 1
        stored += buffer[:SECTOR_SIZE].ljust(SECTOR_SIZE, b"\0")
    return bytes(stored)


def control_data(image: bytes, size: int, lost: Collection[int]) -> bytes:
    """A static chunk buffer of which the announced size is written every time, so a short chunk drags old bytes along.

    Source: michael-angerer/esp32_ble_ota, its static chunk buffer of 512 bytes.
    """
    buffer, stored = bytearray(_CHUNK_BUFFER), bytearray()
    for number, chunk in enumerate(ChunkPlan(size=size).chunks(len(image))):
        if number not in lost:
            buffer[: chunk.size] = image[chunk.start : chunk.end]
            stored += buffer[:size]
    return bytes(stored)


def control_data_announced(image: bytes, size: int, lost: Collection[int]) -> bytes:
    """As ``control_data``, with a sender that announces three bytes more than it writes.

    Source: sparkleo-io/flutter_ota, which announces 200 bytes and writes 197.
    """
    buffer, stored = bytearray(_CHUNK_BUFFER), bytearray()
    for number, chunk in enumerate(ChunkPlan(size=size).chunks(len(image))):
        if number not in lost:
            buffer[: chunk.size] = image[chunk.start : chunk.end]
            stored += buffer[: size + _TOO_MANY]
    return bytes(stored)


def first_short_write_ends(image: bytes, size: int, lost: Collection[int]) -> bytes:
    """The first write under 510 bytes is taken for the last one, whatever the MTU allows.

    Source: ClaesClaes/Arduino-ESP32-NimBLE-OTA-iOS-SwiftUI.
    """
    stored = bytearray()
    for number, chunk in enumerate(ChunkPlan(size=size).chunks(len(image))):
        if number not in lost:
            stored += image[chunk.start : chunk.end]
            if chunk.size < _SHORTEST_FULL_WRITE:
                break
    return bytes(stored)


RECEIVERS: dict[str, Receiver] = {
    "fbiego": fbiego,
    "ble-ota-bluedroid": ble_ota_bluedroid,
    "control-data": control_data,
    "control-data-announced": control_data_announced,
    "first-short-write-ends": first_short_write_ends,
}
"""Every receiver, by name."""
