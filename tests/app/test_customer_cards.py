"""A customer is seen on a tablet only while they are there, and every look is recorded."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edge.app.staff import CARDS_AN_HOUR, TooManyCardsError
from edge.core.errors import RequestContractError, StorageUnavailableError
from edge.identity.profile import CustomerId
from tests.fakes.recorded import NOON
from tests.fakes.staff_shop import ALICE, KIOSK, StaffShop

MINUTE = timedelta(minutes=1)


def test_a_card_is_shown_while_the_customers_own_token_lives_and_each_look_is_recorded(
    shop: StaffShop,
) -> None:
    session, presence = shop.signed_in(shop.tablet()), shop.customer()
    assert shop.desk.presences(session) == (presence,)
    card = shop.desk.card(session, presence.presence_id)

    assert card is not None
    assert (card.screen_id, card.until_at) == (KIOSK, NOON + 10 * MINUTE)
    assert shop.looks() == [f"ref-{ALICE.hex()}"]
    assert shop.deeds()[-1] == ("amira", "card")


def test_there_is_no_card_and_no_look_without_a_living_presence(shop: StaffShop) -> None:
    session, presence = shop.signed_in(shop.tablet()), shop.customer()
    assert shop.desk.card(session, "not-a-presence") is None
    shop.presences.end(KIOSK)
    assert shop.desk.card(session, presence.presence_id) is None
    assert shop.looks() == []


def test_a_card_ends_with_its_token_after_ten_minutes(shop: StaffShop) -> None:
    session, presence = shop.signed_in(shop.tablet()), shop.customer()
    for _ in range(10):
        shop.clock.advance(MINUTE)
        shop.desk.session(session.key, touched=True)

    assert shop.desk.card(session, presence.presence_id) is None


def test_there_is_no_card_of_somebody_who_withdrew(shop: StaffShop) -> None:
    session, presence = shop.signed_in(shop.tablet()), shop.customer()
    shop.withdrawn.add(ALICE)

    assert shop.desk.card(session, presence.presence_id) is None
    assert shop.looks() == []


def test_an_admin_sees_no_customer(shop: StaffShop) -> None:
    session, presence = shop.signed_in(shop.tablet(), "ines"), shop.customer()

    assert shop.desk.presences(session) == ()
    assert shop.desk.card(session, presence.presence_id) is None
    shop.desk.let_go(session, presence.presence_id)
    assert shop.presences.at(KIOSK) == presence


def test_a_session_that_ended_or_was_made_up_sees_nothing(shop: StaffShop) -> None:
    session, presence = shop.signed_in(shop.tablet()), shop.customer()
    made_up = replace(session, key="0" * 64, role="lead")
    shop.desk.sign_out(session.key)
    for one in (session, made_up):
        assert shop.desk.presences(one) == ()
        assert shop.desk.card(one, presence.presence_id) is None


def test_a_role_that_the_session_only_claims_is_not_believed(shop: StaffShop) -> None:
    session, presence = shop.signed_in(shop.tablet(), "ines"), shop.customer()

    assert shop.desk.card(replace(session, role="lead"), presence.presence_id) is None


def test_a_look_that_cannot_be_recorded_is_not_had(shop: StaffShop) -> None:
    session, presence = shop.signed_in(shop.tablet()), shop.customer()
    shop.store.writer.close()

    with pytest.raises(StorageUnavailableError):
        shop.desk.card(session, presence.presence_id)


def test_a_customer_who_leaves_while_the_look_is_recorded_is_not_seen(shop: StaffShop) -> None:
    session, presence = shop.signed_in(shop.tablet()), shop.customer()

    def leave() -> None:
        shop.presences.end(KIOSK)

    shop.store.writer.after_commit = leave
    assert shop.desk.card(session, presence.presence_id) is None


def test_thirty_cards_an_hour_and_not_one_more(shop: StaffShop) -> None:
    session = shop.signed_in(shop.tablet("one"))
    other = shop.signed_in(shop.tablet("two"), "jonas")
    presence = shop.customer(customer_id=CustomerId(b"b" * 16))
    for _ in range(CARDS_AN_HOUR):
        assert shop.desk.card(session, presence.presence_id) is not None

    shop.desk.session(session.key, touched=True)
    with pytest.raises(TooManyCardsError, match="30 customer cards an hour"):
        shop.desk.card(session, presence.presence_id)
    assert isinstance(TooManyCardsError(), RequestContractError)
    assert shop.desk.card(other, presence.presence_id) is not None
    assert len(shop.looks()) == CARDS_AN_HOUR + 1

    shop.clock.advance(60 * MINUTE)
    later = shop.signed_in(shop.tablet("one"))
    assert shop.desk.card(later, shop.customer().presence_id) is not None


def test_done_with_this_customer_ends_their_presence(shop: StaffShop) -> None:
    session, presence = shop.signed_in(shop.tablet()), shop.customer()
    shop.desk.let_go(session, presence.presence_id)
    shop.desk.let_go(session, presence.presence_id)

    assert shop.presences.at(KIOSK) is None
    assert shop.deeds().count(("amira", "let_go")) == 1
