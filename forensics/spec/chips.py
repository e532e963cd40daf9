"""What the verifier and esptool know of each chip; one row a chip."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.spec.versions import ALL, IdfVersion, VersionRange, since, until

DEFAULT_MMU_PAGE = 0x10000
"""Bytes of the flash MMU page that firmware is built for by default (``SPI_FLASH_MMU_PAGE_SIZE``)."""


@dataclass(frozen=True, slots=True)
class Region:
    """A range of load addresses, half-open, for the ESP-IDF ``versions`` that know it so.

    ``mapped`` regions are read from flash through the cache (``should_map`` in esp_image_format.c); the
    others are RAM.
    """

    name: str
    start: int
    end: int
    mapped: bool = False
    versions: VersionRange = ALL

    def holds(self, load_addr: int) -> bool:
        """True when the load address lies in the region."""
        return self.start <= load_addr < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One chip.

    Attributes:
        id: ``chip_id`` of the image header (``esp_chip_id_t``), None where images carry none.
        name: As esptool prints it.
        target: As ESP-IDF names it (``IDF_TARGET``).
        regions: Where segments may be loaded; flash-mapped ones first.
        mmu_pages: Page sizes the flash MMU can be set to. With more than one, ESP-IDF v5.4 and later take the
            page from the app descriptor (``SOC_MMU_PAGE_SIZE_CONFIGURABLE``).
        bootloader_offset: Flash address of the second-stage bootloader.
        revision_is_minor: Releases in which the one-byte ``min_chip_rev`` counts minor revisions; in the
            others it counts major ones.
        efuse_block: False where the verifier never looks at the eFuse block revision.
        esp8266: True for images without an extended header.
        source: Where the row comes from.
    """

    id: int | None
    name: str
    target: str
    regions: tuple[Region, ...]
    mmu_pages: tuple[int, ...] = (DEFAULT_MMU_PAGE,)
    bootloader_offset: int
    revision_is_minor: VersionRange | None = None
    efuse_block: bool = True
    esp8266: bool = False
    source: str

    def region(self, load_addr: int, version: IdfVersion | None = None) -> Region | None:
        """The region of a load address, as ``version`` draws the map (None: as any release does)."""
        for region in self.regions:
            if region.holds(load_addr) and (version is None or version in region.versions):
                return region
        return None

    def maps(self, load_addr: int, version: IdfVersion | None = None) -> bool:
        """True when the device maps a segment of this load address from flash."""
        region = self.region(load_addr, version)
        return region is not None and region.mapped

    @property
    def mmu_configurable(self) -> bool:
        """The MMU page is a choice of the firmware."""
        return len(self.mmu_pages) > 1


_FROM_8K = (0x2000, 0x4000, 0x8000, 0x10000)
_FROM_16K = (0x4000, 0x8000, 0x10000)
_SOC = "components/soc/{}/include/soc/soc.h and ext_mem_defs.h (ESP-IDF {})"


def _flash(start: int, end: int) -> Region:
    # One window serves code and constants; the address alone does not tell which.
    return Region("DROM/IROM", start, end, mapped=True)


def _ram(start: int, end: int) -> Region:
    return Region("DRAM/IRAM", start, end)


