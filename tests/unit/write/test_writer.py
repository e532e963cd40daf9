"""Outputs never destroy an input, each other, or a file that otadiff did not make."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics.errors import OutputError, UsageError
from forensics.write import Writer

Link = Callable[[Path, Path], object]
OURS = b'{\n  "schema": "otadiff.report/1",\n'
RECORD = b'{"schema":"otadiff.case/1","case":"a"}\n'

LINKS: dict[str, Link] = {
    "itself": lambda path, link: link,
    "a symbolic link": lambda path, link: link.symlink_to(path),
    "a hard link": lambda path, link: link.hardlink_to(path),
}

linked = pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)


def second_name(link: Link, path: Path) -> Path:
    """Another name for ``path``, or the same one."""
    other = path.with_name("other name")
    try:
        link(path, other)
    except OSError:  # on Windows, only some users may
        pytest.skip("this user makes no such link")
    return other if os.path.lexists(other) else path


@linked
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("content", [b"firmware", b"", OURS])
def test_an_input_is_no_output(link: Link, force: bool, content: bytes, tmp_path: Path) -> None:
    sent = tmp_path / "sent.bin"
    sent.write_bytes(content)
    output = second_name(link, sent)
    for make in (Writer.document, Writer.record, Writer.appended):
        with pytest.raises(UsageError, match="is an input"):
            make(Writer([None, str(sent)], force=force), output)
    assert sent.read_bytes() == content


@linked
@pytest.mark.parametrize("force", [False, True])
def test_a_file_in_a_folder_is_an_input(link: Link, force: bool, tmp_path: Path) -> None:
    inside = tmp_path / "bug" / "deep" / "er" / "flash.bin"
    inside.parent.mkdir(parents=True)
    inside.write_bytes(b"firmware")
    with pytest.raises(UsageError, match="is an input"):
        Writer([tmp_path / "bug"], force=force).document(second_name(link, inside))


def test_what_an_earlier_run_left_in_a_folder_is_no_input(tmp_path: Path) -> None:
    for name, content in {"report.json": OURS, "results.jsonl": RECORD}.items():
        (tmp_path / name).write_bytes(content)
    writer = Writer([tmp_path])
    writer.document(tmp_path / "report.json").write(b"new")
    writer.record(tmp_path / "results.jsonl", resume=True).write("more\n")
    assert (tmp_path / "results.jsonl").read_bytes() == RECORD + b"more\n"
    with pytest.raises(UsageError, match="is an input"):
        Writer([tmp_path]).record(tmp_path / "report.json", resume=True)


def test_standard_input_is_an_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sent.bin"
    path.write_bytes(b"firmware")
    with path.open("rb") as stream:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
        with pytest.raises(UsageError, match="is an input"):
            Writer(["-"], force=True).document(path)


def test_standard_output_is_an_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(b"before\n")
    with path.open("a") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(UsageError, match="two outputs"):
            Writer(force=True).document(path)
        with pytest.raises(UsageError, match="appended to an input"):
            Writer([path])


@linked
def test_two_outputs_have_two_files(link: Link, tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_bytes(OURS)
    output = second_name(link, path)
    writer = Writer()
    writer.document(path)
    for make in (writer.document, writer.record, writer.appended):
        with pytest.raises(UsageError, match="two outputs"):
            make(output)


def test_two_new_outputs_have_two_files(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    writer = Writer()
    writer.document(tmp_path / "new")
    with pytest.raises(UsageError, match="two outputs"):
        writer.record(tmp_path / "link" / "new")


@linked
@pytest.mark.parametrize(
    "content", [b"notes", b"otadiff sent.bin received.bin\n", RECORD, b'{"schema": "otadiff.journal/1"}\n']
)
def test_a_file_that_otadiff_cannot_make_again_is_kept(link: Link, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_bytes(content)
    output = second_name(link, path)
    with pytest.raises(UsageError, match=r"did not make it.*--force"):
        Writer().document(output)
    assert path.read_bytes() == content
    Writer(force=True).document(output).write(b"new")
    assert output.read_bytes() == b"new"


def test_an_image_replaces_nothing_that_holds_something(tmp_path: Path) -> None:
    path = tmp_path / "received.bin"
    Writer().document(path, only_new=True).write(b"")
    Writer().document(path, only_new=True).write(OURS)
    with pytest.raises(UsageError, match="exists already"):
        Writer().document(path, only_new=True)
    Writer(force=True).document(path, only_new=True).write(b"new")
    assert path.read_bytes() == b"new"


def test_a_record_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(RECORD)
    with pytest.raises(UsageError, match="exists already"):
        Writer().record(path)
    forced = Writer(force=True).record(path)
    assert path.read_bytes() == RECORD  # until there is something to say
    forced.write("new\n")
    assert path.read_bytes() == b"new\n"
    path.write_bytes(b"notes\n")
    with pytest.raises(UsageError, match="no record"):
        Writer(force=True).record(path, resume=True)


def test_a_record_that_appears_meanwhile_is_not_touched(tmp_path: Path) -> None:
    record = Writer().record(tmp_path / "lines")
    (tmp_path / "lines").write_bytes(b"of another run\n")
    with pytest.raises(OutputError, match="File exists"):
        record.write("mine\n")
    assert (tmp_path / "lines").read_bytes() == b"of another run\n"


def test_journals_are_numbered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(3):
        with Writer(["elsewhere/sent.bin"]).journal(None, beside="elsewhere/sent.bin") as record:
            record.write(f"{number}\n")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "sent.bin.journal.jsonl": "0\n",
        "sent.bin.journal-2.jsonl": "1\n",
        "sent.bin.journal-3.jsonl": "2\n",
    }
    assert Writer().journal(None).write("nowhere\n") == 8


def test_a_place_that_takes_no_file_is_named_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"absent/report.json: cannot be written: No such file or directory; "):
        Writer().document(tmp_path / "absent" / "report.json")
    with pytest.raises(UsageError, match="is a folder"):
        Writer().document(tmp_path)
    with pytest.raises(UsageError, match="cannot go to standard output"):
        Writer().document("-")


def test_a_device_is_written_to(tmp_path: Path) -> None:
    writer = Writer(["/dev/null"])
    for make in (writer.document, writer.record, writer.appended):  # any number of outputs may go to it
        make(os.devnull).write("text\n")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)  # noqa: PTH116 - as the writer asks


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        Writer().document(pipe).write(b"document")
        assert os.read(reader, 100) == b"document"
        with Writer().record(pipe) as record:
            record.write("line\n")
        assert os.read(reader, 100) == b"line\n"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root makes device nodes")
def test_a_disk_is_written_to_only_by_force(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    try:
        os.mknod(disk, stat.S_IFBLK | 0o600, os.makedev(240, 17))  # a number without a driver
    except PermissionError:
        pytest.skip("this root may not make device nodes")
    with pytest.raises(UsageError, match="did not make it"):
        Writer().document(disk)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_modes(tmp_path: Path) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    before = os.umask(0o027)
    try:
        writer = Writer()
        document, journal, lines = tmp_path / "document", tmp_path / "journal", tmp_path / "lines"
        with writer.document(document).part() as part:
            assert mode(part) == 0o600
        writer.journal(str(journal)).write("{}\n")
        writer.record(lines).write("{}\n")
        assert [mode(path) for path in (document, journal, lines)] == [0o640, 0o600, 0o640]
        document.write_bytes(OURS)
        document.chmod(0o604)
        Writer().document(document).write(b"new")
        assert mode(document) == 0o604
    finally:
        os.umask(before)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real" / "report.json", tmp_path / "link"
    real.parent.mkdir()
    link.symlink_to(real)
    for content in (OURS, b"new"):  # the first time, the link leads to nothing
        Writer().document(link).write(content)
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert list(real.parent.iterdir()) == [real]


@pytest.mark.parametrize(
    "name", ["sent.bin/", "absent/../sent.bin", "other.bin/../sent.bin", "sent.bin/.", "new/", "..", ""]
)
@pytest.mark.parametrize("force", [False, True])
def test_a_name_means_what_the_system_takes_it_for(
    name: str, force: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in ("sent.bin", "other.bin"):
        (tmp_path / file).write_bytes(b"firmware")
    writer = Writer(["sent.bin"], force=force)
    for make in (writer.document, writer.record, writer.appended):
        with pytest.raises((OutputError, UsageError)):
            make(name)
    assert (tmp_path / "sent.bin").read_bytes() == b"firmware"


def test_a_journal_is_never_continued_or_taken_for_results(tmp_path: Path) -> None:
    journal = tmp_path / "sent.journal.jsonl"
    journal.write_bytes(b'{"schema": "otadiff.journal/1"}\n')
    with pytest.raises(UsageError, match="no record"):
        Writer().record(journal, resume=True)
    with pytest.raises(UsageError, match="is an input"):
        Writer([tmp_path], force=True).record(journal)


REPORT = b"**FAULTY**: one chunk\n\n<sub>otadiff 0.1.0, otadiff.report/1</sub>\n"


@pytest.mark.parametrize(
    "content",
    [
        b"my notes\n" + REPORT,
        b'eval "$(_OTADIFF_COMPLETE=bash_source otadiff)"\nalias ll="ls -l"\n',
        b"<p>mine</p>" + b'<!DOCTYPE html><meta name="generator" content="otadiff 0.1.0">',
    ],
)
def test_a_report_within_a_text_of_the_users_is_the_users(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="did not make it"):
        Writer().document(path)
    path.write_bytes(REPORT)
    Writer().document(path).write(b"new")


def test_a_bundle_in_a_folder_is_evidence(tmp_path: Path) -> None:
    bundle = tmp_path / "bug.zip"
    bundle.write_bytes(b"PK\x05\x06" + b"\0" * 16 + b"\x0e\0otadiff bundle")
    Writer().document(bundle)
    with pytest.raises(UsageError, match="is an input"):
        Writer([tmp_path]).document(bundle)


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    old.write_bytes(OURS)
    documents = [Writer().document(path) for path in (new, old)]
    for path in (new, old):
        path.unlink(missing_ok=True)
        (tmp_path / "other").write_bytes(b"evidence")
        (tmp_path / "other").rename(path)
    for document, path in zip(documents, (new, old), strict=True):
        with pytest.raises(OutputError, match="appeared or changed"):
            document.write(b"report")
        assert path.read_bytes() == b"evidence"
    assert sorted(tmp_path.iterdir()) == [new, old]


def test_standard_output_is_not_appended_to_a_file_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "device.log").write_bytes(b"evidence\n")
    with (tmp_path / "device.log").open("a") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(UsageError, match="appended to an input"):
            Writer([tmp_path])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_continued(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="continued"):
        Writer().record(tmp_path / "pipe", resume=True)


def test_a_record_that_was_removed_says_so(tmp_path: Path) -> None:
    record = Writer().record(tmp_path / "lines")
    record.write("one\n")
    (tmp_path / "lines").unlink()
    with pytest.raises(OutputError, match="removed while it was written"):
        record.write("two\n")
