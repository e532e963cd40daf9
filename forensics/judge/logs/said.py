"""Lines that say by themselves what is wrong: of update libraries, of the calls of ESP-IDF, of tools and of senders."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.judge.case import Case
from forensics.judge.logs.wording import finding
from forensics.judge.wording import Advice
from forensics.model.finding import Certainty, Finding
from forensics.model.log import LogEvent
from forensics.spec.log_lines.dialects import MEANINGS
from forensics.spec.log_lines.esp_err_names import meaning_of_call
from forensics.spec.log_lines.template import Meaning

_UNNAMED = "digest-failed"

_NETWORK = frozenset(("tls_failed", "http_failed", "http_read_failed", "curl_failed"))
"""Lines of network libraries, which print the same for any connection of the device."""


def detect(case: Case) -> Iterator[Finding]:
    """One finding for each thing that is said, with all its lines."""
    told: dict[tuple[str, str], tuple[Meaning, list[LogEvent]]] = {}
    for event in case.log.events:
        meaning = meaning_of(event)
        if meaning is None or _is_told(meaning, event, case):
            continue
        summary = meaning.summary.format_map(_Fields(event.fields))
        told.setdefault((meaning.slug, summary), (meaning, []))[1].append(event)
    for (slug, summary), (meaning, events) in told.items():
        yield finding(
            slug,
            meaning.certainty,
            summary,
            lines=[event.line for event in events],
            where=meaning.where,
            benign=meaning.benign,
            notes=(*meaning.notes, _count(case) if events[0].kind == "update_error" else None),
            help=(Advice(meaning.at, meaning.change),),
            changes=(),
            values={name: value for name, value in events[0].fields.items() if name != "means"},
        )


def _count(case: Case) -> str | None:
    """How far the update library had got, where it says so."""
    for event in case.events("ota_written")[-1:]:
        written, expected = event.fields.get("bytes"), event.fields.get("expected")
        if written is not None and expected is not None:
            return f"{written} of {expected} bytes were written"
    return None


def _is_told(meaning: Meaning, event: LogEvent, case: Case) -> bool:
    """A line of the verifier says it in more detail, or it is about something else than an update."""
    if event.kind in _NETWORK and not _is_of_the_update(event, case):
        return True
    if event.kind == "rom_boot_refused" and case.failures_of("signature_failed"):
        return True
    if event.fields.get("bare") and case.log.unread and not case.speaks_of_update_beside(event):
        return True
    if meaning.slug == _UNNAMED and meaning.certainty is not Certainty.PROVEN and case.failures:
        return True
    return event.kind == "ota_call_failed" and any(one.slug == meaning.slug for one in case.found)


def _is_of_the_update(event: LogEvent, case: Case) -> bool:
    """The log shows an update, which had not succeeded before."""
    succeeded = any(one.line < event.line for one in case.events("ota_succeeded", "app_loaded"))
    return case.speaks_of_update_beside(event) and not (succeeded and not case.failures)


class _Fields(dict[str, int | str]):
    """The fields of a line; one that the line does not show reads as a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


def meaning_of(event: LogEvent) -> Meaning | None:
    """What the line says by itself, or None."""
    if event.kind == "ota_call_failed":
        call, name, error = (event.fields.get(field) for field in ("call", "name", "error"))
        return meaning_of_call(
            call if isinstance(call, str) else None,
            name if isinstance(name, str) else None,
            error if isinstance(error, int) else None,
        )
    return MEANINGS.get(str(event.fields.get("means", "")))
