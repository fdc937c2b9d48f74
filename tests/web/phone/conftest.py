"""A shop with customers, and a phone that comes to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edge.identity.consent import Purpose
from tests.fakes.customers import Known, PhoneShop
from tests.web.conftest import browser

TOKEN = "ABCDEFGHIJ234567ABCD"
EVERYTHING = tuple(purpose.value for purpose in Purpose)


@dataclass
class FakePhone:
    """A phone's browser that posts what is on the page it saw last."""

    client: FlaskClient
    shop: PhoneShop
    seen: str = ""

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        response = self.client.get(path)
        if response.mimetype == "text/html":
            self.seen = response.text
        return response

    def hidden(self, name: str) -> str:
        """Return what a form of the last page carries along."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.seen)
        assert found, f"no {name} on the page"
        return found[1]

    def post(self, path: str, **fields: object) -> TestResponse:
        """Send a form of the last page."""
        return self.client.post(path, data={"csrf_token": self.hidden("csrf_token"), **fields})

    def come(self, screen: str = "kiosk-2") -> None:
        """Scan the code of a kiosk and read what it asks."""
        self.shop.customers.pairings[TOKEN] = screen
        assert self.client.get(f"/P/{TOKEN}").headers["Location"] == "/p/"
        self.get("/p/")

    def answer(
        self,
        *purposes: str,
        key: bytes | None = bytes(32),
        more: Mapping[str, object] = MappingProxyType({}),
    ) -> TestResponse:
        """Say yes to ``purposes``, as the page's own script does."""
        said = {
            "answer": "yes",
            "purposes": list(purposes),
            "over_age": True,
            "proof": self.hidden("proof"),
            "beacon_key": key.hex() if key is not None else None,
        }
        return self.client.post("/p/consent", json={**said, **more})

    def enrol(self, *purposes: str) -> Known:
        """Become a customer who allows ``purposes``."""
        self.come()
        assert self.answer(*(purposes or EVERYTHING)).get_json() == {"next": "/p/"}
        self.get("/p/me")
        return self.shop.customers.only


@pytest.fixture
def shop() -> PhoneShop:
    """Harbour Kitchen at lunch time, with customers."""
    return PhoneShop()


@pytest.fixture
def phone(app: Flask, shop: PhoneShop) -> FakePhone:
    """A phone that was never here."""
    return FakePhone(browser(app), shop)
