"""Lines that say by themselves what is wrong: of update libraries, of the calls of ESP-IDF, of tools and of senders."""

from __future__ import annotations

from collections.abc import Iterator

from forensics.classify.case import Case
from forensics.classify.logs.wording import finding
from forensics.classify.wording import Advice
from forensics.model.finding import Certainty, Finding
from forensics.model.log import LogEvent
from forensics.spec.log_lines import MEANINGS, Meaning
from forensics.spec.log_lines.esp_err_names import meaning_of_call

_UNNAMED = "digest-failed"


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
            notes=meaning.notes,
            help=(Advice(meaning.at, meaning.change),),
            changes=(),
            values={name: value for name, value in events[0].fields.items() if name != "means"},
        )


def _is_told(meaning: Meaning, event: LogEvent, case: Case) -> bool:
    """A line of the verifier says it in more detail."""
    if meaning.slug == _UNNAMED and meaning.certainty is not Certainty.PROVEN and case.failures:
        return True
    return event.kind == "ota_call_failed" and any(one.slug == meaning.slug for one in case.found)


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
