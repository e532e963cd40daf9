"""Checksums of sectors against SENT."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forensics.errors import UsageError
from forensics.model.solve import SectorRun
from forensics.model.span import ByteSpan
from forensics.solve import map_sectors
from tests.unit.solve.damage import sample

SENT = sample(31, 65536)
SECTORS = 20


def checksums(received: bytes) -> dict[int, int]:
    slot = received.ljust(SECTORS * 4096, b"\xff")
    return {index: zlib.crc32(slot[index * 4096 : (index + 1) * 4096]) for index in range(SECTORS)}


def test_an_intact_slot() -> None:
    found = map_sectors(SENT, checksums(SENT))
    assert (found.good, found.known, found.first_bad, found.seam) == (16, 16, None, None)
    assert found.runs == (
        SectorRun(first=0, last=15, shift=0),
        SectorRun(first=16, last=19, shift=None, fill=0xFF),
    )


@settings(max_examples=30, deadline=None)
@given(
    at=st.integers(2 * 4096, 10 * 4096),
    lost=st.sampled_from((1, 20, 244, 509, 1527, 3000)),
    gained=st.booleans(),
)
def test_a_shift_is_measured_and_its_seam_lies_where_it_was_made(at: int, lost: int, gained: bool) -> None:
    received = SENT[:at] + SENT[at - lost :] if gained else SENT[:at] + SENT[at + lost :]
    found = map_sectors(SENT, checksums(received))
    assert found.first_bad is not None
    shifts = {run.shift for run in found.runs if run.last >= found.first_bad and run.fill is None}
    assert (-lost if gained else lost) in shifts
    assert found.seam is not None
    # Where the bytes around the loss are alike the seam can be told from several places.
    slack = SENT[at : at + lost] if not gained else SENT[at - lost : at]
    assert found.seam.start <= at < found.seam.end or len(set(slack)) < lost


def test_two_losses_are_two_runs() -> None:
    first, second = 2 * 4096 + 100, 9 * 4096 + 900
    received = SENT[:first] + SENT[first + 244 : second] + SENT[second + 488 :]
    shifts = [run.shift for run in map_sectors(SENT, checksums(received)).runs if run.shift]
    assert shifts[0] == 244
    assert shifts[-1] == 244 + 488


def test_a_sector_damaged_in_place_shifts_nothing() -> None:
    received = SENT[: 5 * 4096 + 7] + b"damage" + SENT[5 * 4096 + 13 :]
    found = map_sectors(SENT, checksums(received))
    assert (found.good, found.first_bad, found.seam) == (15, 5, None)
    assert SectorRun(first=5, last=5, shift=None) in found.runs


def test_an_erased_sector_is_told() -> None:
    received = SENT[: 5 * 4096] + b"\xff" * 4096 + SENT[6 * 4096 :]
    assert SectorRun(first=5, last=5, shift=None, fill=0xFF) in map_sectors(SENT, checksums(received)).runs


def test_only_some_sectors_are_known() -> None:
    received = SENT[:9000] + SENT[9244:]
    some = {index: crc for index, crc in checksums(received).items() if index in (0, 1, 7, 8)}
    found = map_sectors(SENT, some)
    assert (found.good, found.known, found.first_bad, found.seam) == (2, 4, 7, ByteSpan(8192, 28673))
    assert found.runs[-1] == SectorRun(first=7, last=8, shift=244)


def test_nothing_known_says_nothing() -> None:
    found = map_sectors(SENT, {})
    assert (found.good, found.known, found.first_bad, found.runs) == (0, 0, None, ())


@pytest.mark.parametrize("crcs", [{-1: 0}, {0: -1}, {0: 1 << 32}])
def test_impossible_sectors_are_refused(crcs: dict[int, int]) -> None:
    with pytest.raises(UsageError):
        map_sectors(SENT, crcs)
