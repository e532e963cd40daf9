"""What reading a large capture costs: ``python -m tests.bench.captures [MEGABYTES]``.

Writes a btsnoop file of that size (200 by default) in a temporary folder: once of chunks of 244 bytes, once of short
notifications beside one transfer. For each it prints packets a second, the ratio to a bare loop with ``struct`` over
the same records in this run (target: at most 20), and the most memory of ``otadiff extract`` in a process of its own,
beyond an interpreter that does nothing and beyond the extracted image (target: at most 150 MB each).
"""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from forensics.read.captures import read_capture
from forensics.synth.image import build_image
from tests import captures as synth
from tests.unit.protocols import senders

ROOT = Path(__file__).resolve().parents[2]
HEADER = 16
IMAGE = build_image(size=1_000_000)
SCRIPT = """
import pathlib, sys
from forensics.cli.main import run
if len(sys.argv) > 1:
    run(["extract", sys.argv[1], "-o", sys.argv[2]])
status = pathlib.Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


def chunks() -> bytes:
    """The records of one transfer in write commands."""
    return synth.write_btsnoop(synth.hci_packets(senders.conversation(senders.stream(IMAGE, 244))), 1002)


def notifications() -> bytes:
    """A thousand short notifications of another connection."""
    value = synth.value_pdu(0x1B, 0x30, bytes(20))
    pdus = [synth.AttPdu(time=1_760_000_000_000_000, from_central=False, data=value)] * 1000
    return synth.write_btsnoop(synth.hci_packets(pdus, handle=0x41), 1002)


def write(path: Path, first: bytes, repeated: bytes, size: int) -> None:
    """A file of ``size`` bytes: ``first``, then the records of ``repeated`` again and again."""
    with path.open("wb") as file:
        file.write(first)
        while file.tell() < size:
            file.write(repeated[HEADER:])


def bare_loop(path: Path) -> int:
    """The records, of which only the header is looked at."""
    data = path.read_bytes()
    unpack = struct.Struct(">IIIIq").unpack_from
    position, count = HEADER, 0
    while position + 24 <= len(data):
        position += 24 + unpack(data, position)[1]
        count += 1
    return count


def peak(*arguments: str) -> float:
    """Most megabytes of a process that extracts, or that only loads the program; Linux alone tells."""
    command = [sys.executable, "-c", SCRIPT, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    return int(done.stdout.split()[-1]) / 1024


def main() -> None:
    """Measures both files."""
    size = int(sys.argv[1]) * 1_000_000 if len(sys.argv) > 1 else 200_000_000
    say = sys.stdout.write
    with tempfile.TemporaryDirectory() as folder:
        for name, repeated in (("chunks of 244", chunks()), ("notifications of 20", notifications())):
            path, output = Path(folder, "capture.btsnoop"), Path(folder, "out.bin")
            write(path, chunks(), repeated, size)
            start = time.perf_counter()
            records = bare_loop(path)
            middle = time.perf_counter()
            capture = read_capture(path)
            end = time.perf_counter()
            assert capture.packets == records
            rate, ratio = records / (end - middle), (end - middle) / (middle - start)
            used = peak(str(path), str(output)) - peak() - output.stat().st_size / (1 << 20)
            say(f"{name}: {records} packets, {rate:,.0f} a second, {ratio:.1f} times a bare loop, {used:.0f} MB more\n")


if __name__ == "__main__":
    main()
