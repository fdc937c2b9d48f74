"""Erasing and disconnecting: proof for the customer, and nothing left in the browser."""

from edge.web.phone.visit import COOKIE
from tests.fakes.customers import PhoneShop
from tests.web.phone.conftest import FakePhone


def test_erasing_gives_a_proof_and_takes_the_key_and_the_cookie(
    phone: FakePhone, shop: PhoneShop
) -> None:
    phone.enrol()

    response = phone.post("/p/erase")

    assert "erasure-1" in response.text
    assert "data-forget" in response.text
    assert phone.client.get_cookie(COOKIE, path="/p") is None
    assert shop.customers.people == {}
    assert "Link this phone to a kiosk" in phone.get("/p/").text


def test_disconnecting_the_phone_takes_its_key_and_says_when_the_rest_goes(
    phone: FakePhone, shop: PhoneShop
) -> None:
    known = phone.enrol()

    response = phone.post("/p/unlink")

    assert "data-forget" in response.text
    assert "2 April 2026" in response.text
    assert known.linked is None
    assert phone.client.get_cookie(COOKIE, path="/p") is None


def test_an_erasure_that_failed_is_not_called_done(phone: FakePhone, shop: PhoneShop) -> None:
    phone.enrol()
    shop.customers.is_disk_full = True

    response = phone.post("/p/erase")

    assert response.status_code == 503
    assert "data-forget" not in response.text
