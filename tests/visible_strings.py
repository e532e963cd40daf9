"""Every string of the package that a person can read: ``python -m tests.visible_strings`` prints them.

Found by reading the source: all string literals, and the literal parts of f-strings, but for docstrings, annotations,
dictionary keys and what is compared or looked up. The help of a command is its docstring, so that counts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

PACKAGE = ROOT / "forensics"


def _documented(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.Constant]]:
    """Every docstring, whatever it documents: an attribute has one as well."""
    for node in ast.walk(tree):
        for body in (getattr(node, "body", None), getattr(node, "orelse", None)):
            for statement in body if isinstance(body, list) else ():
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    yield node, statement.value


def strings_of(path: Path) -> Iterator[tuple[str, str]]:
    """Place and text of every string that people may read; only those of at least two words."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    place = path.relative_to(ROOT).as_posix()
    hidden = {text for node, text in _documented(tree) if getattr(node, "name", "") != "command" or "cli" not in path.parts}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in hidden
            and " " in node.value.strip()
        ):
            yield f"{place}:{node.lineno}", " ".join(node.value.split())


def visible_strings() -> Iterator[tuple[str, str]]:
    """All of the package, the explanations and the words of the HTML templates."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield from strings_of(path)
    for path in sorted((*PACKAGE.rglob("*.j2"), *PACKAGE.rglob("*.md"))):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            yield f"{path.relative_to(ROOT).as_posix()}:{number}", line


if __name__ == "__main__":
    for place, text in visible_strings():
        print(f"{place}: {text}")  # noqa: T201 - this is a command
