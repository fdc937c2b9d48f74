"""The card: linked, near, finished, over; offers only for those who asked for them."""

from datetime import timedelta

import pytest

from edge.catalog.taxonomy import Needs, UsedFact
from tests.fakes.customers import PhoneShop
from tests.web.phone.conftest import FakePhone


def test_the_card_says_where_it_is_linked_until_that_ends(
    phone: FakePhone, shop: PhoneShop
) -> None:
    known = phone.enrol()
    assert "Linked to Kiosk 2 until you finish." in phone.get("/p/").text

    known.linked = None
    assert "Kiosk 2 has finished." in phone.get("/p/link?was=kiosk-2").text
    assert "has finished" not in phone.get("/p/link?was=<b>").text
    shop.customers.visits.clear()
    assert "open for too long" in phone.get("/p/link").text


def test_disconnecting_ends_the_visit_at_the_screen_and_keeps_the_key(
    phone: FakePhone, shop: PhoneShop
) -> None:
    known = phone.enrol()
    phone.get("/p/")

    response = phone.post("/p/disconnect")

    assert response.headers["Location"] == "/p/?left=1"
    assert known.linked is None
    assert "data-forget" not in phone.get("/p/?left=1").text
    assert shop.customers.people


def test_a_tap_is_for_a_screen_that_is_near(phone: FakePhone, shop: PhoneShop) -> None:
    known = phone.enrol()
    known.linked = None
    shop.customers.near_screens = ("kiosk-1",)
    assert 'value="kiosk-1"' in phone.get("/p/").text

    far = phone.post("/p/here", screen="kiosk-2")
    near = phone.post("/p/here", screen="kiosk-1")

    assert (far.status_code, near.status_code) == (422, 303)
    assert shop.customers.only.linked == "kiosk-1"


def test_offers_are_listed_only_with_their_purpose_and_are_the_same_for_all(
    phone: FakePhone, shop: PhoneShop
) -> None:
    phone.enrol("tastes")
    assert "On offer here now" not in phone.get("/p/").text
    assert phone.client.get("/p/offers").status_code == 204

    shop.customers.people.clear()
    phone.enrol("phone_offers")
    assert phone.client.get("/p/offers").text in phone.get("/p/").text
    first = phone.client.get("/p/offers").text
    assert "A favourite here on the quay" in first
    assert "Something warm" not in first  # needs a weather that nobody said
    assert "fair-trade cocoa" not in first  # a supplier's, for kiosks


def test_an_offer_of_what_is_sold_out_shows_the_next_product_or_nothing(
    phone: FakePhone, shop: PhoneShop
) -> None:
    phone.enrol("phone_offers")
    shop.sold_out = {"cappuccino", "ethiopia-filter"}

    shown = phone.client.get("/p/offers").text

    assert "House Filter" in shown
    assert "Ethiopia" not in shown
    shop.sold_out = {product.sku for product in shop.site.products}
    assert "Nothing special right now." in phone.client.get("/p/offers").text
    shop.clock.advance(timedelta(days=1))
    assert phone.client.get("/p/offers").status_code == 200


@pytest.mark.parametrize(
    "more",
    [
        {"eligible_when": "time.hour > 23"},
        {"audience_privacy": "private"},  # the same list for everybody is no private place
        {"uses": (UsedFact(fact="order_history"),)},
        {"sensitivity": "personal"},
        {"tags": frozenset({"debt"})},
        {"eligible_when": "basket.count > 0"},  # nobody has a basket on a phone
        {"needs": Needs(consent=frozenset({"tastes"}))},
        {"needs": Needs(stock={"croissant": 2})},
        {"is_bundle": True, "skus": ("cappuccino", "croissant")},
    ],
    ids=[
        "condition",
        "private",
        "history",
        "personal",
        "tag",
        "basket",
        "consent",
        "stock",
        "bundle",
    ],
)
def test_an_offer_whose_needs_are_not_met_or_that_a_policy_forbids_is_not_listed(
    phone: FakePhone, shop: PhoneShop, more: dict[str, object]
) -> None:
    phone.enrol("phone_offers")
    shop.sold_out = {"croissant"}
    (favourite,) = [one for one in shop.site.offers if one.offer == "house-favourite"]

    shop.site = shop.site.model_copy(update={"offers": (favourite,)})
    assert "A favourite here on the quay" in phone.client.get("/p/offers").text
    shop.site = shop.site.model_copy(update={"offers": (favourite.model_copy(update=more),)})
    assert "A favourite here on the quay" not in phone.client.get("/p/offers").text
