from __future__ import annotations

import zlib

from forensics.parse.image import parse_image
from forensics.parse.signature import parse_signatures
from tests.unit.parse.build import shared, small_image


def test_a_real_version_1_signature() -> None:
    data = shared("images", "esptool__secure_images_hello-world-signed.bin").read_bytes()
    image = parse_image(data)
    (block,) = parse_signatures(data, image)
    assert block.scheme == "secure boot v1 (ECDSA)"
    assert block.span.start == image.image_size
    assert block.span.size == 68
    assert block.intact is None


def test_a_real_version_2_signature() -> None:
    data = shared("images", "esptool__secure_images_bootloader_signed_v2_rsa.bin").read_bytes()
    (block,) = parse_signatures(data, parse_image(data))
    assert block.scheme == "secure boot v2 (RSA-3072)"
    assert block.span.start == len(data) - 4096
    assert block.intact
    damaged = bytearray(data)
    damaged[block.span.start + 100] ^= 1
    assert not parse_signatures(bytes(damaged), parse_image(bytes(damaged)))[0].intact


def test_up_to_three_blocks_are_named() -> None:
    app = small_image()
    body = (b"\xe7\x03\0\0" + bytes(range(32))).ljust(1196, b"\x5a")
    block = body + zlib.crc32(body).to_bytes(4, "little") + bytes(16)
    data = app.ljust(4096, b"\xff") + (3 * block).ljust(4096, b"\xff")
    found = parse_signatures(data, parse_image(data))
    assert [item.scheme for item in found] == ["secure boot v2 (ECDSA unknown curve)"] * 3
    assert all(item.intact and item.image_digest == bytes(range(32)).hex() for item in found)


def test_fill_and_unfinished_images_are_not_signed() -> None:
    app = small_image()
    for tail in (b"", bytes(200), b"\xff" * 9000):
        assert parse_signatures(app + tail, parse_image(app + tail)) == ()
    assert parse_signatures(app[:99], parse_image(app[:99])) == ()
