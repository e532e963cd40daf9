"""The template engine: everything that is printed is made inert and escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from forensics.model.text import inert
from forensics.report.checks import step_words
from forensics.report.excerpt import text_columns
from forensics.report.inputs import kind_words, role_words
from forensics.report.words import hex_offset, hex_range, image_words, reading_words

TEMPLATES = Path(__file__).parent / "templates"
LONGEST_LINE = 40
"""Characters of a name that is kept on one line."""


@cache
def environment() -> Environment:
    """The templates of this package, with the filters that they use."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_inert,
    )
    made.filters.update(
        hexrange=hex_range,
        hexoffset=hex_offset,
        textcolumns=text_columns,
        stepwords=step_words,
        imagewords=image_words,
        readingwords=reading_words,
        kindwords=kind_words,
        rolewords=role_words,
        nameclass=_name_class,
        stateclass=lambda state: state.value.replace(" ", "-"),
    )
    return made


def _name_class(name: str) -> str:
    """How a cell shows a name: on one line, unless it is so long that no room is left for the other cells."""
    return "name" if len(name) <= LONGEST_LINE else "long"


def _inert(value: object) -> object:
    """Applied to whatever a template prints, before it is escaped."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return inert(value)
