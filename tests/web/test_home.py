"""The first page lists the screens; the demo can change its weather there."""

import pytest
from flask.testing import FlaskClient

from edge.web.app import create_app
from tests.fakes.services import FakeShop
from tests.web.conftest import browser


def test_every_screen_is_listed_with_its_address(client: FlaskClient, shop: FakeShop) -> None:
    page = client.get("/").text

    for screen in shop.screens:
        if screen.surface == "signage":
            assert f'href="/board/{screen.screen_id}"' in page
        if screen.surface == "kiosk":
            assert f'href="/kiosk/?screen={screen.screen_id}"' in page
    assert 'href="/tablet/"' in page


def test_every_address_on_the_page_answers(client: FlaskClient) -> None:
    page = client.get("/").text
    addresses = {part.split('"')[0] for part in page.split('href="')[1:]}

    assert len(addresses) > 8
    for address in sorted(addresses):
        assert client.get(address.replace("&amp;", "&")).status_code == 200, address


def test_a_part_that_is_not_there_is_shown_as_such(client: FlaskClient) -> None:
    page = client.get("/").text

    assert "Delivery to the head office" in page
    assert "Not connected" in page


def test_the_weather_switch_tells_the_shop_and_shows_what_is_chosen(
    client: FlaskClient, shop: FakeShop, token: str
) -> None:
    client.post("/weather", data={"weather": "cold", "csrf_token": token})

    assert shop.weather is not None
    assert (shop.weather.temp_c, shop.weather.is_wet) == (4.0, True)
    page = client.get("/").text
    assert page.count('aria-pressed="true"') == 1


def test_a_weather_that_is_not_offered_is_refused(client: FlaskClient, token: str) -> None:
    response = client.post("/weather", data={"weather": "hail", "csrf_token": token})

    assert response.status_code == 400


def test_outside_the_demo_there_is_no_switch() -> None:
    client = browser(create_app(FakeShop(is_demo=False).services()))

    assert 'action="/weather"' not in client.get("/").text


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_probes_answer_in_one_line(client: FlaskClient, address: str) -> None:
    response = client.get(address)

    assert (response.status_code, response.mimetype) == (200, "text/plain")
    assert response.text.count("\n") == 1


def test_the_version_can_be_asked_for(client: FlaskClient) -> None:
    assert client.get("/version").get_json() == {"version": "0.1.0"}
