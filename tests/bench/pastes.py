"""How many pastes are answered rightly, by family, and how often each certainty is right.

Run ``python -m tests.bench.pastes``. A paste is right when its report meets every expectation of ``tests/pastes``; a
certainty is right when the first serious finding that has it belongs to such a report.
"""

from __future__ import annotations

import sys
from collections import Counter

from forensics.api import triage
from tests.pastes.checking import load_entries, problems


def main() -> None:
    """Print both tables."""
    asked, right = Counter[str](), Counter[str]()
    for entry in load_entries():
        report = triage(entry.content())
        serious = next((one for one in report.findings if not one.benign), None)
        groups = [entry.family, "all", f"certainty {serious.certainty.value}" if serious else "no finding"]
        asked.update(groups)
        right.update(groups if not problems(report, entry) else ())
    sys.stdout.write("| pastes | right | of | share |\n| --- | ---: | ---: | ---: |\n")
    for group, count in asked.items():
        sys.stdout.write(f"| {group} | {right[group]} | {count} | {100 * right[group] / count:.1f} % |\n")


if __name__ == "__main__":
    main()
