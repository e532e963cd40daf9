from __future__ import annotations

import hashlib
import struct

import pytest

from forensics.model.flash import OtaData
from forensics.parse.otadata import parse_otadata
from forensics.parse.partition_table import parse_partition_table
from forensics.spec.otadata import sequence_crc

TWO_OTA = (
    (1, 2, 0x9000, 0x4000, b"nvs"),
    (1, 0, 0xD000, 0x2000, b"otadata"),
    (1, 1, 0xF000, 0x1000, b"phy_init"),
    (0, 0, 0x10000, 0x100000, b"factory"),
    (0, 0x10, 0x110000, 0x100000, b"ota_0"),
    (0, 0x11, 0x210000, 0x100000, b"ota_1"),
)


def table_bytes(entries: tuple[tuple[int, int, int, int, bytes], ...] = TWO_OTA, *, md5: bool = True) -> bytes:
    rows = b"".join(
        struct.pack("<2sBBII16sI", b"\xaa\x50", kind, subtype, offset, size, label, 0)
        for kind, subtype, offset, size, label in entries
    )
    if md5:
        rows += b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(rows, usedforsecurity=False).digest()
    return rows.ljust(0xC00, b"\xff")


def entry(sequence: int, state: int = 2, *, good: bool = True) -> bytes:
    crc = sequence_crc(sequence) ^ (0 if good else 1)
    return struct.pack("<I20sII", sequence, b"\xff" * 20, state, crc).ljust(0x1000, b"\xff")


BLANK = b"\xff" * 0x1000


def test_the_two_ota_table() -> None:
    table = parse_partition_table(b"\0" * 7 + table_bytes(), 7, flash_size=0x400000)
    assert table is not None
    assert table.problems == ()
    assert [part.subtype for part in table.partitions] == ["nvs", "ota", "phy", "factory", "ota_0", "ota_1"]
    assert [part.offset for part in table.ota_slots] == [0x110000, 0x210000]
    assert table.factory is not None
    assert table.factory.size == 0x100000
    assert table.md5_stored == table.md5_calculated is not None
    assert table.span.size == 7 * 32


def test_a_table_without_md5_is_fine_and_one_with_a_wrong_md5_is_not() -> None:
    plain = parse_partition_table(table_bytes(md5=False))
    assert plain is not None
    assert plain.md5_stored is None
    assert plain.problems == ()
    damaged = bytearray(table_bytes())
    damaged[12] ^= 1
    found = parse_partition_table(bytes(damaged))
    assert found is not None
    assert found.problems == ("its MD5 does not agree with its entries",)


def test_partitions_that_cannot_be_where_they_are() -> None:
    entries = ((0, 0, 0x10000, 0x20000, b"factory"), (0, 0x10, 0x28000, 0x800000, b"ota_0"))
    table = parse_partition_table(table_bytes(entries), flash_size=0x400000)
    assert table is not None
    assert table.problems == (
        "'ota_0' does not begin on a multiple of 0x10000",
        "'ota_0' begins inside the partition before it",
        "'ota_0' reaches beyond the flash (0x400000 bytes)",
    )


def test_every_truncation_of_a_table_gives_a_result() -> None:
    data = table_bytes()
    for size in range(9 * 32):
        table = parse_partition_table(data[:size])
        assert (table is None) == (size < 2)


def test_unknown_types_keep_their_number() -> None:
    table = parse_partition_table(table_bytes(((0x40, 7, 0x9000, 0x1000, b"own"),)))
    assert table is not None
    assert (table.partitions[0].type, table.partitions[0].subtype) == ("0x40", "0x07")


def select(data: bytes, slots: int = 2, *, has_factory: bool = True) -> OtaData:
    return parse_otadata(data, ota_slots=slots, has_factory=has_factory)


@pytest.mark.parametrize(
    ("data", "slots", "has_factory", "slot", "active"),
    [
        (BLANK + BLANK, 2, True, "factory", None),
        (BLANK + BLANK, 2, False, "ota_0", None),
        (entry(1) + BLANK, 2, True, "ota_0", 0),
        (entry(1) + entry(2), 2, True, "ota_1", 1),
        (entry(3) + entry(2), 2, True, "ota_0", 0),
        (entry(5) + entry(4), 3, True, "ota_1", 0),
        (entry(1) + entry(2, good=False), 2, True, "ota_0", 0),
        (entry(1) + entry(2, state=4), 2, True, "ota_0", 0),
        (entry(1, state=3) + entry(2, state=4), 2, True, "factory", None),
        (entry(1, good=False) + BLANK, 2, False, "ota_0", None),
        (entry(1) + entry(2), 0, True, "factory", 1),
        (BLANK, 0, False, None, None),
        (b"", 2, True, "factory", None),
    ],
)
def test_which_slot_boots(data: bytes, slots: int, has_factory: bool, slot: str | None, active: int | None) -> None:
    found = select(data, slots, has_factory=has_factory)
    assert found.slot == slot
    assert found.active == active
    assert found.why


def test_an_entry_shows_both_checksums_and_its_state() -> None:
    found = select(entry(2, state=1, good=False))
    assert found.entries[0].state == "pending-verify"
    assert found.entries[0].crc_stored == found.entries[0].crc_calculated ^ 1
    assert not found.entries[0].valid
