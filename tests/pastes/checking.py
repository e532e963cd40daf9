"""What a report about a paste must say: the fields of ``pastes.toml``, and the check of one report."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from forensics.model.report import Report

PASTES = Path(__file__).with_name("pastes.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One paste and what is expected of its report.

    ``verdict`` and ``slugs`` are None where they are not checked; an empty ``slugs`` asks for no serious finding. In
    ``first``, ``says`` and ``must_not_say`` (``not`` in the file) letters of either case match, and ``a|b`` is either.
    """

    name: str
    family: str
    text: str
    why: str
    verdict: tuple[str, ...] | None = None
    slugs: tuple[str, ...] | None = None
    first: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    must_not_say: tuple[str, ...] = ()
    not_proven: bool = False
    encoding: str = "utf-8"

    def content(self) -> bytes:
        """What a user would paste or pipe."""
        return self.text.encode(self.encoding)


def load_entries(path: Path = PASTES) -> tuple[Entry, ...]:
    """All entries, in the order of the file."""
    return tuple(_entry(row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["paste"])


def _entry(row: dict[str, Any]) -> Entry:
    values = {"must_not_say" if key == "not" else key: value for key, value in row.items()}
    if isinstance(values.get("verdict"), str):
        values["verdict"] = [values["verdict"]]
    unknown = values.keys() - {field.name for field in fields(Entry)}
    if unknown:
        raise ValueError(f"{row['name']}: unknown fields {sorted(unknown)}")
    frozen: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return Entry(**frozen)


def problems(report: Report, entry: Entry) -> list[str]:
    """What is wrong with ``report`` as an answer to ``entry``; empty when nothing is."""
    said = "\n".join(_told(report))
    return [
        *_wrong_verdict(report, entry),
        *_wrong_finding(report, entry),
        *(f"the summary lacks {words!r}: {report.summary!r}" for words in entry.first if not _has(report.summary, words)),
        *(f"nothing says {words!r}" for words in entry.says if not _has(said, words)),
        *(f"something says {words!r}" for words in entry.must_not_say if _has(said, words)),
    ]


def _wrong_verdict(report: Report, entry: Entry) -> Iterator[str]:
    if entry.verdict is not None and report.verdict.value not in entry.verdict:
        yield f"the verdict is {report.verdict.value}, not {' or '.join(entry.verdict)}"


def _wrong_finding(report: Report, entry: Entry) -> Iterator[str]:
    serious = next((finding for finding in report.findings if not finding.benign), None)
    slug = serious.slug if serious else None
    if entry.slugs is not None and (slug not in entry.slugs if entry.slugs else slug is not None):
        yield f"the first serious finding is {slug or 'absent'}, not {' or '.join(entry.slugs) or 'absent'}"
    if entry.not_proven and serious and serious.certainty.value == "proven":
        yield f"{slug} is called proven"


def _told(report: Report) -> Iterator[str]:
    """Every sentence that is checked."""
    yield report.summary
    for finding in report.to_dict()["findings"]:
        for key in ("summary", "notes", "consequences", "remedies"):
            yield from _strings(finding.get(key))


def _strings(value: object) -> Iterator[str]:
    """The text inside ``value``, however it is nested."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for item in value.values() for text in _strings(item))
    elif isinstance(value, Sequence):
        yield from (text for item in value for text in _strings(item))


def _has(text: str, words: str) -> bool:
    lowered = text.casefold()
    return any(choice.casefold() in lowered for choice in words.split("|"))
