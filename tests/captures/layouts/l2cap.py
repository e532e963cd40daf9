"""L2CAP. Source: Bluetooth Core Specification 5.4, volume 3, part A, section 3.1."""

from __future__ import annotations

from construct import Bytes, Int16ul, Struct, this

PDU = Struct("length" / Int16ul, "channel" / Int16ul, "payload" / Bytes(this.length))
