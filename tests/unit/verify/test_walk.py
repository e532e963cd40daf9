from __future__ import annotations

import pytest

from forensics.model.check import Check, Outcome
from forensics.model.device import DeviceSettings, Walk
from forensics.parse.image import parse_image
from forensics.verify.walk import walk
from tests.unit.parse.build import build_image, descriptor, shared, small_image
from tests.unit.parse.test_esp8266 import version_1, version_2


def on(data: bytes, **settings: object) -> Walk:
    return walk(data, parse_image(data), DeviceSettings(**{"idf": "v5.1.2", **settings}))  # type: ignore[arg-type]


def check(found: Walk, step: str) -> Check:
    return next(item for item in found.checks if item.step == step)


def steps(found: Walk) -> list[str]:
    return [item.step for item in found.checks]


def test_the_names_of_the_steps_are_stable() -> None:
    ending = ["end", "checksum", "length", "digest"]
    header = ["partition-size", "magic", "chip", "revision", "segment-count"]
    assert steps(on(small_image())) == [*header, "segment-0", "segment-1", *ending]
    assert "efuse-block-revision" in steps(on(small_image(), idf="v5.4"))
    assert "spi" in steps(on(small_image(), idf="v4.3"))


def test_an_accepted_image() -> None:
    data = small_image()
    found = on(data, partition_size=0x100000)
    assert (found.err, found.image_length) == (0, len(data))
    assert {item.outcome for item in found.checks} == {Outcome.PASSED}
    assert (found.idf, found.chip) == ("v5.1.2", "esp32c3")


def test_the_walk_goes_on_where_the_device_stops() -> None:
    data = bytearray(small_image())
    data[0] = 0x69
    data[0x30] ^= 0xFF
    found = on(bytes(data))
    assert found.err == 0x2002
    assert found.lines[-1] == "E (0) esp_image: image at 0x110000 has invalid magic byte (nothing flashed here?)"
    assert check(found, "magic").outcome is Outcome.FAILED
    later = {item.step: item for item in found.checks[2:]}
    assert {item.outcome for item in later.values()} == {Outcome.NOT_REACHED}
    assert {item.lines for item in later.values()} == {()}
    assert later["segment-1"].would is Outcome.PASSED
    assert later["checksum"].would is Outcome.FAILED
    assert later["digest"].would is Outcome.FAILED
    assert later["chip"].reason == "the device stopped at magic"


def test_nothing_is_claimed_beyond_a_broken_chain() -> None:
    data = bytearray(small_image())
    data[0x1C:0x20] = b"\xff\xff\xff\xff"
    found = on(bytes(data))
    assert check(found, "segment-0").outcome is Outcome.FAILED
    assert steps(found)[-4:] == ["end", "checksum", "length", "digest"]
    for item in found.checks[-4:]:
        assert item.outcome is Outcome.NOT_REACHED
        assert item.would is None


def test_spans_are_file_offsets_of_the_bytes_judged() -> None:
    data = small_image()
    found = on(data)
    spans = {item.step: item.span for item in found.checks if item.span}
    assert data[spans["magic"].start] == 0xE9
    assert (spans["chip"].start, spans["chip"].end) == (12, 14)
    assert spans["checksum"].end == len(data) - 32
    assert (spans["digest"].start, spans["digest"].end) == (len(data) - 32, len(data))


def test_a_plain_image_skips_the_digest_and_says_why() -> None:
    item = check(on(small_image(hash_appended=0)), "digest")
    assert item.outcome is Outcome.SKIPPED
    assert item.reason is not None
    assert "no digest" in item.reason


def test_a_bootloader_slot_skips_the_digest() -> None:
    data = bytearray(small_image())
    data[-1] ^= 1
    assert check(on(bytes(data), partition_offset=0), "digest").outcome is Outcome.SKIPPED
    assert on(bytes(data), partition_offset=0).err == 0
    assert on(bytes(data)).err == 0x2002


