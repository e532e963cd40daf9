"""Named pipes are read to their end and waited for; devices without end are not read for ever."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

import pytest

from forensics.errors import InputError
from forensics.open import content as content_module
from forensics.read import read_evidence

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    content = bytes(range(256)) * 1000
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    assert read_evidence(pipe, format="raw").content == content
    writer.join()


def test_the_user_is_told_what_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(content_module, "_PATIENCE", 0.01)
    pipe = tmp_path / "late"
    os.mkfifo(pipe)
    told = threading.Event()

    def seen(_record: logging.LogRecord) -> bool:
        told.set()
        return True

    caplog.handler.addFilter(seen)
    writer = threading.Thread(target=lambda: told.wait(10) and pipe.write_bytes(b"\xe9"))
    writer.start()
    assert read_evidence(pipe, format="raw").content == b"\xe9"
    writer.join()
    assert caplog.messages == ["waiting for late; press Ctrl-C to give up"]


def test_a_device_without_end_is_refused() -> None:
    with pytest.raises(InputError, match="is larger than 64 MiB"):
        read_evidence(Path("/dev/zero"))
