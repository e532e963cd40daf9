"""Byte strings as transfers and accidents make them."""

from __future__ import annotations

from hypothesis import strategies as st

tiny = st.binary(max_size=40)
runs = st.builds(lambda value, size: bytes((value,)) * size, st.integers(0, 255), st.integers(0, 300))
blocks = st.one_of(st.binary(max_size=200), runs)
files = st.builds(b"".join, st.lists(blocks, max_size=8))


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A file and the same file after some random edits."""
    sent = draw(files)
    received = sent
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(received)))
        end = draw(st.integers(start, min(len(received), start + 120)))
        put = draw(st.sampled_from(("cut", "repeat", "noise", "move")))
        piece = received[start:end]
        if put == "cut":
            received = received[:start] + received[end:]
        elif put == "repeat":
            received = received[:end] + piece + received[end:]
        elif put == "noise":
            received = received[:start] + draw(st.binary(max_size=60)) + received[end:]
        else:
            rest = received[:start] + received[end:]
            at = draw(st.integers(0, len(rest)))
            received = rest[:at] + piece + rest[at:]
    return sent, received
