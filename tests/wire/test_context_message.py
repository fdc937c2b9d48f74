"""Context from outside is taken only when it is what the schema says."""

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from edge.context.moment import Weather
from edge.core.errors import WireContractError
from edge.wire.context_message import MAX_BYTES, ContextMessage, parse_context
from edge.wire.schema_files import schema

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "version": 1,
    "sent_at": "2026-03-01T11:00:00Z",
    "weather": [
        {"from_at": "2026-03-01T12:00:00Z", "temp_c": 21.5, "is_wet": False},
        {"from_at": "2026-03-01T13:00:00Z", "temp_c": 18, "is_wet": True},
    ],
    "kitchen_load": 0.4,
    "stock": [{"sku": "tea", "available": 0}, {"sku": "jam", "available": None}],
}


def test_a_good_message_is_taken_whole() -> None:
    message = parse_context(orjson.dumps(GOOD))

    assert message.kitchen_load == 0.4
    assert [(line.sku, line.available) for line in message.stock] == [("tea", 0), ("jam", None)]
    assert list(Draft202012Validator(dict(schema("context"))).iter_errors(GOOD)) == []


def test_the_weather_of_a_moment_is_the_last_that_has_begun() -> None:
    message = parse_context(orjson.dumps(GOOD))

    assert message.weather_at(NOON - timedelta(seconds=1)) is None
    assert message.weather_at(NOON + timedelta(minutes=59)) == Weather(21.5, is_wet=False)
    assert message.weather_at(NOON + timedelta(hours=9)) == Weather(18, is_wet=True)


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        pytest.param(b"", "wanted JSON", id="nothing"),
        pytest.param(b"\xff\xfe", "wanted JSON", id="not text"),
        pytest.param(b"[" * 30_000 + b"]" * 30_000, "wanted JSON", id="depth bomb"),
        pytest.param(b'{"version":1,"kitchen_load":NaN}', "wanted JSON", id="not a number"),
        pytest.param(b'{"kitchen_load":1e999}', "wanted JSON", id="infinity"),
        pytest.param(b"[]", "valid dictionary", id="no object"),
        pytest.param(b" " * (MAX_BYTES + 1), "at most 65536 bytes, got 65537", id="too large"),
        pytest.param(b'{"version":2,"sent_at":"2026-03-01T11:00:00Z"}', "version", id="version"),
        pytest.param(b'{"version":1,"sent_at":"2026-03-01T11:00:00"}', "sent_at", id="naive time"),
    ],
)
def test_what_is_not_a_context_message_is_refused_with_the_reason(payload: bytes, why: str) -> None:
    with pytest.raises(WireContractError, match=why):
        parse_context(payload)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kitchen_load", 1.1),
        ("kitchen_load", "high"),
        ("stock", [{"sku": "", "available": 1}]),
        ("stock", [{"sku": "tea", "available": -1}]),
        ("stock", [{"sku": "tea", "available": 1, "price": 3}]),
        ("weather", [{"from_at": "2026-03-01T12:00:00Z", "temp_c": 99, "is_wet": True}]),
        ("customer", "Amira"),
    ],
)
def test_a_field_out_of_place_or_range_refuses_the_whole_message(field: str, value: object) -> None:
    with pytest.raises(WireContractError, match=field):
        parse_context(orjson.dumps(GOOD | {field: value}))


@settings(deadline=None)
@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(sorted(GOOD)), inner, max_size=5)
        ),
        max_leaves=12,
    ).map(orjson.dumps)
)
def test_whatever_comes_is_a_message_or_a_refusal(payload: bytes) -> None:
    with contextlib.suppress(WireContractError):
        assert isinstance(parse_context(payload), ContextMessage)
