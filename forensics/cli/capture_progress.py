"""How much of a large capture was read: a bar on standard error, on a terminal only."""

from __future__ import annotations

from pathlib import Path

from forensics.cli.progress_line import ProgressLine

_WIDTH = 24


class CaptureProgress:
    """Called with the number of bytes read so far; ``path`` tells how many there are, unless it is a pipe."""

    def __init__(self, path: str) -> None:
        self._line = ProgressLine()
        try:
            self._total = Path(path).stat().st_size if path != "-" else 0
        except (OSError, ValueError):
            self._total = 0

    def __call__(self, size: int) -> None:
        """Show the bar as far as it is, seldom enough to cost nothing."""
        amount = f"{size / 1_000_000:.0f} MB read"
        if self._total <= 0:
            self._line.tell(amount)
            return
        share = min(1.0, size / self._total)
        filled = round(share * _WIDTH)
        self._line.tell(f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%}  {amount}")

    def wipe(self) -> None:
        """Leave the line as it was before."""
        self._line.wipe()
