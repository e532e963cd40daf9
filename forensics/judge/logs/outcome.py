"""The verdict and the one sentence over a log."""

from __future__ import annotations

from forensics.judge.case import Case, Side
from forensics.judge.logs.belonging import kindred, kinship
from forensics.judge.logs.endings import restart_of
from forensics.judge.logs.proven import prove
from forensics.judge.logs.sector_map import holds_all, map_words
from forensics.judge.wording import amount
from forensics.model.finding import Verdict
from forensics.model.log import UNKNOWN_ERROR, DeviceLog, LogPass

_ALL = 100
_QUOTED = 60
"""Characters of a quoted line in a headline."""


def answer(case: Case) -> tuple[Verdict, str]:
    """The verdict and the first line where the log shows no fault.

    Healthy when the last walk of each image passed, or when the slot was mapped and holds a valid SENT.
    """
    log, sent, known = case.log, case.sent, case.slot_map
    mapped = map_words(known, sent) if known is not None and sent is not None else None
    holds = known is not None and sent is not None and sent.accepted and holds_all(known, sent)
    verdict = Verdict.HEALTHY if holds or _all_passed(case) else Verdict.INCONCLUSIVE
    summary = mapped or _log_summary(case)
    crash = _crash(case, log.passes[-1].lines[1]) if verdict is Verdict.HEALTHY and log.passes else None
    return verdict, f"the device accepted the image; afterwards, {crash}" if crash else summary


def _log_summary(case: Case) -> str:
    log, sent = case.log, case.sent
    if not log.passes:
        return _without_walks(case)
    undecided = [walk for walk in last_walks(log) if walk.outcome == "unknown" and not _is_sent(walk, sent)]
    if undecided:
        return _undecided(undecided[-1])
    return _passed(log, sent)


def last_walks(log: DeviceLog) -> tuple[LogPass, ...]:
    """The last walk of each image, in the order of the log."""
    last = {walk.image_start: walk for walk in log.passes}
    return tuple(last.values())


def _all_passed(case: Case) -> bool:
    log, sent = case.log, case.sent
    if not log.passes:
        good = [event.line for event in log.events if event.kind in ("app_loaded", "ota_succeeded")]
        return bool(good) and _crash(case, good[-1]) is None
    # What failed without harm is among the findings, as a harmless one.
    return all(walk.outcome != "unknown" or _is_sent(walk, sent) for walk in last_walks(log))


def _is_sent(walk: LogPass, sent: Side | None) -> bool:
    """The log ends after the calculated hash, and that is the digest of SENT."""
    if sent is None or not sent.accepted or walk.hash is None or not walk.hash.calculated:
        return False
    return kinship(walk, sent).complete and (sent.image.digest_calculated or "").startswith(walk.hash.calculated)


def _without_walks(case: Case) -> str:
    log = case.log
    loaded = [event for event in log.events if event.kind == "app_loaded"]
    if loaded:
        address = loaded[-1].fields.get("address")
        where = f" at flash 0x{address:x}" if isinstance(address, int) else ""
        crash = _crash(case, loaded[-1].line)
        if crash is not None:
            return f"{crash}, after the bootloader had started the app{where}"
        return f"the bootloader checked and started the app{where} (line {loaded[-1].line})"
    done = [event for event in log.events if event.kind == "ota_succeeded"]
    if done:
        return f"the device reports that the update succeeded (line {done[-1].line}); the log shows no verification"
    if any(event.fields.get("percent") == _ALL for event in log.events if event.kind == "ota_progress"):
        return "the transfer reached 100 %; the log shows no verification"
    crash = _crash(case)
    if crash is not None:
        return f"{crash}; no line shows an update or a verification"
    reported = [event for event in log.events if event.kind == UNKNOWN_ERROR]
    if reported:
        last = reported[-1]
        return f'no line shows a verification; line {last.line} is "{str(last.fields.get("text"))[:_QUOTED]}"'
    mtu = [event.fields.get("mtu") for event in log.events if event.kind == "mtu"]
    if mtu and isinstance(mtu[-1], int):
        fit = f"with its MTU of {mtu[-1]}, at most {mtu[-1] - 3} bytes fit in a write"
        return f"the log shows no verification of an image; {fit}"
    if log.events:
        says = "says" if len(log.events) == 1 else "say"
        return (
            f"the log holds no verification of an image: {amount(len(log.events), 'other line')} of the device {says} "
            "nothing about one"
        )
    if log.spoke:
        return "the device's lines in the text say nothing about an update or an image"
    return "no line of a device's log was found in the text"


def _crash(case: Case, after: int = 0) -> str | None:
    """What restarted or stopped the device behind line ``after``, and on which line."""
    crashes = [event for event in case.events("panic") if event.line > after]
    restart = restart_of(case, crashes[-1]) if crashes else None
    return f"{restart.words} on line {crashes[-1].line}" if restart else None


def _undecided(walk: LogPass) -> str:
    proof = prove(walk)
    where = f" at flash 0x{walk.image_start:x}" if walk.image_start is not None else ""
    headers = (
        f"; {amount(proof.right, 'segment header')} of it {'is' if proof.right == 1 else 'are'} right" if proof.right else ""
    )
    return f"the log ends before the device has judged the image{where}{headers}"


def _segments_words(walk: LogPass) -> str:
    """How many segments the image has; where lines are missing, which ones the log shows."""
    indexes = [one.index for one in prove(walk).segments]
    if indexes == list(range(len(indexes))):
        return f"{amount(len(indexes), 'segment')} in the log, and no check failed"
    shown = f"segment {indexes[0]}" if len(indexes) == 1 else f"segments {indexes[0]} to {indexes[-1]}"
    return f"{shown} shown, others are not in the paste"


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
        return f"the device accepted the image{where}: {_segments_words(walk)}"
    return f"the device accepted each of {len(walks)} images: the last walk over each passed"
