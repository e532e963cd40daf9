"""Whether images are read as esptool reads them: ``python -m tests.bench.images [FOLDER ...]``.

Compares ``inspect_image`` with esptool, used as a library, over the forms of ``image_forms``, the ``*.bin`` files of the
shared images beside the clone, and those in each FOLDER: chip, segments (load address, length, offset), checksum, digest and
size of the image; of a merged file each image inside it. Where esptool cannot read a form, its own facts must be found.
Where it cannot read another file, nothing may be called a valid image. esptool and espsecure must confirm the forms.

An answer is incomplete when it says less than esptool or the form, and wrong when it says something else. The exit status is
1 when there is a difference.
"""

from __future__ import annotations

import io
import logging
import re
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import NamedTuple, TypeVar

import espsecure  # type: ignore[import-untyped]
from esptool import FatalError, image_info
from esptool.bin_image import ESP8266V2FirmwareImage, LoadFirmwareImage

import forensics
from forensics.errors import OtadiffError
from forensics.model.finding import Verdict
from forensics.model.flash import SignatureBlock
from forensics.model.image import EspImage
from forensics.model.inspection import FlashPart, Inspection, InspectionReport
from tests.bench.image_forms import Facts, Form, Placed, Signed, forms
from tests.conftest import SHARED

T = TypeVar("T")

UNREADABLE = (FatalError, RuntimeError, struct.error, TypeError, IndexError, KeyError, ValueError)
"""What esptool raises over bytes that are no image; it looks at no end of a file before it reads."""

UNNAMED = ("unknown", "ciphertext")
"""Kinds that claim nothing."""

V1 = ("v1",)
"""Scheme of secure boot v1, whose key no file holds."""


class Difference(NamedTuple):
    """One thing that is not as esptool or the form has it."""

    what: str
    wrong: bool = True


class Tally(NamedTuple):
    """Files of a family, by answer."""

    files: int = 0
    equal: int = 0
    incomplete: int = 0
    wrong: int = 0


def silently(call: Callable[[], T]) -> tuple[T, str]:
    """What ``call`` returns and prints."""
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        return call(), printed.getvalue()


def detected(data: bytes) -> str | None:
    """The chip that ``esptool image-info`` names."""
    try:
        _, printed = silently(lambda: image_info(data))
    except UNREADABLE:
        return None
    found = re.search(r"Detected image type: (\S+)", printed)
    return found[1] if found else None


def esptool_facts(data: bytes, chip: str | None = None) -> Facts | None:
    """The image at the start of ``data`` as esptool reads it; None when it cannot."""
    name = chip or detected(data)
    if name is None:
        return None
    stream = io.BytesIO(data)
    try:
        loader = type(silently(lambda: LoadFirmwareImage(name, data))[0])
        image, _ = silently(lambda: loader(stream))
    except UNREADABLE:
        return None
    lengths = [struct.unpack_from("<I", data, part.file_offs + 4)[0] for part in image.segments]
    if any(length % 4 for length in lengths):
        return None  # the device refuses such a segment, and esptool goes on as if it were longer
    has_digest = bool(getattr(image, "append_digest", False))
    behind = 32 if has_digest else 4 if isinstance(image, ESP8266V2FirmwareImage) else 0
    return Facts(
        chip=image.ROM_LOADER.CHIP_NAME,
        segments=tuple(Placed(part.addr, size, part.file_offs) for part, size in zip(image.segments, lengths, strict=True)),
        checksum_ok=image.checksum == image.calculate_checksum(),
        digest_ok=image.stored_digest == image.calc_digest if has_digest else None,
        size=stream.tell() + behind,
    )


def our_facts(image: EspImage) -> Facts:
    """The same of otadiff's answer, offsets from the start of the image."""
    appended = image.header is not None and bool(image.header.hash_appended)
    return Facts(
        chip=image.chip or "no chip",
        segments=tuple(Placed(part.load_addr, part.data_len, part.header.start) for part in image.segments),
        checksum_ok=image.checksum_stored is not None and image.checksum_stored == image.checksum_calculated,
        digest_ok=image.digest_stored is not None and image.digest_stored == image.digest_calculated if appended else None,
        size=image.image_size or 0,
    )