def test_an_image_for_another_chip() -> None:
    found = on(small_image(), chip="esp32s3")
    assert found.err == -1
    assert found.lines[-1] == "E (0) boot_comm: mismatch chip ID, expected 9, found 5"
    assert on(small_image(), chip="ESP32-C3").err == 0


def test_a_partition_that_is_too_small_or_too_large() -> None:
    data = small_image()
    found = on(data, partition_size=len(data) - 1)
    assert check(found, "length").outcome is Outcome.FAILED
    assert found.lines[-1].endswith(f"Image length {len(data)} doesn't fit in partition length {len(data) - 1}")
    large = on(data, partition_size=0x1000001)
    assert large.err == 0x102
    assert large.lines == ("E (0) esp_image: partition size 0x1000001 invalid, larger than 16MB",)


def test_a_slot_that_cuts_the_mmu_page() -> None:
    found = on(small_image(), partition_offset=0x118000)
    assert check(found, "segment-0").outcome is Outcome.FAILED
    assert found.lines[-1].endswith("Segment 0 load address 0x3c000020, doesn't match data 0x00118020")
    assert check(found, "digest").would is Outcome.PASSED


def test_the_page_of_the_app_descriptor_decides_from_v5_4() -> None:
    data = build_image([(0x42000020, descriptor(mmu_page_size=15))], chip_id=13, min_chip_rev_full=0, entry_addr=0x40800000)
    assert on(data, idf="v5.3", partition_offset=0x118000).err == 0x2002
    later = on(data, idf="v5.4", partition_offset=0x118000)
    assert later.err == 0
    assert "I (0) esp_image: MMU page size mismatch, configured: 0x10000, found: 0x8000" in later.lines


def test_psram_segments_of_the_p4_are_mapped_from_v5_3() -> None:
    data = build_image([(0x40000020, descriptor()), (0x48000000, bytes(16))], chip_id=18, min_chip_rev_full=0)
    assert on(data, idf="v5.2").err == 0
    found = on(data, idf="v5.3")
    assert check(found, "segment-1").outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("chip_id", "target", "load_addr"),
    [
        (0x17, "esp32c5", 0x42000020),
        (0x14, "esp32c61", 0x42000020),
        (0x19, "esp32h21", 0x42000020),
        (0x1C, "esp32h4", 0x42000020),
        (0x20, "esp32s31", 0x40000020),
    ],
)
def test_chips_that_no_case_of_the_oracle_shows(chip_id: int, target: str, load_addr: int) -> None:
    data = build_image([(load_addr, descriptor())], chip_id=chip_id, min_chip_rev_full=100)
    found = on(data, idf="master")
    assert (found.err, found.chip) == (0, target)
    assert any(line.endswith("( 256) map") or line.endswith("(   256) map") for line in found.lines)


def test_the_efuse_block_is_compared_in_every_piece_of_segment_0() -> None:
    second = descriptor(min_efuse_blk_rev_full=25185)[176:180]
    content = descriptor() + bytes(0x10000 - 256)
    content += bytes(176) + second + bytes(76)
    data = build_image([(0x3C000020, content)])
    assert on(data, idf="v5.4", efuse_block_revision=0).err == 0
    found = on(data, idf="v5.4", efuse_block_revision=0, free_pages=2)
    assert found.err == -1
    assert found.lines[-1] == "E (0) boot_comm: Image requires efuse blk rev >= v251.85, but chip is v0.0"


def test_an_erased_efuse_block_bound_is_none() -> None:
    data = build_image([(0x3C000020, descriptor(min_efuse_blk_rev_full=0xFFFF, max_efuse_blk_rev_full=0xFFFF))])
    assert on(data, idf="v5.4", efuse_block_revision=0).err == 0


