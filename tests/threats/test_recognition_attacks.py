"""Attacks on recognition: each of these worked once, or was tried and must go on failing."""

import stat
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import RequestContractError, StorageUnavailableError
from edge.identity.consent import Purpose
from edge.identity.day_keys import day_of
from edge.identity.presence import Refusal
from edge.identity.profile import CustomerId, Profile, Purchase, with_purchases
from edge.identity.proof import proof
from edge.store.consents import NewConsent
from edge.store.outbox import Outgoing
from edge.web.my_data_ports import PhoneVisit
from edge.web.phone_ports import Enrolment
from edge.web.recognition_ports import ScanRefused
from tests.fakes.appliance import LUNCH_AT
from tests.fakes.central_word import customer, full, message, said
from tests.fakes.customer import EVERYTHING, NOTICE, Bare, Customer, bare, recognising

# ---- what was withdrawn or erased stays so -------------------------------------------------


def test_an_order_under_way_does_not_bring_back_orders_whose_consent_is_withdrawn(
    ada: Customer, built: Bare
) -> None:
    (holder,) = built.store.people.holders()
    profiles = ada.parts.recognise._parts.profiles
    day = day_of(LUNCH_AT)
    has_read, may_write = threading.Event(), threading.Event()

    def order(profile: Profile) -> Profile:
        has_read.set()
        may_write.wait(0.5)  # before: the withdrawal came in between, and set it
        return with_purchases(profile, [Purchase("croissant", day, 1)], day)

    def withdraw() -> None:
        ada.allow(Purpose.TASTES)
        may_write.set()

    ordering = threading.Thread(target=profiles.change, args=(holder.customer_id, order))
    ordering.start()
    has_read.wait()
    withdrawing = threading.Thread(target=withdraw)
    withdrawing.start()
    ordering.join()
    withdrawing.join()

    assert ada.pages.my_data(ada.visit).profile.purchases == ()


def test_what_central_knows_is_not_kept_for_a_purpose_that_was_withdrawn_here(
    ada: Customer, built: Bare
) -> None:
    bought = [{"sku": "latte", "day": day_of(LUNCH_AT) - 1, "count": 2}]
    wishes = {"starred": ["croissant"], "changed_at": LUNCH_AT}
    word = customer(ada.phone, purchases=bought, wishes=wishes)
    ada.allow(Purpose.PHONE_OFFERS)

    ada.parts.from_central.profile(message(built, {"customers": [word]}))

    profile = ada.pages.my_data(ada.visit).profile
    assert profile.purchases == ()
    assert profile.wishes.starred == frozenset()


