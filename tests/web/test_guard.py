"""Requests from elsewhere, from other pages and of unbearable size are refused."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from edge.web.app import create_app
from tests.fakes.services import FakeShop
from tests.web.conftest import browser
from tests.web.test_headers import addresses

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "::1"]
)
def test_an_unknown_host_is_refused_in_plain_words(client: FlaskClient, host: str) -> None:
    response = client.get("/", headers={"Host": host})

    assert response.status_code == 400
    assert response.mimetype == "text/plain"
    assert "allowed hosts" in response.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "LOCALHOST:9"])
def test_a_known_host_is_served_on_every_port(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_a_host_that_is_allowed_with_its_port_is_refused_on_another() -> None:
    client = browser(create_app(FakeShop(allowed_hosts=("shop.lan:8443",)).services()))

    assert client.get("/healthz", headers={"Host": "shop.lan:8443"}).status_code == 200
    assert client.get("/healthz", headers={"Host": "shop.lan:80"}).status_code == 400


def unsafe(app: Flask) -> list[tuple[str, str]]:
    """Return every route that changes something."""
    return [found for found in addresses(app) if found[0] not in {"GET", "HEAD", "OPTIONS"}]


def test_every_changing_route_refuses_a_form_without_a_token(app: Flask) -> None:
    client = browser(app)
    found = unsafe(app)
    for method, address in found:
        response = client.open(address, method=method, data={"a": "1"})
        refused = response.status_code in {403, 415}
        # A shopper never sees an error: the kiosk goes back to its first screen instead.
        sent_back = address.startswith("/kiosk") and response.headers.get("Location") == "/kiosk/"
        assert refused or sent_back, f"{method} {address} answered {response.status_code}"
    assert len(found) > 15


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="cross-site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, id="another port or subdomain"),
        pytest.param({"Sec-Fetch-Site": "none"}, id="typed by hand"),
        pytest.param(
            {"Sec-Fetch-Site": "", "Origin": "http://evil.example"}, id="an older browser"
        ),
    ],
)
def test_every_changing_route_refuses_a_request_of_another_page(
    app: Flask, token: str, headers: dict[str, str]
) -> None:
    client = browser(app)
    client.set_cookie("edge_form", "0" * 32)
    for method, address in unsafe(app):
        sent = {**headers, "X-CSRF-Token": token}
        response = client.open(address, method=method, json={}, headers=sent)
        sent_back = address.startswith("/kiosk") and response.headers.get("Location") == "/kiosk/"
        assert response.status_code == 403 or sent_back, f"{method} {address}"


def test_a_form_with_its_token_is_taken(client: FlaskClient, shop: FakeShop, token: str) -> None:
    response = client.post("/weather", data={"weather": "hot", "csrf_token": token})

    assert response.status_code == 303
    assert shop.weather is not None
    assert shop.weather.temp_c == 28


def test_a_form_of_a_browser_that_says_no_origin_is_taken_by_its_token(
    app: Flask, client: FlaskClient, token: str
) -> None:
    client.environ_base.pop("HTTP_SEC_FETCH_SITE")
    data = {"weather": "hot"}

    refused = client.post("/weather", data=data, headers={"Origin": "null"})
    taken = client.post("/weather", data={**data, "csrf_token": token}, headers={"Origin": "null"})

    assert (refused.status_code, taken.status_code) == (403, 303)


def test_a_token_of_another_browser_is_refused(client: FlaskClient, token: str) -> None:
    client.set_cookie("edge_form", "1" * 32)

    response = client.post("/weather", data={"weather": "hot", "csrf_token": token})

    assert response.status_code == 403


def test_a_page_that_was_open_over_a_restart_is_loaded_again(
    client: FlaskClient, token: str
) -> None:
    headers = {"HX-Request": "true", "X-CSRF-Token": "old"}

    response = client.post("/tablet/ack-help", data={}, headers=headers)

    assert response.status_code == 204
    assert response.headers["HX-Refresh"] == "true"


def test_the_cookie_of_a_form_is_out_of_reach_of_scripts_and_other_sites(
    client: FlaskClient,
) -> None:
    cookie = client.get("/").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_a_board_sets_no_cookie(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/board/board-1").headers


@pytest.mark.parametrize("address", ["/api/v1/decide", "/weather", "/board/board-1/painted"])
def test_a_body_over_64_kib_is_refused(client: FlaskClient, token: str, address: str) -> None:
    body = b'{"a": "' + b"x" * 65536 + b'"}'

    response = client.post(address, data=body, content_type="application/json")

    assert response.status_code == 413


@pytest.mark.parametrize("kind", [FORM, "text/plain", "application/xml", ""])
def test_the_api_takes_json_only(client: FlaskClient, kind: str) -> None:
    response = client.post("/api/v1/decide", data=b'{"placement": "evaluation"}', content_type=kind)

    assert response.status_code == 415
    assert response.mimetype == "application/problem+json"
