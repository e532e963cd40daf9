"""Bytes with the statistics of compiled firmware: a skewed vocabulary of instructions, literals, functions.

The opcodes are those of the Xtensa and RISC-V instruction sets; the programs make no sense and are never run.
What counts is what an alignment sees: how the bytes are distributed, how often 8, 20 or 244 come twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

# Values of instruction fields, each listed as often as compilers take it.
_REGISTERS_16 = bytes.fromhex("02020202030304040506070808080809090a0a0a0a0a0b0b0b0c0c0d0e0f010100")
_REGISTERS_32 = bytes.fromhex("0a0a0a0a0b0b0c0d0e0e0f0f0f0808091213020105061011141600")
_REGISTERS_8 = bytes.fromhex("00010202030405060707")
_SMALL = bytes.fromhex("000000010101020203040405060708090a0c0e0f")
_OFFSETS = bytes.fromhex("0000000102040408080c101014181c2024282c30343c404c546080a0c8fffcf0")
_NIBBLE = range(16)
_BYTE = range(256)
_NEAR_BACK = (*(0xFF,) * 12, *(0xFE,) * 4, *(0xFD,) * 2, *range(0xF0, 0xFD))
_NEAR = (*(0,) * 18, *(1,) * 4, 2, 3, 4, 5, 6, *(0xFF,) * 4, 0xFE, 0xFE, 0xFD, 0xFC, 0xFB, 0xFA)

_CONDITIONS = (0, 1, 4, 5, 6, 7)
_BRANCH = (0, 0, 0, 1, 2, 3, 127)
_UPPER_20 = (0x3FC90, 0x3FC91, 0x3C040, 0x42010, 0x60000, 0x600C0)
_SIGNED_12 = (*range(0, 1 << 11, 3), *range(0xF00, 1 << 12))

Field = tuple[Sequence[int], int]


@dataclass(frozen=True, slots=True)
class _Form:
    """One kind of instruction: how often it occurs, bytes, fixed bits, (values, shift) of each field."""

    weight: int
    size: int
    opcode: int
    fields: tuple[Field, ...]

    def encode(self, rng: Random) -> bytes:
        """One instruction with fields drawn at random."""
        value = self.opcode
        for values, shift in self.fields:
            value |= rng.choice(values) << shift
        return value.to_bytes(self.size, "little")


_R, _C = _REGISTERS_16, _REGISTERS_8
_XTENSA_FORMS = (
    _Form(13, 2, 0x0008, ((_R, 4), (_R, 8), (_SMALL, 12))),  # l32i.n
    _Form(9, 2, 0x0009, ((_R, 4), (_R, 8), (_SMALL, 12))),  # s32i.n
    _Form(5, 2, 0x000A, ((_R, 4), (_R, 8), (_R, 12))),  # add.n
    _Form(4, 2, 0x000B, ((_SMALL, 4), (_R, 8), (_R, 12))),  # addi.n
    _Form(8, 2, 0x000C, ((range(8), 4), (_R, 8), (_SMALL, 12))),  # movi.n, beqz.n
    _Form(9, 2, 0x000D, ((_R, 4), (_R, 8))),  # mov.n
    _Form(10, 3, 0x000001, ((_R, 4), (_BYTE, 8), (_NEAR_BACK, 16))),  # l32r
    _Form(11, 3, 0x000025, ((range(4), 6), (_BYTE, 8), (_NEAR, 16))),  # call8
    _Form(3, 3, 0x0000E0, ((_R, 8),)),  # callx8
    _Form(5, 3, 0x002002, ((_R, 4), (_R, 8), (_OFFSETS, 16))),  # l32i
    _Form(4, 3, 0x006002, ((_R, 4), (_R, 8), (_OFFSETS, 16))),  # s32i
    _Form(4, 3, 0x000002, ((_R, 4), (_R, 8), (_OFFSETS, 16))),  # l8ui
    _Form(2, 3, 0x004002, ((_R, 4), (_R, 8), (_OFFSETS, 16))),  # s8i
    _Form(4, 3, 0x00C002, ((_R, 4), (_R, 8), (_OFFSETS, 16))),  # addi
    _Form(4, 3, 0x00A002, ((_R, 4), (_SMALL, 8), (_OFFSETS, 16))),  # movi
    _Form(4, 3, 0x200000, ((_R, 4), (_R, 8), (_R, 12))),  # or
    _Form(3, 3, 0x800000, ((_R, 4), (_R, 8), (_R, 12), ((0, 0, 2, 4), 20))),  # add, addx4, sub
    _Form(3, 3, 0x040000, ((_R, 4), (_R, 8), (_R, 12), (_SMALL, 20))),  # extui
    _Form(2, 3, 0x110000, ((_R, 4), (_R, 8), (_R, 12))),  # slli
    _Form(5, 3, 0x000007, ((_R, 4), (_R, 8), (_NIBBLE, 12), (_OFFSETS, 16))),  # beq, bne, bbci
    _Form(7, 3, 0x000006, ((range(16), 4), (_R, 8), (_SMALL, 12), (_OFFSETS, 16))),  # j, beqz, bnez, bltui
    _Form(2, 3, 0x0020C0, ()),  # memw
    _Form(1, 2, 0xF01D, ()),  # retw.n
)
_W = _REGISTERS_32
_RISCV_FORMS = (
    _Form(10, 2, 0x4000, ((_C, 2), (_C, 7), (range(8), 10))),  # c.lw
    _Form(7, 2, 0xC000, ((_C, 2), (_C, 7), (range(8), 10))),  # c.sw
    _Form(6, 2, 0x0001, ((range(32), 2), (_W, 7))),  # c.addi
    _Form(7, 2, 0x4001, ((_SMALL, 2), (_W, 7))),  # c.li
    _Form(6, 2, 0x4002, ((_NIBBLE, 2), (_W, 7))),  # c.lwsp
    _Form(6, 2, 0xC002, ((_W, 2), (_NIBBLE, 7))),  # c.swsp
    _Form(12, 2, 0x8002, ((_W, 2), (_W, 7))),  # c.mv
    _Form(3, 2, 0x9002, ((_W, 2), (_W, 7))),  # c.add
    _Form(4, 2, 0xA001, ((range(0, 1 << 11), 2),)),  # c.j
    _Form(7, 2, 0xC001, ((range(32), 2), (_C, 7), (range(8), 10))),  # c.beqz, c.bnez
    _Form(2, 2, 0x8001, ((range(32), 2), (_C, 7), (range(4), 10))),  # c.srli, c.andi, c.sub
    _Form(9, 4, 0x000000EF, ((_BYTE, 12), (_SIGNED_12, 20))),  # jal
    _Form(5, 4, 0x00000037, ((_W, 7), (_UPPER_20, 12))),  # lui
    _Form(6, 4, 0x000080E7, ((_SIGNED_12, 20),)),  # jalr
    _Form(5, 4, 0x00000017, ((_W, 7), (range(0, 256), 12))),  # auipc
    _Form(6, 4, 0x00000013, ((_W, 7), (_W, 15), (_SIGNED_12, 20))),  # addi
    _Form(3, 4, 0xFFF00013, ((_W, 7), (_W, 15))),  # addi -1
    _Form(4, 4, 0x00002003, ((_W, 7), (_W, 15), (_OFFSETS, 20))),  # lw
    _Form(3, 4, 0x00002023, ((_OFFSETS, 7), (_W, 15), (_W, 20))),  # sw
    _Form(3, 4, 0x00004003, ((_W, 7), (_W, 15), (_OFFSETS, 20))),  # lbu
    _Form(3, 4, 0x00007013, ((_W, 7), (_W, 15), (_OFFSETS, 20))),  # andi
    _Form(6, 4, 0x00000063, ((_W, 15), (_W, 20), (_CONDITIONS, 12), (range(0, 32, 2), 7), (_BRANCH, 25))),  # beq, bne
    _Form(1, 2, 0x8082, ()),  # ret
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionSet:
    """What the functions of one instruction set are made of.

    Attributes:
        forms: Kinds of instruction.
        prologues: How functions begin.
        epilogues: How they end.
        keeps_literals: True when each function keeps its 32-bit constants before its first instruction.
    """

    forms: tuple[_Form, ...]
    prologues: tuple[bytes, ...]
    epilogues: tuple[bytes, ...]
    keeps_literals: bool


XTENSA = InstructionSet(
    forms=_XTENSA_FORMS,
    prologues=tuple(bytes((0x36, frame, 0)) for frame in b"\x41\x41\x41\x41\x61\x61\x81\xa1\xc1"),
    epilogues=(b"\x1d\xf0", b"\x1d\xf0", b"\x0c\x02\x1d\xf0", b"\x2d\x0a\x1d\xf0", b"\x90\x00\x00"),
    keeps_literals=True,
)
RISCV = InstructionSet(
    forms=_RISCV_FORMS,
    prologues=(
        b"\x41\x11\x06\xc6",
        b"\x41\x11\x06\xc6\x22\xc4",
        b"\x01\x11\x06\xce\x22\xcc\x26\xca",
        b"\x79\x71\x06\xd6",
    ),
    epilogues=(
        b"\x82\x80",
        b"\xb2\x40\x41\x01\x82\x80",
        b"\xb2\x40\x22\x44\x41\x01\x82\x80",
        b"\x01\x45\x82\x80",
    ),
    keeps_literals=False,
)

_FUNCTION_SIZES = (4, 6, 8, 10, 12, 16, 16, 20, 24, 28, 32, 40, 48, 64, 80, 110, 160, 260)
_LITERAL_COUNTS = (0, 1, 1, 2, 2, 3, 4, 5, 7, 11)
_PADS = (b"", b"\0\0\0", b"\0\0", b"\0")
_LARGEST_VOCABULARY = 16384


class CodeWriter:
    """Writes machine code for one image.

    Args:
        instructions: The chip's instruction set.
        literals: 4-byte constants (addresses mostly) from which functions draw theirs.
        size: Bytes of code wanted in the whole image; more code has a larger vocabulary.
        rng: Source of every choice.
    """

    def __init__(self, instructions: InstructionSet, literals: Sequence[bytes], *, size: int, rng: Random) -> None:
        self._set = instructions
        self._literals = literals
        self._rng = rng
        weights = [form.weight for form in instructions.forms]
        forms = rng.choices(instructions.forms, weights, k=min(_LARGEST_VOCABULARY, max(512, size // 8)))
        single = [form.encode(rng) for form in forms]
        count = len(single)
        short = self._sequences(single, range(3, 6), kinds=max(40, size // 1200), count=count // 14)
        long = self._sequences(single, range(8, 26), kinds=max(6, size // 3000), count=count // 50)
        self._plain = single + short + long[: count // 400]
        self._linked = single + short + long

    def write(self, size: int, *, repetitive: bool) -> bytes:
        """Exactly ``size`` bytes of functions.

        Args:
            size: Bytes.
            repetitive: True for code that runs from flash: the same call sequences and even whole functions
                come again. Hand-tuned code that runs from RAM hardly repeats itself.
        """
        functions: list[bytes] = []
        total = 0
        vocabulary = self._linked if repetitive else self._plain
        while total < size:
            repeats = repetitive and len(functions) > 20 and self._rng.random() < 0.012
            function = self._rng.choice(functions) if repeats else self._function(vocabulary)
            functions.append(function)
            total += len(function)
        return b"".join(functions)[:size]

    def vectors(self, size: int) -> bytes:
        """``size`` bytes of exception vectors: a few instructions at every 64th byte, zeros between them."""
        slots = []
        for _ in range(0, size, 64):
            handler = b"".join(self._rng.choices(self._plain, k=self._rng.randrange(1, 10)))
            slots.append(handler[:64].ljust(64, b"\0"))
        return b"".join(slots)[:size]

    def _sequences(self, single: Sequence[bytes], lengths: range, *, kinds: int, count: int) -> list[bytes]:
        """``count`` sequences of instructions, ``kinds`` of them different, the first the most common."""
        rng = self._rng
        sequences = [b"".join(rng.choices(single, k=rng.choice(lengths))) for _ in range(kinds)]
        return rng.choices(sequences, [1 / (rank + 3) for rank in range(kinds)], k=count)

    def _function(self, vocabulary: Sequence[bytes]) -> bytes:
        rng = self._rng
        parts: list[bytes] = []
        if self._set.keeps_literals:
            parts += rng.choices(self._literals, k=rng.choice(_LITERAL_COUNTS))
        parts.append(rng.choice(self._set.prologues))
        length = rng.choice(_FUNCTION_SIZES)
        own = rng.choices(vocabulary, k=4 + length * 2 // 5)
        parts += rng.choices(own, k=length)
        parts.append(rng.choice(self._set.epilogues))
        function = b"".join(parts)
        return function + _PADS[len(function) % 4]