def unequal(expected: Facts, image: EspImage | None, where: str) -> Iterator[Difference]:
    """Each fact in which otadiff's answer is another."""
    if image is None:
        yield Difference(f"{where}: no image, expected one for the {expected.chip} of {expected.size:,} bytes", wrong=False)
        return
    ours = replace(our_facts(image), start=expected.start)
    for field in fields(Facts):
        want, have = (getattr(facts, field.name) for facts in (expected, ours))
        if want != have:
            yield Difference(f"{where}: {field.name} is {_shown(have)}, expected {_shown(want)}", wrong=bool(have))


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        rows = " ".join(f"{row.load_addr:#x}+{row.length:#x}@{row.offset:#x}" for row in value[:4])
        return f"{len(value)} segments ({rows}{' ...' if len(value) > 4 else ''})"
    return str(value)


def compared(data: bytes, form: Form | None) -> Iterator[Difference]:
    """Everything in which the report of ``data`` differs."""
    try:
        report = forensics.inspect_image(data)
    except OtadiffError as error:
        yield Difference(f"inspect raises {error}")
        return
    assert isinstance(report, InspectionReport)
    inspection = report.inspection
    shown = report.sent.image if report.sent else None
    found = {part.span.start: part.image for part in _parts(inspection) if part.image is not None}
    top = found.get(0, None if shown in found.values() else shown)  # of several images the report shows the one that boots
    expected = form.image if form else esptool_facts(data)
    if expected is not None:
        yield from unequal(expected, top, "0x0")
    elif top is not None and top.valid:
        yield Difference("0x0: called a valid image, and esptool cannot read it")
    yield from inside(data, inspection, form)
    if form is not None:
        yield from named(inspection, form)
        yield from signatures(data, inspection, form)
        if form.elf is not None and (top is None or top.app is None or top.app.app_elf_sha256 != form.elf):
            yield Difference("the digest of the ELF is not shown", wrong=False)
        if form.healthy is not None and report.verdict is (Verdict.FAULTY if form.healthy else Verdict.HEALTHY):
            yield Difference(f"the verdict is {report.verdict}: {report.summary}")


def _parts(inspection: Inspection) -> tuple[FlashPart, ...]:
    return inspection.flash.parts if inspection.flash else ()


def inside(data: bytes, inspection: Inspection, form: Form | None) -> Iterator[Difference]:
    """The images inside a merged file: each one that is reported, and each one that must be."""
    known = {facts.start: facts for facts in form.parts} if form else {}
    for part in _parts(inspection):
        if part.image is None:
            continue
        start = part.span.start
        expected = known.pop(start, None) or esptool_facts(data[start : part.span.end])
        where = f"{part.label} at {start:#x}"
        if expected is not None:
            yield from unequal(expected, part.image, where)
        elif part.image.valid:
            yield Difference(f"{where}: called a valid image, and esptool cannot read it")
    for start, facts in known.items():
        yield from unequal(facts, None, f"{start:#x}")


def named(inspection: Inspection, form: Form) -> Iterator[Difference]:
    """The words for the file, and what the device says."""
    kind = inspection.kind
    words = f"{kind.kind} {kind.words}"
    if not any(word.lower() in words.lower() for word in form.kind_words):
        yield Difference(f"called {words[:90]!r}, expected {' or '.join(form.kind_words)}", kind.kind not in UNNAMED)
    if form.intact is not None and kind.intact != form.intact:
        yield Difference(f"the container's own digests: {kind.intact}, expected {form.intact}", kind.intact is not None)
    if form.accepted is not None and form.accepted != (inspection.err == 0):
        yield Difference(f"the device {'accepts' if inspection.err == 0 else 'refuses'} it, expected the opposite")
    if form.mmu_page is not None and inspection.mmu_page != form.mmu_page:
        yield Difference(f"the MMU page is {inspection.mmu_page}, expected {form.mmu_page}")


def signatures(data: bytes, inspection: Inspection, form: Form) -> Iterator[Difference]:
    """The signature blocks: how many, where, and what is said of each."""
    blocks = inspection.trailing.signatures if inspection.trailing else ()
    if len(blocks) != len(form.signatures):
        yield Difference(f"{len(blocks)} signature blocks, expected {len(form.signatures)}", bool(blocks))
    keys = key_digests(data)
    for index, (block, row) in enumerate(zip(blocks, form.signatures, strict=False)):
        for name, have, want in _block_facts(block, row, keys[index] if index < len(keys) else None):
            if have != want:
                yield Difference(f"signature {index}: {name} is {have}, expected {want}", have is not None)


