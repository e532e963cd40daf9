"""``otadiff inspect IMAGE``: what a file is, and what the device will say of it."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from forensics.cli import options
from forensics.cli.output import Color, Outputs, emit, print_text
from forensics.model.device import DEFAULT_SETTINGS, DeviceSettings
from forensics.pipeline.inspection import inspect_source, predict

EXIT_REFUSED = 1
_REVISION = re.compile(r"v?(\d{1,3})\.(\d{1,2})")


def command(
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="An app .bin or a flash dump; - is stdin.")],
    as_log: Annotated[bool, typer.Option("--as-log", help="Print only the lines that the device prints.")] = False,
    idf: Annotated[
        str | None, typer.Option("--idf", metavar="VERSION", help="ESP-IDF of the device, as v4.4.8; else the image's.")
    ] = None,
    chip: Annotated[str | None, typer.Option("--chip", help="The device's chip, as esp32c3; else the image's.")] = None,
    partition_offset: Annotated[
        str | None, typer.Option("--partition-offset", metavar="N", help="Flash address of the slot, as 0x110000.")
    ] = None,
    partition_size: Annotated[
        str | None, typer.Option("--partition-size", metavar="N", help="Bytes of the slot, as 0x100000.")
    ] = None,
    flash_size: Annotated[
        str | None, typer.Option("--flash-size", metavar="N", help="Bytes of flash, as 0x400000.")
    ] = None,
    chip_revision: Annotated[
        str | None, typer.Option("--chip-revision", metavar="M.N", help="The device's chip revision, as 3.0.")
    ] = None,
    efuse_block_revision: Annotated[
        str | None, typer.Option("--efuse-block-revision", metavar="M.N", help="Its eFuse block revision, as 0.0.")
    ] = None,
    free_pages: Annotated[
        str | None, typer.Option("--free-pages", metavar="N", help="MMU pages free for mapping, as 62.")
    ] = None,
    level: Annotated[
        str, typer.Option("--level", help="Log level: none, error, warning, info, debug, verbose.")
    ] = DEFAULT_SETTINGS.level,
    slot: Annotated[str | None, typer.Option("--slot", help="Partition of a flash dump to walk, as ota_0.")] = None,
    table_offset: Annotated[
        str | None, typer.Option("--table-offset", metavar="N", help="Flash address of the partition table.")
    ] = None,
    format: options.Format = None,
    json: options.Json = None,
    html: options.Html = None,
    markdown: options.Markdown = None,
    color: options.ColorChoice = Color.AUTO,
    verbose: options.Verbose = False,
) -> None:
    """Say what a file is and what the device will say of it."""
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
    concise = format == "concise"
    table = options.parse_number(table_offset)
    container = None if concise else format
    if as_log:
        device = predict(
            image, settings=settings, placed=place is not None, slot=slot, table_offset=table, format=container
        )
        print_text("".join(f"{line}\n" for line in device.lines))
        raise typer.Exit(EXIT_REFUSED if device.err else 0)
    report = inspect_source(
        image, settings=settings, placed=place is not None, slot=slot, table_offset=table, format=container
    )
    files = options.files(json=json, html=html, markdown=markdown)
    outputs = Outputs(files=files, terminal="concise" if concise else "terminal", color=color, verbose=verbose)
    raise typer.Exit(emit(report, outputs))


def parse_revision(text: str | None) -> int | None:
    """``3.1`` or ``v3.1`` as major * 100 + minor.

    Raises:
        typer.BadParameter: it is no revision.
    """
    if text is None:
        return None
    found = _REVISION.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter(f"{text!r} is not a revision; write major.minor, as 3.0")
    return int(found[1]) * 100 + int(found[2])
