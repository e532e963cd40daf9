"""The image was treated as text on its way."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import finding_of, notes
from forensics.model.finding import Finding

_WORDS = {
    "hex": "as hexadecimal text",
    "base64": "as base64 text",
    "utf-8": "as UTF-8 text: each byte above 0x7f became two",
    "utf-16": "as UTF-16 text: each byte became two",
    "utf-8-replacement": "as UTF-8 text: every byte that is no valid UTF-8 was replaced by ef bf bd and is lost",
    "crlf": "in text mode: a carriage return was put before every line feed",
}


def detect(case: Compared) -> Finding | None:
    """The image was stored in an encoding instead of as bytes."""
    transform = case.transform or case.lossy
    if transform is None:
        return None
    rest = "nothing else differs" if case.transform and not case.edits else None
    return finding_of(
        "text-encoded",
        summary=f"the image was stored {_words(case, transform)}",
        edits=case.free if case.lossy else (),
        notes=notes("undone before comparing; offsets count decoded bytes" if case.transform else None, rest),
    )


def _words(case: Compared, transform: str) -> str:
    layer = next((layer for layer in case.alignment.layers if layer.name == transform), None)
    return f"with {layer.words}" if layer else _WORDS[transform]
