"""Images and containers of every family, each with the facts that its file must show.

Everything is written with ``struct`` from the published layouts, not with those of the parser, so that each can be held
against the other and against esptool. The same form always has the same bytes. ``tests.bench.images`` compares.

Sources: esptool and espsecure 5.6 (images, signatures, UF2, simple boot); espressif/idf-extra-components (esp_encrypted_img
and esp_delta_ota); eerimoq/detools; espressif/esp-bootloader-plus and esp-iot-solution (compressed OTA); mcu-tools/mcuboot
(image.h, imgtool, boot/espressif); esp8266/Arduino tools/elf2bin.py; raburton/rboot; ESP8266_NONOS_SDK tools/gen_appbin.py.
"""

from __future__ import annotations

import binascii
import hashlib
import lzma
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from esptool import CHIP_DEFS

from forensics.spec.chips import CHIPS, Chip, chip_by_name
from forensics.synth.image import build_image
from forensics.synth.layouts import MEMORY_MAPS, chip_layout

SECTOR = 0x1000
PAGE = 0x10000
_E = 65537


class Placed(NamedTuple):
    """A segment: load address, bytes, and offset of its header from the start of the image."""

    load_addr: int
    length: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One image.

    Attributes:
        start: File offset of its first byte.
        digest_ok: None where no SHA-256 is appended.
        size: Bytes up to the end of its digest (or CRC).
    """

    chip: str
    segments: tuple[Placed, ...]
    checksum_ok: bool
    digest_ok: bool | None
    size: int
    start: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature behind an image.

    Attributes:
        scheme: Words of which the name of the scheme has each.
        start: File offset of the block.
        intact: The block's own CRC32 agrees; None for secure boot v1, which has none.
        digest_fits: The digest in the block is that of the bytes before the sector; None for secure boot v1.
        valid: The device takes it when it trusts the key in ``public``.
        public: That key as PEM.
    """

    scheme: tuple[str, ...]
    start: int
    intact: bool | None
    digest_fits: bool | None
    valid: bool
    public: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A file and what must be found in it.

    Attributes:
        family: ``chip``, ``page``, ``signed`` ...
        kind_words: Its kind or the words for it have at least one of these, in either case.
        image: The image at its start; None where none is there.
        parts: The images inside it, of a merged file or of an ESP8266 with a loader.
        accepted: What the device says; None where that is not asked for.
        mmu_page: Bytes of the page for which it was built; None where that is not asked for.
        elf: The hex digest in its app descriptor, where forms differ in nothing else.
        intact: The lengths and digests of a container agree with its bytes; None where it has none.
        healthy: Whether something is wrong with the file; None where that depends on the device.
    """

    name: str
    family: str
    data: bytes
    kind_words: tuple[str, ...]
    image: Facts | None = None
    parts: tuple[Facts, ...] = ()
    signatures: tuple[Signed, ...] = ()
    accepted: bool | None = None
    mmu_page: int | None = None
    elf: str | None = None
    intact: bool | None = None
    healthy: bool | None = None


Segments = Sequence[tuple[int, bytes]]
Image = tuple[bytes, Facts]

APP = ("application image",)
BOOTLOADER = ("bootloader",)
MERGED = ("merged",)


def _content(size: int, seed: object) -> bytes:
    """Bytes with the evenness of code: a few words, often repeated."""
    chance = Random(f"{seed}")
    words = [chance.randbytes(4) for _ in range(96)]
    return b"".join(chance.choices(words, k=size // 4))


def _xor(parts: Iterable[bytes], seed: int = 0xEF) -> int:
    for part in parts:
        for byte in part:
            seed ^= byte
    return seed


def _placed(segments: Segments, offset: int) -> tuple[Placed, ...]:
    rows = []
    for load_addr, data in segments:
        rows.append(Placed(load_addr, len(data), offset))
        offset += 8 + len(data)
    return tuple(rows)


def _closed(header: bytes, segments: Segments, summed: Segments | None = None) -> bytes:
    """Header, segments, padding and the checksum byte over the data of ``summed``."""
    body = header + b"".join(struct.pack("<II", load_addr, len(data)) + data for load_addr, data in segments)
    body += bytes(15 - len(body) % 16)
    return body + bytes((_xor(data for _, data in (segments if summed is None else summed)),))


def _chip(name: str) -> Chip:
    chip = chip_by_name(name)
    assert chip is not None
    return chip


def assemble(chip: str, segments: Segments, *, digest: bool = True, entry: int | None = None) -> Image:
    """An image with the 24-byte header."""
    found = MEMORY_MAPS[chip]
    start = entry if entry is not None else found.iram + 0x10
    header = struct.pack("<BBBBI", 0xE9, len(segments), 2, 0x2F if chip == "ESP32" else 0x20, start)
    header += struct.pack("<B3sHBHHIB", 0xEE, b"", _chip(chip).id, 0, 0, found.newest_revision, 0, digest)
    data = _closed(header, segments)
    if digest:
        data += hashlib.sha256(data).digest()
    agrees = True if digest else None
    return data, Facts(chip=chip, segments=_placed(segments, 24), checksum_ok=True, digest_ok=agrees, size=len(data))


def descriptor(
    project: str = "blink", version: str = "v1.0", idf: str = "v5.1.2", elf: bytes = bytes(range(32)), page: int = 0
) -> bytes:
    """An app descriptor; ``page`` is the log2 of the MMU page, which ESP-IDF writes from v5.4 on."""
    texts = struct.pack("<32s32s16s16s32s", *(text.encode() for text in (version, project, "12:11:56", "Feb 12 2025", idf)))
    head = struct.pack("<II8x", 0xABCD5432, 0) + texts + elf
    return (head + struct.pack("<HHB", 0, 99 if page else 0, page)).ljust(256, b"\0")


def app(chip: str, size: int = 0x8000, seed: int = 1, idf: str = "v5.5") -> Image:
    """A whole app as the project's generator builds it, with facts from its plan."""
    plan = chip_layout(chip, size)
    data = build_image(chip=chip, size=size, seed=seed, idf=idf, project=f"blink{seed}")
    segments = [(segment.load_addr, bytes(segment.data_len)) for segment in plan.segments]
    return data, Facts(chip=chip, segments=_placed(segments, 24), checksum_ok=True, digest_ok=True, size=len(data))


