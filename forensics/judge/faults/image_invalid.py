"""The file that was sent fails the device's checks by itself."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import finding_of, first_failure, notes
from forensics.model.finding import Finding, Where


def detect(case: Compared) -> Finding | None:
    """The file that was sent fails the device's checks by itself."""
    image = case.sent.image
    if image.valid or case.sent.kind.kind not in ("app", "esp8266"):
        return None
    check = first_failure(case.sent.checks)
    what = f"its {check.step.replace('-', ' ')} check fails" if check else "its checksum or digest is wrong"
    detail = f"expected {check.expected}, found {check.actual}" if check and check.expected and check.actual else None
    return finding_of(
        "image-invalid",
        summary=f"the file that was sent is broken already: {what}",
        where=Where.FILE,
        notes=notes(detail, "no transfer can heal it: the device would refuse it byte for byte as sent"),
    )
