from __future__ import annotations

import pytest

import forensics
from forensics.errors import InputError, LiveError, OtadiffError, OutputError, ReportError, UsageError


@pytest.mark.parametrize("kind", [InputError, LiveError, OutputError, ReportError, UsageError])
def test_every_error_is_an_otadiff_error(kind: type[OtadiffError]) -> None:
    with pytest.raises(OtadiffError):
        raise kind("no such file", name="sent.bin", next_step="check the path")


@pytest.mark.parametrize("kind", [InputError, LiveError, OutputError, UsageError])
def test_no_error_leaves_the_next_step_out(kind: type[OtadiffError]) -> None:
    with pytest.raises(TypeError, match="next_step"):
        kind("no such file", name="sent.bin")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OtadiffError("no such file"), "no such file"),
        (OtadiffError("no such file", name="sent.bin"), "sent.bin: no such file"),
        (OtadiffError("ends early", name="sent.bin", offset=0x1F4), "sent.bin at 0x1f4: ends early"),
        (OtadiffError("ends early", name="sent.bin", offset=0), "sent.bin at 0x0: ends early"),
        (OtadiffError("ends early", offset=16), "at 0x10: ends early"),
        (OtadiffError("is empty", name="a.bin", next_step="read the slot again"), "a.bin: is empty; read the slot again"),
        (OtadiffError("is empty", next_step="read the slot again"), "is empty; read the slot again"),
    ],
)
def test_the_text_names_place_reason_and_next_step(error: OtadiffError, text: str) -> None:
    assert str(error) == text


def test_the_parts_stay_readable() -> None:
    error = InputError("ends early", name="sent.bin", offset=3, next_step="send it again")
    assert (error.reason, error.name, error.offset, error.next_step) == ("ends early", "sent.bin", 3, "send it again")


def test_the_package_names_the_root() -> None:
    assert forensics.OtadiffError is OtadiffError