def small_app(chip: str, seed: int = 1, elf: bytes = bytes(range(32)), project: str = "blink") -> Image:
    """An app of three segments."""
    memory = MEMORY_MAPS[chip]
    rodata = descriptor(project=project, elf=elf, idf="v5.5", page=16) + _content(0x300, (chip, seed))
    data, code = _content(0x200, (seed, "data")), _content(0x400, (seed, "code"))
    return assemble(chip, [(memory.drom + 0x20, rodata), (memory.dram, data), (memory.iram, code)])


def bootloader(chip: str, *, described: bool = True, seed: int = 3) -> Image:
    """A second-stage bootloader, with the descriptor of ESP-IDF v5.2 and later or without."""
    memory = MEMORY_MAPS[chip]
    head = struct.pack("<B2xBI32s24s16x", 0x50, 0, 1, b"v5.5", b"Jul 20 2025 10:00:00") if described else b""
    segments = (
        (memory.dram + 0x8000, head + _content(0x300, (seed, chip))),
        (memory.iram + 0x4000, _content(0x900, (seed, "loader"))),
        (memory.iram + 0x8000, _content(0x200, (seed, "iram"))),
    )
    return assemble(chip, segments, entry=memory.iram + 0x4010)


def at(image: Image, start: int) -> Facts:
    """The facts of an image that begins at ``start`` of a file."""
    return replace(image[1], start=start)


def place(parts: Iterable[tuple[int, bytes]], size: int = 0, fill: bytes = b"\xff") -> bytes:
    """The parts at their offsets, erased flash between them."""
    data = bytearray(fill * size)
    for offset, part in parts:
        data.extend(fill * (offset + len(part) - len(data)))
        data[offset : offset + len(part)] = part
    return bytes(data)


def chips() -> Iterator[Form]:
    """An app and its bootloader for every chip."""
    for chip in CHIPS:
        if chip.esp8266:
            continue
        data, facts = app(chip.name, 0x40000)
        yield Form(
            name=f"app {chip.name}", family="chip", data=data, kind_words=APP, image=facts, accepted=True, healthy=True
        )
        for described in (True, False):
            data, facts = bootloader(chip.name, described=described)
            name = f"bootloader {chip.name}{'' if described else ' without descriptor'}"
            yield Form(name=name, family="bootloader", data=data, kind_words=BOOTLOADER, image=facts)


_BEFORE_V54 = ("ESP32-C2", "ESP32-C6", "ESP32-H2")
"""Chips with configurable pages that ESP-IDF releases before v5.4 know."""


def _paged(chip: str, page: int, idf: str, log2: int) -> Image:
    memory = MEMORY_MAPS[chip]
    rodata = descriptor(idf=idf, page=log2) + _content(0x300, (chip, page))
    ram = _content(page + 0x18 - 0x28 - len(rodata), (page, "ram"))  # the code's data begins at page + 0x20
    segments = (
        (memory.drom + page + 0x20, rodata),
        (memory.iram, ram),
        (memory.irom + 0x20, _content(0x400, (chip, "code"))),
    )
    return assemble(chip, segments)


def pages() -> Iterator[Form]:
    """For every page size an app that fits it and no larger one, from a release with and without the descriptor's field."""
    for chip in CHIPS:
        for page in chip.mmu_pages if chip.mmu_configurable else ():
            for idf, log2 in (("v5.2.2", 0), ("v5.5", page.bit_length() - 1)):
                if not log2 and chip.name not in _BEFORE_V54:
                    continue
                data, facts = _paged(chip.name, page, idf, log2)
                name = f"{chip.name}, pages of {page >> 10} KB, {idf}"
                yield Form(name=name, family="page", data=data, kind_words=APP, image=facts, accepted=True, mmu_page=page)


def misplaced() -> Iterator[Form]:
    """Apps whose segments fit no page, or not the page that the descriptor names."""
    memory = MEMORY_MAPS["ESP32-C6"]
    for name, idf, log2, slip in (("descriptor names 64 KB, built for 32 KB", "v5.5", 16, 0), ("no page", "v5.2.2", 0, 4)):
        first = (memory.drom + 0x8020 + slip, descriptor(idf=idf, page=log2) + _content(0x100, name))
        data, facts = assemble("ESP32-C6", [first, (memory.iram, _content(0x400, "code"))])
        yield Form(name=name, family="page", data=data, kind_words=APP, image=facts, accepted=False, healthy=False)


def arduino() -> Iterator[Form]:
    """Builds of different sketches on one core: the descriptor is the library's, only the ELF's digest differs."""
    for project in ("arduino-lib-builder", "esp32-arduino-lib-builder"):
        for build in range(3):
            elf = hashlib.sha256(f"sketch {build}".encode()).digest()
            data, facts = small_app("ESP32-S3", elf=elf, project=project)
            yield Form(
                name=f"{project}, build {build}",
                family="arduino",
                data=data,
                kind_words=("Arduino",),
                image=facts,
                accepted=True,
                elf=elf.hex(),
            )


