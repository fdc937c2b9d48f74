"""Only the team signs in, and only on its tablets."""

import threading
from datetime import timedelta

import pytest

from edge.web.staff_ports import SignInRefused, Staff, StaffSession
from tests.fakes.recorded import NOON
from tests.fakes.staff_shop import PIN, StaffShop

WRONG = "314159"
MINUTE = timedelta(minutes=1)


def refused(found: StaffSession | SignInRefused) -> SignInRefused:
    assert isinstance(found, SignInRefused)
    return found


def test_the_desk_is_what_the_web_asks_for(shop: StaffShop) -> None:
    desk: Staff = shop.desk

    assert desk.people() == (("amira", "Amira"), ("ines", "Ines"), ("jonas", "Jonas"))


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
