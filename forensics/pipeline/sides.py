"""One side of a comparison or of a log, with all that is known of its bytes."""

from __future__ import annotations

from forensics.classify.facts import Side
from forensics.model.file_kind import FileKind
from forensics.model.image import EspImage
from forensics.parse.image import parse_image
from forensics.verify.walk import walk


def side_of(name: str, data: bytes, image: EspImage | None = None) -> Side:
    """``data`` with the image in it and the device's checks over it; ``image`` is what it is when it was parsed before."""
    image = image or parse_image(data)
    return Side(name=name, data=data, image=image, checks=walk(data, image).checks, identify=_identify)


def _identify(data: bytes) -> FileKind:
    from forensics.parse.identify import identify  # noqa: PLC0415 - looks for file systems and ciphertext, seldom needed

    return identify(data)
