"""Evidence with right headers, lengths and checks but any content, made quickly and in any number."""

from __future__ import annotations

import io
import struct
import tarfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forensics.spec.esp_image import SEGMENT_HEADER
from forensics.synth.image import build_image, seal
from tests.captures import connected as open_connection
from tests.captures import disconnected as end_connection

IMAGE = build_image(chip="ESP32", size=6_000)
STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14
ENCRYPTED, ENDS_ITSELF = 1, 2
_FIRST, _FIRST_TO_HOST, _CONTINUING = 0, 2, 1
_FROM_DEVICE, _COMMAND_OR_EVENT = 1, 2
_ACL, _EVENT = b"\x02", b"\x04"
_EPOCH = 0x00DCDDB30F2F8000


@dataclass(frozen=True, slots=True)
class Packet:
    """One HCI packet with its H4 indicator; ``longer`` is how many bytes more it claims to have had on the link."""

    data: bytes
    flags: int = 0
    longer: int = 0


def acl(handle: int, fragment: bytes, *, first: bool = True, sent: bool = True, size: int | None = None) -> Packet:
    """A fragment of L2CAP on a connection; ``size`` is what the header claims."""
    boundary = (_FIRST if sent else _FIRST_TO_HOST) if first else _CONTINUING
    header = struct.pack("<HH", handle & 0xFFF | boundary << 12, len(fragment) if size is None else size)
    return Packet(_ACL + header + fragment, 0 if sent else _FROM_DEVICE)


def att(pdu: bytes, handle: int = 0x40, *, sent: bool = True) -> Packet:
    """A whole ATT PDU in one fragment."""
    return acl(handle, struct.pack("<HH", len(pdu), 4) + pdu, sent=sent)


def connected(handle: int = 0x40) -> Packet:
    """A connection to always the same peer begins."""
    return Packet(_EVENT + open_connection(handle).data, _FROM_DEVICE | _COMMAND_OR_EVENT)


def disconnected(handle: int = 0x40) -> Packet:
    """The connection ends."""
    return Packet(_EVENT + end_connection(handle).data, _FROM_DEVICE | _COMMAND_OR_EVENT)


def btsnoop(packets: Iterable[Packet]) -> bytes:
    """A btsnoop file of H4 packets, a millisecond apart."""
    pieces = [b"btsnoop\0" + struct.pack(">II", 1, 1002)]
    for number, packet in enumerate(packets):
        size = len(packet.data)
        pieces.append(
            struct.pack(">IIIIq", size + packet.longer, size, packet.flags, 0, _EPOCH + number * 1000) + packet.data
        )
    return b"".join(pieces)


def pcap(records: Iterable[bytes], link_type: int = 201) -> bytes:
    """A pcap file of records of a link type."""
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link_type)
    return head + b"".join(
        struct.pack("<IIII", number, 0, len(data), len(data)) + data for number, data in enumerate(records)
    )


def pcapng(records: Iterable[bytes], link_type: int = 201) -> bytes:
    """A pcapng file of one section and one interface."""

    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    pieces = [
        block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)),
        block(1, struct.pack("<HHI", link_type, 0, 65535)),
    ]
    pieces += (block(6, struct.pack("<IIIII", 0, 0, at, len(data), len(data)) + data) for at, data in enumerate(records))
    return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a zip, as it is told: its size and CRC need not be those of what it unpacks to."""

    name: str
    packed: bytes
    method: int = STORED
    size: int | None = None
    crc: int = 0
    flags: int = 0


def deflated(name: str, content: bytes) -> Member:
    """A member whose size and CRC are right."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(content) + packer.flush()
    return Member(name, packed, DEFLATED, len(content), zlib.crc32(content))


def zipped(members: Sequence[Member], *, overlapping: int = 1) -> bytes:
    """A zip file of members; the list of files names each of them ``overlapping`` times, over the same bytes."""
    body, listed = bytearray(), bytearray()
    for member in members:
        name, start = member.name.encode("utf-8", "surrogateescape"), len(body)
        size = len(member.packed) if member.size is None else member.size
        fields = (20, member.flags, member.method, 0, 33, member.crc, len(member.packed), size, len(name))
        body += b"PK\3\4" + struct.pack("<HHHHHIIIHH", *fields, 0) + name + member.packed
        for number in range(overlapping):
            again = name if overlapping == 1 else b"%d" % number + name
            entry = struct.pack("<HHHHHHIIIHHHHHII", 20, *fields[:-1], len(again), 0, 0, 0, 0, 0, start)
            listed += b"PK\1\2" + entry + again
    count = min(len(members) * overlapping, 0xFFFF)
    return bytes(body + listed) + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(listed), len(body), 0)


def tarred(name: str, content: bytes) -> bytes:
    """A tar file of one member."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def image(segments: Sequence[tuple[int, bytes]]) -> bytes:
    """An image with right checksum and digest of (load address, content) segments."""
    return seal(IMAGE[:1] + bytes((len(segments) & 0xFF,)) + IMAGE[2:24], segments)


def empty_image() -> bytes:
    """An image whose header says that no segment follows."""
    return IMAGE[:1] + b"\0" + IMAGE[2 : 24 + SEGMENT_HEADER.sizeof()] + bytes(4096)


def named_image(project: str) -> bytes:
    """An image whose app descriptor holds a project's name, with the digest put right."""
    place = IMAGE.index(b"blink\0")
    name = project.encode()[:32].ljust(32, b"\0")
    first = int.from_bytes(IMAGE[28:32], "little")
    return seal(IMAGE[:1] + b"\1" + IMAGE[2:24], [(0x3F400020, (IMAGE[32:place] + name + IMAGE[place + 32 : 32 + first]))])
