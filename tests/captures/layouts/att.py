"""ATT PDUs. Source: Bluetooth Core Specification 5.4, volume 3, part F, section 3.4."""

from __future__ import annotations

from construct import Bytes, Const, GreedyBytes, Int8ub, Int16ul, Struct

VALUE = Struct("opcode" / Int8ub, "handle" / Int16ul, "value" / GreedyBytes)
"""Write request and command, notification, indication."""

PREPARE_WRITE = Struct("opcode" / Const(0x16, Int8ub), "handle" / Int16ul, "offset" / Int16ul, "value" / GreedyBytes)
EXECUTE_WRITE = Struct("opcode" / Const(0x18, Int8ub), "flags" / Int8ub)
MTU = Struct("opcode" / Int8ub, "mtu" / Int16ul)
ERROR = Struct("opcode" / Const(0x01, Int8ub), "request" / Int8ub, "handle" / Int16ul, "code" / Int8ub)

CHARACTERISTIC = Struct(
    "declaration" / Int16ul,
    "properties" / Int8ub,
    "handle" / Int16ul,
    "uuid" / Bytes(16),
)
assert CHARACTERISTIC.sizeof() == 21
"""One entry of a Read By Type response for 0x2803 with 128-bit UUIDs (3.4.4.2, and part G, 3.3.1)."""
