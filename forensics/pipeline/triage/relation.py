"""How two files of a bug belong together, and what speaks for the one as SENT and the other as RECEIVED."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.align.layers.byte_maps import map_between
from forensics.align.transforms import lossy, undone
from forensics.pipeline.triage.likeness import likeness, share_in

if TYPE_CHECKING:
    from forensics.pipeline.triage.sorting import CaseFile

LEAST_LIKENESS = 0.05
"""Two programs share their libraries' texts; less than this is chance."""

BUILD_PRODUCTS = ("elf", "uf2", "mcuboot", "partition-table", "otadata", "nvs", "spiffs", "littlefs", "fat", "bootloader")
"""Kinds that lie beside an app in a build folder, and that no OTA slot holds unless they were sent."""

NO_IMAGE = ("erased", "zero", "unknown", "ciphertext", "hex-text", "base64-text")
"""Kinds that a slot may hold of which nothing can be recognised."""

_TEXTS = ("hex-text", "base64-text")
"""Kinds that a device stores when it takes the text of an image for the image."""

_MAY_BE_ENCODED = ("text", "unknown", "ciphertext", "app", "log")
_NAMES_OF_RECEIVED = re.compile(
    r"received|recv|readback|read.?back|dump|stored|slot|ota_?[01]|device|flash(?!er)|downloaded|actual|broken|bad|corrupt"
)
_NAMES_OF_SENT = re.compile(r"sent|original|orig\b|source|build|release|expected|good|firmware|factory|merged")

_COPY = 5
_INTACT = 70
_ENCODED = 90
_SAME_HEADER = 15
HEADER_SIZE = 20
"""Bytes of the image header; a chunk over an ATT MTU of 23 carries as many."""

