"""With or without response: the user's wish, the protocol's way, and what the characteristic allows."""

from __future__ import annotations

import pytest

from forensics.errors import LiveError, LiveFailure, UsageError
from forensics.live.response import AS_THE_PROTOCOL, ResponsePolicy, parse_response
from forensics.live.services import Characteristic
from forensics.protocols.senders.steps import Write

REQUESTS, COMMANDS = "write", "write-without-response"


def place(*properties: str) -> Characteristic:
    return Characteristic(uuid="u", service="s", handle=3, properties=properties)


def image(response: bool | None = None) -> Write:
    return Write(characteristic="u", value=b"1", response=response, offset=0, length=1, chunk=0)


@pytest.mark.parametrize(
    ("asked", "properties", "expected"),
    [
        (None, (REQUESTS, COMMANDS), False),
        (None, (REQUESTS,), True),
        (True, (REQUESTS, COMMANDS), True),
        (True, (COMMANDS,), False),
        (False, (REQUESTS,), True),
        (True, (), True),
    ],
)
def test_the_protocol_decides_as_far_as_the_characteristic_allows(
    asked: bool | None, properties: tuple[str, ...], expected: bool
) -> None:
    assert AS_THE_PROTOCOL.of(image(asked), 1, place(*properties)) is expected


@pytest.mark.parametrize(
    ("text", "requests"),
    [("never", []), ("always", [1, 2, 3, 4, 5, 6]), ("every:3", [3, 6]), ("every:1", [1, 2, 3, 4, 5, 6])],
)
def test_the_user_decides_about_image_writes(text: str, requests: list[int]) -> None:
    policy = parse_response(text)
    both = place(REQUESTS, COMMANDS)
    assert [number for number in range(1, 7) if policy.of(image(), number, both)] == requests
    command = Write(characteristic="u", value=b"\1", response=True)
    assert policy.of(command, 1, both) is True


@pytest.mark.parametrize("text", ["", "sometimes", "every", "every:", "every:0", "every:-3", "every:x", "every:٣x"])
def test_what_names_no_policy_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError):
        parse_response(text)


@pytest.mark.parametrize(
    ("policy", "properties"),
    [
        (ResponsePolicy(every=0), (REQUESTS,)),
        (ResponsePolicy(every=1), (COMMANDS,)),
        (ResponsePolicy(every=4), (REQUESTS,)),
        (ResponsePolicy(every=4), (COMMANDS,)),
        (AS_THE_PROTOCOL, ("read",)),
    ],
)
def test_what_the_characteristic_does_not_allow_is_told_before_anything_is_sent(
    policy: ResponsePolicy, properties: tuple[str, ...]
) -> None:
    with pytest.raises(LiveError) as caught:
        policy.check(place(*properties), "ESP32")
    assert caught.value.failure is LiveFailure.NO_PROPERTY
