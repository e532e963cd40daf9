"""Bytes with the statistics of a firmware's constants and variables: texts, tables, glyphs, long runs."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from random import Random

_VOCABULARY = """
the to of in is not no for with on at from already failed invalid error timeout received state value length
size buffer task queue event handler connection bluetooth advertising scan bond pair key security mtu notify
write read characteristic service attribute handle descriptor gatt gap client server wifi station softap
channel rssi beacon association auth password ssid ip address socket bind listen accept closed reset by peer
dns dhcp lease partition flash sector erase offset image segment checksum digest boot slot update version
rollback nvs namespace entry page item blob corrupted free used heap memory allocation stack overflow
watchdog interrupt core cpu clock frequency timer tick semaphore mutex lock recursive owner spi i2c uart
gpio adc dac pwm rmt dma transmit transfer abort enable disable configure initialise install uninstall
register unregister callback argument pointer null unsupported mode level type number index count rate speed
width height frame pixel display sensor temperature humidity pressure battery voltage motor led button
encoder audio codec sample volume mute
"""
_COMPONENTS = "esp ble wifi nvs spi_flash ota gatt lwip tcpip heap i2c uart app mbedtls"
_SYLLABLES = "ra lo ti men cor vi sta nu pel qu der fo xi gra bu th"
_FORMATS = ("%d", "%s", "0x%x", "%u", "%02x:%02x:%02x", "%ld", "%p", "(%d)", "0x%08x", "%.2f")
_ENDS = ("", "", "", "\n", "!", ": %s", " %d", " = %d\n", ", err 0x%x")
_FIELD_SMALL = (0, 0, 0, 0, 1, 1, 2, 3, 4, 8, 16, 32, 64, 100, 255, 256, 1000, 0xFFFF, 0xFFFFFFFF)
_RUNS = (16, 20, 24, 32, 48, 64, 80, 120, 160, 256)
_LONG_RUNS = (512, 700, 1024, 1567, 2048, 3100, 4096)
_CRC_POLYNOMIALS = (0xEDB88320, 0x82F63B78, 0xA833982B)
_TEXT_BLOCK = 1600


class ConstantWriter:
    """Writes constants for one image.

    Args:
        addresses: 4-byte load addresses that point into the image's segments.
        rng: Source of every choice.
    """

    def __init__(self, addresses: Sequence[bytes], *, rng: Random) -> None:
        self._addresses = addresses
        self._rng = rng
        self._polynomials = list(_CRC_POLYNOMIALS)
        self._said: list[str] = []
        self._components = _COMPONENTS.split()
        self._words = _VOCABULARY.split() + [_coined_word(rng) for _ in range(700)]
        self._names = [self._name() for _ in range(300)]

    def rodata(self, size: int, *, assets: float) -> bytes:
        """Exactly ``size`` bytes of constants.

        Args:
            size: Bytes.
            assets: Share of fonts, bitmaps and compressed files, 0.0 to 1.0.
        """
        common = (self._texts, self._structs, self._pointers, self._lookup_table, self._run)
        heavy = (self._glyphs, self._bitmap, self._compressed, self._long_run)
        weights = [share * (1 - assets) for share in (0.46, 0.18, 0.09, 0.09, 0.18)]
        weights += [share * assets for share in (0.36, 0.29, 0.29, 0.06)]
        return self._mixture(size, (*common, *heavy), weights)

    def data(self, size: int) -> bytes:
        """Exactly ``size`` bytes of initialised variables: small structs, pointers, a long run of zeros."""
        zeros = bytes(size // 4 & ~3)
        writers = (
            self._sparse_structs,
            self._structs,
            self._pointers,
            self._run,
            self._lookup_table,
            self._texts,
        )
        rest = self._mixture(size - len(zeros), writers, (0.7, 0.12, 0.08, 0.05, 0.01, 0.04))
        place = self._rng.randrange(0, len(rest) // 4 + 1) * 4
        return rest[:place] + zeros + rest[place:]

    def _mixture(self, size: int, writers: Sequence[Callable[[], bytes]], weights: Sequence[float]) -> bytes:
        pieces: list[bytes] = []
        total = 0
        while total < size:
            piece = self._rng.choices(writers, weights)[0]()
            pieces.append(piece + bytes(-len(piece) % 4))
            total += len(pieces[-1])
        return b"".join(pieces)[:size]

    def _texts(self) -> bytes:
        """C strings, each NUL-terminated and begun at a multiple of 4 as the linker places them."""
        rng = self._rng
        texts = bytearray()
        while len(texts) < _TEXT_BLOCK:
            text = rng.choice(self._said) if self._said and rng.random() < 0.07 else self._text(rng.random())
            self._said.append(text)
            texts += text.encode()
            texts += bytes(4 - len(texts) % 4)
        return bytes(texts)

    def _text(self, kind: float) -> str:
        rng = self._rng
        if kind < 0.2:
            return rng.choice(self._names)
        if kind < 0.34:
            return f"/opt/esp/idf/components/{rng.choice(self._components)}/src/{rng.choice(self._names)}.c"
        words = rng.choices(self._words, k=rng.randrange(2, 8))
        if kind < 0.6:
            words[rng.randrange(len(words))] = rng.choice(_FORMATS)
        if kind < 0.8:
            return f"%s(%d): {' '.join(words)}{rng.choice(_ENDS)}"
        return f"\x1b[0;3{rng.randrange(1, 4)}m{'EWI'[rng.randrange(3)]} (%u) %s: {' '.join(words)}\x1b[0m\n"

    def _name(self) -> str:
        rng = self._rng
        return "_".join((rng.choice(self._components), *rng.choices(self._words, k=rng.randrange(1, 4))))

    def _structs(self) -> bytes:
        """A table of 12-, 16- or 24-byte records: an address, a counter, flags and small numbers."""
        rng = self._rng
        fields = rng.choice((3, 4, 4, 6))
        first = rng.randrange(256)
        rows = []
        for row in range(rng.randrange(6, 60)):
            rows.append(rng.choice(self._addresses))
            rows.append(struct.pack(f"<{fields - 1}I", first + row, *rng.choices(_FIELD_SMALL, k=fields - 2)))
        return b"".join(rows)

    def _sparse_structs(self) -> bytes:
        """Records of few set and many zero words, as drivers and stacks keep their state before the start."""
        rng = self._rng
        words = [bytes(4)] * 5 + [b"\xff\xff\xff\xff"] * rng.randrange(2) + rng.choices(self._addresses, k=9)
        words += [struct.pack("<I", value) for value in rng.choices(_FIELD_SMALL, k=3)]
        return b"".join(rng.choices(words, k=6 * rng.randrange(4, 16)))

    def _pointers(self) -> bytes:
        """A table of addresses in which one default handler stands in many places."""
        rng = self._rng
        targets = rng.choices(self._addresses, k=rng.randrange(8, 80))
        default = targets[0]
        return b"".join(default if rng.random() < 0.3 else target for target in targets)

    def _lookup_table(self) -> bytes:
        """A computed table: CRC-32, a sine, a substitution box or a ramp."""
        rng = self._rng
        kind = rng.randrange(4)
        if kind == 0:
            known = self._polynomials
            return _crc_table(known.pop() if known else rng.randrange(1 << 31, 1 << 32))
        if kind == 1:
            count, height = rng.choice((64, 128, 256, 512)), rng.randrange(500, 32767)
            wave = (round(height * math.sin(2 * math.pi * step / count)) for step in range(count))
            return struct.pack(f"<{count}h", *wave)
        if kind == 2:
            box = list(range(256))
            rng.shuffle(box)
            return bytes(box)
        start, step = rng.randrange(1000), rng.randrange(1, 300)
        return struct.pack("<128H", *((start + step * i) & 0xFFFF for i in range(128)))

    def _glyphs(self) -> bytes:
        """A font: glyphs of a few set rows between empty ones, many rows alike."""
        rng = self._rng
        width = rng.choice((1, 2, 2, 3, 4))
        strokes = [rng.getrandbits(8 * width) & rng.getrandbits(8 * width) for _ in range(40)]
        rows = [stroke.to_bytes(width, "little") for stroke in strokes]
        glyphs = []
        for _ in range(rng.randrange(30, 96)):
            stroke = rng.choices(rows, k=rng.randrange(2, 6))
            glyphs.append(bytes(width * rng.randrange(2, 8)))
            glyphs += rng.choices(stroke, k=rng.randrange(6, 16))
        return b"".join(glyphs)

    def _bitmap(self) -> bytes:
        """A 16-bit picture: flat background, a few shapes, a noisy part now and then."""
        rng = self._rng
        colours = [rng.randbytes(2) for _ in range(6)] + [b"\0\0", b"\xff\xff"]
        background, width = rng.choice(colours[-3:]), rng.choice((16, 24, 32, 48, 64))
        lines = []
        for _ in range(rng.randrange(12, 48)):
            left, shape = rng.randrange(width // 2), rng.randrange(width // 2)
            shades = rng.choices(colours, k=shape) if rng.random() < 0.5 else [rng.choice(colours)] * shape
            lines.append(background * left + b"".join(shades) + background * (width - left - shape))
        return b"".join(lines)

    def _compressed(self) -> bytes:
        """A compressed web page, a certificate or a key: no structure at all."""
        return self._rng.randbytes(self._rng.randrange(60, 1200) * 4)

    def _run(self) -> bytes:
        return self._rng.choice((b"\0", b"\0", b"\0", b"\xff")) * self._rng.choice(_RUNS)

    def _long_run(self) -> bytes:
        return self._rng.choice((b"\0", b"\xff")) * self._rng.choice(_LONG_RUNS)


def _coined_word(rng: Random) -> str:
    """A word that no other image has, as projects name their own things."""
    stem = "".join(rng.choices(_SYLLABLES.split(), k=rng.randrange(1, 4)))
    return stem + rng.choice(("", "", "s", "ed", "er", "2"))


def _crc_table(polynomial: int) -> bytes:
    """The 256-word table of a reflected 32-bit CRC."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (polynomial if value & 1 else 0)  # noqa: PLW2901 - the register of the CRC
        table.append(value)
    return struct.pack("<256I", *table)
