"""How often the files of a bug are sorted out rightly: ``python -m tests.bench.pairing [CASES]``.

Makes bug folders of a transfer with a drawn fault (the image that was sent, what the device stored as a plain file, slot or
flash dump, hex text or capture, perhaps a log) among files that are none of it: other builds, copies, bootloader, ELF,
partition table, prose, another device's log. Half of the folders have names that say nothing. A role counts as right when
the bytes that it was given to are those that had it.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from forensics.errors import OtadiffError
from forensics.model.chunk_plan import ChunkPlan
from forensics.model.device import DeviceSettings
from forensics.model.report import InputRole, Report
from forensics.pipeline.triage import TriageOptions, triage_inputs
from forensics.spec.partition_table import PARTITION_ENTRY, PARTITION_MAGIC
from forensics.synth.faults import FAULTS, inject
from forensics.synth.image import build_image
from forensics.synth.variants import other_build
from forensics.verify.predict import predict_log
from tests import captures
from tests.captures import AttPdu

CHIPS = ("ESP32", "ESP32-S3", "ESP32-C3", "ESP32-S2")
OPTIONS = TriageOptions(solve_seconds=None, solve_hypotheses=2000)
Name = Callable[[str, str], str]
"""Gives a file name that says what the file is, or one that says nothing, with its ending."""

_FORMS = ("plain", "plain", "slot", "flash", "hexdump", "capture", "capture and plain", "log alone", "sent alone")
_SLOT = 0x110000
_COMMAND = 0x52


@dataclass(slots=True)
class BugFolder:
    """Files by name, and which of them has which role."""

    form: str
    fault: str
    files: dict[str, bytes] = field(default_factory=dict)
    roles: dict[InputRole, str] = field(default_factory=dict)
    speaking: bool = False

    def put(self, role: InputRole, name: str, content: bytes) -> None:
        """Adds a file that has a role."""
        self.files[name] = content
        self.roles[role] = name


def make_folder(seed: int) -> BugFolder:
    """The bug folder of one seed."""
    random = Random(seed)
    size = random.randrange(24, 160) * 1024
    sent = build_image(chip=random.choice(CHIPS), size=size, seed=seed, version=f"v1.{seed % 9}")
    fault = random.choice(list(FAULTS))
    received = inject(sent, fault, ChunkPlan(size=random.choice((244, 509, 180))), seed).received
    bug = BugFolder(form=random.choice(_FORMS), fault=fault, speaking=random.random() < 0.5)
    names = iter(random.sample([f"attachment-{number}" for number in range(40)], 40))

    def name(speaking: str, ending: str) -> str:
        return f"{speaking}{ending}" if bug.speaking else f"{next(names)}{ending}"

    if bug.form != "log alone":
        bug.put(InputRole.SENT, name("app", ".bin"), sent)
    _store(bug, received, name, random)
    if bug.form == "log alone" or random.random() < 0.5:
        bug.put(InputRole.LOG, name("monitor", ".log"), _log(received))
    _add_others(bug, sent, name, random)
    return bug


def _store(bug: BugFolder, received: bytes, name: Name, random: Random) -> None:
    """What arrived, in the form of this bug."""
    if bug.form in ("plain", "capture and plain"):
        bug.put(InputRole.RECEIVED, name("readback", ".bin"), received)
    elif bug.form == "slot":
        bug.put(
            InputRole.RECEIVED, name("dump", ".bin"), received.ljust(-(-len(received) // 0x20000 + 1) * 0x20000, b"\xff")
        )
    elif bug.form == "flash":
        bug.put(InputRole.RECEIVED, name("flash", ".bin"), _flash(received))
    elif bug.form == "hexdump":
        bug.put(InputRole.RECEIVED, name("dump", ".txt"), _hexdump(received))
    if bug.form.startswith("capture"):
        bug.put(InputRole.CAPTURE, name("btsnoop_hci", ".log"), _capture(received, random.choice((244, 180))))


def _add_others(bug: BugFolder, sent: bytes, name: Name, random: Random) -> None:
    """Files that have no role."""
    others = {
        name("old", ".bin"): other_build(sent, seed=random.randrange(99)),
        name("other-project", ".bin"): build_image(
            chip="ESP32-C3", size=40 * 1024, seed=random.randrange(999), project="lamp"
        ),
        name("app", ".elf"): b"\x7fELF\x01\x01\x01" + bytes(45) + sent[0x100:],
        name("partitions", ".bin"): _table(),
        name("notes", ".md"): b"It fails every time since last week.\nThe phone is a Pixel.\n",
        name("sdkconfig", ""): b"CONFIG_BT_NIMBLE_ENABLED=y\n" * 40,
        ".DS_Store": b"\0\0\0\1Bud1",
    }
    if InputRole.SENT in bug.roles:
        if len(bug.roles) > 1:  # two copies alone may as well be the two sides of a healthy transfer
            others[name("copy", ".bin")] = sent
        if InputRole.LOG in bug.roles:
            others[name("other", ".log")] = _log(build_image(size=32 * 1024, seed=random.randrange(999)))
    if bug.roles.keys() in ({InputRole.LOG}, {InputRole.SENT}):  # nothing says which of several images it is about
        others = {key: content for key, content in others.items() if content[:1] != b"\xe9"}
    for key in random.sample(sorted(others), random.randrange(len(others) + 1)):
        bug.files[key] = others[key]


def _log(image: bytes) -> bytes:
    lines = predict_log(image, DeviceSettings(idf="v5.1.2", level="info", partition_offset=_SLOT)).lines
    return ("I (312) app: connected\n" + "\n".join(lines) + "\nI (9000) app: done\n").encode()


def _table() -> bytes:
    rows = ((1, 2, 0x9000, 0x4000, b"nvs"), (0, 0x10, _SLOT, 0x100000, b"ota_0"), (0, 0x11, 0x210000, 0x100000, b"ota_1"))
    entries = b"".join(
        PARTITION_ENTRY.build(
            {
                "magic": PARTITION_MAGIC,
                "type": kind,
                "subtype": subtype,
                "offset": offset,
                "size": size,
                "label": label.ljust(16, b"\0"),
                "flags": 0,
            }
        )
        for kind, subtype, offset, size, label in rows
    )
    return entries.ljust(0xC00, b"\xff")


def _flash(received: bytes) -> bytes:
    table = b"\xff" * 0x8000 + _table()
    return (table.ljust(_SLOT, b"\xff") + received).ljust(0x310000, b"\xff")


def _hexdump(content: bytes) -> bytes:
    """As ``xxd`` prints it."""
    rows = []
    for at in range(0, len(content), 16):
        row = content[at : at + 16]
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        rows.append(f"{at:08x}: {row.hex(' ', 2):<39}  {text}\n")
    return "".join(rows).encode()


def _capture(content: bytes, size: int) -> bytes:
    pdus = [
        AttPdu(time=number * 7500, from_central=True, data=captures.value_pdu(_COMMAND, 0x2A, content[at : at + size]))
        for number, at in enumerate(range(0, len(content), size))
    ]
    pdus = [*captures.mtu_exchange(247, 517), *pdus]
    return captures.write_btsnoop([captures.connected(time=0), *captures.hci_packets(pdus)])


def judge(bug: BugFolder, report: Report | None) -> set[InputRole]:
    """The roles that were given to other bytes than those that had them, or to none, or that nothing should have."""
    told = {one.role: one for one in report.inputs if one.role is not InputRole.LEFT_OUT} if report is not None else {}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in bug.files.items()}
    wrong = {role for role, name in bug.roles.items() if role not in told or told[role].sha256 != digests[name]}
    return wrong | (set(told) - set(bug.roles))


def solve_folder(bug: BugFolder, place: Path) -> Report | None:
    """What triage says of ``bug``, written to ``place``; None when it says nothing."""
    place.mkdir()
    for name, content in bug.files.items():
        (place / name).write_bytes(content)
    try:
        return triage_inputs([place], OPTIONS)
    except OtadiffError:
        return None


def main() -> None:
    """Measures and prints."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    right, all_forms = Counter[str](), Counter[str]()
    with TemporaryDirectory() as folder:
        for seed in range(count):
            bug = make_folder(seed)
            wrong = judge(bug, solve_folder(bug, Path(folder) / str(seed)))
            for key in (bug.form, "all", "names that speak" if bug.speaking else "names that say nothing"):
                all_forms[key] += 1
                right[key] += not wrong
            if wrong:
                sys.stdout.write(f"  seed {seed}: {bug.form}, {bug.fault}: {', '.join(sorted(wrong))}\n")
    for form in sorted(all_forms):
        sys.stdout.write(f"{form:<24} {right[form]} of {all_forms[form]}\n")


if __name__ == "__main__":
    main()