def _block_facts(block: SignatureBlock, row: Signed, key: str | None) -> Iterator[tuple[str, object, object]]:
    yield "start", block.span.start, row.start
    yield "scheme", all(word in block.scheme for word in row.scheme), True
    yield "intact", block.intact, row.intact
    yield "signs_image", block.signs_image, row.digest_fits
    if row.scheme != V1:
        yield "good", block.good, row.valid
    if key is not None:
        yield "key_digest", block.key_digest, key


def key_digests(data: bytes) -> list[str]:
    """The digest of each block's key as ``espsecure signature-info-v2`` prints it; none after the first bad block."""
    printed = io.StringIO()
    with suppress(FatalError), redirect_stdout(printed), redirect_stderr(printed):
        espsecure.signature_info_v2(io.BytesIO(data))
    text = re.sub(r"\s+", " ", printed.getvalue())
    found = re.findall(r"Public key digest for block \d+: ((?:[0-9a-f]{2} ?)+)", text)
    return [digest.replace(" ", "") for digest in found]


def contradicted(form: Form) -> Iterator[Difference]:
    """Facts of a form that esptool or espsecure does not confirm; there must be none."""
    for facts in (form.image, *form.parts):
        if facts is None:
            continue
        read = esptool_facts(form.data[facts.start :], facts.chip)
        if read is None or replace(read, start=facts.start) != facts:
            yield Difference(f"the form's own facts at {facts.start:#x} are not esptool's: {read}")
    if form.family != "damaged" and form.image is None and not form.parts and form.data[1:2] != b"\0":
        name = detected(form.data)
        if name is not None:
            yield Difference(f"esptool reads this container as an image for the {name}")
    yield from _signatures_contradicted(form)


def _signatures_contradicted(form: Form) -> Iterator[Difference]:
    rows = form.signatures
    version = "1" if rows and rows[0].scheme == V1 else "2"
    if not rows or (version == "1" and rows[0].start + 68 != len(form.data)):
        return  # espsecure wants version 1 at the end of the file
    verified = [_verifies(form.data, row.public, version) for row in rows]
    if all(verified) != all(row.valid for row in rows):  # it stops at the first block that is wrong
        yield Difference(f"espsecure verifies {verified} of the form's signatures")


def _verifies(data: bytes, public: bytes, version: str) -> bool:
    try:
        silently(lambda: espsecure.verify_signature(version, False, None, io.BytesIO(public), io.BytesIO(data)))
    except FatalError:
        return False
    return True


def files(folders: Sequence[Path]) -> Iterator[tuple[str, str, bytes, Form | None]]:
    """Family, name, bytes and form of everything that is compared."""
    for form in forms():
        yield form.family, form.name, form.data, form
    for folder in folders:
        for path in sorted(folder.rglob("*.bin")):
            if path.is_file():
                yield "/".join(folder.parts[-2:]), path.relative_to(folder).as_posix(), path.read_bytes(), None


def main() -> int:
    """Print each difference on a line, then the table."""
    logging.disable()
    folders = [Path(argument) for argument in sys.argv[1:]]
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing:
        sys.stderr.write(f"{missing[0]}: not a folder: name folders with .bin files\n")
        return 2
    shared = [folder for folder in (SHARED / "images",) if folder.is_dir()]
    tallies: dict[str, Tally] = {}
    for family, name, data, form in files([*shared, *folders]):
        found = [*compared(data, form), *(contradicted(form) if form else ())]
        for difference in found:
            sys.stdout.write(f"{family}, {name}: {difference.what}\n")
        wrong = any(difference.wrong for difference in found)
        tally = tallies.get(family, Tally())
        tallies[family] = Tally(
            tally.files + 1,
            tally.equal + (not found),
            tally.incomplete + (bool(found) and not wrong),
            tally.wrong + wrong,
        )
    total = Tally(*(sum(column) for column in zip(*tallies.values(), strict=True)))
    sys.stdout.write("\n| family | files | equal | incomplete | wrong |\n| --- | ---: | ---: | ---: | ---: |\n")
    for name, row in (*tallies.items(), ("all", total)):
        sys.stdout.write(f"| {name} | {row.files} | {row.equal} | {row.incomplete} | {row.wrong} |\n")
    return int(total.equal != total.files)


if __name__ == "__main__":
    sys.exit(main())
