"""An independent reading of the design's section 5: edits replayed over sent, spans checked byte by byte."""

from __future__ import annotations

from typing import Any

LEAVE = {"dropped", "reordered", "replaced", "filled", "altered", "truncated"}


def occurrences(edit: dict[str, Any]) -> list[dict[str, Any]]:
    repeat = edit.get("repeat") or {"count": 1, "sent_step": 0, "received_step": 0, "source_step": 0}
    result = []
    for number in range(repeat["count"]):
        one = dict(edit)
        for key, step in (("sent", "sent_step"), ("received", "received_step"), ("source", "source_step")):
            if edit.get(key) is not None:
                one[key] = [place + number * repeat[step] for place in edit[key]]
        result.append(one)
    return result


def replay(sent: bytes, received: bytes, edits: list[dict[str, Any]]) -> bytes:
    """What the edits make of ``sent``; changed and foreign bytes are read from ``received``."""
    single = [one for edit in edits for one in occurrences(edit)]
    left = bytearray(b"\x01" * len(sent))
    for edit in single:
        if edit["kind"] in LEAVE and edit["sent"]:
            start, end = edit["sent"]
            assert not left[start:end].count(0), f"sent bytes taken twice: {edit}"
            left[start:end] = bytes(end - start)
    kept = bytes(byte for byte, stays in zip(sent, left, strict=True) if stays)
    result = bytearray()
    at = 0
    for edit in sorted(
        (one for one in single if one["received"][1] > one["received"][0]), key=lambda one: one["received"][0]
    ):
        start, end = edit["received"]
        gap = start - len(result)
        assert gap >= 0, f"received bytes claimed twice: {edit}"
        result += kept[at : at + gap]
        at += gap
        result += _content(sent, received, edit)
        assert len(result) == end, f"wrong size: {edit}"
    return bytes(result) + kept[at:]


def _content(sent: bytes, received: bytes, edit: dict[str, Any]) -> bytes:
    start, end = edit["received"]
    if edit["kind"] in ("duplicated", "reordered"):
        return bytes(sent[edit["sent"][0] : edit["sent"][1]])
    if edit["kind"] == "replaced":
        return bytes(sent[edit["source"][0] : edit["source"][1]])
    if edit["kind"] == "filled":
        return bytes([edit["value"]] * int(end - start))
    return received[start:end]


def check_spans(sent: bytes, received: bytes, spans: list[dict[str, Any]]) -> None:
    """They cover received in order without a gap, and each claim is true."""
    at = 0
    for span in spans:
        start, end = span["received"]
        assert start == at < end, f"a gap before {span}"
        at = end
        if span["relation"] == "same":
            assert sent[span["sent"][0] : span["sent"][1]] == received[start:end], span
        elif span["relation"] == "altered":
            assert span["sent"][1] - span["sent"][0] == end - start
            assert span["sent"][1] <= len(sent)
        elif span["relation"] == "fill":
            assert received[start:end] == bytes((span["value"],)) * (end - start)
    assert at == len(received)
