"""``otadiff inspect IMAGE``: what a file is, and what the device will say of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Any

import typer

from forensics.cli import options
from forensics.cli.inspect_capture import capture_in, show_capture
from forensics.cli.output import emit
from forensics.model.device import DEFAULT_SETTINGS
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
Partitions = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="partitions.csv or partition-table.bin of the device: its slot's place and size."),
]
SdkConfig = Annotated[
    str | None, typer.Option("--sdkconfig", metavar="FILE", help="sdkconfig of the firmware that runs on the device.")
]
KeyDigest = Annotated[
    list[str] | None, typer.Option(metavar="HEX", help="Digest of a key that the device trusts, as its eFuse holds it.")
]
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
    partitions: Partitions = None,
    sdkconfig: SdkConfig = None,
    key_digest: KeyDigest = None,
    read_as: options.ReadAs = None,
    *,
    report: options.ReportOptions,
) -> None:
    """Say what a file is and what the device will say of it."""
    container = report.container(read_as)
    outputs = report.outputs(image, partitions, sdkconfig)
    source = open_content(image)
    capture = capture_in(source, container)
    if capture is not None:
        show_capture(capture, image, outputs)
        raise typer.Exit
    given: dict[str, Any] = {
        "idf": idf,
        "chip": chip,
        "partition_offset": options.parse_number(partition_offset),
        "partition_size": options.parse_number(partition_size),
        "flash_size": options.parse_number(flash_size),
        "chip_revision": parse_revision(chip_revision),
        "efuse_block_revision": parse_revision(efuse_block_revision),
        "free_pages": options.parse_number(free_pages),
    }
    settings = replace(DEFAULT_SETTINGS, level=level, key_digests=tuple(parse_digest(text) for text in key_digest or ()))
    placed = False
    if partitions is not None or sdkconfig is not None:
        from forensics.pipeline.device_files import DeviceFiles, device_from  # noqa: PLC0415 - only for these options

        settings, placed = device_from(DeviceFiles(partitions=partitions, sdkconfig=sdkconfig, slot=slot), settings)
        slot = None if placed else slot
    settings = replace(settings, **{name: value for name, value in given.items() if value is not None})
    table = options.parse_number(table_offset)
    placed = placed or given["partition_offset"] is not None
    if as_log:
        device = predict(source, settings=settings, placed=placed, slot=slot, table_offset=table, format=container)
        print_text("".join(f"{line}\n" for line in device.lines))
        raise typer.Exit(EXIT_REFUSED if device.err else 0)
    found = inspect_source(source, settings=settings, placed=placed, slot=slot, table_offset=table, format=container)
    raise typer.Exit(emit(found, outputs))


def parse_digest(text: str) -> str:
    """The digest of a key, 32 bytes in hex, in lower case without separators.

    Raises:
        typer.BadParameter: it is none.
    """
    digits = re.sub(r"[\s:]", "", text.lower().removeprefix("0x"))
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise typer.BadParameter(f"{text!r} is not the digest of a key; write its 64 hex digits")
    return digits


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