def damaged() -> Iterator[Form]:
    """Plain images with one thing wrong, or nothing wrong and something unusual."""
    data, facts = small_app("ESP32-C3")
    inside = data[:0x200] + bytes((data[0x200] ^ 0x10,)) + data[0x201:]
    checksum = len(data) - 33
    shown: list[tuple[str, bytes, Facts | None, bool]] = [
        ("one bit of a segment", inside, replace(facts, checksum_ok=False, digest_ok=False), False),
        ("checksum byte", _flipped(data, checksum), replace(facts, checksum_ok=False, digest_ok=False), False),
        ("digest", _flipped(data, len(data) - 1), replace(facts, digest_ok=False), False),
        ("header", _flipped(data, 2), replace(facts, digest_ok=False), False),
        ("digest cut off", data[:-32], replace(facts, digest_ok=False), False),
        ("half of the digest", data[:-16], replace(facts, digest_ok=False), False),
        ("padding and checksum cut off", data[: checksum - 15], None, False),
        ("cut in a segment", data[:0x500], None, False),
        ("padded to a sector", place([(0, data)], SECTOR), facts, True),
        ("zeros behind", place([(0, data)], SECTOR, b"\0"), facts, True),
        ("an older image behind", data + app("ESP32-C3")[0][len(data) :], facts, True),
    ]
    bare = assemble("ESP32-C3", [(MEMORY_MAPS["ESP32-C3"].drom + 0x20, descriptor())], digest=False)
    shown.append(("without a digest", *bare, True))
    memory = MEMORY_MAPS["ESP32"]
    many = [(memory.drom + 0x20, descriptor()), *((memory.dram + 64 * at, _content(64, at)) for at in range(15))]
    shown.append(("sixteen segments", *assemble("ESP32", many), True))
    empty = [(memory.drom + 0x20, descriptor(idf="v4.4.8")), (memory.dram, b""), (memory.iram, _content(64, 0)), (0, b"")]
    shown.append(("empty segments", *assemble("ESP32", empty), True))
    for name, found, expected, accepted in shown:
        yield Form(name=name, family="damaged", data=found, kind_words=APP, image=expected, accepted=accepted)


def _flipped(data: bytes, place_: int) -> bytes:
    return data[:place_] + bytes((data[place_] ^ 1,)) + data[place_ + 1 :]


def rare() -> Iterator[Form]:
    """Images that no ESP-IDF app project makes."""
    aligned = 24 + 8 + 28 + 8 + 0x200 + 8
    segments = [(0x3F400020, bytes(28)), (0x3FFB0000, _content(0x200, 1)), (0x400D0000 + aligned, _content(0x400, 2))]
    old = assemble("ESP32", segments)
    yield Form(name="no app descriptor", family="rare", data=old[0], kind_words=APP, image=old[1], accepted=True)
    for chip in ("ESP32", "ESP32-C3", "ESP32-P4"):
        image = simple_boot(chip)
        yield Form(name=f"simple boot {chip}", family="rare", data=image[0], kind_words=("simple boot",), image=image[1])
        memory = MEMORY_MAPS[chip]
        code = (memory.iram, _content(0x1000, "ram app"))
        for name, rodata in (("with descriptor", descriptor(idf="v5.3")), ("without descriptor", b"")):
            image = assemble(chip, [(memory.dram + 0x4000, rodata + _content(0x400, chip)), code])
            words = ("RAM",) if rodata else ("RAM", "bootloader")
            yield Form(name=f"RAM app {chip} {name}", family="rare", data=image[0], kind_words=words, image=image[1])


def simple_boot(chip: str) -> Image:
    """What ``elf2image --ram-only-header`` writes: the ROM sees the RAM segments, a loader in them finds the others behind.

    The facts are those of the RAM segments and their checksum, which are all that esptool shows.
    """
    memory = MEMORY_MAPS[chip]
    data, facts = assemble(chip, [(memory.dram, _content(0x300, chip)), (memory.iram, _content(0x700, chip))], digest=False)
    offset = _chip(chip).bootloader_offset
    for address in sorted((memory.irom + 0x20, memory.drom + 4 * PAGE + 0x40), reverse=True):
        gap = (address - len(data) - 16) % PAGE
        gap = gap + (PAGE if gap < offset else 0) - offset
        code = _content(0x800, (chip, address))
        data += struct.pack("<II", 0, gap) + bytes(gap) + struct.pack("<II", address, len(code)) + code
    return data, facts


# Signatures


@cache
def _primes() -> tuple[int, int, int]:
    """Three primes of 1536 bits. Keys that share primes protect nothing; these are for tests."""
    chance = Random("primes")
    small = [number for number in range(3, 2000, 2) if all(number % part for part in range(3, int(number**0.5) + 1, 2))]
    found: list[int] = []
    while len(found) < 3:
        number = chance.getrandbits(1536) | 3 << 1534 | 1
        while any(number % part == 0 for part in small) or pow(3, number - 1, number) != 1 or number % _E == 1:
            number += 2
        found.append(number)
    return found[0], found[1], found[2]


class RsaKey(NamedTuple):
    """An RSA-3072 key: modulus and private exponent."""

    modulus: int
    exponent: int

    @property
    def public(self) -> bytes:
        """The public key as PEM."""
        return _pem(rsa.RSAPublicNumbers(_E, self.modulus).public_key())


@cache
def rsa_key(index: int) -> RsaKey:
    """Key 0, 1 or 2."""
    first, second = _primes()[index], _primes()[(index + 1) % 3]
    return RsaKey(first * second, pow(_E, -1, (first - 1) * (second - 1)))


