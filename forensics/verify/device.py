"""The device that walks: its settings resolved for one image, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass, field

from forensics.errors import UsageError
from forensics.model.check import Outcome
from forensics.model.device import DeviceSettings
from forensics.model.image import EspImage, ImageHeader
from forensics.model.span import ByteSpan
from forensics.parse.image import parse_image
from forensics.spec.chips import CHIPS, ESP32, ESP8266, Chip, chip_by_id, chip_by_name
from forensics.spec.esp_err import ESP_ERR_IMAGE_INVALID
from forensics.spec.esp_image import (
    APP_DESCRIPTOR_OFFSET,
    COMMON_HEADER_SIZE,
    ESP8266_V2_MAGIC,
    IMAGE_HEADER_SIZE,
    IMAGE_MAGIC,
)
from forensics.spec.esp_image_records import read_app_descriptor, read_esp8266_header, read_image_header
from forensics.spec.log_lines.printing import LEVELS, device_line
from forensics.spec.versions import BEFORE_DESCRIPTORS, FULL_REVISION, MASTER, OLDEST, IdfVersion
from forensics.verify.flash import Flash

_SMALLEST_FLASH = 0x400000
"""4 MiB, the flash of most modules."""

SOURCE = "components/bootloader_support/src/esp_image_format.c: {}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one check finds, whether or not the device comes to make it.

    Attributes:
        lines: What the device prints there.
        err: The ``esp_err_t`` with which the device stops when the check fails.
        last: True when nothing after this check can be read: where it would stand is not known.
    """

    step: str
    outcome: Outcome
    lines: tuple[str, ...] = ()
    expected: str | None = None
    actual: str | None = None
    span: ByteSpan | None = None
    reason: str | None = None
    err: int = ESP_ERR_IMAGE_INVALID
    last: bool = False
    source: str | None = None


def outcome(passed: bool) -> Outcome:
    """``passed`` or ``failed``."""
    return Outcome.PASSED if passed else Outcome.FAILED


@dataclass(slots=True, kw_only=True)
class Device:
    """One walk under way. Addresses are flash addresses.

    Attributes:
        image: What was parsed of the same bytes, whose checksum and digest are taken where they cover what
            the device covers; None calculates them here.
        version: The running firmware's ESP-IDF.
        chip: The chip the firmware was built for.
        level: Most detailed log level printed.
        start: Address of the image.
        partition_size: Bytes of the slot, or None when it is large enough.
        chip_revision: major * 100 + minor, as eFuse tells.
        efuse_block_revision: major * 100 + minor.
        free_pages: MMU pages free for mapping.
        mmu_page: Page by which alignment is judged: of the chip's, the largest that fits the image; the app descriptor
            may change it.
        next_address: Where the next header or the padding is read.
        checksum_spans: Address and size of the segment data under the checksum.
    """

    flash: Flash
    image: EspImage | None
    header: ImageHeader
    version: IdfVersion
    chip: Chip
    level: str
    start: int
    partition_size: int | None
    chip_revision: int
    efuse_block_revision: int
    free_pages: int
    mmu_page: int
    next_address: int
    checksum_spans: list[tuple[int, int]] = field(default_factory=list)
    image_length: int = 0

    def say(self, name: str, *values: object, **named: object) -> tuple[str, ...]:
        """The line of kind ``name`` as this version prints it; none when it does not."""
        return device_line(name, self.version, self.level, *values, **named)

    @property
    def in_bootloader_slot(self) -> bool:
        """The image stands where the chip's bootloader stands, and is verified as one."""
        return self.start == self.chip.bootloader_offset

    @property
    def header_size(self) -> int:
        """Bytes of the image header on this chip."""
        return COMMON_HEADER_SIZE if self.chip.esp8266 else IMAGE_HEADER_SIZE


