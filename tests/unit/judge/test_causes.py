from __future__ import annotations

import pytest

from forensics.explain import SLUGS, fault
from tests.unit.judge.causes import CAUSES, Cause


def test_the_survey_has_49_causes_with_a_name_of_their_own() -> None:
    assert len({cause.name for cause in CAUSES}) == len(CAUSES) == 49


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.name)
def test_every_cause_is_told_of(cause: Cause) -> None:
    assert cause.slugs
    assert set(cause.slugs) <= set(SLUGS)
    first = fault(cause.slugs[0])
    assert first is not None
    assert any(cause.name.casefold() in text.casefold() for text in first.explanation.causes)
