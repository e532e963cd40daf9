"""OTA313, OTA502 and OTA505: how a transfer ended that did not reach its end, as the device or the sender tells it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from forensics.judge.case import Case
from forensics.judge.logs.ending import bytes_written
from forensics.judge.logs.failures import Failure
from forensics.judge.logs.looks import ERASED_WORD
from forensics.judge.logs.wording import finding
from forensics.judge.wording import Advice
from forensics.model.finding import Certainty, Finding, Where
from forensics.model.log import LogEvent
from forensics.spec.link_codes import Cause, LinkCode, Stack, link_code

_STARTED = (
    "ota_started", "ota_chunk", "ota_packet", "ota_sector", "ota_written", "ota_target", "ota_part_requested",
    "ota_size", "ota_progress", "gatt_write", "gatt_long_write",
)  # fmt: skip
"""Lines that show that an image is on its way."""

_RESTARTS = ("reset", "panic", "restart")
_ENDED = ("ota_succeeded", "ota_call_failed", "update_error", "restart")
"""Lines behind which a disconnect is the end of a transfer that was over."""

_TOOK_BACK = ("ota_succeeded", "app_loaded")
_SECTOR_OF_PARTS = 256
_UNNAMED = (Cause.UNKNOWN, Cause.STACK_FAILED)
_OF_A_LOST_LINK = (*_UNNAMED, Cause.NOT_CONNECTED, Cause.TIMEOUT, Cause.NO_ANSWER)
"""Causes of a failed write that a lost link explains."""

_CLOSED = (Cause.CLOSED_BY_PEER, Cause.CLOSED_HERE)
_CAPTURE = "a capture of the sender would show the same disconnect with its time"

_WATCHDOG = (
    "Erase and write flash in a task of its own, not in the Bluetooth callback, give other tasks time (vTaskDelay), and "
    "erase as you go (OTA_WITH_SEQUENTIAL_WRITES)."
)
_VERIFYING = (
    "Verify in a task that lets the watchdog be fed: esp_ota_end reads the whole image at once and must not run in a "
    "callback of the Bluetooth host."
)
_POWER = "Give the board a supply that holds while the radio sends and the flash is erased: a shorter cable, a capacitor."
_STACK = "Give the task a larger stack, and keep buffers of chunks off it."
_CRASH = "Decode the backtrace with the ELF file of the running app (idf.py monitor): the fault is in its code."


class Restart(NamedTuple):
    """What restarted the device, in words, what to change, and the lines that show it."""

    words: str
    change: str
    lines: list[int]
    certain: bool = True


def detect_restart(case: Case) -> Iterator[Finding]:
    """The device restarted while the image was on its way, or while it was verified."""
    for event in case.events(*_RESTARTS):
        phase = _phase(case, event)
        restart = restart_of(case, event)
        if phase is None or restart is None:
            continue
        verifying = phase.startswith("while")
        written = bytes_written(case, event.line)
        blank = _blank_after(case, event.line)
        yield finding(
            "link-lost",
            Certainty.LIKELY if restart.certain else Certainty.POSSIBLE,
            f"{restart.words} {phase}",
            lines=[*restart.lines, *(line for one in blank for line in one.lines)],
            where=Where.DEVICE,
            notes=(
                "nothing in the log speaks against the bytes that were sent",
                f"{written} bytes had been written" if written else None,
                "the image then ends in erased flash" if blank else None,
            ),
            help=(Advice(Where.DEVICE, _VERIFYING if verifying and restart.change is _WATCHDOG else restart.change),),
            changes=(),
            values={"bytes": written} if written else None,
        )
        return


def _phase(case: Case, event: LogEvent) -> str | None:
    """During what the device restarted; None when no transfer was under way."""
    walk = next((one for one in reversed(case.log.passes) if one.lines[0] < event.line), None)
    between = [one for one in case.log.events if walk is not None and walk.lines[1] < one.line < event.line]
    if walk is not None and walk.outcome == "unknown" and not [one for one in between if one.kind in _TOOK_BACK]:
        last = walk.segments[-1].index if walk.segments else None
        return "while it verified the image" if last is None else f"while it verified segment {last}"
    started = _start_before(case, event.line)
    if started is None or (walk is not None and walk.lines[0] > started):
        return None
    if any(started < one.line < event.line for one in case.events(*_TOOK_BACK)):
        return None
    parts = [one for one in case.events("ota_part_requested") if one.line < event.line]
    if parts:
        high, low = parts[-1].fields.get("high"), parts[-1].fields.get("low")
        if isinstance(high, int) and isinstance(low, int):
            return f"during part {high * _SECTOR_OF_PARTS + low} of the transfer"
    written = bytes_written(case, event.line)
    return f"after {written} bytes of the transfer" if written else "during the transfer"


def _start_before(case: Case, line: int) -> int | None:
    """The first line before ``line`` that shows an update under way, in known words or in others."""
    known = next((one.line for one in case.events(*_STARTED) if one.line < line), None)
    hinted = next((one for one in case.log.update_lines if one < line), None)
    return min((one for one in (known, hinted) if one is not None), default=None)


def restart_of(case: Case, event: LogEvent) -> Restart | None:
    """The cause of a restart: what the device said before it, then the reason that the ROM prints."""
    near = [one for one in case.events(*_RESTARTS, "watchdog_task") if abs(one.line - event.line) < _NEAR]
    said = " ".join(str(one.fields.get("reason", "")) for one in near).lower()
    codes = [one for one in near if one.kind == "reset"]
    reason = str(codes[0].fields.get("reason", "")) if codes else ""
    lines = [one.line for one in near]
    shown = f" (rst 0x{codes[0].fields['code']:x})" if codes and isinstance(codes[0].fields.get("code"), int) else ""
    starved = next((str(one.fields["task"]) for one in near if one.kind == "watchdog_task" and "task" in one.fields), None)
    if "brown" in said:
        return Restart(f"a brownout restarted the device{shown}", _POWER, lines)
    if "task watchdog" in said:
        tasks = f" ({starved} got no time)" if starved else ""
        restarted = len([one for one in near if one.kind != "watchdog_task"]) > 1
        words = f"the task watchdog {'restarted the device' if restarted else 'fired'}{tasks}"
        return Restart(words, _WATCHDOG, lines, restarted)
    if "stack overflow" in said:
        return Restart("a stack overflow restarted the device", _STACK, lines)
    if "wdt" in said or "watchdog" in said:
        return Restart(f"{_watchdog(reason or said)} restarted the device{shown}", _WATCHDOG, lines)
    if "POWERON" in reason.upper():
        return Restart(f"the device lost its power or was reset{shown}", _POWER, lines, certain=False)
    panics = [str(one.fields.get("reason", "abort")) for one in near if one.kind == "panic"]
    return Restart(f"a crash ({panics[0]}) restarted the device", _CRASH, lines) if panics else None


_NEAR = 40
"""Lines between what a device says when it crashes and the reason that the ROM prints: registers and a backtrace."""


def _watchdog(reason: str) -> str:
    """Timer group 1 is the interrupt watchdog, timer group 0 the task watchdog (ESP-IDF, Watchdogs)."""
    upper = reason.upper()
    if "TG1" in upper or "INTERRUPT" in upper:
        return "the interrupt watchdog"
    if "TG0" in upper:
        return "the task watchdog"
    return "the RTC watchdog" if "RTC" in upper else "a watchdog"


def detect_link(case: Case) -> Iterator[Finding]:
    """A lost link before the image was judged, or without any verdict."""
    lost = [event for event in case.events("disconnected") if _counts(case, event)]
    if lost:
        yield _lost(case, lost)
    for event in case.events("connect_failed")[:1]:
        code = _code_of(event)
        yield finding(
            "link-lost",
            Certainty.LIKELY,
            f"the connection to the device was not made: {code.words}" if code else "the connection was not made",
            lines=[one.line for one in case.events("connect_failed")],
            where=Where.AIR,
            notes=(_named(code, event),),
            help=(Advice(Where.SENDER, code.change),) if code else (),
            changes=() if code else None,
        )


def _lost(case: Case, lost: list[LogEvent]) -> Finding:
    codes = [(one, code) for one in lost if (code := _code_of(one)) is not None]
    event, code = codes[0] if codes else (lost[-1], None)
    blank = _blank_after(case, lost[-1].line)
    judged = bool(case.failures) and not blank
    written = bytes_written(case, event.line)
    during = _start_before(case, event.line) is not None
    when = f" after {written} bytes" if written else " during the transfer" if during else ""
    certain = not judged and (during or case.speaks_of_update_beside(event))
    return finding(
        "link-lost",
        Certainty.LIKELY if certain else Certainty.POSSIBLE,
        f"the link was lost{when}{_reason_words(event, code)}",
        lines=[one.line for one in lost] + [line for one in blank for line in one.lines],
        where=Where.AIR,
        notes=(
            _named(code, event),
            code.words if code and ":" in code.words else None,
            "the failed check does not look like a missing end, so this may be harmless" if judged else None,
            _CAPTURE,
        ),
        help=(Advice(Where.SENDER if "stack" in event.fields else Where.DEVICE, code.change),) if code else (),
        values={"bytes": written} if written else None,
    )


def _reason_words(event: LogEvent, code: LinkCode | None) -> str:
    reason = event.fields.get("hci_reason")
    if code is None:
        return ": no reason printed" if reason is None else f": reason 0x{reason:02x}"
    if code.cause in (Cause.NOT_CONNECTED, Cause.UNKNOWN):
        return ""
    if "stack" in event.fields and code.cause is Cause.CLOSED_BY_PEER:
        return ": the device closed the connection"
    words = code.words.partition(":")[0]
    return f": {words}" if not isinstance(reason, int) else f": {words} (reason 0x{reason:02x})"


def _named(code: LinkCode | None, event: LogEvent) -> str | None:
    """The code as the sender's stack prints it, ``android 19 (0x13): GATT_CONN_TERMINATE_PEER_USER``."""
    stack, value = event.fields.get("stack"), event.fields.get("code")
    shown = f"{value} (0x{value:02x})" if isinstance(value, int) and value >= 0 else str(value)
    return f"{stack} {shown}: {code.name}" if code and stack else None


