"""What people read is written as CONTRIBUTING's style guide says: a list of exact phrases that nothing may contain."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from tests.visible_strings import visible_strings

INSTEAD = {
    "stands": "is, follows, comes before",
    "stand": "are, follow",
    "lies": "is",
    "rests on": "depends on",
    "rest on": "depend on",
    "is told": "is reported, is named",
    "are told": "are reported, are named",
    "told as": "reported as",
    "exchanged": "swapped; in Bluetooth LE an exchange is that of the MTU",
    "doubled": "duplicated",
    "bytes a write": "bytes per write",
    "of one write": "per write",
    "hurt": "damaged",
    "null": "None",
    "as ota_0": "e.g. ota_0",
    "at this side's wish": "say who closed the connection",
}
"""Phrases and what to write in their place."""

PAGES = ("README.md", "CHANGELOG.md", *(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs/pages").rglob("*.md")))

_WORDS = "|".join(re.escape(word) for phrase in INSTEAD for word in (phrase, phrase.capitalize()))  # NULL is C's
_PHRASES = re.compile(rf"(?<![\w-])(?:{_WORDS})(?![\w-])")


def offences(text: str) -> list[str]:
    """What is wrong in ``text``, with the cure."""
    return [f"{hit[0]!r} (write: {INSTEAD[hit[0].lower()]})" for hit in _PHRASES.finditer(text)]


def test_no_string_of_the_program_has_such_a_phrase() -> None:
    words_of_firmware = "forensics/synth/constant_data.py"
    found = [
        f"{place}: {', '.join(offences(text))} in {text!r}"
        for place, text in visible_strings()
        if offences(text) and not place.startswith(words_of_firmware)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_such_a_phrase(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = [f"{page}:{number}: {offences(line)}" for number, line in enumerate(text.splitlines(), 1) if offences(line)]
    assert not found, "\n".join(found)


def test_the_dump_holds_what_people_read() -> None:
    """A check of the check: help, errors, findings and explanations are in the dump, docstrings are not."""
    texts = "\n".join(text for _place, text in visible_strings())
    for text in (
        "Replace files that otadiff did not make; never an input.",  # the help of an option
        "Show a saved report again, in any format.",  # of a command
        "is an input, and outputs never replace one",  # an error
        "never arrived",  # a headline
        "Use write requests, or one every n chunks",  # a remedy
    ):
        assert text in texts
    assert "How a file shows that otadiff made it" not in texts
    assert offences("the seam stands here") == ["'stands' (write: is, follows, comes before)"]
    assert not offences("OTA401 inputs-exchanged, standard output, a standstill")
