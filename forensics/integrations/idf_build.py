"""What an ESP-IDF build folder says: the image, the chip, the ESP-IDF version and the partition table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forensics.errors import InputError
from forensics.model.flash import Partition
from forensics.parse.partition_table import parse_partition_table
from forensics.spec.chips import chip_by_name
from forensics.spec.versions import IdfVersion

_LARGEST_DESCRIPTION = 16 * 1024 * 1024
_USUAL_TABLE = "partition_table/partition-table.bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdfBuild:
    """One configured and built project.

    Attributes:
        image: The app image that ``idf.py build`` made.
        idf: ESP-IDF version (``v5.3.1``), or None where the build names only a commit.
        chip: Target as ESP-IDF names it (``esp32s3``), or None where it is no chip (``linux``).
        slots: App partitions that an update can be written to: the OTA slots, else every app partition; empty
            without a readable partition table.
    """

    image: Path
    idf: str | None
    chip: str | None
    slots: tuple[Partition, ...]


def read_build(folder: Path) -> IdfBuild:
    """The build in ``folder``.

    Source: ESP-IDF tools/cmake/project_description.json.in (``app_bin``, ``target``, ``git_revision`` = ``IDF_VER``)
    and components/esptool_py/project_include.cmake (flasher_args.json), master.

    Raises:
        InputError: the project was not built there.
    """
    description = _read_json(folder / "project_description.json")
    if description is None:
        raise InputError(
            "holds no project_description.json", name=str(folder), next_step="run idf.py build, or name the folder with -B"
        )
    image = description.get("app_bin")
    if not isinstance(image, str) or not image or not (folder / image).is_file():
        raise InputError("holds no app image", name=str(folder), next_step="run idf.py build first")
    version = IdfVersion.parse(str(description.get("git_revision", "")))
    target = str(description.get("target", ""))
    return IdfBuild(
        image=folder / image,
        idf=str(version) if version else None,
        chip=target if chip_by_name(target) else None,
        slots=_slots(folder),
    )


def _slots(folder: Path) -> tuple[Partition, ...]:
    """From the table in binary form: the build makes it from the CSV file, and it is what the device reads."""
    flashed = (_read_json(folder / "flasher_args.json") or {}).get("partition-table")
    named = flashed.get("file") if isinstance(flashed, dict) else None
    try:
        data = (folder / (named if isinstance(named, str) else _USUAL_TABLE)).read_bytes()[:_LARGEST_DESCRIPTION]
    except (OSError, ValueError):
        return ()
    table = parse_partition_table(data)
    if table is None:
        return ()
    return table.ota_slots or tuple(part for part in table.partitions if part.is_app)


def _read_json(path: Path) -> dict[str, Any] | None:
    """The object in ``path``, or None when there is none."""
    try:
        if path.stat().st_size > _LARGEST_DESCRIPTION:
            return None
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
