"""Lines of ``secure_boot``, ``secure_boot_v1``, ``secure_boot_v2*`` that concern an image.

Source: ``components/bootloader_support/src/secure_boot_v1`` and ``secure_boot_v2``, ESP-IDF v3.0 to master.
"""

from __future__ import annotations

from forensics.spec.log_lines.template import LineTemplate, LineUse


def _event(kind: str, text: str, versions: str = "v3.0-") -> LineTemplate:
    return LineTemplate(kind=kind, text=text, use=LineUse.EVENT, versions=versions)


def _known(text: str, versions: str = "v3.0-") -> LineTemplate:
    return LineTemplate(kind="known", text=text, use=LineUse.KNOWN, versions=versions)


LINES = (
    _event(
        "signature_version_invalid",
        "image has invalid signature version field 0x{value:x} (image without a signature?)",
        "v4.4-",
    ),
    _event("signature_version_invalid", "image has invalid signature version field 0x{value:x}", "v3.0-v4.3"),
    _event("secure_boot_failed", "Secure Boot V2 verification failed", "v4.0-"),
    _event("secure_boot_failed", "Digest calculation failed 0x{address:x}, 0x{length:x}", "v4.1-"),
    _event(
        "signature_key_mismatch",
        "Public key digest in eFuse BLK2 and the signature block don't match",
        "v4.1-v4.2",
    ),
    _event("signature_missing", "No signatures were found for the running app", "v4.3-"),
    _event("signature_block_invalid", "Magic byte correct but incorrect crc", "v4.4-"),
    _event("signature_outdated", "Magic byte & CRC correct but incorrect image digest", "v4.4-"),
    _event("signature_block_invalid", "Signature block({index:d}) invalid/absent", "v4.3-"),
    _event("signature_verified", "Signature verified successfully", "v4.0-"),
    _known("verifying signature src_addr 0x{address:x} length 0x{length:x}"),
    _known("Verifying secure boot signature"),
    _known("Verification result {result:d}"),
    _known("Verifying with RSA-PSS"),
    _known("Verifying with ECDSA"),
    _known("{index:d} app key digest == #{trusted:d} trusted key digest", "v4.3-"),
)
