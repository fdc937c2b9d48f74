"""My data: all of it, in words; every change asked for is the change that is made."""

from typing import Any

import pytest

from edge.identity.consent import Purpose
from edge.identity.day_keys import day_of
from edge.identity.profile import Profile, Purchase, Wishes
from tests.fakes.customers import Known, PhoneShop
from tests.web.phone.conftest import FakePhone


def bought(known: Known, shop: PhoneShop) -> int:
    """Let the customer have bought some things; return today."""
    today = day_of(shop.clock())
    known.profile = Profile(
        purchases=(
            Purchase("latte", today, 2),
            Purchase("latte", today - 3, 1),
            Purchase("scone-cream", today - 3, 1, is_gift=True),
            Purchase("scone-cream", today - 9, 1, is_gift=True),
            Purchase("gone-from-the-menu", today - 9, 1),
        )
    )
    return today


def test_the_page_tells_what_was_said_bought_and_worked_out(
    phone: FakePhone, shop: PhoneShop
) -> None:
    known = phone.enrol()
    bought(known, shop)
    known.profile = known.profile.with_wishes(Wishes(starred=frozenset({"espresso"})))

    page = phone.get("/p/me").text
    inferred = page[page.index('id="guessed"') : page.index('id="take"')]

    assert "3 March 2026" in page
    assert "Caffè Latte \N{MULTIPLICATION SIGN} 2" in page
    assert "gone-from-the-menu" in page
    assert 'aria-label="Remove: Espresso"' in page
    assert "Used for 3 rows of suggestions" in page
    assert "Caffè Latte <small>bought on 2 days</small>" in inferred
    assert "Scone" not in inferred  # gifts say nothing about the buyer


@pytest.mark.parametrize(
    ("sent", "wishes"),
    [
        ({"star": "latte"}, {"starred": frozenset({"latte"})}),
        ({"about": "mute", "kind": "scone"}, {"muted": frozenset({"scone"})}),
        ({"about": "less", "kind": "scone"}, {"less": frozenset({"scone"})}),
        ({"less": "tea"}, {"less": frozenset({"tea"})}),
        ({"surprise": "more"}, {"surprise": "more"}),
        ({"help_level": "less"}, {"help_level": "less"}),
        (
            {"naming": "1", "name": " Ada\u202e ", "shows_name": "on"},
            {"name": "Ada", "shows_name": True},
        ),
        ({"naming": "1", "name": "x" * 99}, {"name": "x" * 40}),
    ],
)
def test_what_is_told_is_what_is_kept(
    phone: FakePhone, sent: dict[str, str], wishes: dict[str, Any]
) -> None:
    known = phone.enrol()

    response = phone.post("/p/change", **sent)

    assert response.headers["Location"] == "/p/me?saved=1"
    assert known.profile.wishes == Wishes(**wishes)


def test_every_wish_can_be_taken_back(phone: FakePhone) -> None:
    known = phone.enrol()
    known.profile = Profile(
        Wishes(frozenset({"left-the-menu"}), frozenset({"scone"}), frozenset({"tea"}))
    )

    for field, value in (("unstar", "left-the-menu"), ("unmute", "scone"), ("not_less", "tea")):
        assert phone.post("/p/change", **{field: value}).status_code == 303

    assert known.profile.wishes == Wishes()


def test_a_gift_is_of_one_day_and_a_mistake_is_of_every_day(
    phone: FakePhone, shop: PhoneShop
) -> None:
    known = phone.enrol()
    today = bought(known, shop)

    phone.post("/p/change", gift="latte", day=str(today))
    assert [p.is_gift for p in known.profile.purchases if p.sku == "latte"] == [True, False]
    phone.post("/p/change", not_gift="latte", day=str(today))
    phone.post("/p/change", wrong="latte")

    assert "latte" not in {p.sku for p in known.profile.purchases}


@pytest.mark.parametrize("sent", [{}, {"surprise": "always"}, {"star": "caviar"}, {"fame": "1"}])
def test_a_change_that_cannot_be_is_refused(phone: FakePhone, sent: dict[str, str]) -> None:
    known = phone.enrol()
    before = known.profile

    assert phone.post("/p/change", **sent).status_code == 422
    assert known.profile == before


def test_purposes_are_given_and_taken_back_by_the_same_toggles(
    phone: FakePhone, shop: PhoneShop
) -> None:
    known = phone.enrol("tastes")

    given = phone.post(
        "/p/purposes", purpose=["tastes", "past_orders"], proof=phone.hidden("proof")
    )

    assert given.headers["Location"] == "/p/me?saved=1"
    assert set(known.purposes) == {Purpose.TASTES, Purpose.PAST_ORDERS}
    assert known.notices[-1].notice_id == "phone-my-data"
    phone.get("/p/me")
    last = phone.post("/p/purposes", proof=phone.hidden("proof"))
    assert "Everything is erased." in last.text
    assert "erasure-1" in last.text
    assert shop.customers.people == {}


def test_taking_back_is_never_refused_for_its_words_and_giving_is(phone: FakePhone) -> None:
    known = phone.enrol("tastes", "phone_offers")

    response = phone.post("/p/purposes", purpose=["tastes", "past_orders"], proof="old")

    assert "read them again" in response.text
    assert set(known.purposes) == {Purpose.TASTES}


def test_without_their_purposes_nothing_can_be_told_or_is_shown_as_kept(phone: FakePhone) -> None:
    phone.enrol("phone_offers")

    assert "to tell us something" in phone.seen
    assert "Nothing is kept. Switch on" in phone.seen
    assert 'name="star"' not in phone.seen
