"""A fuzzer for OSS-Fuzz; which target it runs is in the name of its file: ``fuzz_captures`` runs ``captures``."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]

with atheris.instrument_imports(include=["forensics"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Run until the fuzzer is ended."""
    name = Path(sys.argv[0]).stem.removeprefix("fuzz_")
    atheris.Setup(sys.argv, next(target for target in TARGETS if target.name == name))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
