"""Application images, bootloaders, and whole-flash files that hold them."""

from __future__ import annotations

from forensics.model.file_kind import FileKind
from forensics.model.image import EspImage
from forensics.model.span import ByteSpan
from forensics.parse.bootloader import bootloader_words, has_other_flash_settings, is_bootloader
from forensics.parse.esp8266 import seal_agrees
from forensics.parse.flash_layout import FlashLayout, find_layout
from forensics.parse.image import looks_like_image, parse_image
from forensics.parse.trailing import parse_trailing
from forensics.spec.chips import ESP8266
from forensics.spec.esp_image import IMAGE_MAGIC
from forensics.spec.file_magics import SEND_THE_BIN

_MOST_PLACES = 4
"""Apps whose place is put into words."""

_PADDING = {"erased": "0xFF", "zero": "0x00"}
_SEND_ONE_APP = "OTA takes one app: send the app's own .bin"


def identify_firmware(data: bytes, image: EspImage | None = None) -> FileKind | None:
    """An app, a bootloader, an ESP8266 image, or a merged file or flash dump with apps inside.

    Args:
        data: The file.
        image: What ``parse_image`` found at its start, where somebody has asked already.
    """
    image = image or parse_image(data, digests=False)
    begins = looks_like_image(image)
    boots = begins and is_bootloader(data, image)
    esp8266 = begins and image.chip == ESP8266.name
    if begins and not boots and not esp8266:
        return FileKind(kind="app", words=_app_words(data, image), apps=(ByteSpan(0, _end(image, len(data))),))
    layout = find_layout(data)
    if esp8266:
        return _esp8266(layout, data, image)
    elsewhere = [image for image in layout.images if image.span.start]
    if elsewhere or (layout.table is not None and layout.table.span.start):
        return _merged(layout)
    if not boots:
        return None
    advice = f"a bootloader is flashed by cable, at its own address: {SEND_THE_BIN}"
    words = f"{bootloader_words(data, image)}{_for(image)}"
    changed = has_other_flash_settings(data, image)
    if changed:
        words += ", whose flash settings esptool changed after its digest was made"
    return FileKind(kind="bootloader", words=words, advice=advice, intact=changed or None)


def _end(image: EspImage, size: int) -> int:
    return min(image.image_size or size, size)


def _esp8266(layout: FlashLayout, data: bytes, image: EspImage) -> FileKind:
    """An image that its boot ROM starts, and those behind it that the ROM knows nothing of."""
    advice = f"it runs on an {ESP8266.name} only: build the app for the device's chip"
    words = f"an image for the {ESP8266.name}"
    behind = [image.span for image in layout.images[1:]]
    if not behind:
        agrees = seal_agrees(data, image)
        state = {None: "", True: ", its own digest agrees", False: ", its CRC32 is WRONG"}[agrees]
        return FileKind(kind="esp8266", words=words + state, advice=advice, intact=agrees)
    places = " and ".join(f"0x{span.start:x}" for span in behind[:_MOST_PLACES])
    words += f", a loader with {'an app' if len(behind) == 1 else f'{len(behind)} apps'} at {places}"
    return FileKind(kind="esp8266", words=words, advice=advice, apps=tuple(behind))


def _merged(layout: FlashLayout) -> FileKind:
    apps = layout.apps
    parts = ["bootloader"] if len(layout.images) > len(apps) else []
    if layout.table is not None:
        parts.append("partition table")
    if apps:
        parts.append(f"{len(apps)} app{'s' if len(apps) > 1 else ''}")
    words = f"a merged image or flash dump ({', '.join(parts)})"
    places = " or ".join(f"bytes 0x{app.start:x} to 0x{app.end:x}" for app in apps[:_MOST_PLACES])
    where = f", which is at {places} of this file" if apps else f": {SEND_THE_BIN}"
    return FileKind(kind="merged", words=words, advice=_SEND_ONE_APP + where, apps=apps)


def _app_words(data: bytes, image: EspImage) -> str:
    from_ram = image.chip is not None and not any(segment.mapped for segment in image.segments)
    words = f"an application image{' that runs from RAM' if from_ram else ''}{_for(image)}"
    if image.app is not None:
        words += f" ({image.app.title})"
    if image.header is not None and image.header.magic != IMAGE_MAGIC:
        words += ", its first byte damaged"
    trailing = parse_trailing(data, image)
    if trailing is not None and trailing.signatures:
        words += ", signed"
    elif trailing is not None and trailing.content in _PADDING:
        words += f", padded with {trailing.span.size} bytes of {_PADDING[trailing.content]}"
    return words


def _for(image: EspImage) -> str:
    return f" for the {image.chip}" if image.chip else ""
