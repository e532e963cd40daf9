"""Folders, zips and mixes of files: which file is which, and one report."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from itertools import permutations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forensics
from forensics.errors import InputError, OtadiffError, UsageError
from forensics.model.device import DeviceSettings
from forensics.model.finding import Verdict
from forensics.model.limits import Limits
from forensics.model.report import InputFile, InputRole, Report
from forensics.open.content import MAX_INPUT_SIZE
from forensics.open.everything import open_everything
from forensics.pipeline.triage import TriageOptions, sort_sources, triage_inputs
from forensics.pipeline.triage.likeness import blocks_of, likeness, share_in
from forensics.synth.image import build_image
from forensics.synth.variants import other_build
from forensics.verify.predict import predict_log
from tests.bench.pairing import judge, make_folder, solve_folder
from tests.conftest import ROOT, SHARED, all_slugs

SAMPLES = ROOT / "samples"
SENT = build_image(size=48 * 1024, seed=5)
LOST = SENT[:9760] + SENT[10_004:]
OTHER = build_image(chip="ESP32-C3", size=32 * 1024, seed=6, project="lamp")
QUICK = TriageOptions(solve_seconds=None, solve_hypotheses=500)

NEUTRAL_ELSEWHERE = {
    "inputs-exchanged": "chunk-missing",  # told from the bytes, so there is nothing left to exchange
    "wrong-image": None,  # two valid builds, of which only the names said which was which
}


def log_of(image: bytes) -> bytes:
    return ("\n".join(predict_log(image, DeviceSettings(level="info")).lines) + "\n").encode()


def roles(report: Report) -> dict[str, str]:
    """File name by role, of those that have one."""
    return {one.role.value: one.name for one in report.inputs if one.role is not InputRole.LEFT_OUT}


def entry(report: Report, name: str) -> InputFile:
    return next(one for one in report.inputs if one.name == name)


def fill(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


BUG = {
    "app.bin": SENT,
    "dump.bin": LOST,
    "logs/boot.log": log_of(LOST),
    "README.md": b"It fails since Tuesday.\n",
    "old/app.bin": other_build(SENT, seed=3),
}


SMALL_ZIP = zipped({"a.bin": SENT[:3000], "b.log": log_of(LOST), "c/d.txt": b"x" * 200})
PIECES = (SENT[:4096], LOST[:9000], log_of(LOST), b"PK\x03\x04x")


def sample_folders() -> list[Path]:
    return sorted(place for place in SAMPLES.iterdir() if list(place.glob("sent.bin")) or list(place.glob("device.log")))


@pytest.mark.parametrize("place", sample_folders(), ids=lambda place: place.name)
def test_samples_are_understood_without_their_names(place: Path, tmp_path: Path) -> None:
    slug = NEUTRAL_ELSEWHERE.get(place.name, place.name)
    if slug is None or place.name in ("healthy", "mixed", "forum-case", "forum-log"):
        slug = None
    evidence = sorted(path for path in place.iterdir() if path.suffix != ".md")
    fill(tmp_path, {f"{number}.dat": path.read_bytes() for number, path in enumerate(evidence)})
    report = triage_inputs([tmp_path], QUICK)
    assert slug is None or slug in all_slugs(report)
    if place.name != "wrong-image":
        assert len(roles(report)) == len(evidence)


def test_a_folder_of_a_bug(tmp_path: Path) -> None:
    report = triage_inputs([fill(tmp_path, BUG)])
    assert roles(report) == {"sent": "app.bin", "received": "dump.bin", "log": "logs/boot.log"}
    assert report.findings[0].slug == "chunk-missing"
    assert report.sent is not None
    assert report.sent.name == "app.bin"
    assert report.log is not None
    assert "another pair" in entry(report, "old/app.bin").why
    assert entry(report, "README.md").kind == "text"
    assert entry(report, "app.bin").sha256 == report.sent.sha256


def test_a_zip_is_a_folder_and_so_is_a_zip_in_it(tmp_path: Path) -> None:
    plain = triage_inputs([fill(tmp_path / "bug", BUG)])
    (tmp_path / "bug.zip").write_bytes(zipped(BUG))
    assert triage_inputs([tmp_path / "bug.zip"]) == plain
    assert triage_inputs([zipped(BUG)]) == plain
    nested = {"mail.txt": b"see the attachment\n", "attachment.zip": zipped(BUG)}
    inner = triage_inputs([fill(tmp_path / "nested", nested)])
    assert roles(inner)["received"] == "attachment.zip/dump.bin"
    assert inner.findings == plain.findings


def test_names_that_are_alike_are_told_with_their_folders(tmp_path: Path) -> None:
    report = triage_inputs([fill(tmp_path, {"build/app.bin": SENT, "device/app.bin": LOST})])
    assert report.received is not None
    assert report.received.name == "device/app.bin"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_the_files_decides_nothing_that_the_bytes_decide(order: tuple[int, ...]) -> None:
    contents = (SENT, LOST, log_of(LOST))
    report = forensics.triage(*(contents[index] for index in order))
    assert report.findings[0].slug == "chunk-missing"
    assert report.sent is not None
    assert report.sent.image is not None
    assert report.sent.image.valid


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    fill(tmp_path, {"a/app.bin": SENT, "b/app.bin": LOST, "c/app.bin": other_build(SENT, seed=4)})
    report = triage_inputs([tmp_path / folder / "app.bin" for folder in "cba"])
    assert roles(report) == {"sent": "app.bin (3)", "received": "app.bin (2)"}
    assert report.findings[0].slug == "chunk-missing"


def test_each_job_is_chosen_for_what_is_there(tmp_path: Path) -> None:
    log = log_of(LOST)
    alone = triage_inputs([fill(tmp_path / "a", {"x.bin": SENT})])
    assert (alone.verdict, roles(alone)) == (Verdict.HEALTHY, {"sent": "x.bin"})
    with_log = triage_inputs([fill(tmp_path / "b", {"x.bin": SENT, "y.txt": log, "z.bin": OTHER})])
    assert roles(with_log) == {"sent": "x.bin", "log": "y.txt"}
    log_alone = triage_inputs([fill(tmp_path / "c", {"y.txt": log, "partitions.csv": b"nvs,data,nvs,0x9000,0x4000\n"})])
    assert roles(log_alone) == {"log": "y.txt"}
    capture = SAMPLES / "unacknowledged" / "capture.btsnoop"
    carried = triage_inputs([capture])
    assert roles(carried) == {"capture": "capture.btsnoop"}
    assert carried.inputs[0].protocol == "control-data"
    three = {"s": (SAMPLES / "unacknowledged" / "sent.bin").read_bytes(), "c": capture.read_bytes()}
    three["d"] = three["s"][:5000] + bytes(244) + three["s"][5244:]
    report = triage_inputs([fill(tmp_path / "d", three)])
    assert roles(report) == {"sent": "s", "received": "d", "capture": "c"}


def test_a_capture_of_a_whole_image_stands_in_for_it_beside_a_log(tmp_path: Path) -> None:
    capture = (SAMPLES / "notifications-lost" / "capture.btsnoop").read_bytes()
    sent = (SAMPLES / "notifications-lost" / "sent.bin").read_bytes()
    damaged = sent[:3000] + sent[3244:]
    report = triage_inputs([fill(tmp_path, {"hci.log": capture, "boot.log": log_of(damaged)})], QUICK)
    assert roles(report) == {"capture": "hci.log", "log": "boot.log"}
    assert "chunk-missing" in {finding.slug for finding in report.findings}


def test_the_log_that_belongs_to_the_image_is_taken(tmp_path: Path) -> None:
    files = {"a.log": log_of(OTHER) * 3, "b.log": log_of(LOST), "app.bin": SENT}
    report = triage_inputs([fill(tmp_path, files)], QUICK)
    assert roles(report)["log"] == "b.log"
    assert "another log says more" in entry(report, "a.log").why


def test_a_log_full_of_hex_is_both_log_and_dump(tmp_path: Path) -> None:
    rows = (f"I ({at}) ota: {LOST[at : at + 16].hex(' ')}" for at in range(0, len(LOST), 16))
    monitor = ("\n".join(rows) + "\n").encode() + log_of(LOST)
    report = triage_inputs([fill(tmp_path, {"monitor.log": monitor, "app.bin": SENT})], QUICK)
    assert roles(report) == {"sent": "app.bin", "received": "monitor.log", "log": "monitor.log"}


def test_copies_are_told(tmp_path: Path) -> None:
    report = triage_inputs([fill(tmp_path, {**BUG, "copy.bin": SENT})])
    assert roles(report)["received"] == "dump.bin"
    assert entry(report, "copy.bin").why == "the same bytes as app.bin"


@pytest.mark.parametrize("encode", [bytes.hex, lambda data: data.decode("latin-1")], ids=["hex", "utf-8"])
def test_what_was_stored_as_text_is_recognised(encode: object, tmp_path: Path) -> None:
    assert callable(encode)
    files = {"1": SENT, "2": encode(SENT).encode(), "3": b"notes\n"}
    report = triage_inputs([fill(tmp_path, files)])
    assert roles(report) == {"sent": "1", "received": "2"}
    assert report.findings[0].slug == "text-encoded"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_not_looked_into_is_told(tmp_path: Path) -> None:
    fill(tmp_path, {**BUG, ".git/config": b"x", ".DS_Store": b"x"})
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / "link.bin").symlink_to(tmp_path / "app.bin")
    os.mkfifo(tmp_path / "pipe")
    report = triage_inputs([tmp_path])
    assert report.findings[0].slug == "chunk-missing"
    told = {one.name: one.why for one in report.inputs}
    assert "symbolic link" in told["circle"]
    assert "symbolic link" in told["link.bin"]
    assert told[".git/"] == "a hidden folder"
    assert told[".DS_Store"] == "a hidden file"
    assert told["pipe"] == "neither a file nor a folder"


def test_a_file_that_may_not_be_read_costs_nothing(tmp_path: Path) -> None:
    fill(tmp_path, BUG)
    (tmp_path / "secret.bin").write_bytes(b"x")
    (tmp_path / "secret.bin").chmod(0)
    if os.access(tmp_path / "secret.bin", os.R_OK):
        pytest.skip("this user may read everything")
    assert "permission" in entry(triage_inputs([tmp_path]), "secret.bin").why


def test_broken_and_malicious_archives_are_told(tmp_path: Path) -> None:
    bomb = zipped({"zeros.bin": bytes(100 << 20)})
    broken = zipped({"x.bin": SENT})[:-40]
    packed = gzip.compress(SENT)
    files = {**BUG, "bomb.zip": bomb, "broken.zip": broken, "bomb.bin.gz": packed[:-100], "deep.zip": bomb}
    for _ in range(8):
        files["deep.zip"] = zipped({"deeper.zip": files["deep.zip"]})
    files["odd.zip"] = zipped({"../../etc/passwd": b"x\n", "C:\\evil.txt": b"y\n", ".hidden": b"z"})
    report = triage_inputs([fill(tmp_path, files)])
    assert report.findings[0].slug == "chunk-missing"
    told = {one.name: one.why for one in report.inputs}
    assert "MiB" in told["bomb.zip/zeros.bin"]
    assert "damaged" in told["broken.zip"]
    assert told["odd.zip/etc/passwd"] == "plain text"
    assert told["odd.zip/C:/evil.txt"] == "plain text"
    assert told["odd.zip/.hidden"] == "a hidden file"


@settings(max_examples=80)
@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=12), st.integers(0, 4000))
def test_a_damaged_zip_gives_a_report_or_an_error(changes: list[tuple[int, int]], cut: int) -> None:
    content = bytearray(SMALL_ZIP)
    for at, value in changes:
        content[at % len(content)] = value
    try:
        triage_inputs([bytes(content[cut % 7 :])], QUICK)
    except OtadiffError:
        return


def test_a_file_too_large_for_any_device_is_not_read(tmp_path: Path) -> None:
    fill(tmp_path, BUG)
    with (tmp_path / "disk.img").open("wb") as stream:
        stream.truncate(MAX_INPUT_SIZE + 1)
    report = triage_inputs([tmp_path])
    assert report.findings[0].slug == "chunk-missing"
    assert entry(report, "disk.img").why == "larger than 512 MiB"
    assert entry(report, "disk.img").size is None


def test_what_contradicts_the_names_is_told(tmp_path: Path) -> None:
    report = triage_inputs([fill(tmp_path, {"sent.bin": LOST, "received.bin": SENT})])
    assert roles(report) == {"sent": "received.bin", "received": "sent.bin"}
    assert "the other way round" in entry(report, "sent.bin").why


def test_gzip_and_zip_files_of_one_file(tmp_path: Path) -> None:
    files = {"app.bin.gz": gzip.compress(SENT), "dump.zip": zipped({"dump.bin": LOST})}
    report = triage_inputs([fill(tmp_path, files)])
    assert roles(report) == {"sent": "app.bin", "received": "dump.zip/dump.bin"}


def test_thousands_of_files_are_bounded(tmp_path: Path) -> None:
    fill(tmp_path, {**BUG, **{f"objects/{number}.o": b"\x7fELF" for number in range(300)}})
    report = triage_inputs([tmp_path], TriageOptions(limits=Limits(objects=50)))
    assert report.findings[0].slug == "chunk-missing"
    assert any("more files" in one.name for one in report.inputs)
    assert len(report.inputs) <= 60


def test_a_long_list_keeps_those_that_matter(tmp_path: Path) -> None:
    report = triage_inputs([fill(tmp_path, {**BUG, **{f"n{number:03}.txt": b"x\n" for number in range(300)}})])
    assert set(roles(report)) == {"sent", "received", "log"}
    assert len(report.inputs) == 201
    assert report.inputs[-1].name.endswith("more files")


def test_a_useless_file_is_left_out_and_the_rest_is_judged(tmp_path: Path) -> None:
    capture = b"btsnoop\0" + bytes(20)
    report = triage_inputs([fill(tmp_path, {"app.bin": SENT, "dump.bin": LOST, "hci.log": capture})])
    assert "chunk-missing" in {finding.slug for finding in report.findings}


def test_nothing_to_say_is_an_error_that_names_the_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        triage_inputs([tmp_path])
    fill(tmp_path, {"notes.md": b"hello\n", "todo.txt": b"buy milk\n"})
    with pytest.raises(InputError, match=r"none of the 2 files.*notes\.md"):
        triage_inputs([tmp_path])
    with pytest.raises(InputError, match="no such file"):
        triage_inputs([tmp_path / "absent"])
    with pytest.raises(UsageError):
        triage_inputs(["-", "-"])
    with pytest.raises(UsageError):
        triage_inputs([SENT, LOST], TriageOptions(chunk_size=0))


def test_a_text_that_is_named_is_read_as_a_log(tmp_path: Path) -> None:
    fill(tmp_path, {"monitor.txt": b"nothing of a device\n"})
    report = triage_inputs([tmp_path / "monitor.txt"])
    assert report.verdict is Verdict.INCONCLUSIVE
    assert roles(report) == {"log": "monitor.txt"}


def test_names_of_any_bytes_and_length(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    for name in (b"app\xff\x1b[31m.bin", b"n" * 250):
        try:
            Path(os.fsdecode(folder + b"/" + name)).write_bytes(SENT if name.startswith(b"app") else LOST)
        except (OSError, UnicodeError):
            pytest.skip("this file system takes no such names")
    report = triage_inputs([tmp_path])
    assert all(one.name.encode("utf-8") for one in report.inputs)
    assert report.findings[0].slug == "chunk-missing"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(0, 40, 2))
def test_made_up_bugs_are_sorted_out(seed: int, tmp_path: Path) -> None:
    bug = make_folder(seed)
    assert judge(bug, solve_folder(bug, tmp_path / "bug")) == set()


@pytest.mark.skipif(not (SHARED / "images").exists(), reason="the real images are not beside the repository")
def test_real_images_are_paired_with_their_damaged_copies(tmp_path: Path) -> None:
    images = {path.name: path.read_bytes() for path in sorted((SHARED / "images").glob("*.bin"))}
    fill(tmp_path, images)
    random = Random(1)
    for name, content in images.items():
        if len(content) < 100_000 or "esp8266" in name:
            continue
        at = random.randrange(4096, len(content) - 8192)
        (tmp_path / "zz.dat").write_bytes(content[:at] + content[at + 244 :])
        assert roles(triage_inputs([tmp_path]))["sent"] == name


@pytest.mark.skipif(not (SHARED / "logs").exists(), reason="the real logs are not beside the repository")
def test_real_logs_are_logs(tmp_path: Path) -> None:
    for path in sorted((SHARED / "logs").glob("*.txt")):
        files = {"readme.txt": b"a log\n", path.name: path.read_bytes()}
        assert roles(triage_inputs([fill(tmp_path / path.stem, files)])) == {"log": path.name}


@settings(max_examples=60)
@given(st.lists(st.one_of(st.binary(max_size=600), st.sampled_from(PIECES)), max_size=4))
def test_any_files_give_a_report_or_an_error(contents: list[bytes]) -> None:
    try:
        report = triage_inputs(contents, QUICK)
    except OtadiffError:
        return
    assert Report.from_dict(report.to_dict()).inputs == report.inputs
    assert roles(report)


@given(st.binary(max_size=3000), st.binary(max_size=300), st.integers(0, 3000))
def test_likeness_survives_a_shift(content: bytes, inserted: bytes, at: int) -> None:
    whole = content[:at] + inserted + content[at:]
    one, other = blocks_of(content), blocks_of(whole)
    assert likeness(one, one) in (0.0, 1.0)
    assert 0.0 <= share_in(one, other) <= 1.0
    assert likeness(one, other) == likeness(other, one)
    assert len(one.crcs - other.crcs) <= 1 + (not inserted)


def test_gathering_reads_names_in_one_order(tmp_path: Path) -> None:
    fill(tmp_path, {"b/2": b"x", "b/1": b"x", "a": b"x", "c": b"x"})
    assert [one.name for one in open_everything([tmp_path])] == ["a", "c", "b/1", "b/2"]
    assert [one.name for one in sort_sources([tmp_path / "b", tmp_path / "c"])] == ["b/1", "b/2", "c"]
