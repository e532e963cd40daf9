"""The values that we read are those that tshark reads, where tshark is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from forensics.model.capture import Operation
from forensics.read.captures import read_capture
from tests.unit.read.test_captures import CONTAINERS

FIELDS = ("frame.number", "frame.time_epoch", "btatt.opcode", "btatt.handle", "btatt.value")
# tshark 4.0 takes the little-endian PacketLogger file of our writer for a cut one.
COMPARED = sorted(name for name in CONTAINERS if name != "packetlogger-little" and "bug-report" not in name)


@pytest.mark.parametrize("container", COMPARED)
def test_values_are_those_of_tshark(container: str, tmp_path: Path) -> None:
    program = shutil.which("tshark")
    if program is None:
        pytest.skip("tshark is not installed")
    path = tmp_path / "capture"
    path.write_bytes(CONTAINERS[container]())
    options = [item for field in FIELDS for item in ("-e", field)]
    command = [program, "-r", str(path), "-Y", "btatt", "-T", "fields", *options]
    text = subprocess.run(command, capture_output=True, check=True).stdout
    ours = read_capture(path)
    theirs = read_capture(text, format="tshark")
    assert [(value.number, value.handle, value.value) for value in ours.values] == [
        (value.number, value.handle, value.value) for value in theirs.values
    ]
    assert any(value.operation is Operation.WRITE_COMMAND for value in theirs.values)
