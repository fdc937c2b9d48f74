"""A shop with a team, and a tablet somewhere on its network."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edge.web.app import create_app
from edge.web.guard import COOKIE, form_token
from edge.web.parts import parts_of
from tests.fakes.staff import CODE, PIN, StaffedShop
from tests.web.conftest import browser

ELSEWHERE = "192.168.1.7"


@dataclass
class FakeTablet:
    """A tablet's browser, which is not on the appliance."""

    app: Flask
    client: FlaskClient
    token: str

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, headers=headers)

    def post(self, path: str, **fields: str) -> TestResponse:
        """Send a form."""
        return self.client.post(path, data={"csrf_token": self.token, **fields})

    def tell(self, path: str) -> TestResponse:
        """Send what the page's own script sends."""
        return self.client.post(path, json={})

    def enrol(self) -> None:
        """Become one of the shop's tablets."""
        assert self.post("/tablet/enrol", code=CODE).status_code == 303

    def sign_in(self, user_id: str = "amira", pin: str = PIN) -> TestResponse:
        """Type a PIN."""
        return self.post("/tablet/sign-in", user_id=user_id, pin=pin)

    def cookie(self, name: str, path: str = "/tablet") -> str | None:
        """Return what the browser holds for a path."""
        found = self.client.get_cookie(name, path=path)
        return found.value if found else None


def tablet(app: Flask, address: str = ELSEWHERE) -> FakeTablet:
    """Return a tablet's browser at ``address``."""
    client = browser(app)
    client.environ_base["REMOTE_ADDR"] = address
    seed = "0" * 32
    client.set_cookie(COOKIE, seed)
    with app.test_request_context("/", headers={"Cookie": f"{COOKIE}={seed}"}):
        return FakeTablet(app, client, form_token())


@pytest.fixture
def team_shop() -> StaffedShop:
    """Harbour Kitchen with a team, and not as a demo."""
    return StaffedShop(is_demo=False)


@pytest.fixture
def team_app(team_shop: StaffedShop) -> Iterator[Flask]:
    """The application over ``team_shop``."""
    built = create_app(team_shop.services())
    yield built
    parts_of(built).hub.close()


@pytest.fixture
def stranger(team_app: Flask) -> FakeTablet:
    """A tablet that was never enrolled."""
    return tablet(team_app)


@pytest.fixture
def enrolled(stranger: FakeTablet) -> FakeTablet:
    """An enrolled tablet on which nobody is signed in."""
    stranger.enrol()
    return stranger


@pytest.fixture
def amira(enrolled: FakeTablet) -> FakeTablet:
    """An enrolled tablet with Amira, an associate."""
    assert enrolled.sign_in().status_code == 303
    return enrolled
