"""The report's ``inputs``: every file with its role and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forensics.model.report import InputFile, InputRole

if TYPE_CHECKING:
    from forensics.pipeline.triage.jobs import Job
    from forensics.pipeline.triage.pairing import Taken
    from forensics.pipeline.triage.sorting import CaseFile

MOST_TOLD = 200
"""Files that are listed; those with a role are always among them."""


def tell_inputs(files: Sequence[CaseFile], job: Job, left_out: dict[str, str]) -> tuple[InputFile, ...]:
    """One entry a role in the order of the roles, then one for each file that was left out, in the order of ``files``.

    Args:
        files: All that were found.
        job: Who has which role.
        left_out: Reasons by file name, where there is a better one than what the file is.
    """
    roles = (
        (InputRole.SENT, job.sent),
        (InputRole.RECEIVED, job.received),
        (InputRole.CAPTURE, job.capture),
        (InputRole.LOG, job.log),
    )
    told = [_taken(role, taken, job) for role, taken in roles if taken is not None]
    used = {taken.file.name for _, taken in roles if taken is not None}
    rest = [file for file in files if file.name not in used]
    shown = rest[: MOST_TOLD - len(told)]
    told += [_entry(file, InputRole.LEFT_OUT, left_out.get(file.name) or _reason(file, job)) for file in shown]
    if len(rest) > len(shown):
        more = len(rest) - len(shown)
        why = f"only {MOST_TOLD} files are listed"
        told.append(InputFile(name=f"{more} more files", role=InputRole.LEFT_OUT, kind="unlisted", why=why))
    return tuple(told)


def _taken(role: InputRole, taken: Taken, job: Job) -> InputFile:
    protocol = job.carried.protocol if job.carried is not None and role is InputRole.CAPTURE else None
    return _entry(taken.file, role, taken.why, protocol)


def _reason(file: CaseFile, job: Job) -> str:
    """Why a file that is what it is has no role."""
    if file.log is not None:
        return f"{file.words}; another log says more"
    if file.is_capture:
        return f"{file.words}; another capture carries more of the image"
    if file.blocks is not None and job.sent is not None and job.received is not None:
        return f"{file.words}; it fits the others less"
    return file.words


def _entry(file: CaseFile, role: InputRole, why: str, protocol: str | None = None) -> InputFile:
    return InputFile(
        name=file.name, role=role, kind=file.kind, why=why, size=file.size, sha256=file.sha256, protocol=protocol
    )
