"""What shops say of a customer, kept by central: sealed, in any order the same, while it is allowed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.central.bridge.sink import Arrived
from edge.central.customers import consent_rows
from edge.core.chance import system_chance
from edge.core.errors import TrustError, WireContractError
from edge.identity.consent import VALID_FOR, ConsentEvent, Purpose, purposes_in_force
from edge.identity.consent_merge import knowing
from edge.identity.day_keys import day_of, pseudonym_of
from edge.identity.informed import Informed
from edge.identity.profile import HISTORY_DAYS, Profile, Purchase, Wishes, kept_for
from edge.identity.profile_merge import joined
from edge.wire.taste_event import known_withdrawals
from tests.fakes.canary import Canaries
from tests.fakes.central_customers import CentralCustomers, Voice, said

TASTES, ORDERS = Purpose.TASTES, Purpose.PAST_ORDERS


def bought(central: CentralCustomers, *skus: str, ago: int = 0, count: int = 1) -> Profile:
    day = day_of(central.clock()) - ago
    return Profile(purchases=tuple(Purchase(sku, day, count) for sku in sorted(skus)))


def starred(central: CentralCustomers, *skus: str) -> Profile:
    return Profile(Wishes(starred=frozenset(skus)), wishes_changed_at=central.clock())


def enrolled(central: CentralCustomers, shop: Voice) -> tuple[bytes, list[ConsentEvent]]:
    ada = system_chance(32)
    consents = [said(TASTES, central.clock()), said(ORDERS, central.clock())]
    central.take(shop.enrolment(ada, consents))
    return ada, consents


def test_what_was_bought_and_said_is_kept_and_stands_nowhere_in_clear(
    central: CentralCustomers,
) -> None:
    here, there = central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")
    ada, _ = enrolled(central, here)
    central.take(*here.tastes(ada, bought(central, "velvet-latte")))
    central.take(*there.tastes(ada, starred(central, "marble-cake")))

    found = central.profile(ada)

    assert [one.sku for one in found.purchases] == ["velvet-latte"]
    assert found.wishes.starred == {"marble-cake"}
    canary = Canaries()
    for name in ("velvet-latte", "marble-cake"):
        canary.add(name, name.encode())
    assert canary.found_in(central.everything()) == set()
    canary.add("pseudonym", pseudonym_of(ada))
    bodies = central.con.execute("SELECT body::text FROM event").fetchall()
    assert canary.found_in(*(str(row[0]).encode() for row in bodies)) == set()
    subjects = central.con.execute(
        "SELECT body->'data'->'properties'->>'subject_sealed' FROM event"
    )
    assert {row[0] for row in subjects.fetchall()} == {""}


def test_a_row_opens_for_its_own_customer_alone(central: CentralCustomers) -> None:
    shop = central.voice("shop-1-1")
    ada, _ = enrolled(central, shop)
    ben, _ = enrolled(central, shop)
    for one in (ada, ben):
        central.take(*shop.tastes(one, bought(central, "latte")))

    central.con.execute(
        "UPDATE customer_profile SET sealed = (SELECT sealed FROM customer_profile"
        " WHERE pseudonym = %s) WHERE pseudonym = %s",
        (pseudonym_of(ben), pseudonym_of(ada)),
    )

    with pytest.raises(TrustError):
        central.profile(ada)
    assert central.profile(ben).purchases


def test_what_comes_before_the_enrolment_waits_for_it(central: CentralCustomers) -> None:
    here, there = central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")
    central.born(there)
    ada = system_chance(32)
    central.take(*here.tastes(ada, bought(central, "latte")))
    central.tell()
    assert central.written(there, "profile") == []

    central.take(here.enrolment(ada, [said(ORDERS, central.clock())]))
    central.tell()

    (message,) = central.written(there, "profile")
    assert [one["sku"] for one in message["customers"][0]["purchases"]] == ["latte"]


def test_what_belongs_to_nobody_who_enrolled_is_deleted_after_a_day(
    central: CentralCustomers,
) -> None:
    central.take(*central.voice("shop-1-1").tastes(system_chance(32), bought(central, "latte")))
    central.tell()
    assert "customer_profile: " in central.everything().decode()

    central.clock.advance(timedelta(days=1))
    central.tell()

    assert "customer_profile: " not in central.everything().decode()


def test_of_whom_only_consent_is_known_nothing_is_kept_for_long(central: CentralCustomers) -> None:
    shop, ada = central.voice("shop-1-1"), system_chance(32)
    central.take(shop.consent(ada, said(ORDERS, central.clock())))
    central.take(*shop.tastes(ada, bought(central, "latte")))

    central.clock.advance(timedelta(days=30))
    central.tell()

    assert "customer_profile: " not in central.everything().decode()


def test_a_withdrawal_deletes_what_it_ends_in_its_own_transaction(
    central: CentralCustomers,
) -> None:
    here, there = central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")
    ada, (_, orders) = enrolled(central, here)
    central.take(*here.tastes(ada, bought(central, "latte")))
    central.take(*here.tastes(ada, starred(central, "cake")))

    back = said(ORDERS, central.clock(), "withdrawn", record_id=orders.record_id)
    central.take(there.consent(ada, back))

    assert central.profile(ada) == starred(central, "cake")


def test_a_word_of_before_a_withdrawal_is_not_taken_though_they_consented_again(
    central: CentralCustomers,
) -> None:
    here, away = central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")
    ada, consents = enrolled(central, here)
    before = away.tastes(ada, bought(central, "latte"), consents)
    back = said(ORDERS, central.clock(), "withdrawn", record_id=consents[1].record_id)
    (again,) = knowing([said(ORDERS, central.clock())], [back])
    central.take(here.consent(ada, back), here.consent(ada, again))

    central.take(*before)
    assert central.profile(ada) == Profile()

    central.take(*away.tastes(ada, bought(central, "tea"), [*consents, back, again]))
    assert [one.sku for one in central.profile(ada).purchases] == ["tea"]


def test_a_withdrawal_that_a_device_makes_up_ends_no_word_of_the_others(
    central: CentralCustomers,
) -> None:
    here, hostile = central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")
    ada, consents = enrolled(central, here)
    central.take(*here.tastes(ada, bought(central, "latte"), consents))

    for _ in range(20):
        made_up = said(ORDERS, central.clock(), "withdrawn")
        central.take(*hostile.tastes(ada, bought(central, "tea"), [*consents, made_up]))
    central.take(*here.tastes(ada, bought(central, "cake"), consents))

    assert {one.sku for one in central.profile(ada).purchases} == {"latte", "cake", "tea"}
    row = central.con.execute("SELECT length(sealed) FROM customer_profile").fetchone()
    assert row is not None
    assert row[0] < 1_500, "what is made up is kept a few times only"


def test_for_whoever_was_erased_nothing_is_taken_however_late_it_comes(
    central: CentralCustomers,
) -> None:
    here, away = central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")
    ada, consents = enrolled(central, here)
    central.take(*here.tastes(ada, bought(central, "latte")))
    late = away.tastes(ada, bought(central, "tea"), consents)
    withdrawn = [
        said(one.purpose, central.clock(), "withdrawn", record_id=one.record_id) for one in consents
    ]
    central.take(here.consent(ada, *withdrawn), here.erasure(ada))

    central.take(*late)

    canary = Canaries()
    canary.add("pseudonym", pseudonym_of(ada))
    assert canary.found_in(central.everything()) == set()
    # Nor when they come back of their own will: it knew nothing of what they took back.
    central.clock.advance(timedelta(hours=1))
    central.take(here.enrolment(ada, knowing([said(ORDERS, central.clock())], withdrawn)), *late)
    assert central.is_known(ada)
    assert central.profile(ada) == Profile()


def test_an_erasure_that_comes_without_its_withdrawals_deletes_all_of_it(
    central: CentralCustomers,
) -> None:
    shop = central.voice("shop-1-1")
    ada, _ = enrolled(central, shop)
    central.take(*shop.tastes(ada, bought(central, "latte")), shop.erasure(ada))

    assert "customer_profile: " not in central.everything().decode()


def test_what_was_not_sealed_to_central_or_is_no_taste_is_set_aside(
    central: CentralCustomers,
) -> None:
    shop = central.voice("shop-1-1")
    shop.central_key = shop.exchange_key
    with pytest.raises(WireContractError, match="sealed to central"):
        central.take(*shop.tastes(system_chance(32), bought(central, "secret-sku")))


def test_purchases_go_after_ninety_days_and_the_rest_when_its_consent_ends(
    central: CentralCustomers,
) -> None:
    shop = central.voice("shop-1-1")
    ada, _ = enrolled(central, shop)
    central.take(*shop.tastes(ada, bought(central, "latte")))
    central.clock.advance(timedelta(days=1))
    central.take(*shop.tastes(ada, starred(central, "cake")))
    central.tell()

    central.clock.advance(timedelta(days=HISTORY_DAYS - 2))
    central.tell()
    assert central.profile(ada).purchases
    central.clock.advance(timedelta(days=1))
    central.tell()
    assert central.profile(ada).purchases == ()
    assert central.profile(ada).wishes.starred == {"cake"}

    central.clock.advance(VALID_FOR)
    central.tell()
    assert "customer_profile: " not in central.everything().decode()


def told_at_random(
    central: CentralCustomers, data: st.DataObject
) -> tuple[bytes, list[ConsentEvent], list[Informed], list[Arrived]]:
    """Two shops that hear of each other or not; each says what it knows at the time."""
    ada = system_chance(32)
    voices = [central.voice("shop-1-1"), central.voice("shop-2-1", "shop-2")]
    first = [said(purpose, central.clock()) for purpose in (TASTES, ORDERS)]
    known = [list(first), list(first)]
    everything, facts = list(first), list[Informed]()
    arrived = [voices[0].enrolment(ada, first)]
    for _ in range(data.draw(st.integers(1, 6))):
        number = data.draw(st.integers(0, 1))
        voice, here = voices[number], known[number]
        match data.draw(st.sampled_from(["buy", "wish", "wrong", "off", "on", "hear"])):
            case "hear":
                here[:] = everything
            case "off" | "on" as way:
                purpose = data.draw(st.sampled_from([TASTES, ORDERS]))
                one = said(purpose, central.clock(), "withdrawn" if way == "off" else "given")
                (one,) = knowing([one], here)
                here.append(one)
                everything.append(one)
                arrived.append(voice.consent(ada, one))
            case what:
                profile = said_at_random(central, data, what)
                facts.append(Informed(profile, known_withdrawals(here)))
                arrived += voice.tastes(ada, profile, here)
    return ada, everything, facts, arrived


def said_at_random(central: CentralCustomers, data: st.DataObject, what: str) -> Profile:
    sku = data.draw(st.sampled_from(["latte", "tea"]))
    ago = data.draw(st.integers(0, 2))
    match what:
        case "buy":
            return bought(central, sku, ago=ago, count=data.draw(st.integers(1, 3)))
        case "wrong":
            return Profile(wrong={sku: day_of(central.clock()) - ago})
        case _:
            at = central.clock() + timedelta(seconds=data.draw(st.integers(-1, 1)))
            return replace(starred(central, sku), wishes_changed_at=at)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(data=st.data())
def test_in_any_order_and_repeated_it_comes_to_the_same_and_to_no_more_than_is_allowed(
    central: CentralCustomers, data: st.DataObject
) -> None:
    """The model: all that knew of every withdrawal, joined; then what consent in force allows."""
    ada, everything, facts, arrived = told_at_random(central, data)
    order = data.draw(st.permutations(arrived))
    repeats = data.draw(st.lists(st.sampled_from(arrived), max_size=4))

    central.take(*order, *repeats)

    today, withdrawn, model = day_of(central.clock()), known_withdrawals(everything), Profile()
    for one in facts:
        knew = {purpose for purpose in (TASTES, ORDERS) if one.knows[purpose] == withdrawn[purpose]}
        model = joined(model, kept_for(one.profile, knew), today)
    allowed = purposes_in_force(everything, central.clock())
    assert kept_for(central.profile(ada), allowed) == kept_for(model, allowed)
    with central.con.cursor() as cur:
        held = consent_rows.of(cur, pseudonym_of(ada))
    assert set(purposes_in_force(held, central.clock())) == set(allowed)
