from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forensics import explain as faults
from forensics.model.finding import Explanation
from forensics.spec.log_lines.dialects import DIALECTS

if TYPE_CHECKING:
    from forensics.model.finding import Fault

FOLDER = Path(faults.__file__).parent
ALL = faults.all_faults()
QUOTED = re.compile(r"(?:then a row of )?(?:esp_image|esp_ota_ops|boot_comm|boot|NimBLE): (.+)")
each_fault = pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.code)


def texts(fault: Fault) -> list[str]:
    """The title and every item of every section."""
    found = [fault.title]
    for section in fields(Explanation):
        value = getattr(fault.explanation, section.name)
        found.extend([value] if isinstance(value, str) else value)
    return found


def line_pattern(template: str) -> re.Pattern[str]:
    """The beginning of a line of this template, with anything for its values."""
    parts = re.split(r"(\s*\{[^}]*\}|\[\[|\]\])", template)
    meaning = {"[[": "(?:", "]]": ")?"}
    return re.compile("".join(meaning.get(part, r"\s*\S+" if "{" in part else re.escape(part)) for part in parts))


LINES = [line_pattern(line.text) for _, lines in DIALECTS for line in lines]


def test_codes_are_unique_and_in_order() -> None:
    codes = [fault.code for fault in ALL]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"OTA[1-5](?!00)\d\d", code) for code in codes)


def test_every_file_is_registered_and_named_like_its_code() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == {fault.code for fault in ALL}
    for fault in ALL:
        headings = re.findall(r"^## (.+)$", faults.page(fault.code), re.MULTILINE)
        assert headings == list(faults.SECTIONS)
        assert faults.CODES[fault.slug] == fault.code


def test_the_codes_are_those_of_the_design() -> None:
    design = Path(__file__).resolve().parents[4] / "shared" / "DESIGN.md"
    if not design.exists():
        pytest.skip("the design stands beside the repository and is not here")
    rows = re.findall(r"`([a-z-]+)`\s+(OTA\d{3})", design.read_text(encoding="utf-8"))
    assert rows
    registered = {fault.slug: fault.code for fault in ALL}
    assert {slug: registered.get(slug) for slug, _ in rows} == dict(rows)


@each_fault
def test_every_section_is_filled_and_readable(fault: Fault) -> None:
    for section in fields(Explanation):
        assert getattr(fault.explanation, section.name), section.name
    for text in texts(fault):
        assert text == text.strip()
        assert text.isprintable()
        assert 8 <= len(text) <= 400, text


@each_fault
def test_quoted_log_lines_are_lines_that_devices_print(fault: Fault) -> None:
    quoted = [found[1] for text in fault.explanation.symptoms if (found := QUOTED.match(text))]
    assert [text for text in quoted if not any(line.match(text) for line in LINES)] == []


@each_fault
def test_titles_continue_a_line(fault: Fault) -> None:
    assert not fault.title.endswith(".")
    assert fault.title[0].islower()


@each_fault
def test_neighbours_exist(fault: Fault) -> None:
    for text in fault.explanation.confused_with:
        row = re.fullmatch(r"(OTA\d{3}) ([a-z-]+): .+", text)
        assert row is not None, text
        other = faults.fault(row[1])
        assert other is not None, text
        assert other.slug == row[2]
        assert other is not fault


@each_fault
def test_codes_named_in_the_text_exist(fault: Fault) -> None:
    named = re.findall(r"OTA\d{3}", " ".join(texts(fault)))
    assert [code for code in named if faults.fault(code) is None] == []


@pytest.mark.parametrize("unknown", ["", "OTA999", "chunk_missing", "..finding", "OTA202 ", "__init__"])
def test_an_unknown_name_gives_none(unknown: str) -> None:
    assert faults.fault(unknown) is None


def test_a_code_is_found_in_any_case() -> None:
    assert faults.fault("ota202") is faults.fault("chunk-missing")
