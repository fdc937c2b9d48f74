"""What happens at kiosks without a touch: visits run out, stock changes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from edge.web.kiosk.surface import screens_of
from edge.web.live import Subscriber
from edge.web.parts import parts_of
from tests.fakes.services import FakeShop
from tests.fakes.shopper import Shopper


@pytest.fixture
def stream(app: Flask) -> Iterator[Subscriber]:
    with parts_of(app).hub.subscribed("kiosk-1") as subscriber:
        assert subscriber is not None
        yield subscriber


def heard(stream: Subscriber) -> list[tuple[str, str]]:
    return [(event.name, event.text) for event in stream.take(0)]


def test_open_kiosks_hear_which_products_changed_and_only_then(
    app: Flask, shop: FakeShop, stream: Subscriber
) -> None:
    screens = screens_of(app)
    screens.refresh()
    assert heard(stream) == []

    shop.sold_out.update({"latte", "espresso"})
    screens.refresh()
    assert heard(stream) == [("stock", '{"skus":["espresso","latte"]}')]
    screens.refresh()
    assert heard(stream) == []

    shop.sold_out.remove("latte")
    screens.refresh()
    assert heard(stream) == [("stock", '{"skus":["latte"]}')]


def test_a_crashed_page_leaves_nothing_behind(
    app: Flask, client: FlaskClient, shop: FakeShop, stream: Subscriber
) -> None:
    shopper = Shopper(client)
    shopper.begin()
    shopper.add("latte")
    shopper.send("/kiosk/help")
    shop.clock.advance(timedelta(seconds=75))

    screens_of(app).refresh()

    assert heard(stream) == [("visit-over", "{}")]
    assert parts_of(app).help_desk.open() == ()
    assert client.get("/kiosk/menu").headers["Location"] == "/kiosk/"
