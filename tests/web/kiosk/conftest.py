"""Shoppers at a shop that may know them."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fakes.recognition import FakeRecognition, KnowingShop
from tests.fakes.shopper import Shopper
from tests.web.conftest import browser


@pytest.fixture
def knowing() -> KnowingShop:
    """The shop, with recognition switched on; a module makes it its ``shop``."""
    return KnowingShop()


@pytest.fixture
def recognition(knowing: KnowingShop) -> FakeRecognition:
    """Who stands where."""
    return knowing.recognition


@pytest.fixture
def shopper(app: Flask) -> Shopper:
    """Somebody at the first screen, with a visit."""
    shopper = Shopper(browser(app))
    shopper.begin()
    return shopper


@pytest.fixture
def passer_by(client: FlaskClient) -> Shopper:
    """Somebody before the first picture, without a visit."""
    return Shopper(client)


@pytest.fixture
def alex(shopper: Shopper, recognition: FakeRecognition) -> Shopper:
    """The shopper, recognised."""
    recognition.arrive("kiosk-1")
    return shopper
