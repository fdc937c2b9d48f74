"""T4: a card needs an enrolled tablet, somebody signed in, and the customer's own living token."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge.decide.values import Reason
from edge.identity.consent import Purpose
from edge.identity.presence import LASTS
from edge.web.app import create_app
from tests.fakes.staff import StaffedShop
from tests.fakes.staff_shop import PIN, staff_shop
from tests.web.tablet.conftest import FakeTablet, tablet


def card_of(shop: StaffedShop, screen_id: str = "kiosk-1") -> str:
    """Let Alex come to a screen; return where their card is."""
    return f"/tablet/customer/{shop.recognition.arrive(screen_id).presence_id}"


def test_the_card_says_what_they_told_us_and_three_products_to_suggest(
    amira: FakeTablet, team_shop: StaffedShop
) -> None:
    page = amira.get(card_of(team_shop))

    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "<h1>Kiosk 1</h1>" in page.text
    (starred,) = team_shop.recognition.alex.starred
    liked = team_shop.site.product(starred)
    assert liked is not None
    assert f"Likes: {liked.name['en']}." in page.text
    assert page.text.count('class="suggestion"') == 3
    assert page.text.count("<blockquote>") == 3
    assert "Allergies are not shared here." in page.text
    assert "Shown to Amira at 12:05" in page.text


def test_the_suggestions_are_asked_for_with_what_the_customer_allows(
    amira: FakeTablet, team_shop: StaffedShop
) -> None:
    amira.get(card_of(team_shop))

    (asked,) = team_shop.asked
    assert asked.placement_id == "tablet-guide"
    assert asked.screen_id == "tablet-1"
    assert asked.visit_id is None
    assert asked.recognised == team_shop.recognition.alex.recognised()


@pytest.mark.parametrize(
    "reason", [Reason.YOUR_USUAL, Reason.PAST_ORDERS_HERE, Reason.GOES_WITH_TASTES]
)
def test_what_they_bought_is_in_no_word_of_the_card(
    amira: FakeTablet, team_shop: StaffedShop, reason: Reason
) -> None:
    team_shop.reason = reason
    # What is suggested has nothing to do with it: none of it is on sale.
    team_shop.sold_out = {one.sku for one in team_shop.recognition.alex.bought}

    page = amira.get(card_of(team_shop)).text

    for bought in team_shop.recognition.alex.bought:
        product = team_shop.site.product(bought.sku)
        assert product is not None
        assert f"<h2>{product.name['en']}</h2>" not in page
        assert f"{product.name['en']}<" not in page
    for word in ("ordered", "bought", "usual", "days ago"):
        assert word not in page.lower()
    assert "they like" in page


def test_a_name_is_there_only_when_they_switched_it_on(
    amira: FakeTablet, team_shop: StaffedShop
) -> None:
    address = card_of(team_shop)
    without = amira.get(address).text
    alex = team_shop.recognition.alex
    alex.greeting = replace(alex.greeting, name="Alexandra")

    assert "Alexandra" not in without
    assert "Kiosk 1: Alexandra" in amira.get(address).text


def test_every_look_is_recorded_and_nothing_else_is_one(
    amira: FakeTablet, team_shop: StaffedShop
) -> None:
    address = card_of(team_shop)
    ahead = amira.get(address, **{"Sec-Purpose": "prefetch"})
    head = amira.client.head(address)
    lives = amira.get(f"{address}/lives")
    amira.get("/tablet/now")

    assert [ahead.status_code, head.status_code, lives.status_code] == [204, 204, 204]
    assert team_shop.staff.looks == []
    amira.get(address)
    amira.get(address)
    presence_id = address.rpartition("/")[2]
    assert team_shop.staff.looks == [("amira", presence_id)] * 2


def test_a_look_that_cannot_be_recorded_shows_nothing(
    amira: FakeTablet, team_shop: StaffedShop
) -> None:
    team_shop.staff.cannot_record = True

    page = amira.get(card_of(team_shop))

    assert page.status_code == 503
    assert "This card cannot be shown right now." in page.text
    assert "Likes" not in page.text
    assert team_shop.asked == []


def test_more_looks_than_an_hour_has_are_refused_in_words(
    amira: FakeTablet, team_shop: StaffedShop
) -> None:
    team_shop.staff.most_looks = 1
    address = card_of(team_shop)
    amira.get(address)

    page = amira.get(address)

    assert page.status_code == 429
    assert "You looked at many cards within the hour." in page.text


def test_the_card_is_gone_with_the_customers_token(
    amira: FakeTablet, team_shop: StaffedShop
) -> None:
    address = card_of(team_shop)
    assert f'data-left-ms="{LASTS // timedelta(milliseconds=1)}"' in amira.get(address).text
    for _ in range(6):  # the associate stays signed in meanwhile
        team_shop.clock.advance(timedelta(seconds=100))
        amira.tell("/tablet/alive")

    assert amira.get(f"{address}/lives").status_code == 410
    page = amira.get(address)
    assert page.status_code == 410
    assert "This customer has finished." in page.text
    assert len(team_shop.staff.looks) == 1


def test_done_with_a_customer_lets_them_go_at_the_kiosk_too(
    amira: FakeTablet, team_shop: StaffedShop
) -> None:
    address = card_of(team_shop)

    answer = amira.post(f"{address}/done")

    assert answer.headers["Location"] == "/tablet/now"
    assert team_shop.recognition.left == ["kiosk-1"]
    assert amira.get(address).status_code == 410


def test_who_withdrew_everything_has_no_card(amira: FakeTablet, team_shop: StaffedShop) -> None:
    address = card_of(team_shop)
    alex = team_shop.recognition.alex
    alex.greeting = replace(alex.greeting, purposes=frozenset())

    assert amira.get(address).status_code == 410
    assert team_shop.staff.looks == []


def test_the_page_knows_when_to_fold_and_leaves_by_itself_without_a_script(
    amira: FakeTablet, team_shop: StaffedShop
) -> None:
    page = amira.get(card_of(team_shop)).text

    assert 'data-fold-ms="15000"' in page
    assert '<noscript><meta http-equiv="refresh" content="15; url=/tablet/now"></noscript>' in page


@pytest.mark.parametrize("address", ["127.0.0.1", "192.168.1.7"])
@pytest.mark.parametrize("is_demo", [True, False])
def test_a_card_needs_somebody_signed_in_also_here_and_in_a_demo(
    address: str, is_demo: bool
) -> None:
    shop = StaffedShop(is_demo=is_demo)
    nobody = tablet(create_app(shop.services()), address)
    card = card_of(shop)
    nobody.enrol()

    for path in (card, f"{card}/lives"):
        assert nobody.get(path).headers["Location"] == "/tablet/sign-in"
    assert nobody.post(f"{card}/done").headers["Location"] == "/tablet/sign-in"
    assert shop.recognition.left == []
    assert shop.asked == []


def test_an_admin_sees_no_card(enrolled: FakeTablet, team_shop: StaffedShop) -> None:
    enrolled.sign_in("ines")

    assert enrolled.get(card_of(team_shop)).status_code == 403
    assert team_shop.staff.looks == []


def test_nothing_about_the_customer_is_said_without_the_purpose_for_it(
    amira: FakeTablet, team_shop: StaffedShop
) -> None:
    alex = team_shop.recognition.alex
    alex.greeting = replace(alex.greeting, purposes=frozenset({Purpose.PAST_ORDERS}))

    page = amira.get(card_of(team_shop)).text

    assert "Nothing yet. Ask what they like." in page
    assert "Past orders count in the suggestions" in page


def test_the_look_is_in_the_shops_own_audit_log(team_shop: StaffedShop, tmp_path: Path) -> None:
    with staff_shop(tmp_path) as real:
        services = replace(team_shop.services(), staff=real.desk, clock=real.clock)
        found = tablet(create_app(services))
        found.post("/tablet/enrol", code=real.office.offer_tablet("counter").code)
        assert found.sign_in(pin=PIN).status_code == 303
        presence = real.customer()

        page = found.get(f"/tablet/customer/{presence.presence_id}")

        assert page.status_code == 200
        assert real.looks() == [f"ref-{presence.customer_id.hex()}"]
        real.presences.end(presence.screen_id)
        assert found.get(f"/tablet/customer/{presence.presence_id}").status_code == 410
        assert len(real.looks()) == 1
