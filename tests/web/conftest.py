"""A shop, its application and a client that behaves like a browser."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from edge.web.app import create_app
from edge.web.guard import COOKIE, form_token
from edge.web.parts import parts_of
from tests.fakes.services import FakeShop


@pytest.fixture
def shop() -> FakeShop:
    """Harbour Kitchen at lunch time."""
    return FakeShop()


@pytest.fixture
def app(shop: FakeShop) -> Iterator[Flask]:
    """The application over ``shop``."""
    built = create_app(shop.services())
    yield built
    parts_of(built).hub.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser on the appliance: same origin, known host."""
    return browser(app)


def browser(app: Flask, host: str = "127.0.0.1:8080") -> FlaskClient:
    """Return a client that sends what a browser sends from our own pages."""
    client = app.test_client()
    client.environ_base.update(HTTP_HOST=host, HTTP_SEC_FETCH_SITE="same-origin")
    return client


@pytest.fixture
def token(app: Flask, client: FlaskClient) -> str:
    """The token that forms of ``client`` carry, as ``csrf_token`` or ``X-CSRF-Token``."""
    seed = "0" * 32
    client.set_cookie(COOKIE, seed)
    with app.test_request_context("/", headers={"Cookie": f"{COOKIE}={seed}"}):
        return form_token()
