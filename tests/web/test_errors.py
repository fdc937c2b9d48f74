"""An error says what happened, what still works and what to do, in the way of its surface."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from edge.core.errors import StorageUnavailableError
from tests.fakes.services import FakeShop
from tests.web.conftest import browser


def test_an_unknown_page_offers_the_list_of_screens(client: FlaskClient) -> None:
    response = client.get("/nowhere")

    assert response.status_code == 404
    assert 'href="/"' in response.text


def test_the_api_answers_with_problem_details(client: FlaskClient) -> None:
    response = client.get("/api/v1/nowhere")

    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"
    assert {"title", "detail", "status"} <= set(response.get_json())


def test_a_shopper_never_sees_an_error_page(client: FlaskClient) -> None:
    response = client.get("/kiosk/nowhere")

    assert response.status_code == 303
    assert response.headers["Location"] == "/kiosk/"


def test_a_tap_that_fails_takes_the_kiosk_to_its_first_screen(client: FlaskClient) -> None:
    response = client.get("/kiosk/nowhere", headers={"HX-Request": "true"})

    assert response.headers["HX-Redirect"] == "/kiosk/"


def test_a_kiosk_whose_first_screen_fails_rests_and_looks_again(app: Flask) -> None:
    def fail() -> str:
        msg = "a broken first screen"
        raise RuntimeError(msg)

    app.view_functions["kiosk.attract"] = fail
    response = browser(app).get("/kiosk/")

    assert response.status_code == 500
    assert "Please order at the counter." in response.text
    assert 'http-equiv="refresh"' in response.text


def test_a_full_disk_is_told_with_when_to_try_again(app: Flask) -> None:
    def fail() -> str:
        msg = "the disk is full"
        raise StorageUnavailableError(msg)

    app.view_functions["home.first"] = fail
    response = browser(app).get("/")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    response = client.get("/weather")

    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize(
    ("language", "words"), [("en-GB", "nothing at this address"), ("de-DE", "dieser Adresse")]
)
def test_the_message_speaks_the_shop_s_first_language_unless_the_page_spoke_another(
    client: FlaskClient, shop: FakeShop, language: str, words: str
) -> None:
    address = "/tablet/guide?a=nothing"  # the tablet speaks what its browser asks for
    response = client.get(address, headers={"Accept-Language": language})

    assert response.status_code == 404
    assert words in response.text
