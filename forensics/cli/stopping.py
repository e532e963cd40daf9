"""How a run ends that was told to: by the keyboard, the system, or the end of its terminal."""

from __future__ import annotations

import signal
from types import FrameType

EXIT_INTERRUPTED = 128 + signal.SIGINT
"""Exit status after Ctrl-C."""


class Stopped(SystemExit):
    """A signal asked the program to end. Temporary files are removed on the way out, and a live link is closed.

    It is a ``SystemExit``, since an event loop hands on no other exception that a callback raises.

    Attributes:
        word: What happened, for the user.
    """

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.word = "terminated" if number == signal.SIGTERM else "hung up"


def stop_in_order() -> None:
    """Let SIGTERM and SIGHUP end the program as ``Stopped``, unless they are ignored, as ``nohup`` does."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):  # one request is enough: tidying up is not interrupted
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    raise Stopped(number)