def device_for(data: bytes, image: EspImage | None, settings: DeviceSettings) -> Device:
    """The device of ``settings``, with what they leave open taken from the image.

    Raises:
        UsageError: an unknown chip, ESP-IDF version or log level, or a number out of range.
    """
    _check_numbers(settings)
    header = read_image_header(data[:IMAGE_HEADER_SIZE].ljust(IMAGE_HEADER_SIZE, b"\xff"))
    chip = _chip(header, image, settings)
    version = _version(data, chip, settings)
    if chip.esp8266:
        header = read_esp8266_header(data[:COMMON_HEADER_SIZE].ljust(COMMON_HEADER_SIZE, b"\xff"))
    revision = settings.chip_revision
    block = settings.efuse_block_revision
    return Device(
        flash=Flash(data, settings.partition_offset, _flash_size(data, settings)),
        image=image,
        header=header,
        version=version,
        chip=chip,
        level=settings.level,
        start=settings.partition_offset,
        partition_size=settings.partition_size,
        chip_revision=_newest_wanted(header, chip, version) if revision is None else revision,
        efuse_block_revision=_block_wanted(data) if block is None else block,
        free_pages=settings.free_pages,
        mmu_page=settings.mmu_page or _page(image or parse_image(data, digests=False), chip, version),
        next_address=settings.partition_offset,
    )


def _page(image: EspImage, chip: Chip, version: IdfVersion) -> int:
    """The largest page of the MMU for which every mapped segment was placed in the file; of all where none fits.

    The device's page is part of its configuration (``CONFIG_MMU_PAGE_SIZE``), and small flash chips have small pages.
    """
    mapped = [(segment.data.start, segment.load_addr) for segment in image.segments if chip.maps(segment.load_addr, version)]
    fits = (page for page in chip.mmu_pages if all(place % page == address % page for place, address in mapped))
    return max(fits, default=max(chip.mmu_pages))


def _check_numbers(settings: DeviceSettings) -> None:
    if settings.level not in LEVELS:
        raise UsageError(f"no log level {settings.level!r}", next_step=f"use one of {', '.join(LEVELS)}")
    numbers = {
        "partition offset": settings.partition_offset,
        "partition size": settings.partition_size,
        "flash size": settings.flash_size,
        "chip revision": settings.chip_revision,
        "eFuse block revision": settings.efuse_block_revision,
        "free pages": settings.free_pages,
    }
    for name, number in numbers.items():
        if number is not None and not 0 <= number <= 0xFFFFFFFF:
            raise UsageError(f"{name} {number} is not a number of 32 bits", next_step="give a number from 0 to 0xffffffff")


def _chip(header: ImageHeader, image: EspImage | None, settings: DeviceSettings) -> Chip:
    if settings.chip is not None:
        chosen = chip_by_name(settings.chip)
        if chosen is None:
            targets = ", ".join(chip.target for chip in CHIPS)
            raise UsageError(f"no chip {settings.chip!r} in the table", next_step=f"use one of {targets}")
        return chosen
    if header.magic == ESP8266_V2_MAGIC or (image is not None and image.chip == ESP8266.name):
        return ESP8266
    # An id that no chip has is refused by all of them; the ESP32 has the plainest rules.
    return chip_by_id(header.chip_id) or ESP32


def _version(data: bytes, chip: Chip, settings: DeviceSettings) -> IdfVersion:
    if chip.esp8266:
        return OLDEST  # ESP8266_RTOS_SDK keeps the verifier of ESP-IDF v3.0.
    if settings.idf is not None:
        version = IdfVersion.parse(settings.idf)
        if version is None or version < OLDEST:
            raise UsageError(
                f"no ESP-IDF version {settings.idf!r}",
                next_step=f"give one from {OLDEST} on, such as v4.4.8, or master",
            )
        return version
    app = read_app_descriptor(data, APP_DESCRIPTOR_OFFSET)
    if app is None and read_image_header(data[:IMAGE_HEADER_SIZE].ljust(IMAGE_HEADER_SIZE, b"\xff")).magic == IMAGE_MAGIC:
        return BEFORE_DESCRIPTORS
    version = IdfVersion.parse(app.idf_ver) if app else None
    return version if version is not None and version >= OLDEST else MASTER


def _flash_size(data: bytes, settings: DeviceSettings) -> int:
    if settings.flash_size is not None:
        return settings.flash_size
    size = _SMALLEST_FLASH
    while size < settings.partition_offset + len(data):
        size *= 2
    return size


def _newest_wanted(header: ImageHeader, chip: Chip, version: IdfVersion) -> int:
    """The lowest chip revision that the header admits."""
    if version in FULL_REVISION:
        return header.min_chip_rev_full
    minor = chip.revision_is_minor is not None and version in chip.revision_is_minor
    return header.min_chip_rev if minor else header.min_chip_rev * 100


def _block_wanted(data: bytes) -> int:
    app = read_app_descriptor(data, APP_DESCRIPTOR_OFFSET)
    return app.min_efuse_blk_rev_full if app else 0
