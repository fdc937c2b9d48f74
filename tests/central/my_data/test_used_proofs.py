"""A proof at home opens once, at however many processes, and not again after a restart."""

from collections.abc import Callable
from datetime import timedelta

from edge.central.my_data.used_proofs import KEPT
from edge.core.clock import SettableClock
from edge.identity.consent import Purpose
from tests.fakes.at_home import AtHome, central_app
from tests.fakes.central_customers import CentralCustomers, Voice, said

Home = Callable[[bytes], AtHome]


def test_a_proof_that_opened_here_opens_at_no_other_process_and_not_after_a_restart(
    central: CentralCustomers, shop: Voice, at_home: Home, clock: SettableClock
) -> None:
    key = bytes(range(32))
    central.take(shop.enrolment(key, [said(Purpose.TASTES, clock())]))
    clock.advance(timedelta(seconds=1))
    home, other = at_home(key), AtHome(central_app(central.settings, clock), clock, key)
    shown = home.shown()
    assert home.prove(shown).get_json() == {"next": "/my/me"}

    assert other.prove(shown).get_json()["refusal"] == "used"
    assert other.prove().get_json() == {"next": "/my/me"}
    clock.advance(timedelta(seconds=40))  # of a phone whose clock is ahead
    ahead = home.shown()
    clock.advance(timedelta(seconds=-40))
    assert home.prove(ahead).get_json() == {"next": "/my/me"}
    restarted = AtHome(central_app(central.settings, clock), clock, key)
    assert restarted.prove(ahead).get_json()["refusal"] == "used"


def test_what_is_remembered_of_proofs_names_nobody_and_goes_after_minutes(
    central: CentralCustomers, shop: Voice, at_home: Home, clock: SettableClock
) -> None:
    key = bytes(range(32))
    central.take(shop.enrolment(key, [said(Purpose.TASTES, clock())]))
    home = at_home(key)
    home.open()
    clock.advance(KEPT + timedelta(seconds=1))

    home.open()

    rows = central.con.execute("SELECT digest FROM my_data_used").fetchall()
    assert [len(bytes(row[0])) for row in rows] == [32]
