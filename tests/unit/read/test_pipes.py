"""Named pipes: read to their end, and not waited for when nothing fills them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from forensics.errors import InputError
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


@pytest.mark.slow
def test_a_pipe_that_nothing_fills_is_an_error(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="nothing writes"):
        read_evidence(pipe)
