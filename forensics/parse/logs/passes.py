"""Understood messages into walks and events."""

from __future__ import annotations

from collections import Counter, deque

from forensics.model.log import UNKNOWN_ERROR, DeviceLog, LogEvent, LogPass
from forensics.model.text import inert
from forensics.parse.logs.facts import Fields, image_start
from forensics.parse.logs.order import VERIFIER_TAGS
from forensics.parse.logs.patterns import Message
from forensics.parse.logs.walk import Walk
from forensics.spec.log_lines.releases import ANY_RELEASE, describe_releases
from forensics.spec.log_lines.template import LineUse

MOST_PASSES = 10_000
"""Walks kept from the beginning of a log, and as many from its end."""

MOST_EVENTS = 2_000
"""Events kept of each kind."""

MOST_COMPLAINTS = 20
"""Errors in unknown words that are kept, and the characters of one."""
LONGEST_COMPLAINT = 80

_RESTARTS = frozenset(("reset", "rom_started", "bootloader_started", "panic", "restart"))
_SUCCESSES = frozenset(("ota_succeeded", "flash_encryption", "signature_verified"))
_REFUSING_CALLS = frozenset(("end", "set_boot_partition"))


class PassBuilder:
    """Takes messages in the order of the log and sorts them into walks, errors of walks, and events."""

    def __init__(self) -> None:
        self._open: Walk | None = None
        self._passes: list[LogPass] = []
        self._last_walks: deque[Walk] = deque(maxlen=MOST_PASSES)
        self._pass_releases: set[int] = set()
        self._events: list[LogEvent] = []
        self._event_counts: Counter[str] = Counter()
        self._event_releases = ANY_RELEASE
        self._left_out = 0

    def add(self, message: Message, line: int, level: str | None, tag: str | None) -> None:
        """Takes in a message that stands on ``line``."""
        if message.use is LineUse.WALK:
            walk = self._open
            if walk is None or not walk.admits(message.kind, message.fields, message.stage):
                walk = self._next_walk(message, line)
            walk.note(message.kind, message.fields, message.stage, line, message.releases)
        elif message.use is LineUse.ERROR:
            self._add_error(message, line, level)
        elif message.use is LineUse.EVENT:
            self._add_event(message, line)
        elif self._open is not None and message.dialect in ("esp_image", "monitor"):
            self._open.releases &= message.releases
        elif message.dialect != "monitor":
            self.pass_by(tag)

    def complain(self, line: int, tag: str, text: str) -> None:
        """Takes note of an error that the device reports in words that no template knows."""
        self._event_counts[UNKNOWN_ERROR] += 1
        if self._event_counts[UNKNOWN_ERROR] <= MOST_COMPLAINTS:
            said = inert(f"{tag}: {text.strip()}"[:LONGEST_COMPLAINT])
            fields: Fields = {"tag": inert(tag), "text": said}
            self._events.append(LogEvent(kind=UNKNOWN_ERROR, fields=fields, line=line))

    def pass_by(self, tag: str | None) -> None:
        """Takes note that the device printed something else under ``tag``."""
        if self._open is not None and tag not in VERIFIER_TAGS:
            self._open.followed = True

    def _next_walk(self, message: Message, line: int) -> Walk:
        again = image_start(message.kind, message.fields)
        if self._open is not None and again is not None and again == self._open.image_start:
            # esp_ota_set_boot_partition verifies what esp_ota_end accepted, and the bootloader does so again.
            self._open.followed = True
        self._close()
        self._open = Walk(first_line=line, last_line=line)
        return self._open

    def _add_error(self, message: Message, line: int, level: str | None) -> None:
        fields: Fields = message.fields
        if level is not None and level != "E":
            fields = {**fields, "level": level}
        walk = self._open
        if walk is None or not walk.admits(message.kind, message.fields, message.stage):
            walk = self._next_walk(message, line)
        walk.fail(message.kind, fields, message.stage, line, message.releases)

    def _add_event(self, message: Message, line: int) -> None:
        kind, fields = message.kind, message.fields
        self._event_releases &= message.releases
        self._event_counts[kind] += 1
        if self._event_counts[kind] <= MOST_EVENTS:
            self._events.append(LogEvent(kind=kind, fields=fields, line=line))
        else:
            self._left_out += 1
        self._judge(kind, fields)

    def _judge(self, kind: str, fields: Fields) -> None:
        walk = self._open
        if walk is None:
            return
        if kind in _RESTARTS:
            self._close()
        elif kind == "app_loaded":
            walk.accepted = walk.image_start in (None, fields["address"]) and not walk.failed
            self._close()
        elif kind in _SUCCESSES:
            walk.accepted = not walk.failed
        elif kind == "ota_call_failed" and fields.get("call") in _REFUSING_CALLS:
            walk.refused = True
        elif kind != "flash_map_error":
            walk.followed = True

    def _close(self, *, log_ends: bool = False) -> None:
        walk, self._open = self._open, None
        if walk is None or (walk.is_mere_look and (walk.followed or not log_ends)):
            return
        self._keep(walk)

    def _keep(self, walk: Walk) -> None:
        self._left_out += walk.left_out
        self._pass_releases.add(walk.releases)
        if len(self._passes) < MOST_PASSES:
            self._passes.append(walk.finish())
            return
        self._left_out += len(self._last_walks) == MOST_PASSES
        self._last_walks.append(walk)

    def finish(self, unread: tuple[int, ...]) -> DeviceLog:
        """The log that the messages make."""
        self._close(log_ends=True)
        return DeviceLog(
            passes=(*self._passes, *(walk.finish() for walk in self._last_walks)),
            idf_versions=self._versions(),
            unread=unread,
            events=tuple(self._events),
            left_out=self._left_out,
        )

    def _versions(self) -> str | None:
        if not self._pass_releases:
            return describe_releases(self._event_releases)
        common = ANY_RELEASE
        for found in self._pass_releases:
            common &= found
        if common:
            return describe_releases(common)
        # The bootloader and the app may be of different releases, and a paste may hold several devices.
        each = {describe_releases(found) for found in self._pass_releases}
        return "; ".join(sorted(name for name in each if name)) or None
