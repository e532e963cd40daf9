"""Logs as people paste them: each report must say what an expert would, and nothing that the paste does not show."""

from __future__ import annotations

from collections import Counter

import pytest

from forensics.api import triage
from forensics.model.finding import Verdict
from tests.pastes.checking import Entry, load_entries, problems

ENTRIES = load_entries()
LONGEST_HEADLINE = 110
LETTERS = "ABCDEFGHIJKLMNOPQRST"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_paste(entry: Entry) -> None:
    report = triage(entry.content())
    found = problems(report, entry)
    if len(report.summary) > LONGEST_HEADLINE:
        found.append(f"the first line has {len(report.summary)} characters: {report.summary}")
    assert not found, "\n".join([*found, f"because: {entry.why}"])


def test_every_family_has_pastes() -> None:
    families = Counter(entry.family for entry in ENTRIES)
    assert len(ENTRIES) >= 120
    assert set(LETTERS) <= families.keys()
    assert [family for family, count in families.items() if count < 2] == []


def test_names_are_unique() -> None:
    assert [name for name, count in Counter(entry.name for entry in ENTRIES).items() if count > 1] == []


def test_expectations_are_possible() -> None:
    from forensics.explain import all_faults

    slugs = {fault.slug for fault in all_faults()}
    for entry in ENTRIES:
        assert set(entry.slugs or ()) <= slugs, entry.name
        assert set(entry.verdict or ()) <= {verdict.value for verdict in Verdict}, entry.name
        assert entry.text.strip(), entry.name
        assert entry.why.strip(), entry.name
