"""Operators see the parts, the figures, why something was shown, and the licences."""

from flask import Flask
from flask.testing import FlaskClient

from edge.web.parts import parts_of
from tests.fakes.services import FakeShop


def test_parts_and_figures_are_shown_in_words(client: FlaskClient, shop: FakeShop) -> None:
    shop.is_disk_full = True
    page = client.get("/ops/").text

    assert "Needs attention" in page
    assert "outbox_depth" in page


def test_a_board_links_to_the_decision_it_shows(
    app: Flask, client: FlaskClient, shop: FakeShop
) -> None:
    parts_of(app).boards.refresh()
    page = client.get("/ops/").text
    decision_id = next(iter(shop.slates))

    assert f'href="/ops/decision/{decision_id}"' in page
    assert decision_id in client.get(f"/ops/decision/{decision_id}").text


def test_a_decision_is_found_by_its_id(app: Flask, client: FlaskClient, shop: FakeShop) -> None:
    parts_of(app).boards.refresh()
    decision_id = next(iter(shop.slates))

    assert client.get(f"/ops/decision?id=%20{decision_id}%20").status_code == 200
    assert client.get("/ops/decision?id=nothing").status_code == 404


def test_what_an_explanation_holds_is_escaped(client: FlaskClient, shop: FakeShop) -> None:
    response = client.get("/ops/decision/<script>alert(1)</script>")

    assert response.status_code == 404
    assert "<script>alert" not in response.text


def test_the_licences_are_listed(client: FlaskClient) -> None:
    page = client.get("/ops/licences").text

    assert "Noto Emoji" in page
