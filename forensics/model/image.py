"""An ESP32-family application image, as far as its bytes could be read."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.span import ByteSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageHeader:
    """The first 24 bytes: image header and extended header (``esp_image_header_t``).

    Names and meanings follow ``components/bootloader_support/include/esp_app_format.h`` (ESP-IDF v5.4).
    ``spi_speed`` is the low nibble of byte 3, ``spi_size`` the high nibble.
    """

    magic: int
    segment_count: int
    spi_mode: int
    spi_speed: int
    spi_size: int
    entry_addr: int
    wp_pin: int
    spi_pin_drv: bytes
    chip_id: int
    min_chip_rev: int
    min_chip_rev_full: int
    max_chip_rev_full: int
    reserved: bytes
    hash_appended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment: its 8-byte header and the range of its data.

    Attributes:
        index: Zero-based.
        load_addr: Load address (where it lies in the chip's memory).
        data_len: Bytes, as the header says; ``data`` may be shorter when the file ends first.
        header: File offsets of the 8 header bytes.
        data: File offsets of the data that is present.
        region: Memory region of the load address (``DROM``, ``IRAM`` ...), or None.
        mapped: True when the device maps it from flash, false when it is copied to RAM.
    """

    index: int
    load_addr: int
    data_len: int
    header: ByteSpan
    data: ByteSpan
    region: str | None
    mapped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AppDescriptor:
    """``esp_app_desc_t``, the first 256 bytes of segment 0 (ESP-IDF v3.3 and later).

    Attributes:
        library: What it describes where that is a library and not the app, as in every Arduino sketch.
    """

    secure_version: int
    version: str
    project_name: str
    time: str
    date: str
    idf_ver: str
    app_elf_sha256: str
    min_efuse_blk_rev_full: int
    max_efuse_blk_rev_full: int
    mmu_page_size: int
    span: ByteSpan
    library: str | None = None

    @property
    def title(self) -> str:
        """What the app calls itself, as far as it does: ``blink v1.2``, or the library that it is linked to."""
        return self.library or " ".join(part for part in (self.project_name, self.version) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppName:
    """A name that a text in the image gives it: ``what`` is ``ESPHome``, ``Arduino sketch``, ``PlatformIO environment``."""

    what: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EspImage:
    """What one file holds of an image.

    Attributes:
        size: Bytes of the file.
        chip: Name from the chip table (``ESP32-S3``), or None for an unknown id.
        header: None when fewer than 24 bytes are there.
        segments: Those whose header lies inside the file, in order; the walk stops where a length is
            impossible.
        complete: True when every segment that the header announces was found whole.
        end: File offset after the checksum byte (a multiple of 16), or None when the walk did not get there.
        image_size: Bytes of the whole image: ``end`` plus the digest when one is appended; None when unknown.
        checksum_stored: The byte in the file, None when absent. ``checksum_calculated``: XOR of the data,
            seed 0xEF.
        digest_stored: Appended SHA-256, hex; None when none is appended or it is cut. ``digest_calculated``:
            over ``[0, end)``, None when the walk did not get there.
    """

    size: int
    chip: str | None
    header: ImageHeader | None
    segments: tuple[Segment, ...]
    complete: bool
    end: int | None
    image_size: int | None
    checksum_stored: int | None
    checksum_calculated: int | None
    digest_stored: str | None
    digest_calculated: str | None
    app: AppDescriptor | None

    @property
    def valid(self) -> bool:
        """The magic is right, every segment whole; checksum and digest (where appended) agree."""
        if self.header is None or self.header.magic not in (
            0xE9,
            0xEA,
        ):  # ESP32 family and ESP8266; ESP8266 v2
            return False
        if not self.complete or self.checksum_stored is None or self.checksum_stored != self.checksum_calculated:
            return False
        return not self.header.hash_appended or (
            self.digest_stored is not None and self.digest_stored == self.digest_calculated
        )
