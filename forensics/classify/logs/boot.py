"""OTA315: what the bootloader says when it finds no app, and rollbacks."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.classify.logs.facts import LogFacts
from forensics.classify.logs.wording import finding, healed_note
from forensics.model.finding import Certainty, Finding, Where
from forensics.model.log import LogEvent

KINDS = ("no_bootable_app", "not_bootable", "bootloader_header_failed")
EVENTS = (
    "secure_version_too_low", "rom_header_invalid", "rom_checksum_failed", "rom_boot_refused", "partition_table_invalid",
    "no_app_partition",
)  # fmt: skip


_OF_THE_ROM = ("rom_header_invalid", "rom_checksum_failed", "rom_boot_refused")


def detect(facts: LogFacts) -> Iterator[Finding]:
    """One finding for all that the bootloader refused."""
    refused = facts.of_kind(*KINDS)
    if refused:
        last = refused[-1]
        lines = [line for failure in refused for line in failure.lines]
        started = [event for event in facts.events("app_loaded") if event.line > max(lines)]
        none = any(failure.error.kind == "no_bootable_app" for failure in refused)
        reasons = list(dict.fromkeys(_reason(failure.walk.errors[0].kind) for failure in refused if failure.walk.errors))
        yield finding(
            "no-bootable-app",
            Certainty.PROVEN,
            _summary(refused[0].error.kind, refused[0].error.fields, none=none, started=started[:1]),
            lines=(*lines, *(event.line for event in started[:1])),
            where=Where.DEVICE,
            notes=(
                healed_note(last),
                f"why: {', '.join(reason for reason in reasons if reason)}"
                if any(reasons)
                else "the line before it says why",
            ),
            benign=all(failure.benign for failure in refused),
        )
    events = facts.events(*EVENTS)
    rollbacks = [event for event in facts.events("rollback") if event.fields.get("state") in ("done", "impossible")]
    for event in (*events[:1], *rollbacks[:1]):
        yield _from_event(event, benign=event.kind in _OF_THE_ROM and _starts(facts))


def _summary(kind: str, fields: dict[str, int | str], *, none: bool, started: list[LogEvent]) -> str:
    if kind == "bootloader_header_failed":
        return "the header of the bootloader itself could not be read"
    slot = fields.get("slot")
    which = f"the OTA app in slot {slot}" if slot is not None else f"the {fields.get('what', 'app')} app"
    if started:
        address = started[0].fields.get("address")
        where = f" at flash 0x{address:x}" if isinstance(address, int) else ""
        return f"{which} was refused at the reset, and the bootloader started another app{where}"
    if none:
        return "no app partition passed its checks: the device cannot start"
    return f"{which} was refused at the reset"


def _reason(kind: str) -> str:
    return "" if kind in KINDS else kind.replace("_", " ")


def _starts(facts: LogFacts) -> bool:
    """The bootloader ran in this log, so what the ROM said of it at another time does not decide."""
    return any(walk.outcome == "passed" for walk in facts.log.passes) or bool(facts.events("app_loaded"))


def _from_event(event: LogEvent, *, benign: bool) -> Finding:
    texts = {
        "secure_version_too_low": "the new app has a lower secure version than the device's eFuse allows (anti-rollback)",
        "rom_header_invalid": "the ROM found no bootloader where it looked",
        "rom_checksum_failed": "the ROM found a wrong checksum of the bootloader",
        "rom_boot_refused": "the ROM refused the bootloader's signature",
        "partition_table_invalid": "the partition table is invalid",
        "no_app_partition": "the partition table has no app partition",
    }
    text = texts.get(event.kind)
    if text is None:
        done = event.fields.get("state") == "done"
        text = (
            "the device went back to the app before: the new one did not confirm itself"
            if done
            else ("a rollback was wanted, and no other app can be started")
        )
    return finding("no-bootable-app", Certainty.LIKELY, text, lines=(event.line,), where=Where.DEVICE, benign=benign)
