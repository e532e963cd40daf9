"""Lines of a text input without what terminals and serial monitors put around them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\[[0-9];[0-9]{2}m|\[0m")
_MONITOR = re.compile(
    r"^(?:"
    r"\d\d:\d\d:\d\d\.\d{3} -> "  # the Arduino IDE's serial monitor with time stamps
    r"|\[\d\d:\d\d:\d\d(?:\.\d+)?\](?:\[[A-Z]+\]\[[^\]]{1,60}\]: ?)?"  # ESPHome
    r")"
)


def read_lines(data: bytes) -> Iterator[str]:
    """The lines of ``data`` (UTF-8 or UTF-16), without colours, monitor time stamps and line ends.

    Bytes that are no text become U+FFFD, so that a reader sees that the line is damaged.
    """
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, errors="replace", newline=None) as stream:
        for line in stream:
            text = line.rstrip()
            if "[" in text:
                text = _COLOUR.sub("", text).rstrip()
            yield _MONITOR.sub("", text) if text[:1].isdigit() or text[:1] == "[" else text
