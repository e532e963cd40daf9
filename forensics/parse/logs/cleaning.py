"""Removes what terminals, forums and chat programs add to a log, without changing the number of lines."""

from __future__ import annotations

import html
import re

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|\][^\x07\x1b\n]{0,256}(?:\x07|\x1b\\)|[@-Z\\^_=>])?")
_LOST_ESCAPE = re.compile(r"\[(?:\d{1,3}(?:;\d{1,3}){0,4}m|m(?!\w))")
"""A colour whose ESC character was lost on the way, as ``[0;32m``; ``[0m``, ``[m``."""

_WRITTEN_ESCAPES = ("\\u001b[", "\\u001B[", "\\x1b[", "\\x1B[", "\\033[", "\\e[")
_REPLACED_ESCAPES = ("^[[", "#033[", "ESC[", "<ESC>[", "\u241b[", "\u2190[", "\ufffd[")
"""The ESC of a colour as log daemons, editors and terminals show it."""

_WRITTEN_LINE_BREAK = re.compile(r"(?<!\\r)(?:\\r)++(?:\\n|(?![a-z]))|\\n")
_HTML_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#[xX][0-9a-fA-F]{1,5});")
_HTML_BREAK = re.compile(r"</?(?:br|p|div|li|tr|pre)\b[^<>\n]{0,200}>", re.IGNORECASE)
_HTML_TAG = re.compile(
    r"</?(?:span|code|b|i|u|em|strong|font|a|td|th|tt|kbd|samp|blockquote)\b[^<>\n]{0,300}>", re.IGNORECASE
)

_BBCODE = re.compile(r"\[/?(?:b|i|u|code|quote|color|size|font|url|list)(?:=[^\]\n]{0,80})?\]", re.IGNORECASE)

_REPLACED = {
    "\u00a0": " ", "\u202f": " ", "\u3000": " ", "\u2028": "\v", "\u2029": "\v",
    "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "",
    "\u2018": "'", "\u2019": "'", "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
    "\uff1a": ":", "\uff08": "(", "\uff09": ")",
}  # fmt: skip
"""Characters that word processors, chat programs and web pages put in place of plain ones."""

GLUE = "\v"
"""Stands where a line break was written out (``\\n`` in JSON, ``<br>``), so that the line keeps its
number."""


def clean(text: str) -> str:
    """``text`` without colours, HTML, Markdown and characters that only look like ASCII.

    Line breaks stay as they are. Each step runs at the speed of the standard library, and only where its
    mark occurs.
    """
    if not text.isascii():
        for character, plain in _REPLACED.items():
            if character in text:
                text = text.replace(character, plain)
    if "&" in text:
        # Twice: what was copied from a page that shows entities has them escaped again.
        text = _HTML_ENTITY.sub(_character, _HTML_ENTITY.sub(_character, text))
    if "\\" in text:
        text = _without_backslashes(text)
    if "\x1b" in text:
        text = _ESCAPE_SEQUENCE.sub("", text)
    if _LOST_ESCAPE.search(text):
        for mark in _REPLACED_ESCAPES:
            text = text.replace(mark, "[")
        text = _LOST_ESCAPE.sub("", text)
    if "[/" in text:
        text = _BBCODE.sub("", text)
    if "</" in text or "<br" in text or "<BR" in text or "<p>" in text:
        text = _HTML_TAG.sub("", _HTML_BREAK.sub(GLUE, text))
    return text.replace("*", "").replace("`", "")


def _character(entity: re.Match[str]) -> str:
    character = html.unescape(entity.group())
    if character in ("\n", "\r"):
        return GLUE
    return _REPLACED.get(character, character)


def _without_backslashes(text: str) -> str:
    for escape in _WRITTEN_ESCAPES:
        if escape in text:
            text = text.replace(escape, "[")
    if "\\n" in text or "\\r" in text:
        text = _WRITTEN_LINE_BREAK.sub(GLUE, text)
    return text.replace("\\t", " ").replace("\\", "")