def _code_of(event: LogEvent) -> LinkCode | None:
    fields = event.fields
    if "stack" in fields and "code" in fields:
        return link_code(Stack(str(fields["stack"])), fields["code"])
    reason = fields.get("hci_reason")
    return link_code(Stack.HCI, reason) if isinstance(reason, int) else None


def _counts(case: Case, event: LogEvent) -> bool:
    """A disconnect in a transfer: after its start or without one, and before a walk that failed or never came."""
    if any(one.line < event.line for one in case.events(*_ENDED)):
        return False
    started = [one.line for one in case.events(*_STARTED)]
    hinted = any(one < event.line for one in case.log.update_lines)
    if started and min(started) > event.line:
        return False
    if case.log.passes:
        return any(walk.outcome == "failed" for walk in case.log.passes if walk.lines[0] > event.line)
    code = _code_of(event)
    idle = not started and not hinted and "stack" not in event.fields
    if idle and (code is None or code.cause in _CLOSED):
        return code is None and _is_alone(case)
    return not case.events("app_loaded") or bool(started)


def _is_alone(case: Case) -> bool:
    """Nothing else in the log says what the link was for."""
    return all(one.kind in ("disconnected", "connected", "ota_part_requested") for one in case.log.events)


def _blank_after(case: Case, line: int) -> list[Failure]:
    found = case.failures_of("invalid_segment_length", "invalid_magic_byte")
    return [one for one in found if one.lines[-1] > line and one.number("length") in (0, ERASED_WORD) and not one.aside]


