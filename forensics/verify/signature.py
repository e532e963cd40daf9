"""Signatures of secure boot v2 verified offline, each with the public key that it carries.

Source: ``esp_secure_boot_verify_sbv2_signature_block`` in components/bootloader_support/src/secure_boot_v2, ESP-IDF v5.4;
espsecure of esptool 5.6 (``verify_signature_v2``).
"""

from __future__ import annotations

from dataclasses import replace

from forensics.model.flash import SignatureBlock, TrailingBytes
from forensics.parse.signature import BlockParts, read_block

RSA_SIZE = 384
"""Bytes of a number of RSA-3072."""


def with_signatures_verified(data: bytes, trailing: TrailingBytes | None) -> TrailingBytes | None:
    """The signatures with ``verified`` set; as they were where the extra ``crypto`` is not installed."""
    if trailing is None or not any(block.key_digest for block in trailing.signatures):
        return trailing
    try:
        import cryptography  # noqa: F401, PLC0415 - an extra, and slow to load
    except ImportError:
        return trailing
    blocks = tuple(replace(block, verified=_is_signed(data, block)) for block in trailing.signatures)
    return replace(trailing, signatures=blocks)


def _is_signed(data: bytes, block: SignatureBlock) -> bool | None:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415 - an extra

    parts = read_block(data[block.span.start : block.span.end])
    if parts is None:
        return None
    try:
        (_verify_rsa if parts.is_rsa else _verify_ecdsa)(parts)
    except (InvalidSignature, ValueError):  # ValueError: a number that is none of the key's, or no point of the curve
        return False
    except UnsupportedAlgorithm:
        return None
    return True


def _verify_rsa(parts: BlockParts) -> None:
    """RSA-PSS with SHA-256 and a salt of 32 bytes.

    Raises:
        InvalidSignature: the key did not sign the digest.
        ValueError: it is no key.
    """
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils  # noqa: PLC0415 - an extra

    modulus, exponent = parts.key
    key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
    key.verify(parts.signature[0].to_bytes(RSA_SIZE, "big"), parts.image_digest, pss, utils.Prehashed(hashes.SHA256()))


def _verify_ecdsa(parts: BlockParts) -> None:
    """ECDSA on the curve that the key names.

    Raises:
        InvalidSignature: the key did not sign the digest.
        ValueError: it is no key.
    """
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: PLC0415 - an extra

    curves: dict[str | None, type[ec.EllipticCurve]] = {"P-192": ec.SECP192R1, "P-256": ec.SECP256R1, "P-384": ec.SECP384R1}
    if parts.curve not in curves:
        raise ValueError(parts.curve)
    key = ec.EllipticCurvePublicNumbers(*parts.key, curves[parts.curve]()).public_key()
    algorithm = hashes.SHA384() if parts.curve == "P-384" else hashes.SHA256()
    r, s = parts.signature
    key.verify(utils.encode_dss_signature(r, s), parts.image_digest, ec.ECDSA(utils.Prehashed(algorithm)))
