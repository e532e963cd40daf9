"""The pre-commit hooks: images and saved reports that are committed are whole.

``.pre-commit-hooks.yaml`` runs ``python -m forensics.integrations.pre_commit images|reports FILE...``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from forensics.errors import OtadiffError

_HEAD = 256
_REPORT = re.compile(rb'\s*\{\s*"schema"\s*:\s*"otadiff\.report/')
"""How every saved report begins, also one that was cut."""


def check_image(path: str) -> str | None:
    """What does not hold together in the app or merged image at ``path``; None when nothing, or when it is neither.

    What ends in ``.bin`` and is something else (fonts, certificates, a file system) is left alone, unless its first byte
    says that it was an image.

    Raises:
        OtadiffError: it cannot be read.
    """
    from forensics.pipeline.inspection import inspect_source  # noqa: PLC0415 - each hook loads what it needs

    report = inspect_source(Path(path))
    broken = [finding.summary for finding in report.findings if finding.slug == "image-invalid"]
    if report.inspection.flash:
        parts = report.inspection.flash.parts
        broken += [f"the image in {part.label} does not hold together" for part in parts if part.accepted is False]
    if report.inspection.kind.kind == "unknown" and _begins_like_an_image(path):
        broken = broken or [report.summary]
    return "; ".join(broken) or None


def _begins_like_an_image(path: str) -> bool:
    from forensics.spec.esp_image import IMAGE_MAGIC  # noqa: PLC0415 - as above

    with Path(path).open("rb") as file:
        return file.read(1) == bytes([IMAGE_MAGIC])


def check_report(path: str) -> str | None:
    """Nothing, when the report saved at ``path`` can be read and shown again, or is another JSON file.

    Raises:
        OtadiffError: it is a report, and damaged.
    """
    from forensics.cli.render import load  # noqa: PLC0415 - as above
    from forensics.report.terminal import render_terminal  # noqa: PLC0415

    with Path(path).open("rb") as file:
        head = file.read(_HEAD)
    if _REPORT.match(head):
        render_terminal(load(path))
    return None


HOOKS: dict[str, Callable[[str], str | None]] = {"images": check_image, "reports": check_report}
"""Name of a hook and what it does with one file."""


def main(arguments: Sequence[str]) -> int:
    """Check every file; 0 when all are whole, 1 when one is not, 2 for wrong usage."""
    if not arguments or arguments[0] not in HOOKS:
        sys.stderr.write(f"usage: python -m forensics.integrations.pre_commit {{{','.join(HOOKS)}}} FILE...\n")
        return 2
    from forensics.write.stdout import print_text  # noqa: PLC0415 - not for wrong usage

    complaints = [words for path in arguments[1:] if (words := _complaint(HOOKS[arguments[0]], path))]
    print_text("".join(complaints))
    return 1 if complaints else 0


def _complaint(check: Callable[[str], str | None], path: str) -> str | None:
    from forensics.model.text import inert  # noqa: PLC0415 - as above

    try:
        words = check(path)
    except (OtadiffError, OSError) as error:
        words = str(error)
    return f"{inert(path)}: {inert(words)}\n" if words else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
