"""The site is complete, says what the program says, and needs no network."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from docs.command_pages import every_command
from docs.make_site import site_pages
from docs.markdown import code_block, escaped, with_links
from forensics.cli.main import COMMANDS
from forensics.explain import all_faults
from forensics.model.finding import Fault

ROOT = Path(__file__).resolve().parents[1]
PAGES = site_pages()
MARKDOWN = {name: text for name, text in PAGES.items() if name.endswith(".md")}
OPTION = re.compile(r"--[a-z][a-z-]*")

HOSTILE = ("*a* _b_ `c` [d](e) <i>f</i> &amp; #", "1. x", "- y", "+ z", "$m$ ~s~ {r}`t`", "|a|b|", "http://x.y/", "---")


def _inline(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield "".join(child.content if child.type != "softbreak" else " " for child in token.children or ())


def _shown(markdown: str) -> list[str]:
    """The text of each paragraph, item and cell, as a reader sees it."""
    return list(_inline(MarkdownIt("commonmark").enable("table").parse(markdown)))


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_is_shown_exactly(text: str) -> None:
    assert _shown(escaped(text)) == [text]
    assert _shown(f"- {escaped(text)}") == [text]


def test_code_cannot_end_its_fence() -> None:
    (token,) = MarkdownIt("commonmark").parse(code_block("a\n```\n````text\nb"))
    assert token.content == "a\n```\n````text\nb\n"


def test_links_are_made_outside_code_only() -> None:
    text = "OTA202 and `OTA202`\n```\nOTA202\n```\nXOTA202 OTA2021 OTA202, [OTA202](x)\n"
    assert with_links(text, {"OTA202": "p.md"}) == (
        "[OTA202](p.md) and `OTA202`\n```\nOTA202\n```\nXOTA202 OTA2021 [OTA202](p.md), [OTA202](x)\n"
    )


@pytest.mark.parametrize("fault", all_faults(), ids=lambda fault: fault.slug)
def test_the_page_of_a_fault_shows_every_sentence_of_its_explanation(fault: Fault) -> None:
    shown = _shown(MARKDOWN[f"faults/{fault.slug}.md"])
    text = fault.explanation
    sections = (text.symptoms, text.causes, text.confirm, text.fix_sender, text.fix_device, text.confused_with, text.sources)
    for sentence in (fault.title, text.meaning, *(item for items in sections for item in items)):
        assert " ".join(sentence.split()) in shown


def test_every_command_and_option_is_in_the_reference() -> None:
    page = MARKDOWN["commands.md"]
    named = {words.split()[0] for words, _, _ in every_command()}
    assert named >= set(COMMANDS)
    for words, command, _ in every_command():
        assert f"\n## otadiff {words}\n" in page
        for parameter in command.params:
            name = parameter.metavar or parameter.name if parameter.param_type_name == "argument" else parameter.opts[0]
            assert getattr(parameter, "hidden", False) or name.lower() in page.lower(), f"otadiff {words}: {name}"


def _command_lines() -> Iterator[tuple[str, str]]:
    """Every command line of otadiff that a document or page shows, and where."""
    documents = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")}
    own = {name: text for name, text in MARKDOWN.items() if name in ("index.md", "shell.md") or "integrations/" in name}
    for name, text in {**documents, **own}.items():
        for line in re.findall(r"`(otadiff [^`\n]+)`|^\$? ?(otadiff [^\n]+)$|run: (otadiff [^\n]+)$", text, re.MULTILINE):
            yield name, next(filter(None, line))


def test_every_option_that_the_documents_show_exists() -> None:
    options = {words: {name for one in command.params for name in one.opts} for words, command, _ in every_command()}
    anywhere = {"--help", "--version", "--install-completion", "--show-completion", "--debug"}
    lines = list(_command_lines())
    assert len(lines) > 20
    for place, line in lines:
        words = shlex.split(line.split(" |")[0])[1:]
        name = next((name for name in options if words[: len(name.split())] == name.split()), "compare")
        unknown = set(OPTION.findall(" ".join(words))) - options[name] - anywhere
        assert not unknown, f"{place}: `{line}` has options that otadiff {name} does not take: {unknown}"


@pytest.mark.parametrize("name", MARKDOWN)
def test_every_link_to_a_page_leads_to_one(name: str) -> None:
    prose = re.sub(r"^```.*?^```", "", MARKDOWN[name], flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+\.md)(?:#[^)]*)?\)", prose):
        path = PurePosixPath(name).parent / target
        assert str(path) in PAGES, f"{name} links to {target}"


class _Resources(HTMLParser):
    """What a browser fetches to show a page."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in ("script", "img", "iframe", "source", "video") and values.get("src"):
            self.fetched.append(str(values["src"]))
        if tag == "link" and values.get("rel") in ("stylesheet", "preload", "icon", "preconnect", "dns-prefetch"):
            self.fetched.append(str(values.get("href")))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built without a warning."""
    pytest.importorskip("sphinx", reason="the extra 'docs' is not installed")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "docs.make_site", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_the_built_site_has_every_page_and_fetches_nothing_from_elsewhere(site: Path) -> None:
    for name in MARKDOWN:
        page = site / PurePosixPath(name).with_suffix(".html")
        resources = _Resources()
        resources.feed(page.read_text(encoding="utf-8"))
        for address in resources.fetched:
            assert not re.match(r"[a-z]+:|//", address), f"{name} fetches {address}"
            assert (page.parent / address.split("?")[0]).is_file(), f"{name} lacks {address}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", sheet.read_text(encoding="utf-8")), sheet.name


def test_the_built_site_shows_functions_and_the_schema(site: Path) -> None:
    python = (site / "python.html").read_text(encoding="utf-8")
    for name in ("compare", "inspect_image", "triage", "predict_log", "read_log"):
        assert f'id="forensics.{name}"' in python or f'id="forensics.api.{name}"' in python
    assert "OtadiffError" in python
    report = (site / "report.html").read_text(encoding="utf-8")
    assert 'id="edit"' in report
    assert list((site / "_downloads").rglob("otadiff.report-1.schema.json"))
