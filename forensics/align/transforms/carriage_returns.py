"""Text mode: a carriage return before every line feed."""

from __future__ import annotations


def without_carriage_returns(data: bytes) -> bytes | None:
    """``data`` with one carriage return taken away before each line feed."""
    if b"\r\n" not in data:
        return None
    return data.replace(b"\r\n", b"\n")
