"""Lines of ``esp_encrypted_img``, which decrypts an image while it is received.

Source: espressif/idf-extra-components ``esp_encrypted_img/src/esp_encrypted_img.c``.
"""

from __future__ import annotations

from forensics.model.finding import Certainty, Where
from forensics.spec.log_lines.template import Meaning, event, meaning

LINES = (
    event("decryption_failed", "Magic Verification failed", "encrypted-magic"),
    event("decryption_failed", "Unable to decipher GCM key", "encrypted-key"),
    event("decryption_failed", "Failed to derive GCM key", "encrypted-key"),
    event("decryption_failed", "Could not find HMAC key in configured eFuse block!", "encrypted-key"),
    event("decryption_failed", "Invalid operation", "encrypted-short"),
    event("decryption_failed", "Decryption process not completed successfully", "encrypted-short"),
    event("decryption_failed", "Invalid Auth", "encrypted-auth"),
    event("decryption_failed", "Couldn't allocate memory to handle", "no-memory"),
)

MEANINGS: dict[str, Meaning] = {
    "encrypted-magic": meaning("not-an-app-image", Where.FILE,
        "the file is not encrypted for esp_encrypted_img: it does not begin with cf b6 88 07",
        "Send the file that esp_enc_img_gen.py wrote, not the plain image, or build the device without decryption.",
        notes=("a plain image begins with 0xe9",)),
    "encrypted-key": meaning("update-refused", Where.FILE,
        "the device has not the key that the file was encrypted for",
        "Encrypt the image with the public key that belongs to the private key in the device.",
        certainty=Certainty.LIKELY),
    "encrypted-short": meaning("tail-missing", Where.SENDER,
        "the decryption was ended before the whole encrypted image had come",
        "Feed all bytes of the file to esp_encrypted_img_decrypt_data before esp_encrypted_img_decrypt_end.",
        where=Where.UNKNOWN, certainty=Certainty.LIKELY),
    "encrypted-auth": meaning("digest-failed", Where.SENDER,
        "the decrypted image fails its authentication tag: bytes of the file were changed or lost",
        "Compare what was received with the encrypted file, and send it again.",
        where=Where.UNKNOWN),
}  # fmt: skip
