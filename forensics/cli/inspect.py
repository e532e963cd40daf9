"""``otadiff inspect IMAGE``: what a file is, and what the device will say of it."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from forensics.cli import options
from forensics.cli.inspect_capture import capture_in, show_capture
from forensics.cli.output import emit
from forensics.model.device import DEFAULT_SETTINGS, DeviceSettings
from forensics.open import open_content
from forensics.pipeline.inspection import inspect_source, predict
from forensics.write.stdout import print_text

EXIT_REFUSED = 1
_REVISION = re.compile(r"v?(\d{1,3})\.(\d{1,2})")

Image = Annotated[str, typer.Argument(metavar="IMAGE", help="An app .bin, a flash dump or a capture; - is stdin.")]
AsLog = Annotated[bool, typer.Option("--as-log", help="Print only the lines that the device prints.")]
Idf = Annotated[str | None, typer.Option(metavar="VERSION", help="The device's ESP-IDF, e.g. v4.4.8; else the image's.")]
Chip = Annotated[str | None, typer.Option(metavar="CHIP", help="The device's chip, e.g. esp32c3; else the image's.")]
PartitionOffset = Annotated[str | None, typer.Option(metavar="N", help="Flash address of the slot, e.g. 0x110000.")]
PartitionSize = Annotated[str | None, typer.Option(metavar="N", help="Bytes of the slot, e.g. 0x100000.")]
FlashSize = Annotated[str | None, typer.Option(metavar="N", help="Bytes of flash, e.g. 0x400000.")]
ChipRevision = Annotated[str | None, typer.Option(metavar="M.N", help="The device's chip revision, e.g. 3.0.")]
BlockRevision = Annotated[str | None, typer.Option(metavar="M.N", help="Its eFuse block revision, e.g. 0.0.")]
FreePages = Annotated[str | None, typer.Option(metavar="N", help="MMU pages free for mapping, e.g. 62.")]
Level = Annotated[str, typer.Option(help="Log level: none, error, warning, info, debug or verbose.")]
Slot = Annotated[str | None, typer.Option(metavar="LABEL", help="Partition of a flash dump to walk, e.g. ota_0.")]
TableOffset = Annotated[str | None, typer.Option(metavar="N", help="Flash address of the partition table.")]


@options.reporting
def command(
    image: Image,
    as_log: AsLog = False,
    idf: Idf = None,
    chip: Chip = None,
    partition_offset: PartitionOffset = None,
    partition_size: PartitionSize = None,
    flash_size: FlashSize = None,
    chip_revision: ChipRevision = None,
    efuse_block_revision: BlockRevision = None,
    free_pages: FreePages = None,
    level: Level = DEFAULT_SETTINGS.level,
    slot: Slot = None,
    table_offset: TableOffset = None,
    read_as: options.ReadAs = None,
    *,
    report: options.ReportOptions,
) -> None:
    """Say what a file is and what the device will say of it."""
    container = report.container(read_as)
    outputs = report.outputs(image)
    source = open_content(image)
    capture = capture_in(source, container)
    if capture is not None:
        show_capture(capture, image, outputs)
        raise typer.Exit
    place = options.parse_number(partition_offset)
    pages = options.parse_number(free_pages)
    settings = DeviceSettings(
        idf=idf,
        chip=chip,
        partition_offset=DEFAULT_SETTINGS.partition_offset if place is None else place,
        partition_size=options.parse_number(partition_size),
        flash_size=options.parse_number(flash_size),
        chip_revision=parse_revision(chip_revision),
        efuse_block_revision=parse_revision(efuse_block_revision),
        free_pages=DEFAULT_SETTINGS.free_pages if pages is None else pages,
        level=level,
    )
    table = options.parse_number(table_offset)
    placed = place is not None
    if as_log:
        device = predict(source, settings=settings, placed=placed, slot=slot, table_offset=table, format=container)
        print_text("".join(f"{line}\n" for line in device.lines))
        raise typer.Exit(EXIT_REFUSED if device.err else 0)
    found = inspect_source(source, settings=settings, placed=placed, slot=slot, table_offset=table, format=container)
    raise typer.Exit(emit(found, outputs))


def parse_revision(text: str | None) -> int | None:
    """``3.1`` or ``v3.1`` as major * 100 + minor.

    Raises:
        typer.BadParameter: it is no revision.
    """
    if text is None:
        return None
    found = _REVISION.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter(f"{text!r} is not a revision; write major.minor, e.g. 3.0")
    return int(found[1]) * 100 + int(found[2])
