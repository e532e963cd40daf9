"""The bug-triage door: a folder or zip of a bug, or any mix of files, sorted out and told in one report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forensics.errors import InputError, OtadiffError
from forensics.model.finding import Verdict
from forensics.open.everything import open_everything
from forensics.pipeline.log_report import TriageOptions
from forensics.pipeline.triage.inputs import tell_inputs
from forensics.pipeline.triage.jobs import Job, job_of
from forensics.pipeline.triage.pairing import assign_roles
from forensics.pipeline.triage.sorting import CaseFile, sort_file

if TYPE_CHECKING:
    from forensics.model.limits import Limits
    from forensics.model.report import Report
    from forensics.pipeline.comparison import Source

_WHAT_TO_ADD = "add the .bin that was sent, what the device stored, its log or a capture"

__all__ = ["Bug", "TriageOptions", "sort_sources", "triage_bug", "triage_inputs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """What ``triage_bug`` found out.

    Attributes:
        files: Every file, in the order in which they were found.
        job: Which of them were held against each other, and how.
        report: The diagnosis; its ``inputs`` tell the same of the files.
    """

    files: tuple[CaseFile, ...]
    job: Job
    report: Report


def triage_inputs(
    sources: Sequence[Source], options: TriageOptions | None = None, progress: Callable[[int], None] | None = None
) -> Report:
    """``triage_bug`` for those who want the report alone."""
    return triage_bug(sort_sources(sources, limits=options.limits if options else None), options, progress).report


def sort_sources(
    sources: Sequence[Source], is_output: Callable[[str], bool] = lambda path: False, limits: Limits | None = None
) -> tuple[CaseFile, ...]:
    """What each file behind ``sources`` is: logs, images, dumps, captures, folders, zip files, ``-``.

    Args:
        sources: What the user named.
        is_output: Whether this run writes the file at a path; in a folder it is passed over.
        limits: How much may be opened and unpacked.

    Raises:
        InputError: one of them does not exist or cannot be read.
        UsageError: standard input is named twice.
    """
    return tuple(map(sort_file, open_everything(sources, is_output, limits)))


def triage_bug(
    files: Sequence[CaseFile], options: TriageOptions | None = None, progress: Callable[[int], None] | None = None
) -> Bug:
    """One diagnosis of all that ``files`` prove together.

    A file that turns out to be no use in its role is left out, and the others are asked again.

    Args:
        files: From ``sort_sources``.
        options: How to read them.
        progress: Told how many damaged images were hashed so far, when a log's hash is searched for.

    Raises:
        InputError: none of the files says anything about a transfer.
        UsageError: an impossible option.
    """
    options = options or TriageOptions()
    left = list(files)
    failed: dict[str, str] = {}
    while True:
        roles = assign_roles(left)
        job = job_of(roles, left)
        if job is None:
            raise _nothing(files, failed)
        try:
            report = job.run(options, progress)
        except OtadiffError as error:
            useless = job.suspect(error)
            if useless is None:
                raise
            failed[useless.name] = error.reason
            left = [file for file in left if file is not useless]
            continue
        reasons = {**job.left_out, **failed}
        report = _unless_something_was_lost(report, files)
        return Bug(files=tuple(files), job=job, report=replace(report, inputs=tell_inputs(files, job, reasons)))


def _unless_something_was_lost(report: Report, files: Sequence[CaseFile]) -> Report:
    """Nothing is healthy while a file that may show the fault could not be read."""
    lost = [file for file in files if file.lost]
    if not lost or report.verdict is not Verdict.HEALTHY:
        return report
    more = f" and {len(lost) - 1:,} more" if len(lost) > 1 else ""
    summary = f"{lost[0].name}{more} could not be read in full: {lost[0].words}; without it, {report.summary}"
    return replace(report, verdict=Verdict.INCONCLUSIVE, summary=summary)


def _nothing(files: Sequence[CaseFile], failed: dict[str, str]) -> InputError:
    if not files:
        return InputError("there is no file to triage", name="", next_step="name the folder of a bug, or its files")
    if len(files) == 1:
        only = files[0]
        reason = f"says nothing about a transfer: {failed.get(only.name, only.words)}"
        return InputError(reason, name=only.name, next_step=_WHAT_TO_ADD)
    told = "; ".join(f"{file.name}: {failed.get(file.name, file.words)}" for file in files[:4])
    return InputError(
        f"none of the {len(files)} files says anything about a transfer ({told}{' ...' if len(files) > 4 else ''})",
        name="",
        next_step=_WHAT_TO_ADD,
    )
