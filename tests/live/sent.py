"""The image that these tests send."""

from __future__ import annotations

from functools import cache

from forensics.synth.image import build_image

CHUNK = 244


@cache
def image(seed: int = 1, size: int = 40_000) -> bytes:
    return build_image(size=size, seed=seed)
