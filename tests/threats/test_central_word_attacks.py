"""Attacks through what is sent down: each of these worked once, or was tried and must go on failing."""

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import EdgeError
from edge.identity.consent import Purpose
from edge.identity.day_keys import day_of, pseudonym_of
from edge.identity.presence import Refusal
from edge.identity.profile import CustomerId
from edge.identity.proof import proof
from edge.identity.simulated_phone import SimulatedPhone
from edge.store.consents import NewConsent
from edge.store.outbox import Outgoing
from edge.web.recognition_ports import CustomerScanned, ScanRefused
from edge.wire.profile_message import ERASE_INFO
from tests.fakes.appliance import LUNCH_AT
from tests.fakes.central_word import MALLORY, code, customer, full, message, said
from tests.fakes.customer import PREFIX, Bare, Customer, bare, recognising


def test_an_erasure_that_arrives_before_customers_are_loaded_is_not_lost(
    built: Bare, clock: SettableClock, tmp_path: Path
) -> None:
    ben = SimulatedPhone(b"B" * 32, 1, PREFIX)
    recognising(built).from_central.profile(message(built, {"customers": [customer(ben)]}))
    built.stop()
    with bare(tmp_path, clock) as again:
        assert again.recognising is not None
        pseudonym = pseudonym_of(ben.beacon_key).hex()

        again.recognising.from_central.erase(
            message(again, {"pseudonyms": [pseudonym]}, ERASE_INFO)
        )

        recognising(again)
        assert list(again.store.people.holders()) == []


def test_a_profile_that_arrives_before_customers_are_loaded_makes_nobody_twice(
    built: Bare, clock: SettableClock, tmp_path: Path
) -> None:
    ben = SimulatedPhone(b"B" * 32, 1, PREFIX)
    recognising(built).from_central.profile(message(built, {"customers": [customer(ben)]}))
    built.stop()
    with bare(tmp_path, clock) as again:
        assert again.recognising is not None
        newer = customer(ben, consents=[said(2)])

        again.recognising.from_central.profile(message(again, {"customers": [newer]}))

        recognising(again)
        assert len(list(again.store.people.holders())) == 1


def test_whoever_can_seal_to_the_device_cannot_take_over_a_customer_who_enrolled_here(
    ada: Customer, built: Bare, clock: SettableClock
) -> None:
    ada.leave()
    theirs = customer(MALLORY, pseudonym=pseudonym_of(ada.phone.beacon_key).hex())

    ada.parts.from_central.profile(message(built, {"customers": [theirs]}))

    ada.parts.known.tick()
    made = proof(MALLORY.day_key(clock()), clock(), system_chance(4))
    assert isinstance(ada.pages.prove(made), Refusal)
    found = ada.parts.recognise.scanned("kiosk-1", code(MALLORY, clock))
    assert isinstance(found, ScanRefused)
    assert isinstance(ada.scan(), CustomerScanned)


@pytest.mark.parametrize("at", ["9999-12-30T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_a_moment_at_the_end_of_time_does_not_cost_the_others_of_a_message(
    at: str, built: Bare, clock: SettableClock
) -> None:
    ben = SimulatedPhone(b"B" * 32, 1, PREFIX)
    broken = customer(MALLORY, consents=[said(5, at=at)])
    parts = recognising(built)

    try:
        parts.from_central.profile(message(built, {"customers": [broken, customer(ben)]}))
    except EdgeError:
        return  # refused as a whole, in words
    assert isinstance(parts.recognise.scanned("kiosk-1", code(ben, clock)), CustomerScanned)


def test_what_is_bought_in_days_to_come_is_not_kept(built: Bare) -> None:
    parts = recognising(built)
    later = {"sku": "latte", "day": day_of(LUNCH_AT) + 5000, "count": 1}
    ben = customer(MALLORY, purchases=[later])

    parts.from_central.profile(message(built, {"customers": [ben]}))

    (holder,) = built.store.people.holders()
    profile = built.store.people.profile(holder.customer_id)
    assert profile is not None
    assert profile.purchases == ()


def test_one_erasure_that_fails_does_not_cost_the_others_of_a_message(
    built: Bare, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben, cem = (SimulatedPhone(one * 32, 1, PREFIX) for one in (b"B", b"C"))
    parts = recognising(built)
    both = [customer(ben, consents=[said(1)]), customer(cem, consents=[said(2)])]
    parts.from_central.profile(message(built, {"customers": both}))
    erase, refused = built.store.people.erase, iter([full()])

    def refuse_first(
        customer_id: CustomerId, *, proof: NewConsent | None, events: Sequence[Outgoing]
    ) -> "Future[None]":
        return next(refused, None) or erase(customer_id, proof=proof, events=events)

    monkeypatch.setattr(built.store.people, "erase", refuse_first)
    names = [pseudonym_of(one.beacon_key).hex() for one in (ben, cem)]
    parts.from_central.erase(message(built, {"pseudonyms": names}, ERASE_INFO))

    assert len(list(built.store.people.holders())) == 1


def test_a_consent_from_central_without_an_end_does_not_take_a_customer_their_page(
    built: Bare, clock: SettableClock
) -> None:
    ada = Customer.enrolled(built, clock, [Purpose.TASTES])
    word = customer(ada.phone, consents=[said(9)])

    ada.parts.from_central.profile(message(built, {"customers": [word]}))

    assert set(ada.pages.my_data(ada.visit).purposes) == {Purpose.TASTES, Purpose.PAST_ORDERS}
