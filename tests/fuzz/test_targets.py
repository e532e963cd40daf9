"""Every target passes a few seeded mutations; ``python -m tests.fuzz.run`` goes on for as long as it is asked to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from tests.fuzz.engine import mutated
from tests.fuzz.forgery import forged_in
from tests.fuzz.targets import TARGETS, Target

FAILS_TODAY: dict[tuple[str, str], str] = {}
"""Seed and target to the reason why it fails; whoever mends it removes the row."""


def _cases() -> Iterator[Any]:
    for seed, count in (("few", 12), ("more", 150)):
        for target in TARGETS:
            marks = [pytest.mark.slow] if seed == "more" else []
            reason = FAILS_TODAY.get((seed, target.name))
            if reason is not None:
                marks.append(pytest.mark.xfail(strict=True, reason=reason))
            yield pytest.param(target, seed, count, id=f"{seed}-{target.name}", marks=marks)


@pytest.mark.parametrize(("target", "seed", "count"), list(_cases()))
def test_mutations_of_a_seed_give_a_report_or_a_refusal(target: Target, seed: str, count: int) -> None:
    for data in islice(mutated(target, [], seed), count):
        target(data)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("terminal", "FAULTY  a name\n   ::error::pwned"),
        ("concise", "a\nHEALTHY  pwned"),
        ("terminal", "a\x1b[2J"),
        ("markdown", "<summary>`<pwned>`</summary>"),
        ("markdown", "a <img src=x>"),
        ("html", "<p onclick=pwned()>"),
        ("junit", "<testsuite><pwned/></testsuite>"),
    ],
)
def test_forged_lines_and_elements_are_seen(name: str, text: str) -> None:
    assert list(forged_in(name, text))


@pytest.mark.parametrize("text", ["a `<pwned>` b", "```\n<pwned>\n```", "a \\<img b", "a ::error::pwned"])
def test_quoted_text_is_no_forgery(text: str) -> None:
    assert not list(forged_in("markdown", text))
