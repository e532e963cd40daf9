"""How far a long job is: one line on standard error, on a terminal only."""

from __future__ import annotations

import sys
import time

_SECONDS_BEFORE = 1.0
_SECONDS_BETWEEN = 0.1


class ProgressLine:
    """One line that is written over and wiped at the end; a job of less than a second shows none."""

    def __init__(self) -> None:
        self._width = 0
        self._shown = sys.stderr.isatty()
        self._next = time.monotonic() + _SECONDS_BEFORE

    def tell(self, text: str) -> None:
        """Show ``text`` in place of what was shown before; too often is passed over."""
        if not self._shown or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _SECONDS_BETWEEN
        sys.stderr.write(f"\r{text:<{self._width}}")
        sys.stderr.flush()
        self._width = len(text)

    def wipe(self) -> None:
        """Leave the line as it was before."""
        if self._width:
            sys.stderr.write(f"\r{' ' * self._width}\r")
            sys.stderr.flush()
            self._width = 0
