"""The rules of the house, held by reading the imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "forensics"

STAGES = ("open", "parse", "read", "protocols", "verify", "align", "solve", "judge", "report", "synth", "write")
ABOVE = ("cli", "live", "integrations")
GROUND = ("model", "spec", "parse", "open", "explain", "errors", "version")
"""What every stage may import."""

THIRD_PARTY = {
    "construct": {"spec", "parse", "read", "protocols", "synth"},
    "rich": {"report", "cli"},
    "typer": {"cli"},
    "bleak": {"live"},
    "jinja2": {"report"},
    "cryptography": {"verify"},
}


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def _all_imports() -> Iterator[tuple[str, str, str]]:
    """Place, part of the house it lies in, and module imported."""
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE)
        part = inside.parts[0] if len(inside.parts) > 1 else inside.stem
        for line, module in _imports(path):
            yield f"{path.relative_to(ROOT)}:{line}", part, module


def test_stages_import_only_the_ground() -> None:
    for place, part, module in _all_imports():
        if part not in STAGES or not module.startswith("forensics."):
            continue
        other = module.split(".")[1]
        assert other == part or other in GROUND, f"{place}: {part} imports {module}; stages never import one another"


def test_model_imports_only_the_standard_library() -> None:
    for place, part, module in _all_imports():
        if part == "model" and module.startswith("forensics"):
            assert module.startswith("forensics.model"), f"{place}: model imports {module}, but nothing of ours is below it"
        if part == "model":
            assert module.split(".")[0] not in THIRD_PARTY, f"{place}: model imports {module}"


def test_third_party_libraries_stay_in_their_rooms() -> None:
    for place, part, module in _all_imports():
        rooms = THIRD_PARTY.get(module.split(".")[0])
        assert rooms is None or part in rooms, f"{place}: {module} belongs into {', '.join(sorted(rooms or ()))} only"


def test_only_the_parts_above_use_the_pipeline() -> None:
    for place, part, module in _all_imports():
        if module.startswith("forensics.pipeline"):
            assert part in (*ABOVE, "__init__", "api", "pipeline"), f"{place}: {part} stands below the pipeline"


def test_only_one_place_writes_and_it_knows_nothing_else() -> None:
    for place, part, module in _all_imports():
        if module.startswith("forensics.write"):
            assert part in (*ABOVE, "pipeline", "write"), f"{place}: {part} hands on what it makes, and does not write it"
        if part == "write" and module.startswith("forensics"):
            assert module.startswith(("forensics.write", "forensics.errors")), f"{place}: write imports {module}"


_CHANGES = {"write_text", "write_bytes", "unlink", "rename", "rmdir", "touch", "mkstemp", "mkdtemp", "symlink_to"}
"""Functions by which a file is changed."""


def _changes_files(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    constants = [str(node.value) for node in ast.walk(call) if isinstance(node, ast.Constant)]
    if name == "open":
        return any(set(word) & set("wax+") and set(word) <= set("rwaxbt+") for word in constants)
    return name in _CHANGES or (name, owner) == ("replace", "os")


def test_nothing_else_changes_files() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent.name == "write":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                assert not _changes_files(node), f"{path.relative_to(ROOT)}:{node.lineno}: only forensics/write writes files"


def test_other_bytes_of_evidence_forget_the_image() -> None:
    """``Evidence.image`` is that of its bytes: whoever replaces them uses ``holding``, which forgets it."""
    for path in (path for part in ("read", "pipeline") for path in sorted((PACKAGE / part).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "replace" and ast.unparse(node.args[0]) != "edit":
                given = {keyword.arg for keyword in node.keywords}
                assert "content" not in given, f"{path.relative_to(ROOT)}:{node.lineno}: use holding"


def test_files_and_functions_are_small() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        assert source.count("\n") <= 500, f"{path.relative_to(ROOT)} has outgrown one job"
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                assert size <= 60, f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {size} lines"
