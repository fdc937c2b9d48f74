"""What devices say of customers, taken in any order, any number of times."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.central.bridge.apart import write_apart
from edge.central.bridge.sink import Arrived
from edge.central.customers import consent_rows
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import WireContractError
from edge.identity.consent import ConsentEvent, Purpose, purposes_in_force
from edge.identity.day_keys import pseudonym_of
from tests.fakes.canary import Canaries
from tests.fakes.central_customers import CentralCustomers, said

TASTES, ORDERS = Purpose.TASTES, Purpose.PAST_ORDERS


def in_force(central: CentralCustomers, beacon_key: bytes) -> set[Purpose]:
    with central.con.cursor() as cur:
        events = consent_rows.of(cur, pseudonym_of(beacon_key))
    return set(purposes_in_force(events, central.clock()))


def test_who_enrolled_is_known_and_their_key_is_in_no_row(central: CentralCustomers) -> None:
    ada = system_chance(32)
    shop = central.voice("shop-1-1")
    central.take(shop.enrolment(ada, [said(TASTES, central.clock())]))

    assert central.is_known(ada)
    assert in_force(central, ada) == {TASTES}
    canary = Canaries()
    canary.add("beacon key", ada)
    assert canary.found_in(central.everything()) == set()


def test_a_key_under_another_pseudonym_is_set_aside(central: CentralCustomers) -> None:
    ada, mallory = system_chance(32), system_chance(32)
    shop = central.voice("shop-1-1")
    consents = [said(TASTES, central.clock())]
    forged = shop.enrolment(mallory, consents, pseudonym=pseudonym_of(ada).hex())
    true = shop.enrolment(ada, consents)

    with pytest.raises(WireContractError, match="pseudonym"):
        central.sink.write([forged])
    done = write_apart(central.sink, [forged, true])

    assert (done.new, len(done.refused)) == (1, 1)
    assert central.is_known(ada)
    assert not central.is_known(mallory)


def test_what_was_not_sealed_to_central_is_set_aside_and_names_nothing(
    central: CentralCustomers,
) -> None:
    shop = central.voice("shop-1-1")
    shop.central_key = shop.exchange_key
    with pytest.raises(WireContractError, match="sealed to central"):
        central.take(shop.enrolment(system_chance(32), [said(TASTES, central.clock())]))


def test_whom_an_event_is_about_is_struck_out_of_the_bridges_table(
    central: CentralCustomers,
) -> None:
    ada, shop = system_chance(32), central.voice("shop-1-1")
    consent = said(TASTES, central.clock())
    central.take(shop.enrolment(ada, [consent]), shop.consent(ada, consent))

    rows = central.con.execute("SELECT body->'data'->'properties'->>'subject_sealed' FROM event")
    assert [row[0] for row in rows.fetchall()] == ["", ""]


def story(central: CentralCustomers) -> tuple[bytes, list[Arrived]]:
    """Somebody enrols, takes one thing back, and later all of it; and an erasure follows."""
    ada, clock = system_chance(32), central.clock
    here, there = central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")
    tastes, orders = said(TASTES, clock()), said(ORDERS, clock())
    enrolment = here.enrolment(ada, [tastes, orders])
    first = here.consent(ada, tastes, orders)
    clock.advance(timedelta(minutes=1))
    # The other shop's clock is wrong by a year: that must not matter.
    back = said(ORDERS, clock() - timedelta(days=365), "withdrawn", record_id=orders.record_id)
    second = there.consent(ada, back)
    clock.advance(timedelta(minutes=1))
    last = said(TASTES, clock(), "withdrawn", record_id=tastes.record_id)
    third = here.consent(ada, last)
    return ada, [enrolment, first, second, third, here.erasure(ada)]


def test_in_every_order_the_withdrawal_holds(central: CentralCustomers) -> None:
    for order in permutations(range(3)):
        ada, told = story(central)
        central.take(*(told[number] for number in order))
        assert in_force(central, ada) == {TASTES}, order
        assert central.is_known(ada)


def test_in_every_order_who_withdrew_everything_is_gone(central: CentralCustomers) -> None:
    for order in list(permutations(range(5)))[::4]:
        ada, told = story(central)
        central.take(*(told[number] for number in order))
        assert not central.is_known(ada), order
        with central.con.cursor() as cur:
            assert consent_rows.of(cur, pseudonym_of(ada)) == (), order


def told_at_random(
    central: CentralCustomers, data: st.DataObject
) -> tuple[bytes, list[ConsentEvent], list[Arrived]]:
    """Somebody with a random story, as two devices with bad clocks tell it."""
    clock = SettableClock(central.clock())
    ada = system_chance(32)
    voices = [central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")]
    everything = []
    first = [said(purpose, clock()) for purpose in (TASTES, ORDERS)]
    told = [voices[0].enrolment(ada, first)]
    everything += first
    for _ in range(data.draw(st.integers(1, 6))):
        clock.advance(timedelta(minutes=data.draw(st.integers(-60, 60))))
        purpose = data.draw(st.sampled_from([TASTES, ORDERS]))
        of_purpose = [one for one in everything if one.purpose is purpose]
        withdrawn = [one.event_id for one in of_purpose if one.state == "withdrawn"]
        state = data.draw(st.sampled_from(["given", "withdrawn", "renewed"]))
        knows = data.draw(st.sets(st.sampled_from(withdrawn))) if withdrawn else set()
        record = data.draw(st.sampled_from(of_purpose)).record_id
        one = said(
            purpose,
            clock(),
            state,
            record_id="" if state == "given" else record,
            knows=knows if state != "withdrawn" else (),
        )
        everything.append(one)
        told.append(data.draw(st.sampled_from(voices)).consent(ada, one))
    return ada, everything, told


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(data=st.data())
def test_late_repeated_and_swapped_messages_bring_nobody_back_and_allow_nothing_more(
    central: CentralCustomers, data: st.DataObject
) -> None:
    """The model: a purpose is allowed if a grant knew of every withdrawal; erased is erased."""
    ada, everything, told = told_at_random(central, data)
    is_erased = data.draw(st.booleans())
    if is_erased:
        told.append(central.voice("shop-1-1").erasure(ada))
    order = data.draw(st.permutations(told))
    repeats = data.draw(st.lists(st.sampled_from(told), max_size=5))

    central.take(*order, *repeats)

    allowed = set(purposes_in_force(everything, central.clock()))
    if is_erased:
        assert not central.is_known(ada)
        assert in_force(central, ada) == set()
    else:
        assert central.is_known(ada)
        assert in_force(central, ada) == allowed


def test_a_device_that_forgets_by_itself_ends_no_consent_elsewhere(
    central: CentralCustomers,
) -> None:
    ada = system_chance(32)
    here, there = central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")
    central.born(there)
    central.take(here.enrolment(ada, [said(TASTES, central.clock())]))
    central.tell()

    central.take(here.erasure(ada, "retention"))
    assert central.is_known(ada)
    central.clock.advance(timedelta(days=1))
    central.born(here, 2)
    central.tell()
    assert central.written(here, "profile") == []

    central.take(there.erasure(ada, "retention"))
    assert not central.is_known(ada)


def test_a_log_that_was_cut_is_seen(central: CentralCustomers) -> None:
    shop = central.voice("shop-1-1")
    first = shop.audit_head(10, b"\x01" * 32)
    central.clock.advance(timedelta(hours=1))
    central.take(shop.audit_head(12, b"\x02" * 32), first)
    was_cut = "SELECT was_cut, count FROM customer_audit_head"
    assert central.con.execute(was_cut).fetchone() == (False, 12)

    central.clock.advance(timedelta(hours=1))
    central.take(shop.audit_head(11, b"\x03" * 32))
    assert central.con.execute(was_cut).fetchone() == (True, 11)
