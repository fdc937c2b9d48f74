"""Every response carries the headers, whatever the route, the method and the outcome."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from edge.web.headers import CONTENT_SECURITY_POLICY, EVERYWHERE, PHONE, PHONE_POLICY
from tests.web.conftest import browser

VALUES = {"name": "board-1", "decision_id": "none"}


def addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """Return every route and method of the application, with arguments filled in."""
    adapter = app.url_map.bind("127.0.0.1")
    for rule in app.url_map.iter_rules():
        values = {name: _value(rule, name) for name in rule.arguments}
        for method in sorted(rule.methods or ()):
            yield method, adapter.build(rule.endpoint, values, method=method)


def _value(rule: Rule, name: str) -> str | int:
    return 1 if "int:" + name in rule.rule else VALUES.get(name, "x")


def test_every_route_and_method_carries_every_header(app: Flask) -> None:
    client = browser(app)
    seen = 0
    for method, route in addresses(app):
        # A stream that is taken would not end.
        address = "/live?screen=nobody" if route == "/live" else route
        response = client.open(address, method=method)
        wanted = dict(EVERYWHERE)
        if route.startswith(PHONE):
            wanted["Content-Security-Policy"] = PHONE_POLICY
        missing = {k: v for k, v in wanted.items() if response.headers.get(k) != v}
        assert missing == {}, f"{method} {address}"
        assert response.status_code < 500, f"{method} {address}"
        seen += 1
    assert seen > 40


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        pytest.param("/nothing/here", {}, id="not found"),
        pytest.param("/", {"Host": "evil.example"}, id="unknown host"),
        pytest.param("/static/nothing.css", {}, id="missing file"),
        pytest.param("/api/v1/nothing", {}, id="not found in the API"),
    ],
)
def test_an_error_carries_the_same_headers(
    client: FlaskClient, address: str, headers: dict[str, str]
) -> None:
    response = client.get(address, headers=headers)

    assert response.status_code >= 400
    assert {k: response.headers.get(k) for k in EVERYWHERE} == EVERYWHERE
    assert response.headers["Cache-Control"] == "no-store"


def test_a_failure_inside_a_page_carries_the_same_headers(app: Flask) -> None:
    def fail() -> str:
        return str(1 // 0)

    app.view_functions["home.first"] = fail
    response = browser(app).get("/")

    assert response.status_code == 500
    assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert b"ZeroDivisionError" not in response.data


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline() -> None:
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'; script-src 'self'; ")
    for word in ("unsafe", "http", "*", "data:", "nonce"):
        assert word not in CONTENT_SECURITY_POLICY


def test_pages_are_not_kept_and_hashed_files_are_kept_for_good(
    app: Flask, client: FlaskClient
) -> None:
    page = client.get("/")
    style = client.get(app.jinja_env.globals["asset"]("css/tokens.css"))  # type: ignore[operator]

    assert page.headers["Cache-Control"] == "no-store"
    assert style.headers["Cache-Control"] == "public, max-age=31536000, immutable"
