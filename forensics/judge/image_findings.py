"""The findings over one file: is it the right kind, is it whole, and is it for this device?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from forensics.judge.case import Side
from forensics.judge.wording import Advice, apps_inside, finding_of, first_failure, notes
from forensics.model.check import SECURE_VERSION, SIGNATURE, Check, Outcome
from forensics.model.file_kind import FileKind
from forensics.model.finding import Certainty, Finding, Remedy, Where
from forensics.model.image import EspImage
from forensics.model.text import file_argument
from forensics.spec.esp_image import ESP8266_V2_MAGIC, IMAGE_MAGIC, MAX_LENGTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """What the findings have to know of the device.

    Attributes:
        chip: Its name, ``ESP32-S3``.
        chip_known: False when the image names a chip that the chip table does not have.
        fits_flash: The whole image lies below the end of the device's flash.
        part: What of the file the image is, where it is not all of it: ``factory at 0x10000``.
        slot: Label of the partition that it is in.
    """

    chip: str
    chip_known: bool = True
    fits_flash: bool = True
    part: str | None = None
    slot: str | None = None

    def name_of(self, side: Side) -> str:
        """What a sentence calls the image."""
        return f"{self.part} of {side.name}" if self.part else side.name


class _Rule(NamedTuple):
    """The fault that a failed check of one of ``steps`` stands for, and its summary."""

    slug: str
    steps: tuple[str, ...]
    say: Callable[[Side, Check, Placing], str]
    advice: str = ""


def _chip_words(side: Side, check: Check, placing: Placing) -> str:
    return f"the image was built for the {side.image.chip} (chip id {check.actual}), the device is an {placing.chip}"


def _revision_words(_side: Side, check: Check, placing: Placing) -> str:
    return f"the image asks for {_words(check)} {check.expected}, the {placing.chip} has {check.actual}"


def _length_words(_side: Side, check: Check, _placing: Placing) -> str:
    if check.step == "partition-size":
        return f"the device takes no partition of {check.actual}, only of {check.expected}"
    return f"the image has {check.actual}, its partition takes {check.expected}"


def _signature_words(side: Side, check: Check, placing: Placing) -> str:
    return f"the signature of {placing.name_of(side)} does not pass: {check.reason}"


def _secure_version_words(_side: Side, check: Check, _placing: Placing) -> str:
    return f"the image has secure version {check.actual}, and the device takes {check.expected} (anti-rollback)"


_RULES = (
    _Rule("wrong-chip", ("chip",), _chip_words),
    _Rule("revision-mismatch", ("revision", "efuse-block-revision"), _revision_words),
    _Rule("image-too-long", ("partition-size", "length"), _length_words),
    _Rule(
        "signature-failed", (SIGNATURE,), _signature_words, "sign the image after its last change, with a key of the device"
    ),
    _Rule("update-refused", (SECURE_VERSION,), _secure_version_words, "build it with CONFIG_BOOTLOADER_APP_SECURE_VERSION"),
)


def judge_image(side: Side, placing: Placing) -> tuple[Finding, ...]:
    """What is wrong with the image ``side`` for the device of ``placing``; nothing when the device takes it."""
    failed = [check for check in side.checks if Outcome.FAILED in (check.outcome, check.would)]
    found = [] if side.image.valid else [_invalid(side, placing)]
    for rule in _RULES:
        for check in failed:
            if check.step not in rule.steps:
                continue
            unknown = rule.slug == "wrong-chip" and not placing.chip_known
            found.append(_unknown_chip(side) if unknown else _ruled(rule, side, check, placing))
    first = first_failure(side.checks)
    if first is not None and not found:
        found.append(_refused(side, first, placing))
    return tuple(found)


def judge_other_file(name: str, kind: FileKind) -> tuple[Finding, ...]:
    """What a file is that is not one app image. It is a fault only where it was sent, so here it is a note."""
    if kind.intact is False:
        return (_finding("image-invalid", f"{name} is {kind.words}"),)
    merged = kind.kind == "merged"
    return (
        finding_of(
            "merged-image" if merged else "not-an-app-image",
            summary="OTA takes one app image, and this file holds more" if merged else "OTA takes no such file",
            where=Where.FILE,
            benign=True,
            notes=apps_inside(kind),
            changes=(Remedy(where=Where.FILE, text=kind.advice),) if kind.advice else (),
        ),
    )


def no_boot(summary: str, *said: str) -> Finding:
    """A flash whose images may be right, and that starts none of them."""
    return _finding("no-bootable-app", summary, said)


def broken_part(name: str, holds: str) -> Finding:
    """A part of a flash that is shown to be damaged by what no check of the device looks at."""
    return _finding("image-invalid", f"{name} does not hold together: it is {holds}")


def _invalid(side: Side, placing: Placing) -> Finding:
    """The bytes themselves do not hold together, on any device."""
    image = side.image
    wrong = []
    if image.header is None or image.header.magic not in (IMAGE_MAGIC, ESP8266_V2_MAGIC):
        wrong.append("its magic byte is wrong")
    if not image.complete:
        wrong.append(_break(image))
    elif image.checksum_stored is None:
        wrong.append("it ends before its checksum")
    elif image.checksum_stored != image.checksum_calculated:
        wrong.append(f"its checksum is 0x{image.checksum_calculated:02x}, but it holds 0x{image.checksum_stored:02x}")
    if image.complete and image.header is not None and image.header.hash_appended:
        if image.digest_stored is None:
            wrong.append("it ends before its digest")
        elif image.digest_stored != image.digest_calculated:
            wrong.append("its digest is not that of its bytes")
    check = first_failure(side.checks)
    slot = ("--slot", placing.slot) if placing.slot else ()
    stops = f"the device stops at its {_words(check)} check" if check else None
    return _finding(
        "image-invalid",
        f"{placing.name_of(side)} does not hold together: {' and '.join(wrong)}",
        notes(stops),
        advice=(
            Advice(Where.FILE, "if this file was sent, build it again: no transfer can heal it"),
            Advice(
                Where.DEVICE,
                "if the device stored it, see what happened to the file that was sent",
                (("otadiff", *slot, "sent.bin", file_argument(side.name)),),
            ),
        ),
    )


def _break(image: EspImage) -> str:
    """Why the chain of segments is not whole."""
    if not image.segments:
        return "it ends before its first segment"
    last = image.segments[-1]
    if last.data.size == last.data_len:
        return f"it ends before segment {last.index + 1}"
    # A header with a length that no segment has is kept with no data at all.
    possible = last.data_len < MAX_LENGTH and last.data_len % 4 == 0
    if not possible:
        return f"its segment {last.index} claims a length of 0x{last.data_len:x} bytes"
    return f"it ends inside segment {last.index}, of which {last.data.size} of {last.data_len} bytes are there"


def _ruled(rule: _Rule, side: Side, check: Check, placing: Placing) -> Finding:
    text = rule.say(side, check, placing)
    said = check.reason if check.reason and check.reason not in text else None
    return _finding(rule.slug, text, notes(said), (Advice(Where.FILE, rule.advice),) if rule.advice else ())


def _unknown_chip(side: Side) -> Finding:
    number = side.image.header.chip_id if side.image.header else 0
    fits = "its checksum and digest hold" if side.image.valid else None
    return _finding(
        "wrong-chip",
        f"no chip that otadiff knows has the id {number} (0x{number:x}) of this image",
        notes(fits, "memory regions are unknown; the other checks are made by the rules of the ESP32"),
        certainty=Certainty.LIKELY,
    )


def _refused(side: Side, check: Check, placing: Placing) -> Finding:
    """A whole image that this device cannot take where it stands."""
    if placing.fits_flash:
        slug = "segment-misplaced" if check.step.startswith("segment-") else "image-invalid"
    else:
        slug = "image-too-long"
    why = check.reason or _contrast(check)
    return _finding(slug, f"the device refuses {placing.name_of(side)} at its {_words(check)} check: {why}")


def _words(check: Check) -> str:
    return {"revision": "chip revision", "efuse-block-revision": "eFuse block revision"}.get(
        check.step, check.step.replace("-", " ")
    )


def _contrast(check: Check) -> str:
    if check.expected and check.actual:
        return f"it wants {check.expected} and finds {check.actual}"
    return "it fails"


def _finding(
    slug: str,
    summary: str,
    said: tuple[str, ...] = (),
    advice: tuple[Advice, ...] = (),
    certainty: Certainty = Certainty.PROVEN,
) -> Finding:
    """A finding under the texts of its fault; without ``advice`` the fault's own count."""
    return finding_of(
        slug, certainty=certainty, summary=summary, where=Where.FILE, notes=said, help=advice, changes=() if advice else None
    )
