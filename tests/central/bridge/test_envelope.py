"""What is checked by hand is what ``schemas/event.json`` says, no more and no less."""

import copy
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from edge.central.bridge.envelope import checked
from edge.core.errors import WireContractError
from edge.wire.schema_files import schema
from tests.fakes.device_events import NOON, Sender

EVENT: dict[str, Any] = orjson.loads(Sender().body(1))
VALIDATOR = Draft202012Validator(dict(schema("event")))

PATHS = [
    *((name,) for name in EVENT),
    *(("data", name) for name in EVENT["data"]),
    *(("data", "context", name) for name in EVENT["data"]["context"]),
    ("data", "context", "app", "name"),
    ("data", "context", "app", "version"),
    ("data", "context", "device", "id"),
    ("data", "context", "site", "id"),
]
VALUES: list[Any] = [
    *(
        None,
        True,
        0,
        1,
        -1,
        2**53,
        1.5,
        1.0,
        "",
        "x",
        "a" * 33,
        "a" * 65,
        [],
        {},
        ["x"],
        {"id": "x"},
    ),
    *("1.0", "1.0\n", "ntp", "rtc", "instore.screen.v1", "urn:instore:schema:order:1", "track"),
    *("019c0000-0000-7000-8000-000000000001", "2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00Z"),
    *(
        "ab" * 8,
        "AB" * 8,
        1234567890123456,
        "/sites/harbour/devices/kiosk-01",
        "/sites/a/devices/b",
    ),
]


def is_taken(event: object) -> bool:
    try:
        checked(event)
    except WireContractError:
        return False
    return True


def with_(path: tuple[str, ...], value: object) -> dict[str, Any]:
    mutant = copy.deepcopy(EVENT)
    place = mutant
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return mutant


def test_a_devices_event_is_taken_and_says_where_it_is_from() -> None:
    found = checked(EVENT)

    assert (found.site, found.device) == ("harbour", "kiosk-01")
    assert (found.at - NOON).total_seconds() == 0.001


@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_a_member_that_is_missing_or_beside_it_is_refused(path: tuple[str, ...]) -> None:
    mutant = copy.deepcopy(EVENT)
    place = mutant
    for name in path[:-1]:
        place = place[name]
    kept = place.pop(path[-1])
    assert not is_taken(mutant)
    place["another"] = kept
    assert not is_taken(mutant)
    place[path[-1]] = kept
    assert not is_taken(mutant)


@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_whatever_a_member_holds_the_schema_agrees(path: tuple[str, ...]) -> None:
    for value in VALUES:
        mutant = with_(path, value)
        if is_taken(mutant):
            assert VALIDATOR.is_valid(mutant), (path, value)
        elif VALIDATOR.is_valid(mutant):
            # What a schema cannot say: the same id, site and device wherever they stand.
            assert path[-1] in {"id", "messageId", "source"} or value in {2**53, 1.0, "1.0\n"}


@given(
    value=st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(sorted(EVENT)), inner, max_size=12)
        ),
        max_leaves=20,
    )
)
def test_whatever_json_holds_it_is_an_event_or_refused(value: object) -> None:
    assert not is_taken(value)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("id",), "x", "id: wanted a text like"),
        (("seq",), 0, "another number"),
        (("seq",), 2**53, "another number"),
        (("time",), "2026-13-01T12:00:00.000Z", "another number, moment"),
        (("data", "messageId"), "019c0000-0000-7000-8000-000000000009", "data.messageId"),
        (("data", "event"), "", "data.event: wanted 1 to 40"),
        (("data", "properties"), [], "data.properties"),
        (("data", "context", "device", "id"), "kiosk-02", "data.context.device.id"),
        (("data",), [], "data.type"),
    ],
)
def test_a_refusal_names_the_member_and_not_what_it_held(
    path: tuple[str, ...], value: object, words: str
) -> None:
    with pytest.raises(WireContractError, match=words):
        checked(with_(path, value))
    with pytest.raises(WireContractError) as caught:
        checked(with_(("clock",), "Ada Lovelace"))
    assert "Ada" not in str(caught.value)
