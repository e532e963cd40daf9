"""What the virtual device prints on its serial port."""

from __future__ import annotations

from collections.abc import Callable, Iterable

_NO_TIME = "(0)"


class SerialPort:
    """Lines as ``ESP_LOGx`` prints them without colours.

    Args:
        milliseconds: Time since the device's start.
    """

    def __init__(self, milliseconds: Callable[[], int]) -> None:
        self._milliseconds = milliseconds
        self.lines: list[str] = []

    def info(self, tag: str, text: str) -> None:
        """One ``ESP_LOGI`` line."""
        self._add("I", tag, text)

    def error(self, tag: str, text: str) -> None:
        """One ``ESP_LOGE`` line."""
        self._add("E", tag, text)

    def walked(self, lines: Iterable[str]) -> None:
        """The verifier's lines, which come with 0 for the time."""
        stamp = f"({self._milliseconds()})"
        self.lines.extend(line.replace(_NO_TIME, stamp, 1) for line in lines)

    def _add(self, level: str, tag: str, text: str) -> None:
        self.lines.append(f"{level} ({self._milliseconds()}) {tag}: {text}")

    @property
    def text(self) -> str:
        """The whole log, one line a line."""
        return "".join(f"{line}\n" for line in self.lines)
