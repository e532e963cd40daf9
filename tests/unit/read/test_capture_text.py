"""Captures as text: btmon, hcidump, tshark fields, journals."""

from __future__ import annotations

import json
import random
import zlib

import pytest

from forensics.model.capture import Operation
from forensics.read import read_evidence
from forensics.read.captures import read_capture

_RANDOM = random.Random(3)
CHUNKS = [_RANDOM.randbytes(20) for _ in range(30)]


def btmon(newer: bool) -> str:
    lines = ["Bluetooth monitor ver 5.66", "= Note: Linux version 6.1.0 (x86_64)                0.123456"]
    lines += [
        "< ACL Data TX: Handle 64 flags 0x00 dlen 7                 #10 [hci0] 11.500000",
        "      ATT: Exchange MTU Request (0x02) len 2",
        "        Client RX MTU: 517",
        "> ACL Data RX: Handle 64 flags 0x02 dlen 7                 #11 [hci0] 11.600000",
        "      ATT: Exchange MTU Response (0x03) len 2",
        "        Server RX MTU: 185",
    ]
    for index, chunk in enumerate(CHUNKS):
        lines += [
            f"< ACL Data TX: Handle 64 flags 0x00 dlen 27         #{12 + index} [hci0] {12 + index}.345678",
            "      ATT: Write Command (0x52) len 22",
            "        Handle: 0x0019" + (" Type: Vendor specific (23408888)" if newer else ""),
            f"          Data{'[20]' if newer else ''}: {chunk.hex()}",
        ]
    lines += [
        "> ACL Data RX: Handle 64 flags 0x02 dlen 8                 #60 [hci0] 60.000000",
        "      ATT: Handle Value Notification (0x1b) len 3",
        "        Handle: 0x001c",
        "          Data: 05",
    ]
    return "\n".join(lines) + "\n"


def hcidump() -> str:
    lines = []
    for chunk in CHUNKS:
        values = " ".join(f"0x{value:02x}" for value in chunk)
        lines += [
            "< ACL data: handle 64 flags 0x00 dlen 27",
            "    ATT: Write cmd (0x52)",
            f"      handle 0x0019 value  {values} ",
        ]
    return "\n".join(lines) + "\n"


def tshark(separator: str, header: bool, colons: bool) -> str:
    lines = ["frame.number", "frame.time_epoch", "btatt.opcode", "btatt.handle", "btatt.value"]
    text = [separator.join(lines)] if header else []
    for index, chunk in enumerate(CHUNKS):
        value = chunk.hex(":") if colons else chunk.hex()
        cells = [str(index * 2 + 1), f"1760000000.{index:09d}", "0x52", "0x0019", value]
        text.append(separator.join(cells))
        text.append(separator.join([str(index * 2 + 2), "1760000001.000000000", "0x13", "0x0019", ""]))
    return "\n".join(text) + "\n"


@pytest.mark.parametrize("text", [btmon(False), btmon(True), hcidump()], ids=["older", "newer", "hcidump"])
def test_btmon(text: str) -> None:
    assert read_evidence(text.encode()).container == "btmon"
    capture = read_capture(text.encode())
    writes = [value for value in capture.values if value.is_write]
    assert [value.value for value in writes] == CHUNKS
    assert {(value.handle, value.operation) for value in writes} == {(0x19, Operation.WRITE_COMMAND)}
    if "btmon" in text or "monitor" in text:
        assert (writes[0].number, writes[0].time) == (12, 12_345_678)
        assert capture.connections[0].mtu == 185
        assert [value.value for value in capture.values if not value.is_write] == [b"\x05"]


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("colons", [True, False])
def test_tshark_fields(separator: str, header: bool, colons: bool) -> None:
    data = tshark(separator, header, colons).encode()
    assert read_evidence(data).container == "tshark"
    writes = [value for value in read_capture(data).values if value.is_write]
    assert [value.value for value in writes] == CHUNKS
    assert [value.number for value in writes] == list(range(1, 61, 2))


def journal() -> list[str]:
    lines = [json.dumps({"schema": "otadiff.journal/1", "name": "app.bin", "size": 600})]
    for index, chunk in enumerate(CHUNKS):
        lines.append(
            json.dumps(
                {
                    "time": 5.5 + index,
                    "event": "write",
                    "direction": "out",
                    "characteristic": "23408888-1f40-4cd8-9b89-ca8d45f8a5b0",
                    "response": False,
                    "offset": index * 20,
                    "length": 20,
                    "crc32": zlib.crc32(chunk),
                    "result": "queued",
                }
            )
        )
    return lines


def test_journal_keeps_offsets_and_crcs() -> None:
    data = "\n".join(journal()).encode()
    assert read_evidence(data).container == "journal"
    capture = read_capture(data)
    assert [event.offset for event in capture.journal] == list(range(0, 600, 20))
    assert [event.crc32 for event in capture.journal] == [zlib.crc32(chunk) for chunk in CHUNKS]
    assert capture.problems == ()


def test_journal_cut_by_a_crash_says_so() -> None:
    data = "\n".join(journal())[:-40].encode()
    capture = read_capture(data)
    assert len(capture.journal) == 29
    assert [problem.kind for problem in capture.problems] == ["cut"]


def test_rejected_write_requests_of_text_are_marked() -> None:
    lines = [
        "< ACL Data TX: Handle 64 flags 0x00 dlen 27         #1 [hci0] 1.5",
        "      ATT: Write Request (0x12) len 6",
        "        Handle: 0x0019",
        "          Data: 01020304",
        "> ACL Data RX: Handle 64 flags 0x02 dlen 9          #2 [hci0] 1.6",
        "      ATT: Error Response (0x01) len 4",
        "        Write Request (0x12)",
        "        Handle: 0x0019",
        "        Error: Invalid Attribute Value Length (0x0d)",
    ]
    tabs = "1\t1760000000.100\t0x12\t0x0019\t01020304\n2\t1760000000.200\t0x01\t0x0019\t\n"
    for text in ("\n".join(lines), tabs):
        capture = read_capture(text.encode(), format="btmon" if "ACL" in text else "tshark")
        assert [(value.value.hex(), value.rejected) for value in capture.values] == [("01020304", True)]
