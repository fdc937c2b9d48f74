"""The API against hostile callers: a clear refusal each, and never a server error (P12)."""

import json
from typing import Any, Final

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.web.api.bodies import (
    ContextBody,
    DecideBody,
    EventsBody,
    OrderBody,
    ScanBody,
    StockBody,
)
from edge.web.api.examples import EXAMPLES

TAKES: Final = {
    "scan": EXAMPLES[ScanBody],
    "decide": EXAMPLES[DecideBody],
    "events": EXAMPLES[EventsBody],
    "stock": EXAMPLES[StockBody],
    "context": EXAMPLES[ContextBody],
    "orders": EXAMPLES[OrderBody],
}

HUGE: Final = "9" * 4000


@pytest.mark.parametrize("path", sorted(TAKES))
@pytest.mark.parametrize(
    ("text", "status"),
    [
        pytest.param("", 400, id="nothing"),
        pytest.param("{", 400, id="cut off"),
        pytest.param("[" * 30_000, 400, id="depth bomb"),
        pytest.param('{"a":' * 10_000 + "1" + "}" * 10_000, 400, id="depth bomb of objects"),
        pytest.param("\ufeff{}", 400, id="byte order mark"),
        pytest.param('"\\ud800"', 400, id="half a character"),
        pytest.param("NaN", 422, id="not a number"),
        pytest.param("null", 422, id="null"),
        pytest.param("[]", 422, id="a list"),
        pytest.param('{"x": 1}', 422, id="unknown field"),
    ],
)
def test_what_is_no_request_is_refused_in_words(
    client: FlaskClient, path: str, text: str, status: int
) -> None:
    answer = client.post(f"/api/v1/{path}", data=text, content_type="application/json")

    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    problem = answer.get_json()
    assert problem["status"] == status
    assert "wanted" in problem["detail"]
    assert problem["to_do"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("context", '{"kitchen_load": NaN}'),
        ("context", '{"kitchen_load": Infinity}'),
        ("context", '{"weather": {"temp_c": 1e999, "is_wet": true}}'),
        ("context", '{"weather": {"temp_c": -1e999, "is_wet": true}}'),
        ("context", f'{{"kitchen_load": {HUGE}}}'),
        ("stock", f'{{"changes": [{{"sku": "croissant", "available": {HUGE}}}]}}'),
        ("stock", '{"changes": [{"sku": "croissant", "available": -1}]}'),
        ("stock", '{"changes": [{"sku": "croissant", "available": true}]}'),
        ("stock", '{"changes": [{"sku": "croissant", "available": 1.5}]}'),
        ("decide", '{"placement": "kiosk-strip", "at": "0001-01-01T00:00:00+14:00"}'),
        ("decide", '{"placement": "kiosk-strip", "at": "9999-12-31T23:59:59-14:00"}'),
        ("decide", '{"placement": "kiosk-strip", "visit": "a name\\u0000"}'),
        ("decide", '{"placement": "../../etc/passwd"}'),
        ("decide", '{"placement": "kiosk-strip", "avoid": ["water"]}'),
    ],
)
def test_numbers_moments_and_names_out_of_range_are_refused(
    client: FlaskClient, path: str, text: str
) -> None:
    answer = client.post(f"/api/v1/{path}", data=text, content_type="application/json")

    assert answer.status_code in {400, 422}
    assert "wanted" in answer.get_json()["detail"]


@pytest.mark.parametrize("path", sorted(TAKES))
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_taken(client: FlaskClient, path: str, kind: str) -> None:
    answer = client.post(f"/api/v1/{path}", data=json.dumps(TAKES[path]), content_type=kind)

    assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")
    assert "application/json" in answer.get_json()["detail"]


@pytest.mark.parametrize("path", sorted(TAKES))
def test_a_body_of_50_mb_is_refused_unread(client: FlaskClient, path: str) -> None:
    answer = client.post(f"/api/v1/{path}", data=b" " * 50_000_000, content_type="application/json")

    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


def test_an_answer_does_not_repeat_a_long_request(client: FlaskClient) -> None:
    body = {f"field_{i}": "x" * 20 for i in range(1500)}

    answer = client.post("/api/v1/decide", json=body)

    assert answer.status_code == 422
    assert len(answer.get_json()["mistakes"]) == 20
    assert "more)" in answer.get_json()["detail"]
    assert len(answer.data) < 5000


def test_a_page_of_another_origin_cannot_order(client: FlaskClient) -> None:
    answer = client.post(
        "/api/v1/orders", json=TAKES["orders"], headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "decide", 405),
        ("DELETE", "orders", 405),
        ("PUT", "health", 405),
        ("GET", "nothing-here", 404),
        ("GET", "explain/", 404),
        ("GET", "explain/%00%ff", 404),
        ("GET", "explain/" + "x" * 5000, 404),
    ],
)
def test_what_is_not_there_is_said_so(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(f"/api/v1/{path}", method=method, content_type="application/json")

    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["kiosk-strip", "croissant", "milk", "tap", "in", "2026-03-01T12:00:00Z"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=8)
            | st.sampled_from(["placement", "basket", "at", "events", "sku", "options"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, bytes]:
    """Return a route and a body: noise, any JSON, or a good request with one thing changed."""
    path = draw(st.sampled_from(sorted(TAKES)))
    kind = draw(st.sampled_from(["noise", "json", "changed", "changed", "changed"]))
    if kind == "noise":
        return path, draw(st.binary(max_size=200))
    if kind == "json":
        return path, json.dumps(draw(JSON)).encode()
    good: Any = json.loads(json.dumps(TAKES[path]))
    place: Any = good
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys)) if keys else None
        inner = place[key] if key is not None else None
        if isinstance(inner, dict | list) and inner and draw(st.booleans()):
            place = inner
            continue
        break
    if key is not None and draw(st.booleans()):
        place[key] = draw(JSON)
    elif isinstance(place, dict):
        place[draw(st.text(max_size=8))] = draw(JSON)
    else:
        place.append(draw(JSON))
    return path, json.dumps(good).encode()


@settings(
    max_examples=500,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(request=requests())
def test_500_odd_requests_make_no_server_error(
    client: FlaskClient, request: tuple[str, bytes]
) -> None:
    path, body = request

    answer = client.post(f"/api/v1/{path}", data=body, content_type="application/json")

    assert answer.status_code in {200, 400, 404, 422}
    if answer.status_code != 200:
        assert "wanted" in answer.get_json()["detail"]
