"""What the device objected to, however often it printed it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from forensics.judge.logs.proven import Proof, prove
from forensics.model.log import DeviceLog, LogError, LogPass

MOST_LINES = 12
"""Line numbers kept of one objection; a transfer that restarts at every chunk prints thousands of equal ones."""

MOST_FAILURES = 100
"""Different objections kept from the beginning of a log, and as many from its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One objection of the device, however often it was printed.

    Attributes:
        error: As it stands in the last walk that has it.
        walk: That walk.
        lines: Where the same objection to the same image stands.
        healed: A later walk of the same image passed; of one whose place is not shown, a later update.
        unstable: Another check of the same slot failed otherwise, and nothing shows that it was written between.
        aside: Why the device looked at the slot only in passing; empty when it did not.
        in_sent: How many of the walk's headers, from the first, are those of SENT; None where it is of another image.
    """

    error: LogError
    walk: LogPass
    lines: tuple[int, ...]
    healed: bool = False
    aside: str = ""
    unstable: bool = False
    in_sent: int | None = None

    @property
    def benign(self) -> bool:
        """It does not decide about the image."""
        return self.healed or bool(self.aside)

    @property
    def excuse(self) -> str | None:
        """Why the objection does not count; None when it does."""
        return "a later attempt passed" if self.healed else self.aside or None

    @property
    def values(self) -> dict[str, int | str]:
        """The fields of the line, and the flash address of the image where the log shows it."""
        start = self.walk.image_start
        return {**self.error.fields, **({} if start is None else {"image_start": start})}

    @property
    def proof(self) -> Proof:
        """What the walk proves; a header that SENT does not have is not right."""
        proof = prove(self.walk)
        return proof if self.in_sent is None or self.in_sent >= proof.right else replace(proof, right=self.in_sent)

    def number(self, name: str) -> int:
        """An integer field of the line as the device's 32 bits, 0 when the line has none."""
        value = self.error.fields.get(name, 0)
        return value & 0xFFFFFFFF if isinstance(value, int) else 0


_ENCRYPTING = "the first boot with flash encryption looks at every app slot, and an empty one does no harm"
_SPARE = "this slot was never written; the device looked there after it had refused another image"
_EMPTY = frozenset(("invalid_magic_byte", "invalid_spi_mode", "invalid_spi_speed", "invalid_spi_size"))
"""What the device objects to in a slot that is erased (``verify_image_header``), beside what it says of the boot."""


def failures_of(log: DeviceLog) -> tuple[Failure, ...]:
    """Equal objections to one image as one, with all their lines."""
    decided = {walk.image_start: walk.outcome for walk in log.passes if walk.outcome != "unknown"}
    encrypting = min((event.line for event in log.events if event.kind == "flash_encryption"), default=None)
    written = {walk.image_start for walk in log.passes if any(one.kind not in _NO_CONTENT for one in walk.errors)}
    unstable = _unstable(log)
    succeeded = max((event.line for event in log.events if event.kind == "ota_succeeded"), default=0)
    found: dict[object, Failure] = {}
    for walk, error in _errors(log):
        once = error.kind != "ota_invalid_magic_byte"
        key = (walk.image_start, *_said(error)) if once else error.line
        before = found.pop(key, None)
        lines = (*before.lines, error.line) if before else (error.line,)
        aside = ""
        if encrypting is not None and encrypting < error.line and error.kind == "invalid_magic_byte":
            aside = _ENCRYPTING
        elif error.kind in _EMPTY and _is_blank(walk) and written - {walk.image_start}:
            aside = _SPARE
        found[key] = Failure(
            error=error,
            walk=walk if before is None or _shown(walk) >= _shown(before.walk) else before.walk,
            lines=lines[-MOST_LINES:],
            healed=decided.get(walk.image_start) == "passed" if walk.image_start is not None else error.line < succeeded,
            aside=aside,
            unstable=walk.image_start in unstable,
        )
    kept = _without_quotes(list(found.values()))
    return kept if len(kept) <= 2 * MOST_FAILURES else (*kept[:MOST_FAILURES], *kept[-MOST_FAILURES:])


def _shown(walk: LogPass) -> tuple[bool, int]:
    """How much a walk shows, to choose among equal ones."""
    return walk.hash is not None, len(walk.segments)


def _without_quotes(failures: Sequence[Failure]) -> tuple[Failure, ...]:
    """A line alone that a fuller walk has, too, is a quote of it: somebody wrote it into the text of the report."""
    said = [_said(one.error) for one in failures]
    full = {what for what, one in zip(said, failures, strict=True) if one.walk.segments}
    quotes: dict[object, set[int]] = {}
    for what, one in zip(said, failures, strict=True):
        if what in full and _is_bare(one):
            quotes.setdefault(what, set()).update(one.lines)
    kept: list[Failure] = []
    for what, one in zip(said, failures, strict=True):
        if what in full and _is_bare(one):
            continue
        lines = quotes.get(what) if one.walk.segments else None
        kept.append(replace(one, lines=tuple(sorted({*one.lines, *lines}))[-MOST_LINES:]) if lines else one)
    return tuple(kept)


def _said(error: LogError) -> tuple[object, ...]:
    """What the device objects to, wherever it does."""
    return error.kind, tuple(sorted(error.fields.items(), key=str))


def _is_bare(one: Failure) -> bool:
    return one.walk.image_start is None and len(one.walk.errors) == 1 and not one.walk.segments


def _unstable(log: DeviceLog) -> set[int]:
    """Slots of which two checks in a row, without a restart or a transfer between them, end in different objections."""
    between = sorted(event.line for event in log.events if event.kind in _MAY_CHANGE)
    found = set()
    for before, after in pairwise(log.passes):
        same_slot = before.image_start is not None and before.image_start == after.image_start
        differ = [(one.kind, one.fields) for one in before.errors] != [(one.kind, one.fields) for one in after.errors]
        if same_slot and before.errors and after.errors and differ and before.image_start is not None:
            place = bisect_left(between, before.lines[1])
            if place == len(between) or between[place] > after.lines[0]:
                found.add(before.image_start)
    return found


_MAY_CHANGE = frozenset(
    ("reset", "rom_started", "bootloader_started", "restart", "ota_started", "ota_target", "ota_progress")
)
_NO_CONTENT = _EMPTY | {"not_bootable", "no_bootable_app", "ota_invalid_magic_byte"}


def _is_blank(walk: LogPass) -> bool:
    """Nothing in the walk shows content: the SPI fields, where they are printed, are those of erased flash."""
    values = {error.kind: error.fields.get("value") for error in walk.errors if error.kind.startswith("invalid_spi")}
    return values.get("invalid_spi_mode", 0xFF) == 0xFF and values.get("invalid_spi_size", 0xF) == 0xF


def _errors(log: DeviceLog) -> Iterator[tuple[LogPass, LogError]]:
    for walk in log.passes:
        for error in walk.errors:
            yield walk, error
