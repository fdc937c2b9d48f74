"""What is known of a person stays as long as it may, and no longer."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge.core.clock import SettableClock
from edge.identity.consent import VALID_FOR, Purpose
from edge.identity.profile import CustomerId, Profile
from edge.store.audit import AuditEntry
from edge.store.store import Store
from tests.fakes.people import TODAY, Somebody, bytes_in, enrol, serve
from tests.fakes.proofs import consent, said
from tests.fakes.recorded import NOON, new_id, open_store

DAY = timedelta(days=1)


def here(store: Store) -> set[CustomerId]:
    return {one.customer_id for one in store.people.holders()}


def count(folder: Path, table: str) -> int:
    with closing(sqlite3.connect(folder / "edge.db")) as con:
        return int(con.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def visit(store: Store, one: Somebody, clock: SettableClock) -> None:
    profile = store.people.profile(one.customer_id)
    assert profile is not None
    store.people.keep_profile(one.customer_id, profile, seen_at=clock()).result(10)


def test_purchases_leave_the_profile_after_ninety_days(
    tmp_path: Path, store: Store, clock: SettableClock
) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    for _ in range(4):
        clock.advance(22 * DAY)
        visit(store, alice, clock)
        store.sweep()
    assert store.people.profile(alice.customer_id) == replace(
        alice.profile, purchases=tuple(p for p in alice.profile.purchases if p.day > TODAY - 2)
    )
    clock.advance(2 * DAY)
    assert store.sweep() > 0
    left = store.people.profile(alice.customer_id)
    assert left == replace(alice.profile, purchases=())


def test_who_does_not_come_for_thirty_days_is_erased(
    tmp_path: Path, store: Store, clock: SettableClock
) -> None:
    alice, bob = Somebody("alice"), Somebody("bob")
    enrol(store, alice, bob)
    clock.advance(15 * DAY)
    visit(store, bob, clock)
    clock.advance(15 * DAY)
    store.sweep()
    assert here(store) == {alice.customer_id, bob.customer_id}
    clock.advance(DAY)
    store.sweep()
    assert here(store) == {bob.customer_id}
    assert store.keys.data.of(alice.customer_id) is None
    assert bytes(alice.customer_id) not in bytes_in(tmp_path)
    assert len(store.consents.events(alice.subject_ref)) == 2, "the proof stays"


def test_whoever_knows_customers_in_memory_forgets_them_first(
    store: Store, clock: SettableClock
) -> None:
    alice, bob = Somebody("alice"), Somebody("bob")
    enrol(store, alice, bob)
    told: list[CustomerId] = []

    def forget(customer_id: CustomerId) -> None:
        told.append(customer_id)
        if customer_id == alice.customer_id:  # the other one is nobody it knows
            store.people.erase(customer_id, proof=alice.withdrawal, events=[]).result(10)

    store.person_retention.forget = forget
    clock.advance(40 * DAY)
    store.sweep()
    assert sorted(told) == sorted([alice.customer_id, bob.customer_id])
    assert here(store) == set()
    assert len(store.consents.events(alice.subject_ref)) == 4


def test_consent_that_ran_out_ends_everything_and_renewed_consent_does_not(
    store: Store, clock: SettableClock
) -> None:
    alice, bob = Somebody("alice"), Somebody("bob")
    enrol(store, alice, bob)
    clock.advance(VALID_FOR - DAY)
    renewed = [
        said("renewed", bob.record_id, purpose=purpose, at=clock())
        for purpose in (Purpose.TASTES, Purpose.PAST_ORDERS)
    ]
    store.people.change_purposes(
        bob.customer_id, consent(renewed, subject=bob.subject_ref), Profile(), []
    ).result(10)
    for one in (alice, bob):
        visit(store, one, clock)
    store.sweep()
    assert here(store) == {alice.customer_id, bob.customer_id}
    clock.advance(DAY)
    store.sweep()
    assert here(store) == {bob.customer_id}


def test_who_took_everything_back_is_erased_even_if_nobody_asked(
    store: Store, clock: SettableClock
) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    store.people.change_purposes(alice.customer_id, alice.withdrawal, alice.profile, []).result(10)
    store.sweep()
    assert here(store) == set()


@pytest.mark.parametrize("wrong_by", [5000 * DAY, -5000 * DAY])
def test_nothing_is_deleted_while_the_clock_is_not_trusted(
    store: Store, clock: SettableClock, wrong_by: timedelta
) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    serve(store, alice)
    store.audit.add(AuditEntry("amira", "card", alice.subject_ref)).result(10)
    clock.advance(wrong_by)
    assert store.sweep(trusts_clock=False) == 0

    clock.at = NOON
    assert store.people.profile(alice.customer_id) == alice.profile
    assert store.people.uses_since([alice.record_id], NOON) == 1
    assert len(store.audit.entries()) == 1
    assert len(store.consents.events(alice.subject_ref)) == 2


def test_a_visit_that_a_clock_years_ahead_noted_does_not_keep_anybody(
    store: Store, clock: SettableClock
) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    clock.advance(3000 * DAY)
    visit(store, alice, clock)
    clock.at = NOON
    store.sweep()
    assert here(store) == {alice.customer_id}
    clock.advance(31 * DAY)
    store.sweep()
    assert here(store) == set()


def test_the_basis_of_a_decision_outlives_it_and_goes_after_ninety_days(
    tmp_path: Path, store: Store, clock: SettableClock
) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    serve(store, alice)
    for _ in range(3):
        clock.advance(29 * DAY)
        visit(store, alice, clock)
        store.sweep()
    assert (count(tmp_path, "decision"), count(tmp_path, "decision_basis")) == (0, 2)
    clock.advance(4 * DAY)
    store.sweep()
    assert here(store) == {alice.customer_id}
    assert count(tmp_path, "decision_basis") == 0


def test_the_audit_goes_after_two_years_and_the_consent_three_years_after_its_end(
    store: Store, clock: SettableClock
) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    store.audit.add(AuditEntry("amira", "card", alice.subject_ref)).result(10)
    clock.advance(729 * DAY)
    store.sweep()
    assert len(store.audit.entries()) == 1
    clock.advance(2 * DAY)
    store.sweep()
    assert store.audit.entries() == []

    clock.at = NOON + VALID_FOR + 1094 * DAY
    store.sweep()
    assert len(store.consents.events(alice.subject_ref)) == 2
    clock.advance(2 * DAY)
    store.sweep()
    assert store.consents.events(alice.subject_ref) == []
    assert store.consents.verify() == store.audit.verify() == []


def test_a_row_whose_key_is_gone_goes_too(tmp_path: Path, store: Store) -> None:
    alice, bob = Somebody("alice"), Somebody("bob")
    enrol(store, alice, bob)
    store.keys.shred([alice.customer_id])
    store.sweep()
    assert here(store) == {bob.customer_id}
    assert count(tmp_path, "customer") == 1


def test_who_does_not_come_is_erased_even_while_nobody_can_be_opened(tmp_path: Path) -> None:
    clock, alice, bob = SettableClock(NOON), Somebody("alice"), Somebody("bob")
    store = open_store(tmp_path, clock)
    enrol(store, alice, bob)
    clock.advance(20 * DAY)
    visit(store, bob, clock)
    store.close()
    (tmp_path / "device-root.key").rename(tmp_path / "elsewhere")

    clock.advance(11 * DAY)
    store = open_store(tmp_path, clock)
    assert store.keys.problem
    store.sweep()
    store.close()
    assert count(tmp_path, "customer") == 1
    (tmp_path / "elsewhere").rename(tmp_path / "device-root.key")
    store = open_store(tmp_path, clock)
    assert here(store) == {bob.customer_id}
    assert store.keys.data.of(alice.customer_id) is None
    store.close()


def test_a_key_that_an_interrupted_enrolment_left_behind_goes_after_a_day(
    store: Store, clock: SettableClock
) -> None:
    alice, nobody = Somebody("alice"), CustomerId(new_id().encode()[:16])
    enrol(store, alice)
    store.keys.data.make(nobody)
    store.sweep()
    assert store.keys.data.of(nobody) is not None
    clock.advance(2 * DAY)
    store.sweep()
    assert store.keys.data.of(nobody) is None
    assert store.people.profile(alice.customer_id) == alice.profile


def test_keys_are_wrapped_again_by_the_way(store: Store, clock: SettableClock) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    before = store.keys.data.of(alice.customer_id)
    clock.advance(29 * DAY)
    visit(store, alice, clock)
    clock.advance(DAY)
    assert store.sweep() == 1
    assert store.keys.data.of(alice.customer_id) == before