def test_a_bootloader_sent_as_an_app_is_refused_for_its_revisions() -> None:
    data = shared("images", "esptool__images_bootloader_esp32c3.bin").read_bytes()
    found = on(data, idf="v5.5")
    assert found.err == -1
    assert check(found, "efuse-block-revision").outcome is Outcome.FAILED


@pytest.mark.parametrize(("idf", "err"), [("v5.4", -1), ("v5.5", 0x101)])
def test_no_free_pages(idf: str, err: int) -> None:
    found = on(small_image(), idf=idf, free_pages=0)
    assert found.err == err
    assert check(found, "segment-0").outcome is Outcome.FAILED


def test_an_image_at_the_very_end_of_flash() -> None:
    data = small_image()
    found = on(data, partition_offset=0x3F0000, flash_size=0x3F0000 + len(data) - 33)
    assert check(found, "checksum").outcome is Outcome.FAILED
    assert check(found, "digest").outcome is Outcome.NOT_REACHED
    beyond = on(data, partition_offset=0x400000, flash_size=0x400000)
    assert beyond.err == 0x102
    assert beyond.image_length is None
    within_digest = on(data, partition_offset=0x3F0000, flash_size=0x3F0000 + len(data) - 1)
    assert check(within_digest, "length").outcome is Outcome.FAILED


def test_flash_is_large_enough_unless_given() -> None:
    data = build_image([(0x3C000020, descriptor()), (0x40380000, bytes(5 << 20))])
    assert on(data).err == 0
    found = on(data, flash_size=0x400000)
    assert found.err == -1
    assert found.lines[-2:] == (
        "E (0) bootloader_mmap: spi_flash_mmap failed: 0x102",
        "E (0) esp_image: bootloader_mmap(0x110128, 0x3d0000) failed",
    )


def test_both_bounds_of_the_revision_are_told_until_v5_4() -> None:
    data = small_image(min_chip_rev_full=300, max_chip_rev_full=99)
    bounds = [line for line in on(data, chip_revision=200).lines if "chip rev" in line]
    assert len(bounds) == 2
    later = [line for line in on(data, idf="v5.5", chip_revision=200).lines if "chip rev" in line]
    assert later == ["E (0) boot_comm: chip revision check failed. Required >= v3.0, found v2.0."]


def test_the_one_byte_revision_counts_minors_on_the_c3() -> None:
    data = small_image(min_chip_rev=3)
    assert on(data, idf="v4.3", chip_revision=3).err == 0
    found = on(data, idf="v4.3", chip_revision=2)
    assert found.lines[-1].startswith("E (0) boot_comm: This chip is revision 2 but the application is configured")
    assert found.lines[-1].endswith("for minimum revision 3. Can't run.")


def test_esp8266_images_are_walked_with_their_own_header() -> None:
    found = on(version_1(), partition_offset=0x10000)
    assert found.chip == "esp8266"
    assert found.err == 0
    assert "I (0) esp_image: segment 0: paddr=0x00010010 vaddr=0x40100000 size=0x00050 (    80) " in found.lines
    assert {item.step for item in found.checks} >= {"segment-0", "segment-1", "checksum"}
    damaged = bytearray(version_1())
    damaged[20] ^= 0x55
    assert check(on(bytes(damaged)), "checksum").outcome is Outcome.FAILED


def test_an_esp8266_image_cut_inside_a_segment_header_prints_its_own_error() -> None:
    found = on(version_1()[:96])
    assert found.lines[-1] == "E (0) esp_image: unaligned segment length 0xffffffff"


def test_esp8266_version_2_is_walked_without_lines() -> None:
    found = on(version_2())
    assert (found.err, found.lines) == (0, ())
    assert check(found, "checksum").outcome is Outcome.PASSED
    assert [step for step in steps(found) if step.startswith("segment")] == ["segment-0", "segment-1"]


def test_an_esp8266_image_on_an_esp32() -> None:
    found = on(version_1(), chip="esp32")
    assert found.err != 0
    assert found.chip == "esp32"
