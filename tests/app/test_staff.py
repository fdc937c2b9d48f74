"""Only the team signs in, only on its tablets; and sees a customer only while they are there."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge.app.staff import CARDS_AN_HOUR, TooManyCardsError
from edge.core.errors import RequestContractError, StorageUnavailableError
from edge.identity.profile import CustomerId
from edge.web.staff_ports import SignInRefused, Staff, StaffSession
from tests.fakes.recorded import NOON
from tests.fakes.staff_shop import ALICE, KIOSK, PIN, StaffShop, staff_shop

WRONG = "314159"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StaffShop]:
    with staff_shop(tmp_path) as made:
        yield made


def refused(found: StaffSession | SignInRefused) -> SignInRefused:
    assert isinstance(found, SignInRefused)
    return found


def test_the_desk_is_what_the_web_asks_for(shop: StaffShop) -> None:
    desk: Staff = shop.desk

    assert desk.people() == (("amira", "Amira"), ("ines", "Ines"), ("jonas", "Jonas"))


# ---- tablets ------------------------------------------------------------------------------


def test_a_code_enrols_one_tablet_once(shop: StaffShop) -> None:
    code = shop.office.offer_tablet("counter").code
    key = shop.desk.enrol_tablet(f" {code.lower()} ")

    assert shop.desk.is_enrolled(key)
    assert shop.desk.enrol_tablet(code) is None
    assert not any(shop.desk.is_enrolled(other) for other in (None, "", "x", "0" * 64))


def test_a_code_ends_after_half_an_hour(shop: StaffShop) -> None:
    code = shop.office.offer_tablet("counter").code
    shop.clock.advance(30 * MINUTE)

    assert shop.desk.enrol_tablet(code) is None


def test_codes_cannot_be_guessed_through(shop: StaffShop) -> None:
    code = shop.office.offer_tablet("counter").code
    for number in range(20):
        assert shop.desk.enrol_tablet(f"AAAA{number:04}") is None

    assert shop.desk.enrol_tablet(code) is None
    shop.clock.advance(15 * MINUTE)
    assert shop.desk.enrol_tablet(code) is not None


def test_a_tablet_that_was_removed_is_out_at_once(shop: StaffShop) -> None:
    tablet = shop.tablet()
    session = shop.signed_in(tablet)
    shop.office.remove_tablet("counter")

    assert not shop.desk.is_enrolled(tablet)
    assert shop.desk.session(session.key, touched=True) is None


# ---- signing in ---------------------------------------------------------------------------


def test_who_signs_in_is_who_they_are_for_ten_hours(shop: StaffShop) -> None:
    session = shop.signed_in(shop.tablet(), "jonas")

    assert (session.user_id, session.name, session.role) == ("jonas", "Jonas", "lead")
    assert session.ends_at == NOON + 10 * 60 * MINUTE
    assert session.key not in repr(session)
    assert shop.desk.session(session.key, touched=False) == session


@pytest.mark.parametrize("tablet", ["", "0" * 64])
def test_nobody_signs_in_on_a_tablet_that_is_not_enrolled(shop: StaffShop, tablet: str) -> None:
    assert refused(shop.desk.sign_in(tablet, "amira", PIN)).tries_left == 0


@pytest.mark.parametrize("user_id", ["amira", "nobody", "", "x" * 5000, "'; --"])
def test_five_failures_lock_that_user_on_that_tablet_known_or_not(
    shop: StaffShop, user_id: str
) -> None:
    tablet, other = shop.tablet("one"), shop.tablet("two")
    found = [refused(shop.desk.sign_in(tablet, user_id, WRONG)) for _ in range(5)]

    assert [one.tries_left for one in found] == [4, 3, 2, 1, 0]
    assert [one.locked_until for one in found] == [None] * 4 + [NOON + 15 * MINUTE]
    assert refused(shop.desk.sign_in(tablet, user_id, PIN)).locked_until == NOON + 15 * MINUTE
    assert isinstance(shop.desk.sign_in(tablet, "jonas", PIN), StaffSession)
    assert refused(shop.desk.sign_in(other, user_id, WRONG)).tries_left == 4


def test_a_lock_ends_after_fifteen_minutes_and_outlives_a_restart(shop: StaffShop) -> None:
    tablet = shop.tablet()
    for _ in range(5):
        shop.desk.sign_in(tablet, "amira", WRONG)
    shop.desk = shop.opened()

    shop.clock.advance(15 * MINUTE - timedelta(seconds=1))
    assert refused(shop.desk.sign_in(tablet, "amira", PIN)).tries_left == 0
    shop.clock.advance(timedelta(seconds=1))
    assert refused(shop.desk.sign_in(tablet, "amira", WRONG)).tries_left == 4
    assert isinstance(shop.desk.sign_in(tablet, "amira", PIN), StaffSession)


def test_the_fifth_try_may_still_be_the_right_one_and_counts_anew(shop: StaffShop) -> None:
    tablet = shop.tablet()
    for _ in range(4):
        shop.desk.sign_in(tablet, "amira", WRONG)

    assert isinstance(shop.desk.sign_in(tablet, "amira", PIN), StaffSession)
    assert refused(shop.desk.sign_in(tablet, "amira", WRONG)).tries_left == 4


def test_a_tablet_locks_for_everybody_after_twenty_failures_of_anybody(shop: StaffShop) -> None:
    tablet = shop.tablet()
    for number in range(20):
        shop.desk.sign_in(tablet, f"guess-{number}", WRONG)

    assert refused(shop.desk.sign_in(tablet, "amira", PIN)).locked_until == NOON + 15 * MINUTE
    assert isinstance(shop.desk.sign_in(shop.tablet("two"), "amira", PIN), StaffSession)


def test_signing_in_does_not_wash_away_what_others_failed(shop: StaffShop) -> None:
    tablet = shop.tablet()
    for _ in range(3):
        shop.desk.sign_in(tablet, "jonas", WRONG)
        shop.signed_in(tablet, "amira")

    assert refused(shop.desk.sign_in(tablet, "jonas", WRONG)).tries_left == 1


def test_a_clock_that_was_ahead_and_is_set_back_locks_nobody_for_longer(shop: StaffShop) -> None:
    tablet = shop.tablet()
    shop.clock.advance(timedelta(days=400))
    for _ in range(5):
        shop.desk.sign_in(tablet, "amira", WRONG)
    shop.clock.advance(timedelta(days=-400))

    until = refused(shop.desk.sign_in(tablet, "amira", PIN)).locked_until
    assert until == NOON + 15 * MINUTE


def test_tries_at_once_are_not_more_tries(shop: StaffShop) -> None:
    tablet = shop.tablet()
    allowed: list[SignInRefused] = []
    gate = threading.Barrier(8)

    def guess() -> None:
        gate.wait(10)
        allowed.append(refused(shop.desk.sign_in(tablet, "amira", WRONG)))

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert shop.deeds().count(("amira", "sign_in_refused")) == 4
    assert shop.deeds().count(("amira", "sign_in_locked")) == 1
    assert len(allowed) == 8


def test_who_tried_and_who_came_is_audited_without_a_guess_at_names(shop: StaffShop) -> None:
    tablet = shop.tablet()
    shop.desk.sign_in(tablet, "my-own-pin-271828", WRONG)
    session = shop.signed_in(tablet)
    shop.desk.sign_out(session.key)

    assert shop.deeds()[-3:] == [
        ("unknown", "sign_in_refused"),
        ("amira", "sign_in"),
        ("amira", "sign_out"),
    ]
    assert shop.store.audit.verify() == []


# ---- sessions -----------------------------------------------------------------------------


def test_a_session_locks_two_minutes_after_the_last_touch(shop: StaffShop) -> None:
    session = shop.signed_in(shop.tablet())
    for _ in range(5):
        shop.clock.advance(2 * MINUTE - timedelta(seconds=1))
        assert shop.desk.session(session.key, touched=True) is not None

    shop.clock.advance(MINUTE)
    assert shop.desk.session(session.key, touched=False) is not None
    shop.clock.advance(MINUTE)
    assert shop.desk.session(session.key, touched=True) is None


def test_a_session_ends_after_ten_hours_however_often_it_is_touched(shop: StaffShop) -> None:
    session = shop.signed_in(shop.tablet())
    for _ in range(599):
        shop.clock.advance(MINUTE)
        assert shop.desk.session(session.key, touched=True) is not None

    shop.clock.advance(MINUTE)
    assert shop.desk.session(session.key, touched=True) is None


def test_signing_in_gives_a_new_key_and_ends_the_one_before_on_that_tablet(
    shop: StaffShop,
) -> None:
    tablet, other = shop.tablet("one"), shop.tablet("two")
    first, elsewhere = shop.signed_in(tablet), shop.signed_in(other)
    second = shop.signed_in(tablet, "jonas")

    assert first.key != second.key
    assert len(bytes.fromhex(second.key)) == 32
    assert shop.desk.session(first.key, touched=True) is None
    assert shop.desk.session(elsewhere.key, touched=True) is not None


def test_signing_out_ends_it_and_so_does_a_restart(shop: StaffShop) -> None:
    session = shop.signed_in(shop.tablet())
    again = shop.opened()
    shop.desk.sign_out(session.key)
    shop.desk.sign_out(None)

    assert shop.desk.session(session.key, touched=True) is None
    assert again.session(session.key, touched=True) is None


def test_a_clock_that_is_set_back_ends_sessions(shop: StaffShop) -> None:
    session = shop.signed_in(shop.tablet())
    shop.clock.advance(-MINUTE)

    assert shop.desk.session(session.key, touched=True) is None


def test_who_is_removed_or_gets_another_role_is_signed_out_at_once(shop: StaffShop) -> None:
    amira, jonas = (shop.signed_in(shop.tablet(name), name) for name in ("amira", "jonas"))
    shop.office.remove("amira")
    shop.office.put("jonas", "Jonas", "associate", PIN)

    assert shop.desk.session(amira.key, touched=True) is None
    assert shop.desk.session(jonas.key, touched=True) is None


# ---- cards --------------------------------------------------------------------------------


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
