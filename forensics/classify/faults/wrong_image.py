"""The device holds another image than the one that was sent."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import finding_of, notes
from forensics.model.alignment import EditKind, Relation
from forensics.model.file_kind import FileKind
from forensics.model.finding import Certainty, Explanation, Fault, Finding, Remedy, Where

FAULT = Fault(
    code="OTA214",
    slug="wrong-image",
    title="the device holds another image",
    explanation=Explanation(
        meaning=(
            "RECEIVED is not a damaged copy of SENT but another firmware: another build, another project "
            "or the previous version."
        ),
        symptoms=(
            ("The device reports success and still shows the old version, or the app descriptor's time and version differ"),
            ("Nearly all bytes differ, and short runs are equal at shifting distances (another build of the same project)"),
        ),
        causes=(
            ("Wrong partition or slot: the dump was taken from the running slot instead of the one that was written."),
            ("The sender sent another file: an older build folder, a cached download, debug instead of release."),
            ("The receiver writes a fixed slot (ota_0) although that is the running one, or another than it then boots."),
            "The project was built again between the transfer and the comparison.",
        ),
        confirm=(
            "otadiff compares the app descriptors: project, version, build time and app_elf_sha256.",
            (
                "Compare the SHA-256 of SENT with what the sender logged, and the slot with the flash "
                "address in the device log (paddr)."
            ),
        ),
        fix_sender=("Log the file's name, size and SHA-256 at each transfer, and keep the file that was sent.",),
        fix_device=(
            "Take the slot from esp_ota_get_next_update_partition(NULL), and log its label and address.",
            ("Compare the app descriptor of the written slot (esp_ota_get_partition_description) with what was announced."),
        ),
        confused_with=(
            "OTA403 dump-of-another-attempt: the same image, another transfer",
            "OTA402 log-of-another-image: dump and file agree and the log does not",
            "OTA104 wrong-chip: the other build is for another chip",
            "OTA406 evidence-damaged: ciphertext of an encrypted flash also equals nothing",
        ),
        sources=(
            "components/esp_app_format/include/esp_app_desc.h, esp_app_desc_t, ESP-IDF v5.4",
            "components/app_update/esp_ota_ops.c, esp_ota_get_next_update_partition, ESP-IDF v5.4",
            "meshtastic/firmware-ota (the receiver writes ota_0)",
        ),
    ),
)

_LITTLE = 0.1
_HARDLY = 50
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


def detect(facts: Facts) -> Finding | None:
    """What stands in received is not this image at all, however it was transferred."""
    another = facts.received.accepted and facts.received.image.digest_stored != facts.sent.image.digest_stored
    blank = not facts.alignment.related or _all_one_byte(facts) or _nothing_of_it(facts)
    if not (another or blank) or not facts.received.data:
        return None
    kind = facts.received.kind
    text = kind.kind in _TEXTS
    encrypted = kind.kind == "ciphertext"
    says = "received cannot be compared" if encrypted else "received is not the image that was sent"
    return finding_of(
        FAULT,
        certainty=_certainty(facts, kind),
        summary=f"{says}: {_what(facts, kind)}",
        edits=facts.free,
        notes=notes(_versions(facts), _similar(facts), *(_ABOUT_TEXT if text else ())),
        changes=_DECRYPTED if encrypted else None,
    )


def _certainty(facts: Facts, kind: FileKind) -> Certainty:
    """Another image shows by itself that it is one; what shows nothing may be anything, and be read in the wrong way."""
    stored = facts.erased_tail and kind.kind not in ("unknown", "ciphertext")  # flash surrounds a file of a known kind
    if facts.received.accepted or kind.kind in _BLANK or stored:
        return Certainty.PROVEN
    return Certainty.LIKELY if kind.kind == "app" else Certainty.POSSIBLE


def _nothing_of_it(facts: Facts) -> bool:
    """Something arrived, and hardly any of it was sent."""
    size = len(facts.received.data)
    same = sum(span.received.size for span in facts.alignment.spans if span.relation is Relation.SAME)
    likened = any(
        edit.kind is EditKind.FILLED or edit.pattern in ("and", "flips", "unresolved") for edit in facts.alignment.edits
    )
    return size >= _FOREIGN and same * _HARDLY < size and not likened and facts.transform is None


def _all_one_byte(facts: Facts) -> bool:
    data = facts.received.data
    return len(data) >= 64 and data.count(data[:1]) == len(data) and data[0] in (0x00, 0xFF)


def _what(facts: Facts, kind: FileKind) -> str:
    if kind.kind in _BLANK:
        return _BLANK[kind.kind]
    sent, received = facts.sent.image.app, facts.received.image.app
    if kind.kind == "ciphertext":
        return f"it is {kind.words}"
    if sent and received:
        if sent.project_name == received.project_name:
            return f"it is another build of {received.project_name}"
        return f"it is another project, {received.project_name}"
    if kind.kind == "app":
        return "it is another app image"
    if kind.kind != "unknown":
        return f"it is {kind.words}"
    share = facts.alignment.similarity or 0
    return "hardly any of its bytes occur in it" if share < _LITTLE else "its bytes are in no order that a transfer makes"


def _versions(facts: Facts) -> str | None:
    sent, received = facts.sent.image.app, facts.received.image.app
    if not sent or not received:
        return None
    ours = f"{sent.version} of {sent.date} {sent.time}"
    return f"sent is {ours}, received {received.version} of {received.date} {received.time}"


def _similar(facts: Facts) -> str | None:
    share = facts.alignment.similarity
    if share is None:
        return None
    return f"{round(100 * share)} of 100 sampled places of received occur in sent, at shifting distances" if share else None
