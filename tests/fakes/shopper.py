"""A shopper at a kiosk, as far as the service can tell: a browser that taps and sends forms."""

import re
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edge.web.kiosk.request import COOKIE


@dataclass
class Shopper:
    """One browser at one kiosk."""

    client: FlaskClient
    token: str = ""

    def begin(
        self, *, language: str = "en", service: str = "take_away", screen: str = "kiosk-1"
    ) -> TestResponse:
        """Touch the first screen and say where to eat; return the menu."""
        page = self.client.get(f"/kiosk/start?lang={language}&screen={screen}").text
        found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page)
        assert found
        self.token = found[1]
        fields = {
            "csrf_token": self.token,
            "lang": language,
            "service": service,
            "screen": screen,
        }
        answer = self.client.post("/kiosk/start", data=fields)
        assert answer.headers["Location"] == "/kiosk/menu"
        return self.client.get("/kiosk/menu")

    def tap(self, path: str) -> TestResponse:
        """Ask for a part of the page, as htmx does."""
        return self.client.get(path, headers={"HX-Request": "true"})

    def send(self, path: str, **fields: str | list[str]) -> TestResponse:
        """Send a form, as htmx does; ``option__milk`` is the field "option.milk"."""
        data = {name.replace("__", "."): value for name, value in fields.items()}
        headers = {"HX-Request": "true", "X-CSRF-Token": self.token}
        return self.client.post(path, data=data, headers=headers)

    def tell(self, path: str, body: object) -> TestResponse:
        """Send what a page sends by itself."""
        return self.client.post(path, json=body)

    def add(self, sku: str, **fields: str | list[str]) -> TestResponse:
        """Put a product into the basket, the way it starts out unless ``fields`` say more."""
        return self.send("/kiosk/basket", action="add", sku=sku, **fields)

    def is_sent_home(self, path: str) -> bool:
        """Whether a part of the page does not exist for them: they are sent to the first screen."""
        return self.tap(path).headers.get("HX-Redirect") == "/kiosk/"

    def has_key(self) -> bool:
        """Whether the browser still holds the key of a visit."""
        return self.client.get_cookie(COOKIE, domain="localhost", path="/kiosk") is not None


def decision(page: TestResponse) -> str:
    """Return the decision of the row on a page."""
    found = re.search(r'data-decision="([^"]+)"', page.text)
    assert found
    return found[1]
