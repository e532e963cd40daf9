"""The device holds another image than the one that was sent."""

from __future__ import annotations

from forensics.judge.case import Compared
from forensics.judge.wording import finding_of, notes
from forensics.model.alignment import EditKind, Relation
from forensics.model.file_kind import FileKind
from forensics.model.finding import Certainty, Finding, Remedy, Where

_LITTLE = 0.1
_HARDLY = 50
_MUCH = 50
"""Of two builds that differ in what they link to, more than one byte of so many differs."""

_FOREIGN = 64
_TEXTS = ("text", "hex-text", "base64-text")
_ABOUT_TEXT = (
    "tried: bytes as they are, and hex, decimal, octal, binary, base64, base32, base85, literals and words of 2 to 8 bytes "
    "in its lines; none gives bytes of the image",
    "if it is what the device printed, run: otadiff triage LOG SENT",
)
_BLANK = {"erased": "erased flash: nothing was written there", "zero": "nothing but zeros"}


_DECRYPTED = (
    Remedy(
        where=Where.DEVICE,
        text="If flash encryption is on, esptool reads ciphertext. Read the slot on the device with esp_partition_read, or "
        "compare the result of esp_partition_get_sha256 with the last 32 bytes of the .bin, its digest.",
    ),
)


def detect(case: Compared) -> Finding | None:
    """What stands in received is not this image at all, however it was transferred."""
    another = _is_another(case)
    blank = not case.alignment.related or _all_one_byte(case) or _nothing_of_it(case)
    if not (another or blank) or not case.received.data:
        return None
    kind = case.received.kind
    text = kind.kind in _TEXTS
    encrypted = kind.kind == "ciphertext"
    says = "received cannot be compared" if encrypted else "received is not the image that was sent"
    return finding_of(
        "wrong-image",
        certainty=_certainty(case, kind),
        summary=f"{says}: {_what(case, kind)}",
        edits=case.free,
        notes=notes(_versions(case), _similar(case), *(_ABOUT_TEXT if text else ())),
        changes=_DECRYPTED if encrypted else None,
    )


def _is_another(case: Compared) -> bool:
    """Received passes its own checks, and they are not those of sent.

    An image without a digest passes by chance where chunks are swapped, which its checksum does not see, and once in 256
    times where bytes are altered.
    """
    if not case.received.accepted or case.received.image.digest_stored != case.sent.image.digest_stored:
        return case.received.accepted
    altered = {edit.kind for edit in case.edits} == {EditKind.ALTERED} and _MUCH * sum(
        edit.received.size for edit in case.edits
    ) >= len(case.received.data)
    return case.received.image.digest_stored is None and case.sent.accepted and altered


def _certainty(case: Compared, kind: FileKind) -> Certainty:
    """Another image shows by itself that it is one; what shows nothing may be anything, and be read in the wrong way."""
    if case.received.accepted and case.received.image.digest_stored is None:
        return Certainty.LIKELY
    stored = case.erased_tail and kind.kind not in ("unknown", "ciphertext")  # flash surrounds a file of a known kind
    if case.received.accepted or kind.kind in _BLANK or stored:
        return Certainty.PROVEN
    return Certainty.LIKELY if kind.kind == "app" else Certainty.POSSIBLE


def _nothing_of_it(case: Compared) -> bool:
    """Something arrived, and hardly any of it was sent."""
    size = len(case.received.data)
    same = sum(span.received.size for span in case.alignment.spans if span.relation is Relation.SAME)
    likened = any(edit.kind is EditKind.FILLED or edit.pattern in ("and", "flips", "unresolved") for edit in case.edits)
    return size >= _FOREIGN and same * _HARDLY < size and not likened and case.transform is None


def _all_one_byte(case: Compared) -> bool:
    data = case.received.data
    return len(data) >= 64 and data.count(data[:1]) == len(data) and data[0] in (0x00, 0xFF)


def _what(case: Compared, kind: FileKind) -> str:
    if kind.kind in _BLANK:
        return _BLANK[kind.kind]
    sent, received = case.sent.image.app, case.received.image.app
    if kind.kind == "ciphertext":
        return f"it is {kind.words}"
    if sent and received:
        if sent.library and received.library:
            return "it is another sketch, or another build of it" + _names(case)
        if sent.project_name == received.project_name:
            return f"it is another build of {received.project_name}"
        return f"it is another project, {received.library or received.project_name}"
    if kind.kind == "app":
        return "it is another app image"
    if kind.kind != "unknown":
        return f"it is {kind.words}"
    share = case.alignment.similarity or 0
    return "hardly any of its bytes occur in it" if share < _LITTLE else "its bytes are in no order that a transfer makes"


def _names(case: Compared) -> str:
    """What tells two apps on one library apart for people, where texts in both do."""
    from forensics.parse.app_names import app_names  # noqa: PLC0415 - for images that their descriptors do not name

    ours, theirs = ({one.what: one.name for one in app_names(side.data)} for side in (case.sent, case.received))
    told = [f"{what} {theirs[what]} instead of {name}" for what, name in ours.items() if theirs.get(what, name) != name]
    return f": {told[0]}" if told else ""


def _versions(case: Compared) -> str | None:
    sent, received = case.sent.image.app, case.received.image.app
    if not sent or not received:
        return None
    ours, theirs = (f"{app.version} of {app.date} {app.time}" for app in (sent, received))
    if ours == theirs or sent.library:
        ours, theirs = (f"of ELF {app.app_elf_sha256[:16]}" for app in (sent, received))
    return f"sent is {ours}, received {theirs}"


def _similar(case: Compared) -> str | None:
    share = case.alignment.similarity
    if share is None:
        return None
    return f"{round(100 * share)} of 100 sampled places of received occur in sent, at shifting distances" if share else None
