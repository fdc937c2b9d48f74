"""Requests as an attacker sends them: to every route, from elsewhere, and made to break a reader."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from edge.web.headers import EVERYWHERE
from tests.fakes.appliance import LUNCH_AT, appliance
from tests.fakes.shopper import Shopper

NAMES = {"name": "board-1", "section_id": "coffee", "sku": "latte", "number": "1"}
BOMBS = (b"[" * 60_000, b'{"a":' * 10_000, b"9" * 60_000, b'"\xff\xfe"', b"NaN", b"1e999", b"null")
JSON = "application/json"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The whole application."""
    with appliance(tmp_path_factory.mktemp("data")) as built:
        assert built.services.clock() == LUNCH_AT
        yield built.app


@pytest.fixture
def guest(app: Flask) -> FlaskClient:
    """A browser in the middle of a visit, whose forms an attacker's page would use."""
    shopper = Shopper(app.test_client())
    shopper.begin()
    return shopper.client


def routes(app: Flask, method: str) -> list[str]:
    """Return an address for each route that takes ``method``."""
    found = []
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint != "live.stream":
            names = {name: NAMES.get(name, "x") for name in rule.arguments}
            found.append(app.url_map.bind("localhost").build(rule.endpoint, names, method=method))
    return sorted(set(found))


def was_refused(status: int, location: str) -> bool:
    """Say whether nothing was done; a kiosk leads its shopper back to the first screen instead."""
    return status in {403, 404, 415} or (status, location) == (303, "/kiosk/")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},  # another port of this host: a page of another service
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "same-origin, cross-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:1"},
        {"Origin": "null"},
        {},
    ],
    ids=repr,
)
def test_a_page_from_elsewhere_changes_nothing_whatever_it_sends(
    app: Flask, guest: FlaskClient, headers: dict[str, str]
) -> None:
    posts = routes(app, "POST")
    assert len(posts) > 20
    for path in posts:
        for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
            answer = guest.post(path, data=b"a=b", content_type=kind, headers=headers)
            location = answer.headers.get("Location", "")
            assert was_refused(answer.status_code, location), (path, kind, answer.status)


def test_json_from_another_origin_changes_nothing(app: Flask, guest: FlaskClient) -> None:
    for origin in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}):
        for path in routes(app, "POST"):
            answer = guest.post(path, data=b"{}", content_type=JSON, headers=origin)
            location = answer.headers.get("Location", "")
            assert was_refused(answer.status_code, location), (path, origin, answer.status)


def test_no_body_breaks_a_reader(app: Flask, guest: FlaskClient) -> None:
    for path in routes(app, "POST"):
        if path == "/kiosk/end":
            continue  # the visit is needed until the last
        for bomb in BOMBS:
            answer = guest.post(path, data=bomb, content_type=JSON)
            assert answer.status_code < 500, (path, bomb[:20])


def test_every_route_answers_every_method_with_all_headers_and_no_failure(
    app: Flask, guest: FlaskClient
) -> None:
    for path in {*routes(app, "GET"), *routes(app, "POST"), "/nothing", "/static/../../etc/passwd"}:
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "CONNECT", "ODD"):
            answer = guest.open(path, method=method)
            assert answer.status_code < 500, (method, path)
            assert EVERYWHERE.keys() <= set(answer.headers.keys()), (method, path)
            assert answer.headers.get("Cache-Control"), (method, path)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "localhost.",
        "localhost@evil.example",
        "localhost:80@evil.example",
        "evil.example#localhost",
        "[::1]",
        "[localhost",
        "",
        "localhost, evil.example",
    ],
)
def test_no_spelling_of_another_host_is_answered(app: Flask, host: str) -> None:
    assert app.test_client().get("/version", headers={"Host": host}).status_code == 400


def test_what_an_address_says_is_never_markup(app: Flask, guest: FlaskClient) -> None:
    evil = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    pages = [f"{path}?{q}={evil}" for path in routes(app, "GET") for q in ("lang", "id", "screen")]
    pages += [f"/{where}/{evil}" for where in ("ops/decision", "board", "kiosk/help", "kiosk/why")]
    pages += [f"/kiosk/item/latte?{q}={evil}" for q in ("decision", "slot", "view", "option.size")]
    for page in pages:
        answer = guest.get(page)
        is_markup = answer.mimetype == "text/html"
        assert not (is_markup and "<script>alert" in answer.text), page


def test_no_answer_leads_to_another_host(app: Flask) -> None:
    lost = client_of(app)
    for path in (
        "//evil.example",
        "//evil.example/kiosk",
        "/kiosk//evil.example",
        "/\\evil.example",
    ):
        assert "evil.example" not in lost.get(path).headers.get("Location", "").split("?")[0][:24]


def client_of(app: Flask) -> FlaskClient:
    """Return a browser without a visit."""
    return app.test_client()
