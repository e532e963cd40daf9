"""Whatever a saved report holds, every format renders it or it is no report."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forensics.errors import ReportError
from forensics.model.report import Report
from forensics.report import RENDERERS, Renderer
from tests.unit.report.hostile import hostile_report
from tests.unit.report.reports import REPORTS

NAMES = ("dropped", "swapped", "truncated", "trailing", "log-only")
DOCUMENTS = [*(REPORTS[name]().to_dict() for name in NAMES), hostile_report("x").to_dict()]
WORDS = ["filled", "inserted", "duplicated", "replaced", "foreign", "fill", "not-reached", "protocol"]
VALUES = st.one_of(
    st.none(),
    st.integers(-3, 3),
    st.integers(-(10**20), 10**20),
    st.just(10**400),
    st.text(max_size=20),
    st.binary(max_size=40).map(bytes.hex),
    st.lists(st.integers(-1, 300000), max_size=3),
    st.sampled_from(WORDS),
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - any JSON value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    for key, item in items:
        found += leaves(item, (*path, key))
    return found


PATHS = [leaves(document) for document in DOCUMENTS]


@pytest.mark.parametrize("renderer", RENDERERS, ids=lambda renderer: renderer.name)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_changed_report_renders(renderer: Renderer, data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(DOCUMENTS) - 1))
    document = copy.deepcopy(DOCUMENTS[which])
    for path in data.draw(st.lists(st.sampled_from(PATHS[which]), min_size=1, max_size=4)):
        place: Any = document
        try:
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = data.draw(VALUES)
        except (KeyError, IndexError, TypeError):
            continue
    try:
        report = Report.from_dict(document)
    except ReportError:
        return
    renderer.render(report).encode("utf-8")
