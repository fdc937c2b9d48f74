"""Customers are kept sealed, whole or not at all, and leave no trace of who they are."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge.core.errors import ContractError
from edge.identity.consent import Purpose, purposes_in_force
from edge.identity.profile import Profile, Wishes
from edge.store.customer_rows import UnknownCustomerError
from edge.store.key_file import KeysUnfitError
from edge.store.store import Store
from tests.fakes.people import Somebody, bytes_in, enrol, serve
from tests.fakes.proofs import consent, said
from tests.fakes.recorded import NOON, decision, event, open_store

ROOT = "device-root.key"


def column(folder: Path, sql: str) -> list[object]:
    with closing(sqlite3.connect(folder / "edge.db")) as con:
        return [row[0] for row in con.execute(sql)]


def test_who_enrolled_is_there_with_profile_and_consent_after_a_restart(tmp_path: Path) -> None:
    alice, bob = Somebody("alice"), Somebody("bob")
    store = open_store(tmp_path)
    enrol(store, alice, bob)
    store.close()

    store = open_store(tmp_path)
    assert {one.customer_id: one for one in store.people.holders()} == {
        alice.customer_id: alice.holder,
        bob.customer_id: bob.holder,
    }
    assert store.people.profile(alice.customer_id) == alice.profile
    held = purposes_in_force(store.consents.events(alice.subject_ref), NOON)
    assert set(held) == {Purpose.TASTES, Purpose.PAST_ORDERS}
    store.close()


def test_nothing_that_leads_to_a_customer_is_on_the_disk_in_clear(
    tmp_path: Path, store: Store
) -> None:
    everybody = [Somebody(f"canary{n}") for n in range(20)]
    enrol(store, *everybody)
    for one in everybody:
        store.people.keep_profile(one.customer_id, one.profile, seen_at=NOON).result(10)
        store.people.keep_holder(replace(one.holder, is_reported=True)).result(10)

    found = bytes_in(tmp_path)
    assert not [canary for one in everybody for canary in one.canaries if canary in found]
    # The consent's own reference is there, as it must be, and stands beside no customer.
    assert all(one.subject_ref.encode() in found for one in everybody)
    rows = column(tmp_path, "SELECT hex(customer_id) || hex(holder_sealed) FROM customer")
    assert not [r for r in rows for one in everybody if one.subject_ref.upper() in str(r)]


def test_an_enrolment_whose_consent_is_refused_keeps_nothing(tmp_path: Path, store: Store) -> None:
    alice, bob = Somebody("alice"), Somebody("bob")
    enrol(store, alice)
    stolen = replace(alice.consent, subject_ref=bob.subject_ref)
    with pytest.raises(ContractError, match="another's"):
        store.people.enrol(bob.holder, bob.profile, stolen, [event("c", "consent")]).result(10)

    assert [one.customer_id for one in store.people.holders()] == [alice.customer_id]
    assert store.health().waiting == 0
    with pytest.raises(ContractError, match="breaks a rule"):
        store.people.enrol(alice.holder, Profile(), alice.consent, []).result(10)
    assert store.people.profile(alice.customer_id) == alice.profile


def test_a_changed_profile_is_the_one_that_is_read(store: Store) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    changed = alice.profile.with_wishes(Wishes(muted=frozenset({"cakes"})))
    store.people.keep_profile(alice.customer_id, changed).result(10)
    assert store.people.profile(alice.customer_id) == changed

    both = [Profile(), alice.profile]
    for future in [store.people.keep_profile(alice.customer_id, one) for one in both]:
        future.result(10)
    assert store.people.profile(alice.customer_id) == alice.profile


def test_a_profile_keeps_its_newest_purchases_within_eight_kilobytes(
    tmp_path: Path, store: Store
) -> None:
    alice = Somebody("alice")
    one = alice.profile.purchases[0]
    many = tuple(replace(one, sku=f"{'x' * 50}-{n}", day=one.day - n) for n in range(300))
    enrol(store, alice)
    store.people.keep_profile(alice.customer_id, Profile(purchases=many)).result(10)

    kept = store.people.profile(alice.customer_id)
    assert kept is not None
    assert 100 <= len(kept.purchases) <= 200
    assert kept.purchases == many[: len(kept.purchases)]
    assert column(tmp_path, "SELECT max(length(profile_sealed)) FROM customer") <= [8192 + 28]

    stars = frozenset(f"{'y' * 60}-{n}" for n in range(200))
    with pytest.raises(ContractError, match="stars"):
        store.people.keep_profile(alice.customer_id, Profile(Wishes(starred=stars))).result(10)


def test_a_holder_and_the_event_about_it_are_kept_together(store: Store) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    reported = replace(alice.holder, is_reported=True)
    store.people.keep_holder(reported, [event("c", "enrolment")]).result(10)

    assert list(store.people.holders()) == [reported]
    assert len(store.reads.waiting("c", 10)) == 1


def test_changed_purposes_change_the_profile_in_the_same_breath(store: Store) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    without = alice.profile.with_wishes(Wishes())
    withdrawn = consent([said("withdrawn", alice.record_id)], subject=alice.subject_ref)
    told = [event("c", "consent")]
    store.people.change_purposes(alice.customer_id, withdrawn, without, told).result(10)

    assert store.people.profile(alice.customer_id) == without
    held = purposes_in_force(store.consents.events(alice.subject_ref), NOON)
    assert set(held) == {Purpose.PAST_ORDERS}
    assert len(store.reads.waiting("c", 10)) == 1
    assert store.consents.verify() == []


def test_nobody_can_be_changed_who_is_not_there(store: Store) -> None:
    nobody = Somebody("nobody")
    assert store.people.profile(nobody.customer_id) is None
    for future in (
        store.people.keep_profile(nobody.customer_id, Profile()),
        store.people.keep_holder(nobody.holder),
        store.people.change_purposes(nobody.customer_id, nobody.consent, Profile(), []),
        store.people.erase(nobody.customer_id, proof=None, events=[]),
    ):
        with pytest.raises(UnknownCustomerError):
            future.result(10)
    assert store.consents.events(nobody.subject_ref) == []


def test_uses_are_counted_once_per_decision(store: Store) -> None:
    alice, bob = Somebody("alice"), Somebody("bob")
    enrol(store, alice, bob)
    made = [serve(store, alice) for _ in range(3)]
    serve(store, alice, at=NOON - timedelta(days=40))
    serve(store, bob)

    assert store.people.uses_since([alice.record_id], NOON - timedelta(days=30)) == 3
    assert store.people.uses_since([alice.record_id, bob.record_id], NOON) == 4
    assert store.people.uses_since(["nobody's"], NOON) == 0
    again = store.reads.decision(made[0].decision.decision_id)
    assert again == made[0].decision
    assert {len(one.basis) for one in store.reads.latest_decisions(9)} == {2}


def test_with_zero_consents_no_row_is_about_a_person(tmp_path: Path, store: Store) -> None:
    for number in range(50):
        made = replace(decision(), visit_id=f"v{number}")
        store.record_decision(made, [event(kind="decision")]).result(10)
    for table in ("customer", "decision_basis", "consent_record", "consent_event"):
        assert column(tmp_path, f"SELECT count(*) FROM {table}") == [0]


def test_a_row_put_in_anothers_place_or_back_from_before_opens_no_more(
    tmp_path: Path, store: Store
) -> None:
    alice, bob, carol = Somebody("alice"), Somebody("bob"), Somebody("carol")
    enrol(store, alice, bob, carol)
    [old] = column(
        tmp_path,
        f"SELECT profile_sealed FROM customer WHERE hex(customer_id) = '{_hex(carol)}'",
    )
    store.people.keep_profile(carol.customer_id, Profile()).result(10)
    store.close()
    with closing(sqlite3.connect(tmp_path / "edge.db")) as con, con:
        con.execute(
            "UPDATE customer SET (holder_sealed, profile_sealed) = (SELECT holder_sealed,"
            " profile_sealed FROM customer WHERE customer_id = ?) WHERE customer_id = ?",
            (alice.customer_id, bob.customer_id),
        )
        con.execute(
            "UPDATE customer SET profile_sealed = ? WHERE customer_id = ?", (old, carol.customer_id)
        )

    store = open_store(tmp_path)
    assert {one.customer_id for one in store.people.holders()} == {
        alice.customer_id,
        carol.customer_id,
    }
    assert store.people.profile(alice.customer_id) == alice.profile
    assert store.people.profile(bob.customer_id) is None
    assert store.people.profile(carol.customer_id) is None
    store.close()


def _hex(one: Somebody) -> str:
    return one.customer_id.hex().upper()


def test_without_its_root_key_the_store_works_for_guests_and_says_why(tmp_path: Path) -> None:
    alice, bob = Somebody("alice"), Somebody("bob")
    store = open_store(tmp_path)
    enrol(store, alice)
    store.close()
    (tmp_path / ROOT).rename(tmp_path / "elsewhere")

    store = open_store(tmp_path)
    problem = store.health().keys_problem
    assert problem is not None
    assert ROOT in problem
    assert list(store.people.holders()) == []
    assert store.people.profile(alice.customer_id) is None
    with pytest.raises(KeysUnfitError):
        store.people.enrol(bob.holder, bob.profile, bob.consent, []).result(10)
    store.record_decision(decision(), [event()]).result(10)
    assert store.sweep() == 0
    store.close()

    (tmp_path / "elsewhere").rename(tmp_path / ROOT)
    store = open_store(tmp_path)
    assert store.health().keys_problem is None
    assert store.people.profile(alice.customer_id) == alice.profile
    store.close()


def test_no_customer_is_in_a_repr_or_an_error(store: Store) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    with store._readers.connection() as con:
        row = store.people._rows.get(con, alice.customer_id)
    shown = repr(row) + repr(next(iter(store.people.pages())))
    secret = {*alice.canaries, alice.customer_id, alice.customer_id.hex().encode()}
    assert not [one for one in secret if one in shown.encode() or repr(one) in shown]


def test_a_profile_and_the_events_that_report_it_are_kept_together_or_not_at_all(
    store: Store,
) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    changed = replace(alice.profile, wishes=Wishes(starred=frozenset({"mug"})))

    with pytest.raises(ValueError, match="substring"):  # no such lane
        store.people.keep_profile(alice.customer_id, changed, [event(lane="x")]).result(10)
    assert store.people.profile(alice.customer_id) == alice.profile

    before = len(store.reads.waiting("c", 50))
    store.people.keep_profile(alice.customer_id, changed, [event(lane="c")]).result(10)
    assert store.people.profile(alice.customer_id) == changed
    assert len(store.reads.waiting("c", 50)) == before + 1
