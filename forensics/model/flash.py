"""What stands in flash beside application images."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.span import ByteSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One entry of a partition table.

    Attributes:
        type: ``app``, ``data`` ... or the number in hex where it has no name.
        subtype: ``ota_0``, ``nvs`` ... or the number in hex.
        offset: Flash address of its first byte.
        size: Bytes.
    """

    label: str
    type: str
    subtype: str
    offset: int
    size: int
    encrypted: bool = False
    readonly: bool = False

    @property
    def is_app(self) -> bool:
        """It holds an application image."""
        return self.type == "app"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionTable:
    """A partition table.

    Attributes:
        span: File offsets of its entries and its MD5 row.
        md5_stored: Of the MD5 row, hex; None in tables without one. ``md5_calculated``: of the entries before
            it.
        problems: What the device would not like about it.
    """

    partitions: tuple[Partition, ...]
    span: ByteSpan
    md5_stored: str | None = None
    md5_calculated: str | None = None
    problems: tuple[str, ...] = ()

    @property
    def ota_slots(self) -> tuple[Partition, ...]:
        """The OTA slots, by number."""
        slots = [part for part in self.partitions if part.is_app and part.subtype.startswith("ota_")]
        return tuple(sorted(slots, key=lambda part: int(part.subtype[4:])))

    @property
    def factory(self) -> Partition | None:
        """The factory app, if the table has one."""
        return next((part for part in self.partitions if part.is_app and part.subtype == "factory"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtaSelect:
    """One of the two entries of otadata (``esp_ota_select_entry_t``).

    Attributes:
        sequence: Counts every switch of slots; 0xFFFFFFFF when never written.
        state: ``new``, ``pending-verify``, ``valid``, ``invalid``, ``aborted``, ``undefined`` or the number
            in hex.
        crc_calculated: Over the four bytes of ``sequence``.
        valid: The bootloader takes it into account.
    """

    sequence: int
    state: str
    crc_stored: int
    crc_calculated: int
    valid: bool
    span: ByteSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class OtaData:
    """The slot selector.

    Attributes:
        entries: Those that the bytes hold, in order.
        active: Index of the entry that decides, or None.
        slot: Subtype of the partition that the bootloader tries first (``ota_1``, ``factory``), or None where
            there is none.
        why: The reason, one sentence.
    """

    entries: tuple[OtaSelect, ...]
    active: int | None
    slot: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureBlock:
    """A signature after an image.

    Attributes:
        scheme: ``secure boot v1 (ECDSA)``, ``secure boot v2 (RSA-3072)`` or ``secure boot v2 (ECDSA P-256)``.
        image_digest: The digest it signs, hex; None for version 1, which does not hold it.
        intact: False when the block's own CRC32 does not agree with it; None for version 1, which has none.
        signs_image: Whether that digest is the one of all bytes before the sector of the signatures; None for version 1.
        key_digest: SHA-256 of its public key as the eFuse holds it, hex; None for version 1, which holds no key.
        verified: The signature was made with that key over that digest; None when it was not verified.
    """

    scheme: str
    span: ByteSpan
    image_digest: str | None = None
    intact: bool | None = None
    signs_image: bool | None = None
    key_digest: str | None = None
    verified: bool | None = None

    @property
    def good(self) -> bool | None:
        """Whether a device that trusts its key takes the image; None when nobody verified the signature."""
        return False if False in (self.intact, self.signs_image, self.verified) else self.verified


@dataclass(frozen=True, slots=True, kw_only=True)
class BootloaderDescriptor:
    """``esp_bootloader_desc_t``, the first 80 bytes of segment 0 of a bootloader (ESP-IDF v5.2 and later)."""

    secure_version: int
    version: int
    idf_ver: str
    date_time: str
    span: ByteSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailingBytes:
    """The bytes after an image, which the device does not read unless it wants a signature.

    Attributes:
        content: What follows the signatures, or the image: ``erased``, ``zero``, ``mapped`` (segments for simple boot),
            ``digest`` (the SHA-256 of ESP8266_RTOS_SDK) or ``unknown``.
        signatures: Those found, not verified.
    """

    span: ByteSpan
    content: str
    signatures: tuple[SignatureBlock, ...] = ()
