"""The verdict and the one sentence over a log."""

from __future__ import annotations

from collections.abc import Sequence

from forensics.classify.facts import Side
from forensics.classify.logs.belonging import kindred, kinship
from forensics.classify.logs.facts import SlotMap
from forensics.classify.logs.proven import prove
from forensics.classify.logs.sector_map import holds_all, map_words
from forensics.classify.wording import amount
from forensics.model.finding import Certainty, Finding, Verdict
from forensics.model.log import DeviceLog, LogPass


def log_verdict(
    log: DeviceLog, findings: Sequence[Finding], sent: Side | None = None, slot_map: SlotMap | None = None
) -> Verdict:
    """The verdict of a log and of the map of the slot in it.

    Faulty when a fault is proven or likely, healthy when the last walk of each image passed or the slot was mapped and
    holds a valid SENT, else inconclusive.
    """
    serious = [one for one in findings if not one.benign]
    if any(one.certainty is not Certainty.POSSIBLE and not one.code.startswith("OTA4") for one in serious):
        return Verdict.FAULTY
    mapped = sent is not None and sent.accepted and slot_map is not None and holds_all(slot_map, sent)
    if serious or not (_all_passed(log, sent) or mapped):
        return Verdict.INCONCLUSIVE
    return Verdict.HEALTHY


def log_summary(
    log: DeviceLog, findings: Sequence[Finding], sent: Side | None = None, slot_map: SlotMap | None = None
) -> str:
    """The first line that a person reads."""
    serious = [one for one in findings if not one.benign]
    if serious:
        return serious[0].summary
    mapped = map_words(slot_map, sent) if slot_map is not None and sent is not None else None
    return mapped or _log_summary(log, sent)


def _log_summary(log: DeviceLog, sent: Side | None) -> str:
    if not log.passes:
        return _without_walks(log)
    undecided = [walk for walk in last_walks(log) if walk.outcome == "unknown" and not _is_sent(walk, sent)]
    if undecided:
        return _undecided(undecided[-1])
    return _passed(log, sent)


def last_walks(log: DeviceLog) -> tuple[LogPass, ...]:
    """The last walk of each image, in the order of the log."""
    last = {walk.image_start: walk for walk in log.passes}
    return tuple(last.values())


def _all_passed(log: DeviceLog, sent: Side | None) -> bool:
    if not log.passes:
        return any(event.kind == "app_loaded" for event in log.events)
    # What failed without harm is among the findings, as a harmless one.
    return all(walk.outcome != "unknown" or _is_sent(walk, sent) for walk in last_walks(log))


def _is_sent(walk: LogPass, sent: Side | None) -> bool:
    """The log ends after the calculated hash, and that is the digest of SENT."""
    if sent is None or not sent.accepted or walk.hash is None or not walk.hash.calculated:
        return False
    return kinship(walk, sent).complete and (sent.image.digest_calculated or "").startswith(walk.hash.calculated)


def _without_walks(log: DeviceLog) -> str:
    loaded = [event for event in log.events if event.kind == "app_loaded"]
    if loaded:
        address = loaded[-1].fields.get("address")
        where = f" at flash 0x{address:x}" if isinstance(address, int) else ""
        return f"the bootloader checked and started the app{where} (line {loaded[-1].line})"
    if log.events:
        return (
            f"the log holds no verification of an image: {amount(len(log.events), 'other line')} of the device "
            "say nothing about one"
        )
    return "no line of a device's log was found in the text"


def _undecided(walk: LogPass) -> str:
    proof = prove(walk)
    where = f" at flash 0x{walk.image_start:x}" if walk.image_start is not None else ""
    headers = (
        f"; {amount(proof.right, 'segment header')} of it {'is' if proof.right == 1 else 'are'} right" if proof.right else ""
    )
    return f"the log ends before the device has judged the image{where}{headers}"


def _passed(log: DeviceLog, sent: Side | None) -> str:
    walks = [walk for walk in last_walks(log) if walk.outcome == "passed" or _is_sent(walk, sent)]
    if not walks:
        return f"nothing that the device refused does harm: {amount(len(log.passes), 'walk')} in the log"
    own = next((one for one in kindred(log, sent) if one.complete and one.walk in walks), None) if sent else None
    if own is not None and sent is not None and own.shown:
        return (
            f"the device accepted {sent.name}: the last walk passed, and all {own.shown} segments in the log are "
            "those of the file"
        )
    walk = walks[-1]
    where = f" at flash 0x{walk.image_start:x}" if walk.image_start is not None else ""
    if len(walks) == 1:
        return f"the device accepted the image{where}: {amount(len(prove(walk).segments), 'segment')}, and no check failed"
    return f"the device accepted each of {len(walks)} images: the last walk over each passed"
