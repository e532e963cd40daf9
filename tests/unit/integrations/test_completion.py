"""Shell completion of the real program: the shells' own protocol, and bash with the script that it is given."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from forensics.explain import SLUGS, all_faults
from forensics.synth.samples import SAMPLES

OTADIFF = Path(sys.executable).with_name("otadiff")
BASH = shutil.which("bash")

needs_program = pytest.mark.skipif(not OTADIFF.is_file(), reason="otadiff is not installed beside this Python")
needs_bash = pytest.mark.skipif(BASH is None, reason="bash is not installed")


def _complete(line: str, **environment: str) -> list[str]:
    """What bash is offered for the last word of ``line``."""
    words = line.split(" ")
    asked = {"_OTADIFF_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(
        [OTADIFF], env={**os.environ, **asked, **environment}, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


@needs_program
def test_every_slug_and_code_of_a_fault_is_offered() -> None:
    assert set(_complete("otadiff explain ")) == {*SLUGS, *(fault.code for fault in all_faults())}


@pytest.mark.slow
@needs_program
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("otadiff expl", ["explain"]),
        ("otadiff explain chunk-mis", ["chunk-missing"]),
        ("otadiff explain OTA20", [f"OTA20{digit}" for digit in range(1, 10)]),
        ("otadiff explain ota202", ["ota202"]),
        ("otadiff explain nothing-like-it", []),
        ("otadiff demo mix", ["mixed"]),
        ("otadiff demo ", [sample.name for sample in SAMPLES]),
        ("otadiff compare a b --color ", ["auto", "always", "never"]),
        ("otadiff compare a b --read-as btm", ["btmon"]),
        ("otadiff compare a b --read-as hex", ["hexdump", "hex"]),
        ("otadiff render a.json --format sa", ["sarif"]),
        ("otadiff a.bin b.bin --capt", ["--capture"]),
        ("otadiff a.bin b.bin --color ne", ["never"]),
        ("otadiff --color ", ["auto", "always", "never"]),
        ("otadiff a.bin ", []),
    ],
)
def test_what_may_stand_there_is_offered(line: str, offered: list[str]) -> None:
    assert _complete(line) == offered


@needs_program
def test_zsh_and_fish_show_what_a_fault_is() -> None:
    words = {"_TYPER_COMPLETE_ARGS": "otadiff explain chunk-mis", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    for shell in ("zsh", "fish"):
        done = subprocess.run(
            [OTADIFF],
            env={**os.environ, **words, "_OTADIFF_COMPLETE": f"complete_{shell}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert "chunk-missing" in done.stdout
        assert "chunks of the image never arrived" in done.stdout


@needs_program
@needs_bash
def test_bash_completes_with_the_script_that_it_installs(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "PATH": f"{OTADIFF.parent}{os.pathsep}{os.environ['PATH']}"}
    program = """
        otadiff --install-completion bash >&2 || exit
        source ~/.bashrc
        complete -p otadiff >&2 || exit
        COMP_WORDS=(otadiff explain chunk-mis) COMP_CWORD=2
        _otadiff_completion otadiff
        echo "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        [str(BASH), "--norc", "-c", program],
        env={**os.environ, **home, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "chunk-missing\n"), done.stderr
