"""Which file of a bug is SENT, which RECEIVED, which the capture and which the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import TYPE_CHECKING

from forensics.judge.case import Side
from forensics.judge.logs.belonging import kindred
from forensics.pipeline.triage.relation import (
    BUILD_PRODUCTS,
    NO_IMAGE,
    Relation,
    encoded,
    is_dump,
    may_hold_anything,
    relate,
    sender_points,
)
from forensics.pipeline.triage.transfers import Carried, carried_from, carried_images

if TYPE_CHECKING:
    from forensics.pipeline.triage.sorting import CaseFile

_MOST_IMAGES = 32
"""Files with bytes of an image of which every two are held against each other."""

_MOST_ENCODED = 16
"""Pairs that are tried through every encoding."""

_MOST_LOGS = 32
_MOST_WALKS = 64
"""Walks of one log, its last, that are held against each image."""

_AGREES = 25
_CARRIED = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A file and why it has its role, one clause."""

    file: CaseFile
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Who is who; a role that no file has is None.

    Attributes:
        carried: The capture, with what its writes carried.
        left_out: File names of the images that have no role, each with the reason.
    """

    sent: Taken | None = None
    received: Taken | None = None
    carried: Carried | None = None
    log: Taken | None = None
    left_out: dict[str, str] = field(default_factory=dict)


def assign_roles(files: Sequence[CaseFile]) -> Roles:
    """The roles of ``files``, by what they hold; names only settle what the bytes leave open."""
    usable = [file for file in files if file.evidence is not None]
    images = [file for file in usable if file.blocks is not None or may_hold_anything(file)]
    images = sorted(images, key=lambda file: -sender_points(file))[:_MOST_IMAGES]
    logs = sorted((file for file in usable if file.log is not None), key=_told_by_log, reverse=True)[:_MOST_LOGS]
    witnesses = _Witnesses(
        logs=logs,
        carried=carried_images([file for file in usable if file.is_capture]),
        agreements={(log.name, file.name): _agreement(log, file) for log in logs for file in images},
    )
    pair = _best_pair(images, witnesses, [file for file in usable if file.kind == "text"])
    sent = _single(images, witnesses) if pair is None else _taken_sent(pair.sent)
    received = None if pair is None else _taken_received(pair)
    return Roles(
        sent=sent,
        received=received,
        carried=witnesses.best_carried(sent),
        log=_best_log(witnesses, sent, received),
        left_out=_runners_up(images, sent, received),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Witnesses:
    """Logs and captures: they tell which image was sent, and which arrived.

    Attributes:
        agreements: How much each log speaks of each image, by the names of both.
    """

    logs: Sequence[CaseFile]
    carried: Sequence[Carried]
    agreements: dict[tuple[str, str], int]

    def logged(self, file: CaseFile) -> bool:
        """A log speaks of the image in ``file``."""
        return any(self.agreements.get((log.name, file.name), 0) > 0 for log in self.logs)

    def points(self, file: CaseFile) -> int:
        """What they add to ``file`` as the image that was sent."""
        share = max((one.share_of(file) for one in self.carried), default=0.0)
        return int(_CARRIED * share) + _AGREES * self.logged(file)

    def best_carried(self, sent: Taken | None) -> Carried | None:
        """The capture that carried most of ``sent``, or most bytes."""
        if sent is None:
            return max(self.carried, key=lambda one: len(one.image), default=None)
        best = max(self.carried, key=lambda one: (one.share_of(sent.file), len(one.image)), default=None)
        return best and carried_from(sent.file, best)


def _best_pair(images: Sequence[CaseFile], witnesses: _Witnesses, texts: Sequence[CaseFile]) -> Relation | None:
    """The two files for which most speaks as SENT and RECEIVED; None when no file can have come from a device."""
    told = {file.name: witnesses.points(file) for file in images}
    best: Relation | None = None
    for sent, received in permutations(images, 2):
        if sent.log is not None:
            continue
        pair = relate(sent, received)
        pair = replace(pair, points=pair.points + told[sent.name])
        if (best is None or pair.points > best.points) and _is_plausible(pair, images, witnesses):
            best = pair
    if best is not None and best.words:
        return best
    return _encoded_pair(images, texts) or best


def _is_plausible(pair: Relation, images: Sequence[CaseFile], witnesses: _Witnesses) -> bool:
    """Something shows that one of them came from a device. Beside a log or a capture, two copies may both be SENT."""
    if pair.sent.sha256 == pair.received.sha256:
        return pair.arrived or not (witnesses.logs or witnesses.carried)
    if pair.received.kind in BUILD_PRODUCTS:
        return False
    if pair.words:
        return pair.arrived
    if pair.sent.kind in BUILD_PRODUCTS or not sender_points(pair.sent) > 0:
        return False
    return is_dump(pair.received) or (may_hold_anything(pair.received) and len(images) == 2) or pair.arrived


def _encoded_pair(images: Sequence[CaseFile], texts: Sequence[CaseFile]) -> Relation | None:
    senders = [file for file in images if file.is_valid_image] or [file for file in images if file.kind == "app"]
    others = [file for file in (*images, *texts) if not file.is_valid_image]
    tried = [(sent, other) for sent in senders for other in others if sent is not other][:_MOST_ENCODED]
    return next((found for sent, other in tried if (found := encoded(sent, other)) is not None), None)


def _agreement(log: CaseFile, file: CaseFile) -> int:
    """How many segments of the log's walk are the image's, before damage moves them; negative for another image."""
    if log.log is None or file.image is None:
        return 0
    side = Side(name=file.name, data=b"", image=file.image, checks=())
    best = next(iter(kindred(replace(log.log, passes=log.log.passes[-_MOST_WALKS:]), side)), None)
    if best is None:
        return 0
    return best.agree if best.related else -int(best.foreign)


def _single(images: Sequence[CaseFile], witnesses: _Witnesses) -> Taken | None:
    """The image that stands alone, as SENT; beside a log or a capture only what a device can start."""
    busy = bool(witnesses.logs or witnesses.carried)
    known = [
        file for file in images if file.image is not None and (file.kind not in BUILD_PRODUCTS or witnesses.logged(file))
    ]
    choice = known if known or busy else [file for file in images if file.kind not in NO_IMAGE] or images
    if not choice:
        return None
    best = max(choice, key=lambda file: sender_points(file) + witnesses.points(file))
    if witnesses.logged(best):
        return Taken(file=best, why=f"{best.words}, and a log speaks of it")
    return _taken_sent(best)


def _best_log(witnesses: _Witnesses, sent: Taken | None, received: Taken | None) -> Taken | None:
    """The log that says most of the images, then most of any."""
    sides = [one.file for one in (sent, received) if one is not None]
    found = [
        (max((witnesses.agreements.get((log.name, side.name), 0) for side in sides), default=0), log)
        for log in witnesses.logs
    ]
    if not found:
        return None
    agrees, best = max(found, key=lambda one: (one[0], _told_by_log(one[1])))
    passes = best.log.passes if best.log is not None else ()
    why = "it holds lines of a device"
    if agrees > 0:
        agreeing = max(sides, key=lambda side: witnesses.agreements.get((best.name, side.name), 0))
        why = f"its segments are those of {agreeing.name}"
    elif passes:
        why = f"it shows {len(passes)} verification walk{'s' if len(passes) > 1 else ''}"
    return Taken(file=best, why=why)


def _told_by_log(file: CaseFile) -> tuple[int, int, int]:
    """How much a log tells: failed walks, walks, other events."""
    if file.log is None:
        return 0, 0, 0
    return sum(bool(one.errors) for one in file.log.passes), len(file.log.passes), len(file.log.events)


def _taken_sent(file: CaseFile) -> Taken:
    return Taken(file=file, why=f"{file.words}, which the device accepts" if file.is_valid_image else file.words)


def _taken_received(pair: Relation) -> Taken:
    if not pair.words:
        return Taken(file=pair.received, why=f"{pair.received.words}; nothing of {pair.sent.name} was recognised in it")
    names = "; by their names it would be the other way round" if pair.misnamed else ""
    return Taken(file=pair.received, why=pair.words + names)


def _runners_up(images: Sequence[CaseFile], sent: Taken | None, received: Taken | None) -> dict[str, str]:
    """Why each image that has no role has none."""
    left_out: dict[str, str] = {}
    for file in images:
        if sent is None or file is sent.file or (received is not None and file is received.file):
            continue
        if file.sha256 == sent.file.sha256 or (received is not None and file.sha256 == received.file.sha256):
            twin = sent.file if file.sha256 == sent.file.sha256 else (received or sent).file
            left_out[file.name] = f"the same bytes as {twin.name}"
        elif relate(sent.file, file).words:
            left_out[file.name] = f"another pair explains more, though {relate(sent.file, file).words}"
    return left_out
