"""Files in which an app is encrypted, compressed, signed or cut to a patch, for devices that undo that."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import replace

from forensics.model.file_kind import FileKind
from forensics.spec.containers import (
    DELTA_HEADER,
    DELTA_HEADER_SIZE,
    DELTA_MAGIC,
    DETOOLS_COMPRESSIONS,
    ENCRYPTED_HEADER,
    ENCRYPTED_HEADER_SIZE,
    ENCRYPTED_MAGIC,
    MCUBOOT_HEADER,
    MCUBOOT_LOAD_MAGIC,
    MCUBOOT_MAGIC,
    MCUBOOT_SHA256,
    MCUBOOT_SIGNATURES,
    MCUBOOT_TLV,
    MCUBOOT_TLV_INFO,
    MCUBOOT_TLV_MAGIC,
    MCUBOOT_TRAILER_MAGIC,
    PACKED_BEHIND_APP,
    PACKED_HEAD,
    PACKED_HEADERS,
    PACKED_MAGIC,
)
from forensics.spec.esp_image import IMAGE_MAGIC

_REFUSED = "esp_ota_write refuses it, since its first byte is not 0xe9"
_DEVICE = "the device must take it apart first"
_BEHIND_APP = (
    "esp_ota_write takes it, since the header of its app is in front; only a device with bootloader_support_plus unpacks it"
)
_EMPTY_IMAGE = bytes((IMAGE_MAGIC, 0))
_PATCHED = range(0x1000, 0x1000001)
"""Bytes of an app that a patch makes, where nothing but a length says that it is one."""


def identify_container(data: bytes) -> FileKind | None:
    """One of Espressif's or MCUboot's containers, or a bare patch of detools."""
    for magic, identify in _BY_MAGIC:
        if data.startswith(magic):
            return identify(data)
    if data.startswith(_EMPTY_IMAGE) and data.startswith(PACKED_MAGIC, PACKED_BEHIND_APP):
        packed = _packed(data[PACKED_BEHIND_APP:])
        return None if packed is None else replace(packed, advice=_BEHIND_APP)
    return _detools(data)


def _encrypted(data: bytes) -> FileKind | None:
    if len(data) < ENCRYPTED_HEADER_SIZE:
        return None
    fields = ENCRYPTED_HEADER.parse(data)
    scheme = "RSA-3072" if fields.key[96:].strip(b"\0") else "ECIES P-256"
    words = f"an app encrypted by esp_encrypted_img ({scheme}, {fields.size} bytes of app)"
    missing = ENCRYPTED_HEADER_SIZE + fields.size - len(data)
    if missing > 0:
        words += f", which lacks its last {missing} bytes"
    advice = f"{_REFUSED}: {_DEVICE} with esp_encrypted_img_decrypt_data, or send the .bin that was encrypted"
    return FileKind(kind="encrypted-image", words=words, advice=advice, intact=False if missing > 0 else None)


def _delta(data: bytes) -> FileKind | None:
    if len(data) < DELTA_HEADER_SIZE:
        return None
    base = DELTA_HEADER.parse(data).base_digest.hex()
    return FileKind(
        kind="delta-patch",
        words=f"a patch for esp_delta_ota, against the app with the digest {base[:16]}...",
        advice=f"{_REFUSED}: {_DEVICE} with esp_delta_ota_feed_patch, and it must run exactly the app of that digest",
    )


def _packed(data: bytes) -> FileKind | None:
    version = PACKED_HEAD.parse(data).version if len(data) >= PACKED_HEAD.sizeof() else 0
    layout = PACKED_HEADERS.get(version)
    if layout is None or len(data) < layout.sizeof():
        return None
    fields = layout.parse(data)
    size = layout.sizeof()
    payload = memoryview(data)[size : size + fields.size]
    whole = zlib.crc32(data[: size - 4]) == fields.crc
    agrees = whole and hashlib.md5(payload, usedforsecurity=False).digest() == fields.md5
    state = "its CRC32 and MD5 agree" if agrees else "its MD5 is WRONG" if whole else "the CRC32 of its header is WRONG"
    return FileKind(
        kind="compressed-ota",
        words=f"a compressed app for Espressif's bootloader-plus (version {version}, {fields.size} bytes packed), {state}",
        advice=f"{_REFUSED}: only a device with that bootloader unpacks it, from where its own update code stores it",
        intact=agrees,
    )


def _mcuboot(data: bytes) -> FileKind | None:
    if len(data) < MCUBOOT_HEADER.sizeof():
        return None
    fields = MCUBOOT_HEADER.parse(data)
    end = fields.header_size + fields.image_size + fields.protected_size
    tlvs = _tlvs(data, end)
    digest = tlvs.get(MCUBOOT_SHA256)
    intact = None if digest is None else hashlib.sha256(memoryview(data)[:end]).digest() == digest
    if len(data) < end:
        intact = False
    state = {None: "without a SHA-256", True: "its SHA-256 agrees", False: "its SHA-256 is WRONG"}[intact]
    words = [f"an MCUboot image, version {fields.major}.{fields.minor}.{fields.revision}+{fields.build}", state]
    if len(data) < end:
        words[1] = f"which lacks its last {end - len(data)} bytes"
    words += [f"signed ({scheme})" for kind, scheme in MCUBOOT_SIGNATURES.items() if kind in tlvs]
    if data[fields.header_size :].startswith(MCUBOOT_LOAD_MAGIC):
        words.append("for Espressif's port")
    if data.endswith(MCUBOOT_TRAILER_MAGIC):
        words.append("with a swap trailer")
    advice = "ESP-IDF's OTA takes no MCUboot image: send the app's .bin of an ESP-IDF build, or use the update protocol "
    return FileKind(kind="mcuboot", words=", ".join(words), advice=f"{advice}of the device's own bootloader", intact=intact)


def _tlvs(data: bytes, start: int) -> dict[int, bytes]:
    """The unprotected values behind the image, by type."""
    raw = data[start : start + MCUBOOT_TLV_INFO.sizeof()]
    if len(raw) < MCUBOOT_TLV_INFO.sizeof() or MCUBOOT_TLV_INFO.parse(raw).magic != MCUBOOT_TLV_MAGIC:
        return {}
    end = min(start + MCUBOOT_TLV_INFO.parse(raw).size, len(data))
    place, found = start + MCUBOOT_TLV_INFO.sizeof(), {}
    while place + MCUBOOT_TLV.sizeof() <= end:
        head = MCUBOOT_TLV.parse(data[place : place + MCUBOOT_TLV.sizeof()])
        place += MCUBOOT_TLV.sizeof()
        found[head.type] = data[place : place + head.size]
        place += head.size
    return found


def _detools(data: bytes) -> FileKind | None:
    """A patch has no magic: a known type, the length of an app in its shortest form, and the start of a known stream.

    Source: eerimoq/detools ``common.py`` (``pack_size``), ``create.py``, ``compression/heatshrink.py``.
    """
    compression = DETOOLS_COMPRESSIONS.get(data[0] & 0x0F) if data and data[0] < 0x10 else None
    if compression is None:
        return None
    size, place, shift = 0, 1, 0
    for byte in data[1:6]:
        size |= (byte & (0x3F if not shift else 0x7F)) << shift
        shift += 7 if shift else 6
        place += 1
        if not byte & 0x80:
            break
    shortest = not data[1:2] or (not data[1] & 0x40 and data[place - 1])
    if size not in _PATCHED or not shortest or not place < len(data) < size or not _begins(compression, data[place]):
        return None
    return FileKind(
        kind="delta-patch",
        words=f"a patch of detools ({compression}) that makes an app of {size} bytes",
        advice=f"{_REFUSED}: {_DEVICE} with esp_delta_ota_feed_patch, or send the app's own .bin",
    )


def _begins(compression: str, first: int) -> bool:
    """A stream may begin so: LZMA by its properties, CRLE by its kind, heatshrink by its window and a shorter lookahead."""
    if compression == "heatshrink":
        return first & 0x0F <= first >> 4 <= 11
    return first == 0x5D if compression == "LZMA" else first < 2


_BY_MAGIC = (
    (ENCRYPTED_MAGIC, _encrypted),
    (DELTA_MAGIC, _delta),
    (PACKED_MAGIC, _packed),
    (MCUBOOT_MAGIC, _mcuboot),
)
