"""A phone comes by a link, by six characters or by its own proof, and each opens once."""

import pytest
from flask import Flask

from edge.identity.day_keys import day_key, day_of
from edge.identity.presence import Refusal
from edge.identity.proof import proof
from edge.web.app import create_app
from edge.web.phone.opening import refused
from edge.web.phone.visit import COOKIE
from tests.fakes.customers import GROUP, PhoneShop
from tests.web.conftest import browser
from tests.web.phone.conftest import TOKEN, FakePhone


def shown(shop: PhoneShop, key: bytes = bytes(32)) -> str:
    """Return a fresh proof of the phone with ``key``."""
    now = shop.clock()
    return proof(day_key(key, GROUP, day_of(now)), now, shop.chance(4))


@pytest.mark.parametrize("path", [f"/P/{TOKEN}", f"/p/{TOKEN.lower()}"])
def test_a_link_opens_once_and_sets_a_cookie_for_the_phones_pages_only(
    phone: FakePhone, shop: PhoneShop, path: str
) -> None:
    shop.customers.pairings[TOKEN] = "kiosk-2"

    first, second = phone.client.get(path), phone.client.get(path)

    (cookie,) = first.headers.getlist("Set-Cookie")
    assert first.headers["Location"] == "/p/"
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/p"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert second.status_code == 410
    assert "This link is over" in second.text


def test_beyond_this_machine_the_cookie_goes_over_tls_only(shop: PhoneShop) -> None:
    shop.allowed_hosts = ("shop.example",)
    shop.customers.pairings[TOKEN] = "kiosk-2"
    client = browser(create_app(shop.services()))

    # As it stands in the kiosk's code: all in capitals.
    response = client.get(f"/P/{TOKEN}", headers={"Host": "SHOP.EXAMPLE:8443"})

    assert "Secure" in response.headers["Set-Cookie"]


def test_looking_ahead_opens_nothing(phone: FakePhone, shop: PhoneShop) -> None:
    shop.customers.pairings[TOKEN] = "kiosk-2"

    phone.client.head(f"/P/{TOKEN}")
    phone.client.get(f"/P/{TOKEN}", headers={"Sec-Purpose": "prefetch"})

    assert shop.customers.pairings == {TOKEN: "kiosk-2"}


def test_six_characters_open_as_they_are_typed(phone: FakePhone, shop: PhoneShop) -> None:
    shop.customers.pairings["ABC234"] = "kiosk-1"
    phone.get("/p/")

    wrong = phone.post("/p/code", code="zzz999")
    right = phone.post("/p/code", code=" abc 234 ")

    assert wrong.status_code == 422
    assert "opens nothing" in wrong.text
    assert right.headers["Location"] == "/p/"
    assert "You came from Kiosk 1." in phone.get("/p/").text


def test_a_phone_with_a_key_is_known_again_and_linked_where_it_scanned(
    phone: FakePhone, shop: PhoneShop, app: Flask
) -> None:
    known = phone.enrol()
    known.linked = None
    later = FakePhone(browser(app), shop)
    later.come("kiosk-1")

    answer = later.client.post("/p/prove", json={"code": shown(shop)})

    assert answer.get_json() == {"next": "/p/"}
    assert "Linked to Kiosk 1" in later.get("/p/").text


def test_a_proof_opens_once_and_only_with_the_right_key(phone: FakePhone, shop: PhoneShop) -> None:
    phone.enrol()
    good = shown(shop)
    phone.client.post("/p/prove", json={"code": good})
    used = phone.client.post("/p/prove", json={"code": good}).get_json()
    strange = phone.client.post("/p/prove", json={"code": shown(shop, b"\1" * 32)}).get_json()

    assert used["refusal"] == Refusal.USED
    assert strange["refusal"] == Refusal.UNKNOWN
    assert "Link your phone anew" in strange["words"]


@pytest.mark.parametrize("body", [{}, [], {"code": 7}, {"code": ""}, {"code": "K" * 513}])
def test_what_is_no_code_is_refused(phone: FakePhone, body: object) -> None:
    assert phone.client.post("/p/prove", json=body).status_code == 422


@pytest.mark.parametrize("refusal", list(Refusal))
def test_every_refusal_has_words(app: Flask, refusal: Refusal) -> None:
    with app.test_request_context("/p/"):
        assert refused(refusal).endswith((".", "!"))
