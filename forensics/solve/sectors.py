"""Checksums of the slot's sectors, read against SENT: where it went wrong, how far the rest is shifted."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from forensics.errors import UsageError
from forensics.model.solve import SectorMap, SectorRun
from forensics.model.span import ByteSpan
from forensics.solve.pieces import ERASED, ZERO
from forensics.spec.chunk_sizes import USUAL_GRIDS
from forensics.spec.flash import SECTOR

FAR = 16384
_MOST_LOOKS = 400_000
"""Checksums calculated at most: about half a second."""


def map_sectors(
    sent: bytes,
    crcs: Mapping[int, int],
    *,
    sector_size: int = SECTOR,
    chunk_sizes: Sequence[int] | None = None,
    far: int = FAR,
) -> SectorMap:
    """What each known sector of the slot holds, from its checksum alone.

    Args:
        sent: The whole file that was sent; the slot begins with its first byte, and is unwritten behind its
            end.
        crcs: CRC32 (IEEE, as ``esp_rom_crc32_le`` with 0 gives) by sector index.
        sector_size: Bytes of a sector.
        chunk_sizes: Bytes of a chunk; shifts by whole chunks are tried first. None takes the usual sizes.
        far: Largest shift to try, in bytes, either way.

    Raises:
        UsageError: a sector index or checksum that cannot be, or a size below 1.
    """
    if sector_size < 1 or far < 0 or any(size < 1 for size in chunk_sizes or ()):
        raise UsageError("sectors, chunks and distances have sizes above zero", next_step="give sizes from 1")
    if any(index < 0 or not 0 <= crc < 1 << 32 for index, crc in crcs.items()):
        raise UsageError(
            "a sector has an index from 0 and a CRC32 of 32 bits", next_step="give those that the device printed"
        )
    sizes = tuple(size for size, _ in USUAL_GRIDS) if chunk_sizes is None else tuple(chunk_sizes)
    return _Mapper(sent, crcs, sector_size, _shifts(sizes, far)).result()


class _Mapper:
    def __init__(self, sent: bytes, crcs: Mapping[int, int], sector_size: int, shifts: Sequence[int]) -> None:
        self._sent = sent
        self._crcs = crcs
        self._size = sector_size
        self._shifts = shifts
        self._looks_left = _MOST_LOOKS
        self._fills = {zlib.crc32(bytes([value]) * sector_size): value for value in (ZERO, ERASED)}

    def result(self) -> SectorMap:
        runs: list[SectorRun] = []
        known: list[int] = [0]
        for index in sorted(self._crcs):
            run = self._run(index, known)
            if run.shift is not None and run.shift not in known:
                known.insert(0, run.shift)
            if runs and (run.shift, run.fill) == (runs[-1].shift, runs[-1].fill) and runs[-1].last == index - 1:
                runs[-1] = replace(runs[-1], last=index)
            else:
                runs.append(run)
        inside = [index for index in sorted(self._crcs) if index * self._size < len(self._sent)]
        bad = [index for index in inside if not self._is_shifted(index, 0)]
        return SectorMap(
            good=len(inside) - len(bad),
            known=len(inside),
            first_bad=bad[0] if bad else None,
            runs=tuple(runs),
            seam=self._seam(bad[0], runs) if bad else None,
        )

    def _run(self, index: int, known: Sequence[int]) -> SectorRun:
        """One sector, explained by what explained those before, a fill, or a new shift."""
        for shift in known:
            if self._is_shifted(index, shift):
                return SectorRun(first=index, last=index, shift=shift)
        fill = self._fills.get(self._crcs[index])
        if fill is not None:
            return SectorRun(first=index, last=index, shift=None, fill=fill)
        for shift in self._shifts:
            if self._looks_left <= 0:
                break
            self._looks_left -= 1
            if self._is_shifted(index, shift):
                return SectorRun(first=index, last=index, shift=shift)
        return SectorRun(first=index, last=index, shift=None)

    def _is_shifted(self, index: int, shift: int) -> bool:
        """The sector holds SENT from ``shift`` bytes behind its own place; erased or zero where SENT ends."""
        start = index * self._size + shift
        if start < 0 or start >= len(self._sent):
            return False
        block = self._sent[start : start + self._size]
        crc = self._crcs[index]
        if len(block) == self._size:
            return zlib.crc32(block) == crc
        rest = self._size - len(block)
        return any(zlib.crc32(block + bytes([value]) * rest) == crc for value in (ERASED, ZERO))

    def _seam(self, index: int, runs: Sequence[SectorRun]) -> ByteSpan | None:
        """Where the bytes go over to the shift that the first bad sector or one behind it has.

        The sector holds SENT in place up to the seam and shifted SENT from there, which its CRC confirms. One
        that is shifted whole leaves the unknown sectors before it open.
        """
        start = index * self._size
        for shift in dict.fromkeys(run.shift for run in runs if run.last >= index and run.shift):
            fits = [at for at, crc in self._seams(start, shift) if crc == self._crcs[index]]
            if fits:
                before = max((known for known in self._crcs if known < index), default=-1)
                earliest = (before + 1) * self._size if fits[0] == start else fits[0]
                return ByteSpan(earliest, fits[-1] + 1)
        return None

    def _seams(self, start: int, shift: int) -> Iterator[tuple[int, int]]:
        """Every place in the sector, with the CRC32 that a seam there would give."""
        source = start + shift
        absent = bytes(min(self._size, max(0, -source)))
        shifted = absent + self._sent[max(0, source) : max(0, source + self._size)]
        view = memoryview(shifted.ljust(self._size, bytes([ERASED])))
        crc = 0
        for at in range(self._size):
            yield start + at, zlib.crc32(view[at:], crc)
            crc = zlib.crc32(self._sent[start + at : start + at + 1], crc)


def _shifts(sizes: Sequence[int], far: int) -> tuple[int, ...]:
    """Shifts to try: whole chunks of each size, then everything, near before far, lost before gained."""
    whole = [count * size for size in sizes for count in range(1, far // size + 1)]
    distances = dict.fromkeys((*whole, *range(1, far + 1)))
    return tuple(shift for distance in distances for shift in (distance, -distance))
