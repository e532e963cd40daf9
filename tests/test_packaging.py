"""What users install: the wheel and the sdist hold what they must, and declare what they import."""

from __future__ import annotations

import ast
import email.message
import email.parser
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "forensics"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

EXTRA_OF = {
    "live/virtual": "virtual",
    "live": "live",
    "integrations/dask_executor.py": "cluster",
    "verify/signature.py": "crypto",
}
"""Where what an extra brings may be imported; the longest place that fits counts."""

HANDED_OVER = {"integrations/pytest_plugin.py": "pytest", "integrations/transfer_assertion.py": "pytest"}
"""What a module may import because only that program loads it."""


def _distributions(requirements: list[str]) -> set[str]:
    """Names of the distributions, as they are imported."""
    return {re.split(r"[<>=!~\[; ]", requirement)[0].replace("-", "_") for requirement in requirements}


def _declared(place: str) -> set[str]:
    extra = next((EXTRA_OF[start] for start in EXTRA_OF if place.startswith(start)), None)
    requirements = PROJECT["dependencies"] + (PROJECT["optional-dependencies"][extra] if extra else [])
    return _distributions(requirements) | ({HANDED_OVER[place]} if place in HANDED_OVER else set())


def _third_party(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in names:
            top = name.split(".")[0]
            if top not in sys.stdlib_module_names and top != "forensics":
                yield top


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_what_is_imported_is_declared(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    undeclared = set(_third_party(path)) - _declared(place)
    assert not undeclared, f"{place} imports {undeclared}, which pyproject.toml does not name for it"


def test_every_requirement_has_a_lower_bound_that_is_tested() -> None:
    everything = [*PROJECT["dependencies"], *(one for extra in PROJECT["optional-dependencies"].values() for one in extra)]
    for requirement in everything:
        assert requirement.startswith("otadiff[") or ">=" in requirement, f"{requirement} has no lower bound"


def test_ci_runs_every_python_that_the_package_names() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    (matrix,) = re.findall(r"^ +python: \[(.+)\]$", workflow, re.MULTILINE)
    named = [one.rsplit(" ", 1)[1] for one in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", one)]
    assert matrix == ", ".join(f'"{version}"' for version in named)
    assert PROJECT["requires-python"] == f">={named[0]}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel made from it as an installer would."""
    pytest.importorskip("build", reason="the extra 'test' is not installed")
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    (path,) = built.glob("*.whl")
    return zipfile.ZipFile(path)


def _metadata(wheel: zipfile.ZipFile) -> email.message.Message:
    (name,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    return email.parser.BytesParser().parsebytes(wheel.read(name))


def test_the_wheel_holds_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    packed = {name for name in wheel.namelist() if not name.split("/")[0].endswith(".dist-info")}
    present = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == present
    assert "forensics/py.typed" in packed
    assert {PurePosixPath(name).suffix for name in packed} >= {".json", ".j2", ".css"}


def test_the_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    metadata = _metadata(wheel)
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel.namelist())
    assert set(metadata.get_all("Provides-Extra") or ()) >= {"live", "cluster", "docs", "test"}
    for minor in (11, 12, 13, 14):
        assert f"Programming Language :: Python :: 3.{minor}" in (metadata.get_all("Classifier") or ())
    assert str(metadata.get_payload()).startswith("# otadiff")


def test_the_wheel_registers_its_commands_and_plugins(wheel: zipfile.ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    registered = wheel.read(name).decode()
    for group in ("console_scripts", "pytest11", "idf_extension"):
        assert re.search(rf"\[{group}\]\notadiff = forensics\.", registered)


def test_the_sdist_can_be_tested(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    for needed in ("tests/conftest.py", "samples/chunk-missing/sent.bin", "docs/make_site.py", ".pre-commit-hooks.yaml"):
        assert needed in names
    assert not any(name.startswith((".venv", ".git/", "dist")) for name in names)


def test_without_the_extras_everything_but_the_radio_loads() -> None:
    """A plain ``pip install otadiff`` has none of them."""
    extras = ("bleak", "bumble", "distributed", "pytest", "sphinx")
    program = f"""
import importlib, pkgutil, sys
for name in {extras!r}:
    sys.modules[name] = None
import forensics
apart = ("forensics.live", "forensics.cli.live", "forensics.integrations.pytest_plugin", "forensics.__main__")
for module in pkgutil.walk_packages(forensics.__path__, "forensics.", onerror=print):
    if not module.name.startswith(apart):
        importlib.import_module(module.name)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_actions_are_pinned_by_commit() -> None:
    used = [
        line.strip()
        for workflow in (ROOT / ".github" / "workflows").glob("*.yml")
        for line in workflow.read_text(encoding="utf-8").splitlines()
        if "uses:" in line
    ]
    assert used
    for line in used:
        assert re.fullmatch(r"- uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v[\d.]+", line), line


def test_a_release_is_built_with_what_is_pinned_by_hash() -> None:
    rows = (ROOT / ".ci" / "build-requirements.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert rows
    for row in rows:
        assert re.fullmatch(r"[\w.-]+==[\w.]+ --hash=sha256:[0-9a-f]{64}", row), row
    release = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert "--require-hashes" in release
    assert "build --no-isolation" in release
