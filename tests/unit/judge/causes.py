"""The known root causes of failed BLE updates, and the faults whose explanation tells of each.

The list is a survey of issue threads and receivers' sources; a test holds that every cause is told of, so
that an explanation is not shortened by accident. The name of a cause is the phrase that its first fault uses.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One root cause.

    Attributes:
        name: The phrase by which the causes of the first fault in ``slugs`` mention it.
        slugs: The faults that explain it, the most telling first.
    """

    name: str
    slugs: tuple[str, ...]


def _cause(name: str, *slugs: str) -> Cause:
    return Cause(name=name, slugs=slugs)


CAUSES: tuple[Cause, ...] = (
    _cause("sender overruns write commands", "chunk-missing", "unacknowledged"),
    _cause("ACL buffer pool is exhausted", "chunk-missing"),
    _cause("staging buffer in RAM is larger than the stack can absorb", "chunk-missing"),
    _cause("stream buffer with timeout 0 takes only a part of a write", "chunk-shortened"),
    _cause("chained NimBLE mbufs read as one flat block", "bytes-altered", "chunk-shortened"),
    _cause("u8 length in the receiver", "chunk-shortened"),
    _cause("first short write taken as end", "short-write-ended-transfer"),
    _cause("exact multiple of the chunk size", "short-write-ended-transfer"),
    _cause("last partial chunk was not sent", "tail-missing", "digest-failed"),
    _cause("fixed packet_size for the short last chunk", "harmless-tail"),
    _cause("announced chunk size differs from the real one", "bytes-inserted"),
    _cause("chunk size equals the ATT MTU", "chunk-shortened", "write-too-long"),
    _cause("hard-coded MTU is larger than the negotiated one", "write-too-long", "mtu-changed"),
    _cause("no MTU exchange", "chunk-shortened", "write-too-long"),
    _cause("long (prepared) writes", "write-too-long", "chunk-missing", "chunk-duplicated"),
    _cause("attribute value is over 512 bytes", "write-too-long"),
    _cause("erases the whole slot inside the BLE callback", "flash-erased", "link-lost"),
    _cause("calls esp_ota_end after the disconnect", "link-lost", "tail-missing"),
    _cause("app idles out the link", "link-lost", "disconnected"),
    _cause("reconnect restarts at offset 0", "stream-restarted"),
    _cause("double-buffer race", "chunk-missing"),
    _cause("chunk was lost under position addressing", "stale-data", "checksum-failed", "chunk-filled"),
    _cause("chunk index wraps at 256", "chunk-overwritten"),
    _cause("re-append loop", "chunk-duplicated"),
    _cause("buffer reuse race", "chunk-overwritten"),
    _cause("shares one BluetoothGattCharacteristic value", "chunk-overwritten"),
    _cause("issues writes concurrently", "chunk-reordered"),
    _cause("retransmission of an accepted chunk or sector", "chunk-duplicated"),
    _cause("stateful decoder (AES-GCM, zlib) was fed a retry", "bytes-altered"),
    _cause("sequence gap is logged", "sector-padded", "chunk-missing"),
    _cause("protocol header is left in the payload", "header-in-payload", "magic-invalid"),
    _cause("first chunk is eaten", "chunk-missing", "magic-invalid"),
    _cause("web installer's factory file", "merged-image"),
    _cause("compressed or packed image", "not-an-app-image"),
    _cause(".elf, .hex or .zip", "not-an-app-image"),
    _cause("wrong chip target", "wrong-chip", "chip-mismatch"),
    _cause("unsigned, or signed with a wrong key", "signature-failed"),
    _cause("file was read as text", "text-encoded"),
    _cause("hex or base64 string was sent", "text-encoded"),
    _cause("staging file system or partition was too small", "tail-missing"),
    _cause("not erased before the write", "flash-not-erased"),
    _cause("out-of-order writes by offset", "chunk-filled", "flash-not-erased"),
    _cause("wrong partition or slot", "wrong-image", "dump-of-another-attempt"),
    _cause("single bytes zeroed or flipped at random", "bytes-altered"),
    _cause("extra write before the start or after the end", "bytes-inserted", "flash-zero"),
    _cause("web client picks a payload of 507 bytes", "bytes-altered", "write-too-long"),
    _cause("flash encryption is on and the slot was dumped raw", "evidence-damaged"),
    _cause("Wi-Fi OTA that fails because BLE runs", "link-lost"),
    _cause("source file itself is faulty", "image-invalid"),
)
"""All 49, in the order of the survey."""