def test_an_erasure_that_the_disk_refused_can_be_asked_for_again(
    ada: Customer, built: Bare, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(built.store.people, "erase", lambda *_, **__: full())
        with pytest.raises(StorageUnavailableError):
            ada.pages.erase(ada.visit)

    ada.pages.erase(ada.visit)
    assert list(built.store.people.holders()) == []


def test_an_older_message_that_comes_while_somebody_is_erased_does_not_bring_them_back(
    ada: Customer, built: Bare, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = message(built, {"customers": [customer(ada.phone)]})
    erase = built.store.people.erase

    def erase_late(
        customer_id: CustomerId, *, proof: NewConsent | None, events: Sequence[Outgoing]
    ) -> "Future[None]":
        ada.parts.from_central.profile(word)
        return erase(customer_id, proof=proof, events=events)

    monkeypatch.setattr(built.store.people, "erase", erase_late)
    ada.pages.erase(ada.visit)

    assert list(built.store.people.holders()) == []
    ada.parts.from_central.profile(word)
    assert list(built.store.people.holders()) == []


def test_a_key_that_enrols_again_is_the_same_customer_and_is_erased_whole(
    ada: Customer, built: Bare
) -> None:
    opened = ada.pages.open_pairing(ada.parts.recognise.pair("kiosk-1").code)
    assert opened is not None
    again = Enrolment(EVERYTHING, ada.phone.beacon_key, NOTICE, is_over_age=True)
    visit = ada.pages.enrol(opened, again)

    ada.pages.erase(visit)

    assert list(built.store.people.holders()) == []
    assert ada.scan() == ScanRefused(Refusal.UNKNOWN)


def test_two_yeses_at_once_make_one_customer(built: Bare) -> None:
    parts = recognising(built)
    opened = parts.pages.open_pairing(parts.recognise.pair("kiosk-1").code)
    assert opened is not None
    enrolment = Enrolment(EVERYTHING, b"K" * 32, NOTICE, is_over_age=True)
    twice = [threading.Thread(target=parts.pages.enrol, args=(opened, enrolment)) for _ in "12"]
    for one in twice:
        one.start()
    for one in twice:
        one.join()

    assert len(list(built.store.people.holders())) == 1


def test_who_is_erased_while_a_report_is_under_way_stays_unknown(
    ada: Customer, built: Bare
) -> None:
    (holder,) = built.store.people.holders()
    ada.pages.erase(ada.visit)

    ada.parts.known.renew(replace(holder, is_reported=True))

    assert len(ada.parts.known) == 0


def test_an_older_consent_that_knew_of_an_earlier_withdrawal_does_not_undo_an_erasure(
    ada: Customer, built: Bare
) -> None:
    (holder,) = built.store.people.holders()
    ada.allow(Purpose.PAST_ORDERS)
    ada.allow(Purpose.PAST_ORDERS, Purpose.TASTES)
    *_, again = built.store.consents.events(holder.subject_ref)
    assert again.knows
    ada.pages.erase(ada.visit)
    older = said(7, purpose="tastes", at=again.at, knows=sorted(again.knows))

    word = customer(ada.phone, consents=[older])
    ada.parts.from_central.profile(message(built, {"customers": [word]}))

    assert list(built.store.people.holders()) == []


def test_that_nobody_came_for_thirty_days_is_not_reported_as_their_withdrawal(
    ada: Customer, built: Bare
) -> None:
    (holder,) = built.store.people.holders()

    ada.parts.pages.forget(holder.customer_id, "retention")

    states = {event.state for event in built.store.consents.events(holder.subject_ref)}
    assert states == {"given"}
    assert list(built.store.people.holders()) == []


def test_no_other_user_of_the_machine_may_read_a_database_or_its_log(
    ada: Customer, tmp_path: Path
) -> None:
    ada.change(star="latte")

    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("*.db*")}
    assert {"edge.db", "edge.db-wal", "keys.db"} <= set(found)
    assert [name for name, mode in found.items() if mode & 0o077] == []


# ---- sessions and presences ----------------------------------------------------------------


def test_a_phone_that_paired_an_hour_ago_cannot_put_itself_at_the_kiosk(
    ada: Customer, clock: SettableClock
) -> None:
    assert ada.visit.screen_id == "kiosk-1"
    ada.leave()  # the kiosk is somebody else's now
    for _ in range(12):  # its page asks by itself and keeps the visit alive
        clock.advance(timedelta(minutes=5))
        assert ada.pages.visit(ada.visit.key) is not None

    with pytest.raises(RequestContractError):
        ada.pages.tap(ada.visit, "kiosk-1")


def test_the_visit_that_opened_a_pairing_ends_when_the_phone_proves_itself(
    ada: Customer, clock: SettableClock
) -> None:
    paired = ada.pages.open_pairing(ada.parts.recognise.pair("kiosk-1").code)
    assert paired is not None
    made = proof(ada.phone.day_key(clock()), clock(), system_chance(4))

    assert isinstance(ada.pages.prove(made, paired), PhoneVisit)

    assert ada.pages.visit(paired.key) is None


def test_a_clock_that_was_ahead_at_the_start_does_not_lock_customers_out_of_their_page(
    built: Bare, clock: SettableClock, tmp_path: Path
) -> None:
    ada = Customer.enrolled(built, clock)
    built.stop()
    clock.advance(timedelta(days=1))
    with bare(tmp_path, clock) as again:
        ada.parts = recognising(again)
        clock.advance(timedelta(days=-1) + timedelta(minutes=5))
        ada.parts.known.tick()
        ada.open_page()
