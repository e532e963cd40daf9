"""Dumps as people make them: what is wrong with the dump is never told as a fault of the transfer."""

from __future__ import annotations

import pytest

from tests.bench.evidence_dumps import DUMPS, Dump, cases


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.name)
def test_a_dump_is_told_as_what_it_is(dump: Dump) -> None:
    for _, healthy, report, right in cases((dump,)):
        assert right, (healthy, report.verdict, report.summary)
