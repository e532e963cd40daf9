"""The public functions, re-exported by ``forensics``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from forensics.model.device import DEFAULT_SETTINGS, DeviceSettings
from forensics.model.limits import Limits
from forensics.model.log import DeviceLog
from forensics.notebook import Report
from forensics.open.content import open_content
from forensics.pipeline.comparison import Options, Source, compare_sources


def compare(
    sent: Source,
    received: Source,
    *,
    log: str | bytes | Path | None = None,
    capture: Source | None = None,
    chunk_size: int | None = None,
    offset: int | None = None,
    slot: str | None = None,
    format: str | None = None,
    limits: Limits | None = None,
) -> Report:
    """Compare what was sent with what arrived and say what happened to the bytes.

    Args:
        sent: The image that was sent: bytes-like is the content, ``str`` and ``Path`` are paths.
        received: What the device stored, in the same forms, or evidence of it (a slot or flash dump, hex text, a
            capture ...).
        log: The device's log of this transfer: a ``Path`` is a path, a ``str`` that names an existing file as well,
            any other text is the log itself.
        capture: A capture of the link beside ``received``, in the same forms; it tells on which leg a fault lies.
        chunk_size: Bytes of one application write, when known; else inferred.
        offset: File offset in ``received`` where the image begins; found by itself when not given.
        slot: Label of the partition in a whole-flash dump (``ota_0``).
        format: Container of ``received``, when it must not be recognised by its content.
        limits: How much work it may cost.

    Raises:
        OtadiffError: an input cannot be read, or the options contradict it.
    """
    text, name = (None, "device.log") if log is None else _log_text(log)
    options = Options(
        chunk_size=chunk_size,
        offset=offset,
        slot=slot,
        format=format,
        capture=capture,
        log=text,
        log_name=name,
        limits=limits,
    )
    return compare_sources(sent, received, options)


def inspect_image(
    image: Source,
    *,
    settings: DeviceSettings = DEFAULT_SETTINGS,
    slot: str | None = None,
    format: str | None = None,
    limits: Limits | None = None,
) -> Report:
    """What ``image`` is, and what the device would say of it.

    Args:
        image: Bytes-like is the content, ``str`` and ``Path`` are paths.
        settings: The device that looks at it.
        slot: Label of the partition to walk in a whole-flash dump.
        format: Container, when it must not be recognised by content.
        limits: How much work it may cost.

    Raises:
        OtadiffError: it cannot be read.
    """
    from forensics.pipeline.inspection import inspect_source  # noqa: PLC0415 - each door loads what it needs

    return inspect_source(image, settings=settings, slot=slot, format=format, limits=limits)


def triage(
    *sources: Source, chunk_size: int | None = None, solve_seconds: float | None = 10.0, limits: Limits | None = None
) -> Report:
    """What files prove together: logs, images, dumps, captures, folders and zip files, in any mix.

    Args:
        sources: Bytes-like is the content, ``str`` and ``Path`` are paths. Which file is which is told from what they
            hold, and the report's ``inputs`` says so.
        chunk_size: Bytes of one application write, when known.
        solve_seconds: Stops the search for the calculated hash early; None lets it end by itself.
        limits: How much work it may cost; its ``seconds`` then count instead of ``solve_seconds``.

    Raises:
        OtadiffError: an input cannot be read, or none says anything about a transfer.
    """
    from forensics.pipeline.triage import TriageOptions, triage_inputs  # noqa: PLC0415 - each door loads what it needs

    options = TriageOptions(chunk_size=chunk_size, solve_seconds=solve_seconds, limits=limits)
    if limits is not None:
        most = limits.steps or options.solve_hypotheses
        options = replace(options, solve_seconds=limits.seconds, solve_hypotheses=most)
    return triage_inputs(sources, options)


def read_log(log: str | bytes | Path) -> DeviceLog:
    """What a device's log says, walk by walk.

    Args:
        log: A ``Path`` is a path; a ``str`` without a line break that names an existing file is a path; any other
            ``str``, and bytes, are the text.

    Raises:
        InputError: the file cannot be read.
    """
    from forensics.parse.logs import parse_log  # noqa: PLC0415

    return parse_log(_log_text(log)[0])


def _log_text(log: str | bytes | Path) -> tuple[str | bytes, str]:
    """The text of a log, and how to call it."""
    if isinstance(log, Path) or (isinstance(log, str) and _names_file(log)):
        opened = open_content(log)
        return opened.whole(), opened.name
    return log, "device.log"


def _names_file(text: str) -> bool:
    """Whether there is a file of this name; a text that cannot be a path is none."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False
