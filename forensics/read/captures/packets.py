"""The form in which every container hands its packets on: a plain tuple, since there are millions of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

COMMAND = 1
ACL = 2
SCO = 3
EVENT = 4
ISO = 5
LINK_LAYER = 6
OTHER = 0

Packet: TypeAlias = tuple[int, int, int, bool | None, bytes, int, int]
"""Packet number from 1, time in microseconds since 1970, kind, sent by the host (None when the container does
not say), HCI packet without its indicator byte (or link layer frame), how many of its bytes were cut off, and
which adapter or interface captured it."""

Decoded: TypeAlias = tuple[int, bool | None, bytes, int]
"""What a record's own bytes say of a packet: kind, sent by the host, packet, adapter."""

ReportProblem: TypeAlias = Callable[[str, int | None, str, int], None]
"""Takes kind, packet number, text and count of what is wrong with the container itself."""

TRUNCATED = "packets of which the capture kept only the beginning"
"""What a problem of kind ``truncated`` says."""

MAX_RECORD_SIZE = 0x40000
"""Bytes. Larger than any HCI packet (64 KiB) with any header that a container adds."""

CAPTURE_AGAIN = "save the capture again, or take the log of the other side"
"""What to do about a capture that cannot be opened."""
