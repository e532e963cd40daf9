"""OTA315: what the ROM and the bootloader say when they find nothing to start."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from forensics.judge.case import Case
from forensics.judge.logs.failures import Failure
from forensics.judge.logs.looks import ERASED_WORD, look_of, text_of
from forensics.judge.logs.wording import finding
from forensics.judge.wording import Advice
from forensics.model.finding import Certainty, Finding, Where
from forensics.model.log import LogEvent
from forensics.spec.chips import CHIPS
from forensics.spec.esp_image import IMAGE_MAGIC

KINDS = ("no_bootable_app", "not_bootable", "bootloader_header_failed")
_SEND_AGAIN = "the device still runs: no cable is needed. Mend the cause, and send the image again"
_ROLLED_BACK = (
    "decode the backtrace with the new app's ELF file; call esp_ota_mark_app_valid_cancel_rollback once it runs well"
)
_FLASH_APP = "flash an app to a slot of the partition table over the cable; over the air nothing answers now"


def detect(case: Case) -> Iterator[Finding]:
    """One finding for all that the bootloader refused, and one for the ROM."""
    refused = case.failures_of(*KINDS)
    if refused:
        yield _refused(case, refused)
    yield from _rom_header(case)
    yield from _rom_checksum(case)
    yield from _rom_digest(case)
    yield from _app_in_its_place(case)


def detect_rollback(case: Case) -> Iterator[Finding]:
    """OTA317: the new app was started, crashed, and the bootloader started the other one."""
    loaded = case.events("app_loaded")
    for new, old in pairwise(loaded):
        crash = next((one for one in case.events("panic") if new.line < one.line < old.line), None)
        addresses = new.fields.get("address"), old.fields.get("address")
        if crash is None or addresses[0] == addresses[1] or not all(isinstance(one, int) for one in addresses):
            continue
        yield finding(
            "update-refused",
            Certainty.LIKELY,
            f"the app at 0x{addresses[0]:x} crashed, and the bootloader went back to the one at 0x{addresses[1]:x}",
            lines=(new.line, crash.line, old.line),
            where=Where.DEVICE,
            notes=("the bootloader had checked the new app before it started it: the transfer was right",),
            help=(Advice(Where.DEVICE, _ROLLED_BACK),),
            changes=(),
        )
        return


def _refused(case: Case, refused: list[Failure]) -> Finding:
    last = refused[-1]
    lines = [line for failure in refused for line in failure.lines]
    started = [event for event in case.events("app_loaded") if event.line > min(lines)]
    none = any(failure.error.kind == "no_bootable_app" for failure in refused) and not started
    reasons = [failure.walk.errors[0].kind for failure in refused if failure.walk.errors]
    shown = [reason.replace("_", " ") for reason in dict.fromkeys(reasons) if reason not in KINDS]
    return finding(
        "no-bootable-app",
        Certainty.PROVEN,
        _summary(refused[0], none=none, started=started[-1:]),
        lines=(*lines, *(event.line for event in started[-1:])),
        where=Where.DEVICE,
        notes=(last.excuse, f"why: {', '.join(shown)}" if shown else "the line before it says why"),
        help=(Advice(Where.SENDER, _SEND_AGAIN),) if started else (Advice(Where.DEVICE, _FLASH_APP),) if none else (),
        changes=(),
        benign=all(failure.benign for failure in refused),
    )


def _summary(first: Failure, *, none: bool, started: list[LogEvent]) -> str:
    fields = first.error.fields
    if first.error.kind == "bootloader_header_failed":
        return "the header of the bootloader itself could not be read"
    slot = fields.get("slot")
    which = f"the OTA app in slot {slot}" if slot is not None else f"the {fields.get('what', 'app')} app"
    if started:
        address = started[0].fields.get("address")
        where = f" at flash 0x{address:x}" if isinstance(address, int) else ""
        return f"the device fell back to the app{where} and runs: {which} was refused at the reset"
    if none:
        return "no app partition passed its checks: the device cannot start"
    return f"{which} was refused at the reset"


def _starts(case: Case) -> bool:
    """The bootloader ran in this log, so what the ROM said of it at another time does not decide."""
    return any(walk.outcome == "passed" for walk in case.log.passes) or bool(case.events("app_loaded"))


def _addresses(case: Case) -> str:
    """Where the chip of the log has its bootloader; without its name, where each chip has."""
    banners = [str(event.fields.get("rom", "")) for event in case.events("rom_started")]
    named = [chip for chip in CHIPS if any(banner.startswith(f"{chip.target}-") for banner in banners)]
    named += [
        chip for chip in CHIPS if chip.target == "esp32" and any("built" in one.fields for one in case.events("rom_started"))
    ]
    chips: dict[int, list[str]] = {}
    for chip in named or CHIPS:
        if not chip.esp8266:
            chips.setdefault(chip.bootloader_offset, []).append(chip.name)
    return "; ".join(f"0x{offset:x} ({', '.join(names)})" for offset, names in sorted(chips.items()))


def _rom_header(case: Case) -> Iterator[Finding]:
    """The ROM prints the first word that it read where the bootloader should be."""
    lines: dict[int, list[int]] = {}
    for event in case.events("rom_header_invalid"):
        value = event.fields.get("value")
        if isinstance(value, int):
            lines.setdefault(value, []).append(event.line)
    for value, found in lines.items():
        words, change = _rom_words(value)
        yield finding(
            "no-bootable-app",
            Certainty.LIKELY,
            f"the ROM read {words} where the bootloader should be (0x{value:08x})",
            lines=found,
            where=Where.DEVICE,
            notes=(f"the bootloader belongs at flash {_addresses(case)}",),
            help=(Advice(Where.FILE, change),),
            changes=(),
            benign=_starts(case),
            values={"value": value},
        )


def _rom_words(value: int) -> tuple[str, str]:
    content = value.to_bytes(4, "little")
    flash = "flash the bootloader of this chip at its address, with the flash mode and size of the board"
    look, text = look_of(content), text_of(content)
    if value == ERASED_WORD:
        return "erased flash", f"nothing is at this address: {flash}"
    if value == 0:
        return "zeros", f"the flash was written with zeros there, or could not be read: {flash}"
    if content[0] == IMAGE_MAGIC:
        return "an image header that it refuses", f"the bootloader is of another chip, or its header is damaged: {flash}"
    if look is not None:
        what = "a web page" if look.web else look.words
        again = "download the file itself once more, then" if look.web else "it is no bootloader:"
        return f'{what} ("{content.decode("latin-1").strip()}")', f"{again} {flash}"
    if text is not None:
        return f"text ({text})", f"the middle of some file is at this address: {flash}"
    return "noise", f"the content is encrypted, or of another chip or file: {flash}"


def _rom_checksum(case: Case) -> Iterator[Finding]:
    for event in case.events("rom_checksum_failed")[:1]:
        calculated, read = event.fields.get("calculated"), event.fields.get("read")
        equal = calculated is not None and calculated == read
        yield finding(
            "no-bootable-app",
            Certainty.LIKELY,
            "the ROM calls two equal checksums wrong: its flash settings do not fit this chip"
            if equal
            else "the ROM found a wrong checksum of the bootloader",
            lines=(event.line,),
            where=Where.DEVICE,
            notes=("the flash size and mode in the header differ from the chip, so later reads give other bytes",)
            if equal
            else (),
            help=(
                Advice(Where.DEVICE, "flash bootloader and app again over the cable, with the board's flash mode and size"),
            ),
            changes=(),
            benign=_starts(case),
        )


def _rom_digest(case: Case) -> Iterator[Finding]:
    """The ROM of newer chips compares a SHA-256 of the bootloader, and starts it all the same."""
    for event in case.events("rom_digest_failed")[:1]:
        ignored = bool(case.events("rom_digest_ignored")) or _starts(case)
        yield finding(
            "no-bootable-app",
            Certainty.LIKELY,
            "the SHA-256 of the bootloader is not that of its bytes; the ROM started it all the same"
            if ignored
            else "the SHA-256 of the bootloader is not that of its bytes",
            lines=(event.line,),
            where=Where.DEVICE,
            notes=("esptool changes the flash settings in its header without a new digest when it flashes it",)
            if ignored
            else (),
            benign=ignored,
        )


def _is_mapped(address: int) -> bool:
    """Mapped flash of a chip, and the RAM of none."""
    regions = [chip.region(address) for chip in CHIPS]
    return any(regions) and all(region is None or region.mapped for region in regions)


def _app_in_its_place(case: Case) -> Iterator[Finding]:
    """The ROM loads to RAM only; an address of mapped flash is one of an app."""
    for event in case.events("rom_load"):
        address = event.fields.get("address")
        if isinstance(address, int) and _is_mapped(address):
            yield finding(
                "no-bootable-app",
                Certainty.LIKELY,
                f"an app image is at the bootloader's address: the ROM loads to 0x{address:08x}, which is mapped flash",
                lines=(event.line,),
                where=Where.FILE,
                notes=(f"the bootloader belongs at flash {_addresses(case)}; the app to its slot, such as 0x10000",),
                help=(Advice(Where.FILE, "flash the bootloader at its own address, and the app at that of its slot"),),
                changes=(),
                benign=_starts(case),
            )
            return
