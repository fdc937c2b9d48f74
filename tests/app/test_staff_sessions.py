"""A session on a tablet ends by itself, and with whoever it was of."""

from datetime import timedelta

from tests.fakes.staff_shop import PIN, StaffShop

MINUTE = timedelta(minutes=1)


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
