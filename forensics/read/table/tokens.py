"""How tools write bytes: every notation as the pattern of one token and a function from token to bytes."""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Callable
from typing import Literal

Decode = Callable[[str], bytes | None]
"""The bytes of a token, or None when it is none of this notation."""

Order = Literal["little", "big"]

HEX = "[0-9A-Fa-f]"


class Notation:
    """One way to write bytes.

    Args:
        name: For a sentence: ``hex in 300 lines``.
        token: Regular expression of one token, without groups.
        decode: One token to bytes.
        whole: A span of tokens and separators to bytes where that is faster; None makes ``decode`` try.
        words: A token begins and ends where a word does.
    """

    def __init__(self, name: str, token: str, decode: Decode, whole: Decode | None = None, *, words: bool = True) -> None:
        self.name = name
        self.token = token
        self.decode = decode
        self.whole = whole
        self.words = words
        before, behind = ("(?<![0-9A-Za-z_])", "(?![0-9A-Za-z_])") if words else ("", "")
        self.pattern = re.compile(before + token + behind)

    def bytes_of(self, span: str) -> bytes | None:
        """The bytes of all tokens in ``span``; None when one of them is none."""
        if self.whole is not None and (data := self.whole(span)) is not None:
            return data
        parts = [self.decode(token) for token in self.pattern.findall(span)]
        return None if None in parts else b"".join(part for part in parts if part is not None)


def _digits(token: str) -> str:
    """Hex digits without what C, Rust, assemblers and BASIC put around them."""
    if token.endswith("u8"):
        token = token[:-2]
    elif token[-1:] in ("u", "U", "h", "H"):
        token = token[:-1]
    return token[2:] if token[:2] in ("0x", "0X") else token.lstrip("x$&#H")


_SEPARATORS = str.maketrans(dict.fromkeys(",;:-|._/%=\t[](){}<>'\"\\+&#~*^!@", " "))


def hex_span(span: str) -> bytes | None:
    """The bytes of pairs of hex digits, whatever stands between them; None when something else is there."""
    try:
        return bytes.fromhex(span)
    except ValueError:
        pass
    try:
        return bytes.fromhex(span.replace("0x", " ").replace("0X", " ").translate(_SEPARATORS))
    except ValueError:
        return None


def _short_hex_span(span: str) -> bytes | None:
    try:
        return bytes(int(token, 16) for token in span.translate(_SEPARATORS).split())
    except ValueError:
        return None


def _decimal_span(span: str) -> bytes | None:
    try:
        return bytes(map(int, span.translate(_SEPARATORS).split()))
    except ValueError:
        return None


def _word(base: int, size: int, order: Order) -> Decode:
    """Numbers of ``size`` bytes, negative ones as two's complement."""
    top = 1 << (8 * size)

    def decode(token: str) -> bytes | None:
        value = int(_digits(token) if base == 16 else token, base)
        return (value % top).to_bytes(size, order) if -top // 2 <= value < top else None

    return decode


def _base64(token: str) -> bytes | None:
    digits = token.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4)) if len(digits) % 4 != 1 else None
    except ValueError:
        return None


def _unless_wrong(decode: Callable[[str], bytes]) -> Decode:
    def safe(token: str) -> bytes | None:
        try:
            return decode(token)
        except ValueError:
            return None

    return safe


def _base32(token: str) -> bytes:
    digits = token.rstrip("=")
    return base64.b32decode(digits + "=" * (-len(digits) % 8))


def _three_digits(token: str) -> bytes:
    return bytes(int(token[at : at + 3]) for at in range(0, len(token), 3))


_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|([0-7]{1,3})|(.))", re.DOTALL)
_SHORT = {"n": 10, "r": 13, "t": 9, "a": 7, "b": 8, "f": 12, "v": 11, "e": 27, "E": 27}


def _literal(encoding: str) -> Decode:
    """A string as source code writes it; nothing in it is a colour code or a separator."""

    def decode(token: str) -> bytes | None:
        quoted = re.match(r"""[bB]?(["'])(.*)\1$""", token, re.DOTALL)
        text = quoted[2] if quoted else token
        try:
            if text.isascii() and not re.search(r"\\[ueE]", text):
                return codecs.escape_decode(text.encode())[0]
            return _unescaped(text, encoding)
        except ValueError:  # UnicodeEncodeError is one
            return None

    return decode


def _unescaped(text: str, encoding: str) -> bytes:
    data, at = bytearray(), 0
    for hit in _ESCAPE.finditer(text):
        data += text[at : hit.start()].encode(encoding)
        at = hit.end()
        two, braced, four, octal, other = hit.groups()
        digits = two or braced or four
        if digits:
            value = int(digits, 16)
            data += bytes((value,)) if two or value < 256 else chr(value).encode(encoding)
        elif octal:
            data.append(int(octal, 8) & 255)
        else:
            data += bytes((_SHORT[other],)) if other in _SHORT else other.encode(encoding)
    return bytes(data + text[at:].encode(encoding))


