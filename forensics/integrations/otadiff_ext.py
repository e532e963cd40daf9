"""The idf.py extension: ``idf.py otadiff RECEIVED`` compares with the image of this project's build.

idf.py imports this module at every start, so what it needs is imported when the command runs. It must not import click
either: idf.py hands its own over.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forensics.integrations.idf_build import IdfBuild

HELP = """Say what happened to this project's image on its way to the device.

With RECEIVED (a dump of the slot or of the whole flash, a hex log, a BLE capture): what happened to the bytes.
With --log alone: what the device's log proves about them. With neither: what the device will say of the image, and
the command that reads each slot back. Options come before RECEIVED.

The image is taken as it was built; nothing is built anew, since the image that was sent is the evidence."""


def action_extensions(base_actions: dict[str, Any], project_path: str) -> dict[str, Any]:
    """The command for idf.py.

    Source: ESP-IDF docs/en/api-guides/tools/idf-py.rst, "Extending idf.py" (interface version 1), and tools/idf.py,
    ``load_cli_extensions_from_entry_points``, v6.0.

    Args:
        base_actions: Commands that exist already.
        project_path: Absolute path of the project.
    """
    return {
        "version": "1",
        "actions": {
            "otadiff": {
                "callback": _run_action,
                "short_help": "Say what happened to the image on its way to the device.",
                "help": HELP,
                "arguments": [{"names": ["received"], "required": False}],
                "options": [
                    {"names": ["--sent"], "help": "The image that was sent, when it is not the one of this build."},
                    {"names": ["--log"], "help": "The device's log of the transfer."},
                    {"names": ["--capture"], "help": "A capture of the BLE link."},
                    {"names": ["--chunk"], "help": "Bytes per write, when you know it."},
                    {"names": ["--slot"], "help": "Partition in a dump of the whole flash, e.g. ota_0."},
                    {"names": ["--html"], "help": "Write the report as one HTML page."},
                    {"names": ["--json"], "help": "Write the report as JSON."},
                    {"names": ["--markdown"], "help": "Write the report as Markdown."},
                ],
            }
        },
    }


def _run_action(name: str, context: object, global_args: Any, **arguments: Any) -> None:  # noqa: ANN401 - idf.py's
    """End idf.py with the verdict as exit status; a healthy one lets the next command run.

    Raises:
        SystemExit: the verdict is not healthy, or there is none.
    """
    from forensics.cli.main import run  # noqa: PLC0415 - see the module's first lines
    from forensics.errors import OtadiffError  # noqa: PLC0415
    from forensics.integrations.idf_build import read_build  # noqa: PLC0415

    try:
        build = read_build(Path(global_args.build_dir))
    except OtadiffError as error:
        sys.stderr.write(f"otadiff: {error}\n")
        raise SystemExit(2) from error
    status = run(command_line(build, **arguments))
    if arguments.get("received") is None:
        _tell_slots(build)
    if status:
        raise SystemExit(status)


def command_line(build: IdfBuild, received: str | None = None, sent: str | None = None, **options: str | None) -> list[str]:
    """The arguments of ``otadiff`` that answer the question.

    Args:
        build: The project's build.
        received: What the device stored, or None.
        sent: The image that was sent, or None for the one of the build.
        options: The other options by their names, None where not given.
    """
    image = sent or str(build.image)
    written = _given(options, "html", "json", "markdown")
    if received is not None:
        return ["compare", *_given(options, "log", "capture", "chunk", "slot"), *written, "--", image, received]
    if options.get("log"):
        return ["triage", *_given(options, "chunk"), *written, "--", str(options["log"]), image]
    return ["inspect", *_device(build), *written, "--", image]


def _given(options: dict[str, str | None], *names: str) -> list[str]:
    return [word for name in names if (value := options.get(name)) for word in (f"--{name}", str(value))]


def _device(build: IdfBuild) -> list[str]:
    """The device of this project; of its slots the smallest, since an update may be written to any of them."""
    words = ["--idf", build.idf] if build.idf else []
    words += ["--chip", build.chip] if build.chip else []
    if build.slots:
        slot = min(build.slots, key=lambda part: part.size)
        words += ["--partition-offset", hex(slot.offset), "--partition-size", hex(slot.size)]
    return words


def _tell_slots(build: IdfBuild) -> None:
    """How to get RECEIVED from a device on the desk."""
    from forensics.model.text import inert  # noqa: PLC0415
    from forensics.write.stdout import print_text  # noqa: PLC0415 - see the module's first lines

    if not build.slots:
        return
    lines = [
        f"  {_read_flash(build.idf)} 0x{part.offset:x} 0x{part.size:x} received.bin    ({inert(part.label)})\n"
        for part in build.slots
    ]
    print_text("\nto compare with what a slot holds, read it back and run idf.py otadiff received.bin:\n" + "".join(lines))


def _read_flash(idf: str | None) -> str:
    """The command as the project's own esptool takes it: ESP-IDF before v6.0 comes with esptool 4."""
    from forensics.spec.versions import IdfVersion  # noqa: PLC0415 - see the module's first lines

    version = IdfVersion.parse(idf or "")
    return "esptool.py read_flash" if version and version < IdfVersion(6, 0) else "esptool read-flash"
