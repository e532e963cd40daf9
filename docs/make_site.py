"""Builds the site: ``python -m docs.make_site FOLDER``. Every warning of Sphinx is an error.

What is generated is generated anew each time and never committed, so it cannot be older than the code.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from docs.command_pages import command_page
from docs.fault_pages import fault_pages
from docs.markdown import code_block, with_links
from docs.schema_page import SCHEMA_FILE, schema_page, schema_text
from forensics.explain import all_faults

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "pages"

DOCUMENTS = {"README.md": "readme.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Documents of the repository that are pages of the site as well."""


def site_pages() -> dict[str, str]:
    """Path and content of every source of the site."""
    pages = {path.relative_to(PAGES).as_posix(): _with_files(path.read_text("utf-8")) for path in PAGES.rglob("*.md")}
    pages |= {page: _document(name) for name, page in DOCUMENTS.items()}
    pages |= fault_pages()
    return {**pages, "commands.md": command_page(), "report.md": schema_page(), SCHEMA_FILE: schema_text()}


def _with_files(page: str) -> str:
    """A page with every ``<!-- file: PATH -->`` replaced by that file of the repository."""
    return re.sub(r"<!-- file: (\S+) -->\n", lambda hit: code_block((ROOT / hit[1]).read_text("utf-8"), "python"), page)


def _document(name: str) -> str:
    """A document of the repository, its codes made links to their pages and its links to others the site's own."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("# otadiff\n", "# Start here\n", 1)
    for document, page in DOCUMENTS.items():
        text = text.replace(f"]({document})", f"]({page})")
    return with_links(text, {fault.code: f"faults/{fault.slug}.md" for fault in all_faults()})


def write_sources(folder: Path) -> None:
    """The sources of the site, ready for Sphinx."""
    for name, content in site_pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def build(output: Path) -> int:
    """Sphinx's exit status."""
    with tempfile.TemporaryDirectory() as sources:
        write_sources(Path(sources))
        settings = ("--fail-on-warning", "--keep-going", "--quiet", "-c", str(ROOT / "docs"))
        return subprocess.run([sys.executable, "-m", "sphinx", *settings, sources, str(output)], check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m docs.make_site FOLDER")
    sys.exit(build(Path(sys.argv[1])))
