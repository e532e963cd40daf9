from __future__ import annotations

import pytest

from forensics.parse.image import parse_image
from forensics.parse.trailing import parse_trailing
from tests.unit.parse.build import shared, small_image

APP = small_image()


@pytest.mark.parametrize(("tail", "content"), [(b"\xff" * 90, "erased"), (bytes(90), "zero"), (b"old firmware", "unknown")])
def test_the_content_after_an_image(tail: bytes, content: str) -> None:
    found = parse_trailing(b"\xee" * 7 + APP + tail, parse_image(APP), 7)
    assert found is not None
    assert found.content == content
    assert (found.span.start, found.span.size) == (7 + len(APP), len(tail))
    assert found.signatures == ()


def test_nothing_follows() -> None:
    assert parse_trailing(APP, parse_image(APP)) is None
    assert parse_trailing(APP[:99], parse_image(APP[:99])) is None


def test_a_signature_and_its_padding() -> None:
    data = shared("images", "esptool__secure_images_bootloader_signed_v2_rsa.bin").read_bytes()
    found = parse_trailing(data, parse_image(data))
    assert found is not None
    assert found.content == "erased"
    assert len(found.signatures) == 1
