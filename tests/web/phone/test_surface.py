"""Every page of the phone: guarded, in its language, kept by nobody, and gone when it is over."""

import pytest
from flask import Flask

from edge.web.app import create_app
from edge.web.headers import CONTENT_SECURITY_POLICY, PHONE_POLICY
from tests.fakes.customers import PhoneShop
from tests.fakes.services import FakeShop
from tests.web.conftest import browser
from tests.web.phone.conftest import TOKEN, FakePhone
from tests.web.test_headers import addresses

FOR_CUSTOMERS = ["/p/me", "/p/export.json", "/p/export.html", "/p/receipt.json", "/p/offers"]


def phones(app: Flask) -> list[tuple[str, str]]:
    """Return every route and method of the phone."""
    return [found for found in addresses(app) if found[1].lower().startswith("/p/")]


def test_every_answer_is_kept_by_nobody_and_none_is_a_failure(app: Flask, phone: FakePhone) -> None:
    phone.enrol()
    for method, path in phones(app):
        for client in (phone.client, browser(app)):
            response = client.open(path, method=method)
            assert response.status_code < 500, f"{method} {path}"
            assert response.headers["Cache-Control"] == "no-store", f"{method} {path}"
    assert len(phones(app)) > 40


def test_only_the_phone_may_have_a_worker(app: Flask, phone: FakePhone) -> None:
    assert PHONE_POLICY.split("; ")[-2:] == ["worker-src 'self'", "manifest-src 'self'"]
    assert PHONE_POLICY.startswith(f"{CONTENT_SECURITY_POLICY}; ")
    assert phone.get("/p/").headers["Content-Security-Policy"] == PHONE_POLICY
    for path in ("/", "/kiosk/", "/tablet/", "/ops/", "/pp", "/px/"):
        assert browser(app).get(path).headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


def test_every_change_needs_the_token_of_its_page(app: Flask, phone: FakePhone) -> None:
    phone.enrol()
    changing = [path for method, path in phones(app) if method == "POST"]
    for path in changing:
        assert phone.client.post(path, data={"a": "1"}).status_code == 403, path
    assert len(changing) >= 9


@pytest.mark.parametrize("path", FOR_CUSTOMERS)
def test_what_is_a_customers_is_shown_to_nobody_else(
    app: Flask, phone: FakePhone, shop: PhoneShop, path: str
) -> None:
    phone.come()
    for client in (phone.client, browser(app)):
        response = client.get(path)
        assert response.headers["Location"] == "/p/?over=1"
    assert "Nothing was changed" in phone.get("/p/?over=1").text


def test_a_visit_that_ended_is_told_in_the_way_it_asked(phone: FakePhone, shop: PhoneShop) -> None:
    phone.enrol()
    shop.customers.visits.clear()
    headers = {"HX-Request": "true", "X-CSRF-Token": phone.hidden("csrf_token")}

    swapped = phone.client.post("/p/change", data={"star": "latte"}, headers=headers)
    scripted = phone.client.post("/p/consent", json={})

    assert swapped.headers["HX-Redirect"] == "/p/?over=1"
    assert scripted.get_json() == {"next": "/p/?over=1"}


def test_the_language_is_the_phones_until_it_is_switched(phone: FakePhone) -> None:
    german = {"Accept-Language": "de-AT,de;q=0.9"}

    assert 'lang="de"' in phone.client.get("/p/", headers=german).text[:60]
    phone.client.get("/p/?lang=en", headers=german)
    assert 'lang="en"' in phone.client.get("/p/", headers=german).text[:60]
    assert phone.client.get("/p/?lang=<x>").status_code == 200


@pytest.mark.parametrize("shop_without", ["recognition", "controller"])
def test_without_recognition_or_somebody_responsible_there_is_no_page(shop_without: str) -> None:
    shop = FakeShop() if shop_without == "recognition" else PhoneShop()
    if shop_without == "controller":
        header = shop.site.header.model_copy(update={"controller": None})
        shop.site = shop.site.model_copy(update={"header": header})
    client = browser(create_app(shop.services()))

    for path in ("/p/", f"/P/{TOKEN}", "/p/shell", "/p/worker.js"):
        assert client.get(path).status_code == 404


def test_an_address_that_is_none_is_answered_in_the_phones_own_way(phone: FakePhone) -> None:
    response = phone.get("/p/nowhere")

    assert response.status_code == 404
    assert "Scan the code on the kiosk again." in response.text
    assert "See all screens" not in response.text