_NOTHING = (0, "", False)
_SAME_BUILD = 30
_ACCEPTED = 30
_APP = 10
_NAME = 8
_ORDER = 4
_EVIDENCE = 25
_DAMAGED = 20
_PRODUCT = -60


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One file as SENT, another as RECEIVED.

    Attributes:
        points: How much speaks for it, to be held against other pairs of the same bug.
        words: Why both belong together, a clause about RECEIVED; empty when nothing does.
        arrived: Something shows that RECEIVED came from a device: damage, a dump's layout, its name.
        misnamed: Their names say that it was the other way round.
    """

    sent: CaseFile
    received: CaseFile
    points: int
    words: str
    arrived: bool
    misnamed: bool = False


def relate(sent: CaseFile, received: CaseFile) -> Relation:
    """Weighs ``sent`` and ``received`` by their bytes, then by their names; the order on the command line comes last."""
    points, words, intact = _kinship(sent, received)
    by_name = bool(_received_by_name(received))
    damaged = bool(words) and not intact and not received.is_valid_image and received.kind not in BUILD_PRODUCTS
    evidence = received.container != "raw" or received.kind in _TEXTS
    ordered = sent.named and received.named
    return Relation(
        sent=sent,
        received=received,
        points=points
        + sender_points(sent)
        + _EVIDENCE * evidence
        + _DAMAGED * damaged
        + _PRODUCT * (received.kind in BUILD_PRODUCTS)
        + _NAME * (by_name - _sent_by_name(received))
        + _ORDER * ordered,
        words=words,
        arrived=damaged or evidence or by_name or ordered or (bool(words) and _has_more(sent, received)),
        misnamed=_received_by_name(sent) and _sent_by_name(received),
    )


def sender_points(file: CaseFile) -> int:
    """What speaks for ``file`` as the one that was sent, whatever arrived."""
    points = _ACCEPTED * file.is_valid_image + _APP * (file.kind == "app") + _PRODUCT * (file.kind in BUILD_PRODUCTS)
    points -= _EVIDENCE * (file.container not in ("raw", "intel-hex", "s-record"))
    return points + _NAME * (_sent_by_name(file) - bool(_received_by_name(file)))


def may_hold_anything(file: CaseFile) -> bool:
    """Nothing in it can be recognised, as in a slot that is erased, encrypted or overwritten."""
    return file.kind in NO_IMAGE or (file.blocks is not None and not file.blocks.tell)


def is_dump(file: CaseFile) -> bool:
    """Its layout or its name says that it was read from a device."""
    return file.container not in ("raw", "intel-hex", "s-record") or bool(_received_by_name(file))


def encoded(sent: CaseFile, received: CaseFile) -> Relation | None:
    """RECEIVED is SENT as text, or in another byte order; None when no encoding explains it."""
    if received.kind not in _MAY_BE_ENCODED or sent.evidence is None or received.evidence is None:
        return None
    original, stored = sent.evidence.content, received.evidence.content
    found = undone(original, stored)
    name = found.transform if found else lossy(original, stored) or map_between(original, stored)
    if name is None:
        return None
    words = f"it is {_base_name(sent)} encoded as {name}"
    points = _ENCODED + sender_points(sent)
    return Relation(sent=sent, received=received, points=points, words=words, arrived=True)


def _kinship(sent: CaseFile, received: CaseFile) -> tuple[int, str, bool]:
    """Points, words, and whether RECEIVED holds all of SENT."""
    if sent.sha256 == received.sha256:
        points = _INTACT if _received_by_name(received) or received.named else _COPY
        return points, f"it has the same bytes as {_base_name(sent)}", True
    if sent.blocks is None or received.blocks is None:
        return _NOTHING
    share = likeness(sent.blocks, received.blocks)
    same_build = _elf_digest(sent) is not None and _elf_digest(sent) == _elf_digest(received)
    if share < LEAST_LIKENESS and not same_build:
        words = f"it begins with the header of {_base_name(sent)}"
        return (_SAME_HEADER, words, False) if _begins_as(sent, received) else _NOTHING
    damaged_image = received.image is not None and not received.image.valid and received.container in ("raw", "slot")
    intact = share_in(sent.blocks, received.blocks) == 1.0 and not damaged_image
    percent = min(int(100 * share), 100 if share == 1.0 else 99)
    words = f"{percent} % of its blocks are in {_base_name(sent)}"
    if intact:
        return _INTACT, f"all blocks of {_base_name(sent)} are in it", True
    if same_build:
        words += ", and its app descriptor names the same build"
    return percent + _SAME_BUILD * same_build, words, False


def _begins_as(sent: CaseFile, received: CaseFile) -> bool:
    """Both begin with the same header, and RECEIVED is no whole image of its own."""
    head = sent.head[:HEADER_SIZE]
    return len(head) == HEADER_SIZE and received.head.startswith(head) and not received.is_valid_image


def _has_more(sent: CaseFile, received: CaseFile) -> bool:
    """RECEIVED is the image of SENT and has bytes behind it, as a padded last write leaves them."""
    ours, theirs = sent.image, received.image
    same = ours is not None and theirs is not None and ours.digest_stored == theirs.digest_stored is not None
    return same and (received.size or 0) > (sent.size or 0)


def _elf_digest(file: CaseFile) -> str | None:
    """The digest of the ELF in the app descriptor, which every build has of its own; None when it is blank."""
    app = file.image.app if file.image is not None else None
    return app.app_elf_sha256 if app is not None and app.app_elf_sha256.strip("0f") else None


def _received_by_name(file: CaseFile) -> bool:
    return bool(_NAMES_OF_RECEIVED.search(_base_name(file).lower())) and not _names_sent_first(file)


def _sent_by_name(file: CaseFile) -> bool:
    return bool(_NAMES_OF_SENT.search(_base_name(file).lower())) and not _received_by_name(file)


def _names_sent_first(file: CaseFile) -> bool:
    """``sent-to-device.bin`` was sent."""
    name = _base_name(file).lower()
    sent, received = _NAMES_OF_SENT.search(name), _NAMES_OF_RECEIVED.search(name)
    return sent is not None and received is not None and sent.start() < received.start()


def _base_name(file: CaseFile) -> str:
    return file.name.rsplit("/", 1)[-1]
