"""Counts of a batch, by fault, protocol and firmware version; it holds no results."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from forensics.model.finding import Verdict
from forensics.model.report import InputRole
from forensics.pipeline.batch.results import CaseResult

UNKNOWN = "not known"
"""Name of the group of cases that show no protocol, or no program."""

NO_CAPTURE = "no capture"
"""Name of the group of cases that can show no protocol."""

_MOST_ERRORS = 1000
"""Cases without a result of which the reason is kept."""


@dataclass(slots=True, kw_only=True)
class FaultCount:
    """How often one fault was found.

    Attributes:
        cases: Cases in which it matters; ``benign`` those in which the device does not mind it.
        certainties: How sure it was, by case.
        example: Name of the first case.
    """

    code: str
    slug: str
    example: str
    cases: int = 0
    benign: int = 0
    certainties: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, kw_only=True)
class GroupCount:
    """The cases of one protocol or one firmware version: their verdicts, and their faults by code."""

    name: str
    verdicts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)

    @property
    def cases(self) -> int:
        """All of them, with those that have no verdict."""
        return self.verdicts.total()


class Tally:
    """Takes results one by one.

    Attributes:
        verdicts: Cases by verdict; ``error`` counts those that have none.
        errors: Name and reason of those, the first of them.
    """

    def __init__(self) -> None:
        self.verdicts: Counter[str] = Counter()
        self.errors: list[tuple[str, str]] = []
        self._faults: dict[str, FaultCount] = {}
        self._protocols: dict[str, GroupCount] = {}
        self._versions: dict[str, GroupCount] = {}

    @property
    def cases(self) -> int:
        """How many results there are."""
        return self.verdicts.total()

    @property
    def faults(self) -> list[FaultCount]:
        """The most frequent first."""
        return sorted(self._faults.values(), key=lambda fault: (-fault.cases, -fault.benign, fault.code))

    @property
    def protocols(self) -> list[GroupCount]:
        """The protocols of the captures, the most frequent first."""
        return _by_size(self._protocols)

    @property
    def versions(self) -> list[GroupCount]:
        """Program and version of the images, the most frequent first."""
        return _by_size(self._versions)

    def add(self, result: CaseResult) -> None:
        """Count one case."""
        verdict = result.verdict or "error"
        self.verdicts[verdict] += 1
        if result.error is not None and len(self.errors) < _MOST_ERRORS:
            self.errors.append((result.case, result.error))
        seen: set[str] = set()
        for finding in result.findings:
            if finding.code in seen:
                continue
            seen.add(finding.code)
            fault = self._faults.setdefault(
                finding.code, FaultCount(code=finding.code, slug=finding.slug, example=result.case)
            )
            fault.cases += not finding.benign
            fault.benign += finding.benign
            fault.certainties[finding.certainty] += 1
        version = " ".join(part for part in (result.project, result.firmware_version) if part)
        for groups, name in ((self._protocols, _protocol(result)), (self._versions, version or UNKNOWN)):
            group = groups.setdefault(name, GroupCount(name=name))
            group.verdicts[verdict] += 1
            group.codes.update(result.codes)

    @property
    def verdict(self) -> Verdict:
        """Faulty when any case is, healthy when all are, else inconclusive."""
        if self.verdicts[Verdict.FAULTY]:
            return Verdict.FAULTY
        if self.cases and self.verdicts[Verdict.HEALTHY] == self.cases:
            return Verdict.HEALTHY
        return Verdict.INCONCLUSIVE


def _protocol(result: CaseResult) -> str:
    captured = any(one.role is InputRole.CAPTURE for one in result.inputs)
    return result.protocol or (UNKNOWN if captured else NO_CAPTURE)


def _by_size(groups: dict[str, GroupCount]) -> list[GroupCount]:
    """The largest first; what is unknown comes last."""
    return sorted(groups.values(), key=lambda group: (group.name in (UNKNOWN, NO_CAPTURE), -group.cases, group.name))
