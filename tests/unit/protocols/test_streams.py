"""What a user can choose from, and what the choice gives."""

from __future__ import annotations

import pytest

from forensics.errors import UsageError
from forensics.protocols.streams import select_values, value_streams
from tests.unit.protocols import senders
from tests.unit.protocols.senders import CONTROL, DATA
from tests.unit.protocols.test_decode import IMAGE, UUIDS, captured

CAPTURE = captured(senders.control_data(IMAGE), "control-data")


def test_streams_are_listed_with_their_sizes() -> None:
    data, *rest = value_streams(CAPTURE)
    pieces = senders.cut(IMAGE, 244)
    assert (data.handle, data.uuid, data.count) == (DATA, UUIDS["control-data"][0], len(pieces) + 1)
    assert (data.size, data.shortest, data.longest) == (len(IMAGE) + 2, 2, 244)
    assert {(stream.handle, stream.operation.name, stream.count) for stream in rest} == {
        (CONTROL, "WRITE_REQUEST", 2),
        (CONTROL, "NOTIFICATION", 2),
    }


@pytest.mark.parametrize(
    "choice",
    [
        {"handle": DATA},
        {"uuid": UUIDS["control-data"][0]},
        {"uuid": UUIDS["control-data"][0].upper(), "connection": 0x40, "operation": "write-request"},
    ],
)
def test_choice_gives_the_values_end_to_end(choice: dict[str, int | str]) -> None:
    values = [value.value for value in select_values(CAPTURE, **choice)]  # type: ignore[arg-type]
    assert b"".join(values) == (244).to_bytes(2, "little") + IMAGE


def test_notifications_are_chosen_by_name() -> None:
    values = [value.value for value in select_values(CAPTURE, operation="notification")]
    assert values == [b"\2", b"\5"]
    with pytest.raises(UsageError):
        list(select_values(CAPTURE, operation="telepathy"))
    assert list(select_values(CAPTURE, connection=1)) == []