_CELL = re.compile(r"   ([!-~])|  \\(.)| ([0-7]{3})|    ")


def _cells(span: str) -> bytes:
    data = bytearray()
    for char, escape, octal in _CELL.findall(span):
        data.append(ord(char) if char else _SHORT.get(escape, 0) if escape else int(octal, 8) & 255 if octal else 32)
    return bytes(data)


def _hex_bytes(token: str) -> bytes:
    return bytes.fromhex(_digits(token))


def _numbered(token: str) -> bytes | None:
    return _word(10, 1, "big")(re.split("[:=]", token)[1])


def _binary(token: str) -> bytes:
    size = len(token) // 8
    return int(token[-size * 8 :], 2).to_bytes(size, "big")


_QUOTED = r"""[bB]?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""

PLAIN_HEX = Notation("hex", rf"(?:0[xX]|x|\$|[&#]H)?(?:{HEX}{HEX})+(?:u8|[uUhH])?", _hex_bytes, hex_span)
LOW_WORDS = Notation(
    "hex words, low byte first", rf"(?:0[xX])?(?:{HEX}{HEX}){{1,16}}", lambda token: _hex_bytes(token)[::-1]
)
BASE85 = Notation("base85", r"[0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{5,}", _unless_wrong(base64.b85decode), words=False)

_SIZED = (("decimal", 10, r"-?\d{1,20}"), ("hex", 16, rf"(?:0[xX])?{HEX}{{1,16}}"))
_ORDERS: tuple[tuple[str, Order], ...] = (("low", "little"), ("high", "big"))

NOTATIONS: tuple[Notation, ...] = (
    PLAIN_HEX,
    Notation(
        "hex, one or two digits a byte",
        rf"(?:0[xX])?(?:[fF]{{6}})?{HEX}{{1,2}}",  # printf of a negative char prints six more digits
        lambda token: bytes((int(_digits(token)[-2:], 16),)),
        _short_hex_span,
    ),
    Notation("decimal", r"\d{1,3}", lambda token: bytes((int(token),)) if int(token) < 256 else None, _decimal_span),
    Notation("signed decimal", r"-?\d{1,3}", _word(10, 1, "big")),
    Notation("base64, each by itself", r"[A-Za-z0-9+/_-]{2,}={0,2}", _base64, words=False),
    Notation("a quoted literal", _QUOTED, _literal("latin-1"), words=False),
    Notation("a quoted literal in UTF-8", _QUOTED, _literal("utf-8"), words=False),
    LOW_WORDS,
    Notation("octal", r"(?:0o?|\\)?[0-7]{3}", lambda token: bytes((int(token.strip("o\\")[-3:], 8) & 255,))),
    Notation("octal words of 2 bytes", r"[0-7]{6}", _word(8, 2, "little")),
    Notation("octal words of 4 bytes", r"[0-7]{11}", _word(8, 4, "little")),
    Notation("binary", r"(?:0b)?(?:[01]{8})+", _binary),
    Notation("decimal, three digits a byte", r"(?:[012]\d\d){4,}", _unless_wrong(_three_digits)),
    Notation("base32", r"[A-Z2-7]{2,}={0,6}", _unless_wrong(_base32), words=False),
    BASE85,
    Notation("numbered values", r""""?\d+"?\]?\s?[:=]\s?-?\d{1,3}""", _numbered),
    *(
        Notation(f"{name} words of {size} bytes, {first} byte first", token, _word(base, size, order))
        for name, base, token in _SIZED
        for size in (2, 4, 8)
        for first, order in _ORDERS
    ),
)
"""Every notation, the plainest first: where two explain a text equally well, the earlier one is meant."""

CARRIED = Notation("base64 through the lines", r"[A-Za-z0-9+/_-]+={0,2}", _base64, words=False)
"""Lines that are pieces of one base64 text."""

CELLS = Notation("characters as od -c prints them", _CELL.pattern.replace("(", "(?:"), _cells, _cells, words=False)
ESCAPED = tuple(
    Notation(f"text with escapes{words}", r".*\\.*", _literal(encoding), _literal(encoding), words=False)
    for words, encoding in (("", "latin-1"), (" in UTF-8", "utf-8"))
)

ALL = (*NOTATIONS, CARRIED, CELLS, *ESCAPED)

_FAMILIES = {"hex": "hex", "base64": "base64", "python-bytes": "literal"}


def notations_of(name: str | None) -> tuple[Notation, ...]:
    """The notations that a name of ``TEXT_NAMES`` leaves; all of them for None."""
    word = _FAMILIES.get(name or "", "")
    return tuple(notation for notation in ALL if word in notation.name)
