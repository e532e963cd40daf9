"""The image was treated as text on its way."""

from __future__ import annotations

from forensics.classify.facts import Facts
from forensics.classify.wording import finding_of, notes
from forensics.model.finding import Explanation, Fault, Finding

FAULT = Fault(
    code="OTA213",
    slug="text-encoded",
    title="the image was converted as text",
    explanation=Explanation(
        meaning=(
            "The bytes went through a text conversion: UTF-8, hex, base64 or line endings. What arrived "
            "is a regular encoding of the image, not random damage."
        ),
        symptoms=(
            (
                "esp_ota_ops: OTA image has invalid magic byte (expected 0xE9, saw 0xef): UTF-8 with "
                "replacement characters EF BF BD"
            ),
            ('saw 0xc3: Latin-1 to UTF-8 (E9 became C3 A9); saw 0x45 or 0x65: hex text; saw 0x36: base64 text ("6Q")'),
            "The received length is 2 times, 4/3 times or about 1.5 to 2 times the sent one",
        ),
        causes=(
            (
                'The file was read as text: fs.readFileSync(path, "utf8"), response.text(), open(path) '
                'without "rb", String in Dart or Java.'
            ),
            (
                "A hex or base64 string was sent as it is; react-native-ble-plx takes base64 and must "
                "be given the image's own."
            ),
            "A text-mode transfer or editor changed 0D 0A line endings.",
            "Bytes were put into a String or JSON on the way and taken out with another charset.",
        ),
        confirm=(
            "otadiff SENT RECEIVED undoes each encoding and says which one fits.",
            'Look at the first bytes of the received data: EF BF BD, C3 A9, "E9" or "6Q".',
        ),
        fix_sender=(
            (
                "Read the file as bytes: readFileSync(path) without encoding, arrayBuffer(), open(path, "
                '"rb"), Data(contentsOf:).'
            ),
            (
                "Hand over a Buffer, Uint8Array or bytes; when the library wants base64, encode each "
                "chunk once and let the library decode it."
            ),
            "Where the conversion replaced bytes by EF BF BD the data is lost: send the file again.",
        ),
        fix_device=(
            (
                "Nothing needs changing on the device; check only that the first byte is 0xE9 and that the "
                "length is the announced one."
            ),
            "A receiver that wants hex or base64 must decode before esp_ota_write.",
        ),
        confused_with=(
            "OTA101 not-an-app-image: the file itself is Intel HEX or text",
            "OTA207 bytes-altered: changes that follow no rule",
            "OTA209 header-in-payload: only a few bytes before each chunk are foreign",
        ),
        sources=(
            "components/app_update/esp_ota_ops.c, esp_ota_write, ESP-IDF v5.4",
            "homieiot/homie-esp8266 pull request 403 (the same conversion over MQTT)",
            "dotintent/react-native-ble-plx issue 418 (base64 in the API)",
        ),
    ),
)

_WORDS = {
    "hex": "as hexadecimal text",
    "base64": "as base64 text",
    "utf-8": "as UTF-8 text: each byte above 0x7f became two",
    "utf-16": "as UTF-16 text: each byte became two",
    "utf-8-replacement": "as UTF-8 text: every byte that is no valid UTF-8 was replaced by ef bf bd and is lost",
    "crlf": "in text mode: a carriage return was put before every line feed",
}


def detect(facts: Facts) -> Finding | None:
    """The image was stored in an encoding instead of as bytes."""
    transform = facts.transform or facts.lossy
    if transform is None:
        return None
    rest = "nothing else differs" if facts.transform and not facts.alignment.edits else None
    return finding_of(
        FAULT,
        summary=f"the image was stored {_words(facts, transform)}",
        edits=facts.free if facts.lossy else (),
        notes=notes("undone before comparing; offsets count decoded bytes" if facts.transform else None, rest),
    )


def _words(facts: Facts, transform: str) -> str:
    layer = next((layer for layer in facts.alignment.layers if layer.name == transform), None)
    return f"with {layer.words}" if layer else _WORDS[transform]