def _pem(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _pss(digest: bytes, key: RsaKey) -> bytes:
    """RSASSA-PSS (RFC 8017, 9.1.1) with MGF1 and SHA-256, its salt drawn from the digest."""
    salt = hashlib.sha256(b"salt" + digest).digest()
    hashed = hashlib.sha256(bytes(8) + digest + salt).digest()
    block = b"\x01".rjust(384 - 65, b"\0") + salt
    mask = b"".join(hashlib.sha256(hashed + struct.pack(">I", index)).digest() for index in range(12))
    masked = bytearray(one ^ other for one, other in zip(block, mask, strict=False))
    masked[0] &= 0x7F
    return pow(int.from_bytes(masked + hashed + b"\xbc", "big"), key.exponent, key.modulus).to_bytes(384, "big")


def rsa_block(signed: bytes, key: RsaKey) -> bytes:
    """The 1196 bytes before the CRC of a block of secure boot v2 with RSA-3072."""
    digest = hashlib.sha256(signed).digest()
    modulus = key.modulus
    factor = (1 << 6144) % modulus
    inverse = -pow(modulus, -1, 1 << 32) % (1 << 32)
    return struct.pack(
        "<BBxx32s384sI384sI384s",
        *(0xE7, 2, digest, modulus.to_bytes(384, "little"), _E, factor.to_bytes(384, "little"), inverse),
        _pss(digest, key)[::-1],
    )


CURVES: dict[str, tuple[ec.EllipticCurve, int, hashes.HashAlgorithm, int]] = {
    "P192": (ec.SECP192R1(), 24, hashes.SHA256(), 1),
    "P256": (ec.SECP256R1(), 32, hashes.SHA256(), 2),
    "P384": (ec.SECP384R1(), 48, hashes.SHA384(), 3),
}
"""Curve, bytes of a number, hash, and the number of the curve in a block."""


def ec_key(curve: str, index: int = 0) -> ec.EllipticCurvePrivateKey:
    """A key on a curve."""
    return ec.derive_private_key(Random(f"{curve} {index}").getrandbits(180) | 1, CURVES[curve][0])


def _little(first: int, second: int, length: int) -> bytes:
    return first.to_bytes(length, "little") + second.to_bytes(length, "little")


def ec_block(signed: bytes, curve: str, key: ec.EllipticCurvePrivateKey) -> bytes:
    """The 1196 bytes before the CRC of a block of secure boot v2 with ECDSA."""
    _, length, method, number = CURVES[curve]
    digest = hashlib.new(method.name, signed).digest()
    signature = key.sign(digest, ec.ECDSA(utils.Prehashed(method), deterministic_signing=True))
    point = key.public_key().public_numbers()
    room = 96 if curve == "P384" else 64
    numbers = (_little(point.x, point.y, length), _little(*utils.decode_dss_signature(signature), length))
    head = struct.pack("<BBBx", 0xE7, 3, curve == "P384") + digest + bytes((number,))
    return (head + b"".join(pair.ljust(room, b"\0") for pair in numbers)).ljust(1196, b"\0")


def sealed(blocks: Iterable[bytes]) -> bytes:
    """A sector of signature blocks, each with its CRC32."""
    return b"".join(block + struct.pack("<I16x", zlib.crc32(block)) for block in blocks).ljust(SECTOR, b"\xff")


def _padded(data: bytes) -> bytes:
    return data + b"\xff" * (-len(data) % SECTOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """One key, and how it makes a block."""

    scheme: tuple[str, ...]
    public: bytes
    block: Callable[[bytes], bytes]

    def row(self, start: int) -> Signed:
        """The facts of its block at ``start``, over an image that it signed."""
        return Signed(scheme=self.scheme, start=start, intact=True, digest_fits=True, valid=True, public=self.public)


def signer(scheme: str, index: int = 0) -> Signer:
    """A key for ``RSA``, ``P192``, ``P256`` or ``P384``."""
    if scheme == "RSA":
        pair = rsa_key(index)
        return Signer(scheme=("v2", "RSA"), public=pair.public, block=lambda data: rsa_block(data, pair))
    key = ec_key(scheme, index)
    return Signer(scheme=("v2", "ECDSA"), public=_pem(key.public_key()), block=lambda data: ec_block(data, scheme, key))


def _signed_form(name: str, data: bytes, facts: Facts, rows: tuple[Signed, ...], kind: tuple[str, ...] = APP) -> Form:
    return Form(name=name, family="signed", data=data, kind_words=kind, image=facts, signatures=rows)


def _signed(name: str, image: Image, keys: Sequence[Signer], kind: tuple[str, ...] = APP) -> Form:
    body = _padded(image[0])
    rows = tuple(key.row(len(body) + 1216 * index) for index, key in enumerate(keys))
    return _signed_form(name, body + sealed(key.block(body) for key in keys), image[1], rows, kind)


def signed() -> Iterator[Form]:
    """Signed apps and bootloaders, with good signatures and with wrong ones."""
    for scheme, counts in (("RSA", (1, 2, 3)), ("P192", (1,)), ("P256", (1, 2, 3)), ("P384", (1, 3))):
        image = app("ESP32-S3" if scheme == "RSA" else "ESP32-C5")
        for count in counts:
            yield _signed(f"{scheme}, {count} blocks", image, [signer(scheme, index) for index in range(count)])
    yield _signed("bootloader, RSA", bootloader("ESP32-C6"), [signer("RSA")], BOOTLOADER)
    yield from _wrongly_signed()
    yield from _signed_v1()


def _wrongly_signed() -> Iterator[Form]:
    data, facts = small_app("ESP32-S3")
    body, other = _padded(data), _padded(small_app("ESP32-S3", seed=2)[0])
    for scheme, inside in (("RSA", 1000), ("P256", 110)):
        key = signer(scheme)
        block, row = key.block(body), key.row(len(body))
        wrong = sealed([_flipped(block, inside)])
        yield _signed_form(f"{scheme}, wrong signature", body + wrong, facts, (replace(row, valid=False),))
        changed = (replace(row, digest_fits=False, valid=False),)
        yield _signed_form(f"{scheme}, image changed after signing", other + sealed([block]), facts, changed)
        sector = _flipped(sealed([block]), 1196)
        yield _signed_form(f"{scheme}, CRC of the block", body + sector, facts, (replace(row, intact=False, valid=False),))
    first, second = signer("RSA"), signer("RSA", 1)
    rows = first.row(len(body)), replace(second.row(len(body) + 1216), digest_fits=False, valid=False)
    sector = sealed([first.block(body), second.block(other)])
    yield _signed_form("RSA, second block of another image", body + sector, facts, rows)


def _signed_v1() -> Iterator[Form]:
    """68 bytes behind the digest: version 0, r and s, big-endian."""
    data, facts = app("ESP32")
    key = ec_key("P256")
    made = key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    first, second = utils.decode_dss_signature(made)
    block = bytes(4) + first.to_bytes(32, "big") + second.to_bytes(32, "big")
    public = _pem(key.public_key())
    row = Signed(scheme=("v1",), start=len(data), intact=None, digest_fits=None, valid=True, public=public)
    yield _signed_form("v1", data + block, facts, (row,))
    yield _signed_form("v1, padded", place([(0, data + block)], PAGE), facts, (row,))
    yield _signed_form("v1, wrong signature", data + _flipped(block, 40), facts, (replace(row, valid=False),))


# Containers


def _container(name: str, data: bytes, words: tuple[str, ...], intact: bool | None = None) -> Form:
    return Form(name=name, family="container", data=data, kind_words=words, accepted=False, intact=intact)


def containers() -> Iterator[Form]:
    """Files that hold an app and that esp_ota_write refuses by their first byte."""
    data = app("ESP32-C3")[0]
    newer = edited(data)
    for scheme, made in (("RSA", encrypted_rsa(data)), ("ECIES", encrypted_ecies(data))):
        yield _container(f"esp_encrypted_img, {scheme}", made, ("esp_encrypted_img",))
        yield _container(f"esp_encrypted_img, {scheme}, cut", made[:-100], ("esp_encrypted_img",), False)
    header = struct.pack("<I32s28x", 0xFCCDDE10, data[-32:])
    yield _container("esp_delta_ota", header + delta(data, newer, 4), ("esp_delta_ota",))
    for compression, name in ((1, "lzma"), (2, "crle"), (4, "heatshrink")):
        yield _container(f"detools, sequential, {name}", delta(data, newer, compression), ("detools",))
    yield from _compressed(data, newer)
    yield from _mcuboot()
    for chip, family in UF2_FAMILIES.items():
        yield _container(f"UF2 {chip}", uf2(data, family), ("UF2",))
    yield _container("UF2 with MD5 parts", uf2(data, UF2_FAMILIES["ESP32-C3"], 452), ("UF2",))


def edited(data: bytes) -> bytes:
    """A later version of an app with a digest: other words at a hundred places, checksum and digest made anew."""
    chance, body = Random("edited"), bytearray(data[:-33])
    for _ in range(100):
        start = 0x400 + 4 * chance.randrange((len(body) - 0x800) // 4)
        body[start : start + 4] = chance.randbytes(4)
    sealed_ = bytes(body) + bytes((data[-33] ^ _xor([bytes(body)], 0) ^ _xor([data[:-33]], 0),))
    return sealed_ + hashlib.sha256(sealed_).digest()


def encrypted_rsa(plain: bytes) -> bytes:
    """esp_encrypted_img: the AES key is encrypted with RSA-3072, PKCS#1 v1.5."""
    chance = Random("encrypted")
    aes, iv = chance.randbytes(32), chance.randbytes(16)
    filler = bytes(chance.choices(range(1, 256), k=384 - 3 - 32))
    wrapped = pow(int.from_bytes(b"\0\x02" + filler + b"\0" + aes, "big"), _E, rsa_key(0).modulus)
    return _encrypted(plain, wrapped.to_bytes(384, "big"), aes, iv)


def encrypted_ecies(plain: bytes) -> bytes:
    """The same with a key agreed on the P-256 curve; the header's other fields are where they were."""
    chance = Random("ecies")
    salt, iv = chance.randbytes(32), chance.randbytes(16)
    server, device = ec_key("P256", 7), ec_key("P256", 8)
    shared = server.exchange(ec.ECDH(), device.public_key())
    aes = HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=b"_esp_enc_img_ecc").derive(shared)
    point = server.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return _encrypted(plain, (point[1:] + salt).ljust(384, b"\0"), aes, iv)


def _encrypted(plain: bytes, key_block: bytes, aes: bytes, iv: bytes) -> bytes:
    made = AESGCM(aes).encrypt(iv, plain, None)
    text, tag = made[:-16], made[-16:]
    return struct.pack("<I384s16sI16s88x", 0x0788B6CF, key_block, iv, len(text), tag) + text


def _packed(value: int) -> bytes:
    """A number as detools packs it: 6 bits and a sign, then 7 bits per byte."""
    first, rest = abs(value) & 0x3F, abs(value) >> 6
    out = [first | (0x40 if value < 0 else 0)]
    while rest:
        out[-1] |= 0x80
        out.append(rest & 0x7F)
        rest >>= 7
    return bytes(out)


def delta(base: bytes, new: bytes, compression: int) -> bytes:
    """A sequential patch of detools: one difference over the common length, then what is new."""
    common = min(len(base), len(new))
    difference = bytes((after - before) % 256 for before, after in zip(base, new, strict=False))
    plain = _packed(0) + _packed(common) + difference + _packed(len(new) - common) + new[common:] + _packed(0)
    packers = {1: lambda data: lzma.compress(data, lzma.FORMAT_ALONE), 2: _crle, 4: _heatshrink}
    return bytes((compression,)) + _packed(len(new)) + packers[compression](plain)


def _runs(data: bytes) -> Iterator[tuple[int, int]]:
    """Each byte with how often it follows itself."""
    begin = 0
    for end in range(1, len(data) + 1):
        if end == len(data) or data[end] != data[begin]:
            yield data[begin], end - begin
            begin = end


def _heatshrink(data: bytes) -> bytes:
    """heatshrink with a window of 8 bits and a length of 7: single bytes, and runs as references to the byte before."""
    bits: list[str] = []
    for byte, count in _runs(data):
        bits.append(f"1{byte:08b}")
        bits += [f"0{0:08b}{min(left, 128) - 1:07b}" for left in range(count - 1, 0, -128)]
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    return b"\x44" + int(text, 2).to_bytes(len(text) // 8, "big")


def _crle(data: bytes) -> bytes:
    """Conditional run length encoding: runs of six and more, the rest as it is."""
    out, plain = b"", b""
    for byte, count in (*_runs(data), (0, 0)):
        if 0 < count < 6:
            plain += bytes((byte,)) * count
            continue
        if plain:
            out += b"\0" + _leb128(len(plain)) + plain
            plain = b""
        if count:
            out += b"\x01" + _leb128(count) + bytes((byte,))
    return out


def _leb128(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes((value & 0x7F | 0x80,))
        value >>= 7
    return out + bytes((value,))


COMPRESSED = ("compressed-ota",)


def _compressed(base: bytes, new: bytes) -> Iterator[Form]:
    """Compressed OTA, in the three versions of its header."""
    xz = lzma.compress(new, lzma.FORMAT_XZ, lzma.CHECK_CRC32, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}])
    digest = hashlib.md5(xz, usedforsecurity=False).digest()
    for version, kind, extra in (
        (1, 1, b""),
        (2, 1, bytes(8)),
        (2, 0x11, struct.pack("<II", 4096, zlib.crc32(base[:4096]))),
    ):
        head = struct.pack("<4sBBBx32sI32s", b"ESP", version, kind, 0, b"v1.2", len(xz), digest) + extra
        head += struct.pack("<I", zlib.crc32(head))
        name = f"compressed OTA, header v{version}{', delta' if kind > 1 else ''}"
        yield _container(name, head + xz, COMPRESSED, True)
    head = struct.pack("<4sBB10sI16s", b"ESP", 3, 1, b"0", len(xz), digest)
    head += struct.pack("<I", zlib.crc32(head))
    yield _container("compressed OTA, header v3", head + xz, COMPRESSED, True)
    yield _container("compressed OTA, CRC of the header", _flipped(head, 16) + xz, COMPRESSED, False)
    yield _container("compressed OTA, one bit of the payload", head + _flipped(xz, 500), COMPRESSED, False)
    yield _container("compressed OTA, cut", head + xz[:-1], COMPRESSED, False)
    form = _container("compressed OTA, header v3 behind the app's", b"", COMPRESSED, True)
    yield replace(form, data=new[:1] + b"\0" + new[2:288] + head + xz, accepted=None)


TRAILER_MAGIC = bytes.fromhex("77c295f360d2ef7f3552500f2cb67980")


def mcuboot(*, protected: bool = False, wrong: bool = False, load_header: bool = True) -> bytes:
    """An MCUboot image whose payload begins with the load header of Espressif's port."""
    code, rodata = _content(0x600, "mcuboot"), _content(0x400, "mcuboot rodata")
    words = [0xACE637D3, 0x40380010, 0x40380000, 0x80, len(code), 0x3FC80000, 0x80 + len(code), 0x200, *[0] * 6]
    words += [0x42000000, PAGE, len(rodata), 0x3C010000, 2 * PAGE, len(rodata), *[0] * 4]
    head = struct.pack("<24I", *words) if load_header else bytes(96)
    payload = place([(0, head + code + bytes(0x200)), (PAGE - 32, rodata), (2 * PAGE - 32, rodata)], fill=b"\0")
    guard = struct.pack("<HHBBHI", 0x6908, 12, 0x50, 0, 4, 1) if protected else b""
    body = struct.pack("<IIHHIIBBHII", 0x96F3B83D, 0, 32, len(guard), len(payload), 0, 1, 2, 3, 4, 0) + payload + guard
    digest = hashlib.sha256(body + (b"x" if wrong else b"")).digest()
    return body + struct.pack("<HHBBH", 0x6907, 4 + 4 + 32, 0x10, 0, 32) + digest


def _mcuboot() -> Iterator[Form]:
    words = ("MCUboot",)
    plain = mcuboot()
    yield _container("MCUboot", plain, words, True)
    yield _container("MCUboot, protected TLVs", mcuboot(protected=True), words, True)
    yield _container("MCUboot, wrong SHA-256", mcuboot(wrong=True), words, False)
    yield _container("MCUboot, cut in the payload", plain[:0x1000], words, False)
    yield _container("MCUboot, no load header", mcuboot(load_header=False), words, True)
    slot = 0x40000
    for name, okay in (("pending", b"\xff"), ("confirmed", b"\x01")):
        full = place([(0, plain), (slot - 24, okay), (slot - 16, TRAILER_MAGIC)], slot)
        yield _container(f"MCUboot, slot with trailer, {name}", full, words, True)


UF2_FAMILIES: dict[str, int] = {
    chip.CHIP_NAME: chip.UF2_FAMILY_ID for chip in CHIP_DEFS.values() if getattr(chip, "UF2_FAMILY_ID", None)
}


def uf2(data: bytes, family: int, payload: int = 256, address: int = PAGE) -> bytes:
    """A UF2 file; blocks of 452 bytes have the MD5 part that esptool writes."""
    count = -(-len(data) // payload)
    blocks = []
    for index in range(count):
        part = data[index * payload : (index + 1) * payload]
        where = address + index * payload
        flags = 0x6000 if payload == 452 else 0x2000
        block = struct.pack("<8I", 0x0A324655, 0x9E5D5157, flags, where, len(part), index, count, family) + part
        if payload == 452:
            block += struct.pack("<II16s", where, len(part), hashlib.md5(part, usedforsecurity=False).digest())
        blocks.append(block.ljust(508, b"\0") + struct.pack("<I", 0x0AB16F30))
    return b"".join(blocks)


# Merged files


def table(rows: Iterable[tuple[int, int, int, int, str]], *, md5: bool = True) -> bytes:
    """A partition table of (type, subtype, offset, size, label)."""
    entries = b"".join(struct.pack("<HBBII16sI", 0x50AA, *row[:4], row[4].encode(), 0) for row in rows)
    digest = hashlib.md5(entries, usedforsecurity=False).digest()
    return (entries + (b"\xeb\xeb" + b"\xff" * 14 + digest if md5 else b"")).ljust(0xC00, b"\xff")


def otadata(sequence: int) -> bytes:
    """Two sectors, the first one with an entry that counts."""
    crc = zlib.crc32(struct.pack("<I", sequence), 0xFFFFFFFF)
    entry = struct.pack("<I20sII", sequence, b"\xff" * 20, 2, crc)
    return place([(0, entry)], 2 * SECTOR)


def merged_file(
    chip: str, *, base: int = 0, table_at: int = 0x8000, selected: int | None = None, damaged: bool = False, slots: int = 2
) -> tuple[bytes, tuple[Facts, ...]]:
    """Bootloader, table, otadata and apps as ``merge-bin`` puts them, from flash address ``base`` on."""
    first = max(PAGE, -(-(table_at + 0x9000) // PAGE) * PAGE)
    starts = [first + 2 * PAGE * index for index in range(slots)]
    rows = [(1, 2, table_at + 0x1000, 0x4000, "nvs"), (1, 0, table_at + 0x5000, 0x2000, "otadata")][: 1 + (slots > 1)]
    rows += [(0, 0x10 + index, start, 2 * PAGE, f"ota_{index}") for index, start in enumerate(starts) if slots > 1]
    rows += [(0, 0, first, 2 * PAGE, "factory")] if slots == 1 else []
    loader = bootloader(chip)
    where = _chip(chip).bootloader_offset
    apps = [app(chip, 0x8000, seed=index + 1) for index in range(slots)]
    if damaged:
        data, facts = apps[-1]
        apps[-1] = (_flipped(data, 0x1000), replace(facts, checksum_ok=False, digest_ok=False))
    parts = [(where, loader[0]), (table_at, table(rows)), *zip(starts, (one[0] for one in apps), strict=True)]
    if selected is not None:
        parts.append((table_at + 0x5000, otadata(selected)))
    data = place(sorted(parts))[base:]
    images = (at(loader, where - base), *(at(one, start - base) for one, start in zip(apps, starts, strict=True)))
    return data, images


def merged() -> Iterator[Form]:
    """Merged and factory images, and dumps of a whole flash."""
    made: dict[str, tuple[bytes, tuple[Facts, ...]]] = {}
    made.update((f"{chip.name} from 0x0", merged_file(chip.name)) for chip in CHIPS if not chip.esp8266)
    made["ESP32 from 0x1000"] = merged_file("ESP32", base=0x1000)
    made["ESP32-P4 from 0x2000"] = merged_file("ESP32-P4", base=0x2000)
    made["ESP32-C3, table at 0x9000"] = merged_file("ESP32-C3", table_at=0x9000)
    made["ESP32-C3, table at 0x10000"] = merged_file("ESP32-C3", table_at=0x10000)
    made["ESP32 from 0x1000, table at 0x10000"] = merged_file("ESP32", base=0x1000, table_at=0x10000)
    made["ESP32-S3, otadata selects ota_1"] = merged_file("ESP32-S3", selected=2)
    made["ESP32-C3, factory app without otadata"] = merged_file("ESP32-C3", slots=1)
    made["ESP32-C3, second app damaged"] = merged_file("ESP32-C3", selected=1, damaged=True)
    made["ESP32, only app damaged"] = merged_file("ESP32", slots=1, damaged=True)
    data, parts = merged_file("ESP32-S3", selected=1)
    made["ESP32-S3, whole flash of 1 MB"] = place([(0, data)], 1 << 20), parts
    loader, first = merged_file("ESP32", slots=1)
    digest = Random("digest").randbytes(192)
    made["ESP32, secure boot v1 digest at 0x0"] = place([(0, digest)]) + loader[192:], first
    for name, (data, parts) in made.items():
        begins = next((one for one in parts if one.start == 0), None)
        yield Form(
            name=name, family="merged", data=data, kind_words=MERGED, image=begins, parts=parts, healthy=_agree(parts)
        )
    yield from _bootloader_with_digest()


def _agree(parts: Iterable[Facts]) -> bool:
    return all(one.checksum_ok and one.digest_ok is not False for one in parts)


def _bootloader_with_digest() -> Iterator[Form]:
    """espsecure's digest-secure-bootloader: IV, digest, erased flash, and the bootloader at 0x1000."""
    loader = bootloader("ESP32", described=False)
    whole = loader[0] + b"\xff" * (-len(loader[0]) % 128)
    data = place([(0, Random("digest").randbytes(192)), (SECTOR, whole)])
    name = "secure boot v1 digest and bootloader"
    yield Form(
        name=name, family="bootloader", data=data, kind_words=("secure boot", "bootloader"), parts=(at(loader, SECTOR),)
    )


# ESP8266


def esp8266_v1(segments: Segments, entry: int = 0x40100004) -> Image:
    """Header of 8 bytes, segments, checksum."""
    data = _closed(struct.pack("<BBBBI", 0xE9, len(segments), 2, 0x40, entry), segments)
    return data, _esp8266_facts(_placed(segments, 8), len(data))


def esp8266_v2(code: bytes, segments: Segments) -> Image:
    """user1.bin: a header with magic 0xEA, the code in flash outside the checksum, a version 1 image, a CRC32."""
    outer = struct.pack("<BBBBI", 0xEA, 4, 2, 0x40, 0x40100004) + struct.pack("<II", 0, len(code)) + code
    data = _closed(outer + struct.pack("<BBBBI", 0xE9, len(segments), 2, 0x40, 0x40100004), segments)
    places = (Placed(0, len(code), 8), *_placed(segments, len(outer) + 8))
    return data + _crc8266(data), _esp8266_facts(places, len(data) + 4)


def _esp8266_facts(places: tuple[Placed, ...], size: int) -> Facts:
    return Facts(chip="ESP8266", segments=places, checksum_ok=True, digest_ok=None, size=size)


def _crc8266(data: bytes) -> bytes:
    crc = binascii.crc32(data)
    return struct.pack("<I", crc ^ 0xFFFFFFFF if crc >> 31 else crc + 1)


def _esp8266_segments(seed: object) -> list[tuple[int, bytes]]:
    return [
        (0x40100000, _content(0x600, (seed, "text"))),
        (0x3FFE8000, _content(0x200, (seed, "data"))),
        (0x3FFE8200, _content(0x300, (seed, "rodata"))),
    ]


def _eboot_crc(data: bytes) -> int:
    """CRC-32, most significant bit first, without a final XOR."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc >> 31 else 0)) & 0xFFFFFFFF
    return crc


def arduino_8266(seed: int = 1, *, stamped: bool = True) -> tuple[bytes, tuple[Facts, Facts]]:
    """eboot, 0xAA up to 0x1000, and the sketch.

    Newer cores write the file's length and CRC into the sketch's first 8 data bytes, after the checksum was made, which then
    no longer agrees. eboot does not look at it.
    """
    eboot = esp8266_v1([(0x4010F000, _content(0x2E0, "eboot")), (0x4010F2E0, _content(0x60, "strings"))], 0x4010F000)
    code = bytes(8) + _content(0x2000, (seed, "irom"))
    rest = [(0x40100000, _content(0x600, seed)), (0x40100600, b""), *_esp8266_segments(seed)[1:]]
    sketch = esp8266_v1([(0x40201010, code), *rest])
    whole = place([(0, eboot[0]), (SECTOR, sketch[0])], fill=b"\xaa")
    if not stamped:
        return whole, (eboot[1], at(sketch, SECTOR))
    stamp = struct.pack("<II", len(whole), _eboot_crc(whole))
    facts = replace(at(sketch, SECTOR), checksum_ok=_xor([stamp], 0) == 0)
    return whole[:0x1010] + stamp + whole[0x1018:], (eboot[1], facts)


def esp8266() -> Iterator[Form]:
    """Images of the ESP8266's systems."""
    words = ("ESP8266",)

    def form(name: str, image: Image) -> Form:
        healthy = _agree([image[1]])
        return Form(name=name, family="esp8266", data=image[0], kind_words=words, image=image[1], healthy=healthy)

    code = _content(0x2000, "irom")
    yield form("SDK without boot, eagle.flash.bin", esp8266_v1(_esp8266_segments(1)))
    for number in (1, 2):
        yield form(f"SDK user{number}.bin", esp8266_v2(_content(0x2000, number), _esp8266_segments(1)))
    old = esp8266_v1(_esp8266_segments(2))
    whole = place([(0, old[0]), (PAGE, code)])
    yield form("SDK with boot v1.1, code at 0x10000", (whole + _crc8266(whole), old[1]))
    rtos = esp8266_v1([(0x40210010, code), *_esp8266_segments(3)])
    yield form("RTOS SDK app", (rtos[0] + hashlib.sha256(rtos[0]).digest(), rtos[1]))
    bad = _flipped(rtos[0], 0x100)
    yield form("RTOS SDK app, one bit of a segment", (bad, replace(rtos[1], checksum_ok=False)))
    yield from _esp8266_with_loader(rtos)


def _esp8266_with_loader(rtos: Image) -> Iterator[Form]:
    def form(name: str, data: bytes, parts: tuple[Facts, ...], *, healthy: bool = True) -> Form:
        words = ("ESP8266",)
        return Form(name=name, family="esp8266", data=data, kind_words=words, image=parts[0], parts=parts, healthy=healthy)

    data, parts = arduino_8266()
    yield form("Arduino, eboot and sketch with length and CRC", data, parts)
    data, parts = arduino_8266(stamped=False)
    yield form("Arduino, eboot and sketch", data, parts)
    broken = (parts[0], replace(parts[1], checksum_ok=False))
    yield form("Arduino, sketch damaged", _flipped(data, 0x2000), broken, healthy=False)
    loader = esp8266_v1([(0x40100000, _content(0x400, "rboot"))])
    config = struct.pack("<BBBBBB2x4I", 0xE1, 1, 0, 0, 0, 2, 0x2000, 0x82000, 0, 0)
    config += bytes((_xor([config]),))
    rom = esp8266_v2(_content(0x2000, "rom0"), _esp8266_segments(4))
    yield form(
        "rBoot, config and rom", place([(0, loader[0]), (SECTOR, config), (0x2000, rom[0])]), (loader[1], at(rom, 0x2000))
    )
    boot = esp8266_v1([(0x40108000, _content(0x800, "boot"))])
    rows = [(1, 2, 0x9000, 0x6000, "nvs"), (1, 1, 0xF000, 0x1000, "phy_init"), (0, 0, PAGE, 0xF0000, "factory")]
    parts_ = [(0, boot[0]), (0x8000, table(rows)), (PAGE, rtos[0] + hashlib.sha256(rtos[0]).digest())]
    yield form("RTOS SDK, bootloader, table and app", place(parts_), (boot[1], at(rtos, PAGE)))


def forms() -> Iterator[Form]:
    """All of them."""
    for family in (chips, pages, misplaced, arduino, damaged, rare, signed, containers, merged, esp8266):
        yield from family()
