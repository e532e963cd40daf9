"""What the device checks beside the walk, where its keys and settings are known: the signature and the secure version."""

from __future__ import annotations

from dataclasses import dataclass

from forensics.model.check import KEY_NOT_KNOWN, SECURE_VERSION, SIGNATURE, Check, Outcome
from forensics.model.device import DeviceSettings, Walk
from forensics.model.flash import SignatureBlock, TrailingBytes
from forensics.model.image import EspImage
from forensics.parse.trailing import parse_trailing
from forensics.spec.signature import SIGNATURE_V2_OF_CHIP
from forensics.verify.signature import with_signatures_verified
from forensics.verify.walk import walk

_NO_CRYPTO = "not verified: that needs pip install 'otadiff[crypto]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """All that the device decides about one image.

    Attributes:
        device: The walk.
        trailing: What follows the image, its signatures verified.
        checks: Those of the walk, then those of signature and secure version.
    """

    device: Walk
    trailing: TrailingBytes | None
    checks: tuple[Check, ...]

    @property
    def accepted(self) -> bool:
        """No check fails that the device makes."""
        return self.device.err == 0 and all(check.outcome is not Outcome.FAILED for check in self.checks)


def verify(data: bytes, image: EspImage, settings: DeviceSettings) -> Verified:
    """The walk over the image at the start of ``data``, and what else the file and the settings decide.

    Raises:
        UsageError: settings that name no chip, version or level.
    """
    device = walk(data, image, settings)
    trailing = with_signatures_verified(data, parse_trailing(data, image))
    return Verified(device=device, trailing=trailing, checks=device.checks + acceptance_checks(image, trailing, settings))


def acceptance_checks(image: EspImage, trailing: TrailingBytes | None, settings: DeviceSettings) -> tuple[Check, ...]:
    """The checks of secure boot and anti-rollback, as far as the file and the settings decide them.

    Args:
        image: The image.
        trailing: What follows it, its signatures verified.
        settings: The device.
    """
    checks = (_signature(trailing.signatures if trailing else (), settings, image.chip), _secure_version(image, settings))
    return tuple(check for check in checks if check is not None)


def _signature(blocks: tuple[SignatureBlock, ...], settings: DeviceSettings, chip: str | None) -> Check | None:
    """One good block with a trusted key is enough for the device (``esp_secure_boot_verify_sbv2_signature_block``)."""
    demanded = settings.signature if settings.signature != "none" else None
    if not blocks:
        wanted = demanded or ("secure boot v2" if settings.key_digests else None)
        return _judged(Outcome.FAILED, f"the device demands one ({wanted}), and none follows the image") if wanted else None
    fitting = [block for block in blocks if demanded is None or block.scheme.startswith(demanded.removesuffix(")"))]
    if not fitting:
        return _judged(Outcome.FAILED, f"the device demands {demanded}, and the image has {blocks[0].scheme}")
    only = SIGNATURE_V2_OF_CHIP.get(chip or "", "")
    if only and fitting[0].key_digest and not any(only in block.scheme for block in fitting):
        return _judged(Outcome.FAILED, f"the {chip} verifies {only} only, and the image has {fitting[0].scheme}")
    good = [block for block in fitting if block.good]
    trusted = [block for block in good if not settings.key_digests or block.key_digest in settings.key_digests]
    if trusted:
        known = "by a key that the device trusts" if settings.key_digests else KEY_NOT_KNOWN
        return _judged(Outcome.PASSED, known)
    if good:
        return _judged(Outcome.FAILED, "the device trusts no key that signed the image")
    if all(block.good is False for block in fitting):
        return _judged(Outcome.FAILED, _why(fitting[0]))
    key = any(block.key_digest for block in fitting)
    return _judged(Outcome.SKIPPED, _NO_CRYPTO if key else "not verified: the block does not hold its key")


def _why(block: SignatureBlock) -> str:
    if block.intact is False:
        return "the block is damaged: its CRC32 is wrong"
    if block.signs_image is False:
        return "it was made for other bytes: the image was changed after it was signed"
    return "the key that it carries did not make it"


def _secure_version(image: EspImage, settings: DeviceSettings) -> Check | None:
    """``esp_efuse_check_secure_version`` in components/efuse/src/esp_efuse_fields.c."""
    if settings.secure_version is None or image.app is None:
        return None
    passed = image.app.secure_version >= settings.secure_version
    why = None if passed else f"the device takes no app with a secure version below {settings.secure_version}"
    return Check(
        step=SECURE_VERSION,
        outcome=Outcome.PASSED if passed else Outcome.FAILED,
        expected=f"{settings.secure_version} or later",
        actual=str(image.app.secure_version),
        reason=why,
    )


def _judged(outcome: Outcome, reason: str) -> Check:
    return Check(step=SIGNATURE, outcome=outcome, reason=reason)
