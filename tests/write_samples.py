"""Rebuilds the shipped samples: ``python -m tests.write_samples samples``."""

from __future__ import annotations

import sys
from pathlib import Path

from forensics.synth.samples import SAMPLES
from tests.capture_samples import CAPTURE_SAMPLES


def write(folder: Path) -> None:
    """Write every sample below ``folder``."""
    found = {
        sample.name: (sample.about, dict(zip(("sent.bin", "received.bin"), sample.build(), strict=True)))
        for sample in SAMPLES
    }
    found |= {sample.name: (sample.about, sample.build()) for sample in CAPTURE_SAMPLES}
    for name, (about, files) in found.items():
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (place / file).write_bytes(content)
        (place / "README.md").write_text(f"{about}\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