CHIPS: tuple[Chip, ...] = (
    Chip(
        id=0x0000,
        name="ESP32",
        target="esp32",
        regions=(
            Region("DROM", 0x3F400000, 0x3F800000, mapped=True),
            Region("IROM", 0x400D0000, 0x40400000, mapped=True),
            Region("IRAM", 0x40080000, 0x400A0000),
            Region("IRAM", 0x400A0000, 0x400AA000, versions=since("v5.1")),
            Region("CACHE_PRO", 0x40070000, 0x40078000),
            Region("CACHE_APP", 0x40078000, 0x40080000),
            Region("DRAM", 0x3FFAE000, 0x40000000),
            Region("RTC_IRAM", 0x400C0000, 0x400C2000),
            Region("RTC_DRAM", 0x3FF80000, 0x3FF82000),
            Region("RTC_DATA", 0x50000000, 0x50002000),
        ),
        bootloader_offset=0x1000,
        efuse_block=False,
        source=_SOC.format("esp32", "v5.4"),
    ),
    Chip(
        id=0x0002,
        name="ESP32-S2",
        target="esp32s2",
        regions=(
            Region("DROM", 0x3F000000, 0x3FF80000, mapped=True),
            Region("IROM", 0x40080000, 0x40800000, mapped=True),
            Region("IRAM", 0x40020000, 0x40070000),
            Region("DRAM", 0x3FFB0000, 0x40000000),
            Region("RTC_IRAM", 0x40070000, 0x40072000),
            Region("RTC_DRAM", 0x3FF9E000, 0x3FFA0000),
            Region("RTC_DATA", 0x50000000, 0x50002000),
        ),
        bootloader_offset=0x1000,
        source=_SOC.format("esp32s2", "v5.4"),
    ),
    Chip(
        id=0x0009,
        name="ESP32-S3",
        target="esp32s3",
        regions=(
            Region("DROM", 0x3C000000, 0x3D000000, mapped=True),
            Region("DROM", 0x3D000000, 0x3E000000, mapped=True, versions=since("v5.2")),
            Region("IROM", 0x42000000, 0x42800000, mapped=True),
            Region("IROM", 0x42800000, 0x44000000, mapped=True, versions=since("v4.4")),
            Region("IRAM", 0x40370000, 0x403E0000),
            Region("DRAM", 0x3FC88000, 0x3FD00000),
            Region("RTC_FAST", 0x600FE000, 0x60100000),
            Region("RTC_DATA", 0x50000000, 0x50002000),
        ),
        bootloader_offset=0x0,
        revision_is_minor=since("v5.0").until("v5.0.1"),
        source=_SOC.format("esp32s3", "v5.4"),
    ),
    Chip(
        id=0x000C,
        name="ESP32-C2",
        target="esp32c2",
        regions=(
            Region("DROM", 0x3C000000, 0x3C400000, mapped=True),
            Region("IROM", 0x42000000, 0x42400000, mapped=True),
            Region("IRAM", 0x4037C000, 0x403C0000),
            Region("DRAM", 0x3FCA0000, 0x3FCE0000),
        ),
        mmu_pages=_FROM_16K,
        bootloader_offset=0x0,
        source=_SOC.format("esp32c2", "v5.4"),
    ),
    Chip(
        id=0x0005,
        name="ESP32-C3",
        target="esp32c3",
        regions=(
            Region("DROM", 0x3C000000, 0x3C800000, mapped=True),
            Region("IROM", 0x42000000, 0x42800000, mapped=True),
            Region("IRAM", 0x4037C000, 0x403E0000),
            Region("DRAM", 0x3FC80000, 0x3FCE0000),
            Region("RTC", 0x50000000, 0x50002000),
        ),
        bootloader_offset=0x0,
        revision_is_minor=ALL,
        source=_SOC.format("esp32c3", "v5.4"),
    ),
    Chip(
        id=0x0017,
        name="ESP32-C5",
        target="esp32c5",
        regions=(
            Region("DROM/IROM", 0x41000000, 0x42000000, mapped=True, versions=until("v5.4")),
            _flash(0x42000000, 0x44000000),
            _ram(0x40800000, 0x40860000),
            Region("LP_RAM", 0x50000000, 0x50004000),
        ),
        bootloader_offset=0x2000,
        source=_SOC.format("esp32c5", "v5.5"),
    ),
    Chip(
        id=0x000D,
        name="ESP32-C6",
        target="esp32c6",
        regions=(
            _flash(0x42000000, 0x43000000),
            _ram(0x40800000, 0x40880000),
            Region("LP_RAM", 0x50000000, 0x50004000),
        ),
        mmu_pages=_FROM_8K,
        bootloader_offset=0x0,
        source=_SOC.format("esp32c6", "v5.4"),
    ),
    Chip(
        id=0x0014,
        name="ESP32-C61",
        target="esp32c61",
        regions=(_flash(0x42000000, 0x44000000), _ram(0x40800000, 0x40850000)),
        mmu_pages=_FROM_8K,
        bootloader_offset=0x0,
        source=_SOC.format("esp32c61", "v5.5"),
    ),
    Chip(
        id=0x0010,
        name="ESP32-H2",
        target="esp32h2",
        regions=(
            _flash(0x42000000, 0x43000000),
            _ram(0x40800000, 0x40850000),
            Region("LP_RAM", 0x50000000, 0x50001000),
        ),
        mmu_pages=_FROM_8K,
        bootloader_offset=0x0,
        source=_SOC.format("esp32h2", "v5.4"),
    ),
    Chip(
        id=0x0019,
        name="ESP32-H21",
        target="esp32h21",
        regions=(
            _flash(0x42000000, 0x43000000),
            _ram(0x40800000, 0x40850000),
            Region("LP_RAM", 0x50000000, 0x50001000),
        ),
        mmu_pages=_FROM_8K,
        bootloader_offset=0x0,
        source=_SOC.format("esp32h21", "v6.0"),
    ),
    Chip(
        id=0x001C,
        name="ESP32-H4",
        target="esp32h4",
        regions=(
            _flash(0x42000000, 0x44000000),
            _ram(0x40810000, 0x40860000),
            Region("LP_RAM", 0x50000000, 0x50004000),
        ),
        mmu_pages=_FROM_8K,
        bootloader_offset=0x2000,
        source=_SOC.format("esp32h4", "v6.0"),
    ),
    Chip(
        id=0x0012,
        name="ESP32-P4",
        target="esp32p4",
        regions=(
            _flash(0x40000000, 0x44000000),
            Region("PSRAM", 0x48000000, 0x4C000000, mapped=True, versions=since("v5.3")),
            _ram(0x4FF00000, 0x4FFC0000),
            Region("LP_RAM", 0x50108000, 0x50110000),
            Region("TCM", 0x30100000, 0x30102000),
        ),
        bootloader_offset=0x2000,
        source=_SOC.format("esp32p4", "v5.4"),
    ),
    Chip(
        id=0x0020,
        name="ESP32-S31",
        target="esp32s31",
        regions=(
            _flash(0x40000000, 0x44000000),
            Region("PSRAM", 0x50000000, 0x54000000, mapped=True),
            _ram(0x2F000000, 0x2F080000),
            Region("LP_RAM", 0x2E000000, 0x2E008000),
        ),
        mmu_pages=_FROM_16K,
        bootloader_offset=0x2000,
        source=_SOC.format("esp32s31", "master of July 2026"),
    ),
    Chip(
        id=None,
        name="ESP8266",
        target="esp8266",
        regions=(
            Region("IROM", 0x40200000, 0x40300000, mapped=True),
            Region("IRAM", 0x40100000, 0x40110000),
            Region("DRAM", 0x3FFE8000, 0x40000000),
        ),
        bootloader_offset=0x0,
        efuse_block=False,
        esp8266=True,
        source="esptool 5.6, targets/esp8266.py; ESP8266_RTOS_SDK v3.4, components/bootloader_support",
    ),
)

_BY_ID = {chip.id: chip for chip in CHIPS if chip.id is not None}
_BY_WORD = {word.lower(): chip for chip in CHIPS for word in (chip.name, chip.target)}

ESP32 = CHIPS[0]
ESP8266 = CHIPS[-1]

EBOOT_ADDRESS = 0x4010F000
"""Load address of eboot, the loader of Arduino on the ESP8266 (esp8266/Arduino ``bootloaders/eboot/eboot.ld``)."""


def chip_by_id(chip_id: int) -> Chip | None:
    """The chip of an image header's ``chip_id``, or None for one that is not in the table."""
    return _BY_ID.get(chip_id)


def chip_by_name(name: str) -> Chip | None:
    """The chip called ``esp32s3``, ``ESP32-S3`` or the like, or None."""
    return _BY_WORD.get(name.strip().lower())