def detect_refused_write(case: Case) -> Iterator[Finding]:
    """A write that the sender's own stack, or the device, did not take."""
    for event in case.events("write_refused_length")[:1]:
        length, limit = event.fields.get("length"), event.fields.get("limit")
        size = f"a chunk of {length} bytes" if length is not None else "a chunk"
        yield finding(
            "write-too-long",
            Certainty.PROVEN,
            f"{size} was refused where {limit} fit: nothing of it was sent",
            lines=[one.line for one in case.events("write_refused_length")],
            where=Where.SENDER,
            help=(Advice(Where.SENDER, f"Write chunks of at most {limit} bytes: the ATT MTU less 3."),),
            changes=(),
            values={name: value for name, value in (("length", length), ("limit", limit)) if value is not None},
        )
    told: set[Cause] = set()
    for event in case.events("write_refused"):
        code = _code_of(event)
        cause = code.cause if code else Cause.UNKNOWN
        if cause in told or (cause in _OF_A_LOST_LINK and case.events("disconnected")):
            continue
        told.add(cause)
        yield finding(
            "write-too-long" if cause is Cause.TOO_LONG else "unacknowledged",
            Certainty.LIKELY,
            code.words if code and cause not in _UNNAMED else "a write failed, and the sender does not say why",
            lines=[event.line],
            where=Where.DEVICE,
            notes=(_named(code, event),),
            help=(Advice(Where.SENDER, code.change),) if code else (),
            changes=() if code else None,
        )
