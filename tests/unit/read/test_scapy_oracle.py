"""The writes that we read are those that scapy reads, where scapy is installed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics.model.capture import Operation
from forensics.read.captures import read_capture
from tests import captures as synth
from tests.unit.read.test_captures import CHUNKS, air, hci

# scapy puts no fragments together, so every PDU goes in one packet.
FILES: dict[str, Callable[[], bytes]] = {
    "187": lambda: synth.write_pcap(hci(1024), 187),
    "201": lambda: synth.write_pcap(hci(1024), 201),
    "201 in pcapng": lambda: synth.write_pcapng([(201, hci(1024))]),
    "251": lambda: synth.write_pcap(air(251), 251),
    "256": lambda: synth.write_pcap(air(251), 256),
    "192": lambda: synth.write_pcap(air(251), 192),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FILES)
def test_writes_are_those_of_scapy(name: str, tmp_path: Path) -> None:
    bluetooth = pytest.importorskip("scapy.layers.bluetooth", reason="scapy is not installed")
    pytest.importorskip("scapy.layers.bluetooth4LE")
    pytest.importorskip("scapy.layers.ppi")
    rdpcap = pytest.importorskip("scapy.utils").rdpcap
    path = tmp_path / "capture"
    path.write_bytes(FILES[name]())
    theirs: dict[int, list[bytes]] = {}
    for packet in rdpcap(str(path)):
        if bluetooth.ATT_Write_Command in packet:
            write = packet[bluetooth.ATT_Write_Command]
            theirs.setdefault(write.gatt_handle, []).append(bytes(write.data))
    ours: dict[int, list[bytes]] = {}
    for value in read_capture(path).values:
        if value.operation is Operation.WRITE_COMMAND:
            ours.setdefault(value.handle, []).append(value.value)
    assert _digests(ours) == _digests(theirs)
    assert next(iter(theirs.values())) == CHUNKS


def _digests(writes: dict[int, list[bytes]]) -> dict[int, tuple[int, str]]:
    """Number of writes and SHA-256 of their payloads end to end, by handle."""
    return {handle: (len(values), hashlib.sha256(b"".join(values)).hexdigest()) for handle, values in writes.items()}
