"""Who is erased cannot be read any more: not from any file, whatever was going on meanwhile."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import StorageUnavailableError
from edge.identity.consent import purposes_in_force
from edge.store import erasure
from edge.store.database import open_reader
from edge.store.keys_database import KeysDatabase
from edge.store.store import Store
from tests.fakes.people import Served, Somebody, bytes_in, enrol, serve
from tests.fakes.recorded import NOON, decision, event, new_id, open_store, order
from tests.store.erasing_child import POINTS

ROOT = Path(__file__).parents[2]
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def erase(store: Store, *everybody: Somebody) -> None:
    for one in everybody:
        told = [event("c", "erasure")]
        store.people.erase(one.customer_id, proof=one.withdrawal, events=told).result(30)


def sealed_of(folder: Path, *everybody: Somebody) -> list[bytes]:
    """Return what the disk holds of customers: their wrapped keys and sealed values."""
    found: list[bytes] = []
    with closing(sqlite3.connect(folder / "edge.db")) as con:
        for one in everybody:
            found += con.execute(
                "SELECT holder_sealed, profile_sealed FROM customer WHERE customer_id = ?",
                (one.customer_id,),
            ).fetchone()
    database = KeysDatabase(folder / "keys.db")
    for one in everybody:
        [(wrapped,)] = database.read(
            "SELECT wrapped FROM data_key WHERE customer_id = ?", (one.customer_id,)
        )
        found.append(wrapped)
    database.close()
    return found


def filled(folder: Path, *everybody: Somebody, served: int = 3) -> list[Served]:
    """Enrol customers and serve them; return what was shown."""
    store = open_store(folder)
    enrol(store, *everybody)
    made = [serve(store, one) for one in everybody for _ in range(served)]
    store.close()
    return made


def test_no_byte_of_the_erased_is_left_and_nobody_else_is_touched(tmp_path: Path) -> None:
    gone = [Somebody(f"gone{n}") for n in range(10)]
    kept = [Somebody(f"kept{n}") for n in range(10)]
    shown_gone, shown_kept = filled(tmp_path, *gone), filled(tmp_path, *kept)
    sealed_gone, sealed_kept = sealed_of(tmp_path, *gone), sealed_of(tmp_path, *kept)
    before = bytes_in(tmp_path)
    assert all(one in before for one in [*sealed_gone, *(s.canary for s in shown_gone)])
    assert not [canary for one in gone for canary in one.canaries if canary in before]

    store = open_store(tmp_path)
    erase(store, *gone)
    after = bytes_in(tmp_path)  # while it runs: the logs are part of it

    traces = [*sealed_gone, *(s.canary for s in shown_gone)]
    traces += [canary for one in gone for canary in (*one.canaries, one.customer_id)]
    assert not [one for one in traces if one in after]
    assert all(one in after for one in [*sealed_kept, *(s.canary for s in shown_kept)])
    assert {one.customer_id for one in store.people.holders()} == {o.customer_id for o in kept}
    assert store.people.unfinished() == store.health().erasures_unfinished == 0
    store.close()
    assert not [one for one in traces if one in bytes_in(tmp_path)]


def test_what_relied_on_their_consent_goes_and_the_proof_stays(
    tmp_path: Path, store: Store
) -> None:
    alice, bob = Somebody("alice"), Somebody("bob")
    enrol(store, alice, bob)
    of_alice, of_bob = [serve(store, alice) for _ in range(4)], serve(store, bob)
    refused = of_alice[3].decision.decision_id
    store.writer.submit(lambda con: store.outbox.dead_letter(con, refused, "bad")).result(10)
    guest = decision()
    store.record_decision(guest, [event(kind="decision", event_id=guest.decision_id)]).result(10)
    bought = replace(order(), visit_id="visit-alice")
    store.add_order(bought, lambda _: [event("t", "order")]).result(10)
    erase(store, alice)

    for one in of_alice:
        assert store.reads.decision(one.decision.decision_id) is None
        assert store.reads.engagements(one.decision.decision_id) == []
    assert store.reads.decision(of_bob.decision.decision_id) == of_bob.decision
    assert store.reads.decision(guest.decision_id) == guest
    waiting = {row.event_id for row in store.reads.waiting("e", 99)}
    assert waiting == {of_bob.decision.decision_id, of_bob.tap_id, guest.decision_id}
    assert [len(store.reads.waiting(lane, 99)) for lane in "ct"] == [1, 1]
    lane = store.reads.depths()["e"]
    assert (lane.waiting, lane.dropped) == (3, 7), "central is told that numbers are missing"
    said = store.consents.events(alice.subject_ref)
    assert [one.state for one in said] == ["given", "given", "withdrawn", "withdrawn"]
    assert not purposes_in_force(said, NOON)
    assert store.consents.verify() == []
    with closing(sqlite3.connect(tmp_path / "edge.db")) as con:
        for table in ("dead_letter", "customer_erasing"):
            assert con.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        left = con.execute("SELECT DISTINCT record_id FROM decision_basis").fetchall()
        assert left == [(bob.record_id,)]


def test_a_decision_under_way_while_its_customer_is_erased_is_not_recorded(store: Store) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    late = replace(serve(store, alice).decision, decision_id=new_id())
    erase(store, alice)
    store.record_decision(late, [event(kind="decision", event_id=late.decision_id)]).result(10)

    assert store.reads.latest_decisions(9) == []
    assert list(store.reads.waiting("e", 9)) == []


def test_the_log_is_emptied_as_soon_as_nobody_reads_it_any_more(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "WAIT_S", 0.2)
    alice, bob = Somebody("alice"), Somebody("bob")
    enrol(store, alice, bob)
    shown = serve(store, alice)
    reader = open_reader(tmp_path / "edge.db")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM decision").fetchone()

    erase(store, alice)
    assert store.people.unfinished() == store.health().erasures_unfinished == 1
    assert shown.canary in bytes_in(tmp_path), "else this test shows nothing"
    assert store.people.profile(alice.customer_id) is None
    store.people.keep_profile(bob.customer_id, bob.profile).result(5)  # others go on meanwhile
    assert store.people.finish_erasures() == 1

    reader.execute("COMMIT")
    reader.close()
    assert store.people.finish_erasures() == 0
    assert shown.canary not in bytes_in(tmp_path)


def test_an_erasure_that_keys_db_refuses_is_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    with monkeypatch.context() as patched:

        def full(_: object) -> None:
            raise StorageUnavailableError

        patched.setattr(KeysDatabase, "forget", full)
        with pytest.raises(StorageUnavailableError):
            erase(store, alice)
        assert list(store.people.holders()) == []
        assert store.people.finish_erasures() == 1
    assert store.people.finish_erasures() == 0


def test_erasing_twice_is_erasing_once(store: Store) -> None:
    alice = Somebody("alice")
    enrol(store, alice)
    both = [store.people.erase(alice.customer_id, proof=None, events=[]) for _ in range(2)]
    both[0].result(10)
    assert both[1].exception(10) is not None
    assert store.people.unfinished() == 0


@pytest.mark.parametrize("point", POINTS)
def test_an_erasure_that_was_killed_is_finished_at_the_start(tmp_path: Path, point: str) -> None:
    alice, bob = Somebody("alice"), Somebody("bob")
    shown = filled(tmp_path, alice)
    filled(tmp_path, bob)
    traces = [*sealed_of(tmp_path, alice), *(one.canary for one in shown), *alice.canaries]
    told = new_id()
    arguments = (str(tmp_path), alice.customer_id.hex(), point, told)
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.erasing_child", *arguments], cwd=ROOT, check=False
    )
    assert done.returncode == -signal.SIGKILL

    store = open_store(tmp_path)
    if point == "before the commit":  # nothing was promised, and nothing is half done
        assert store.people.profile(alice.customer_id) == alice.profile
        assert len(store.reads.latest_decisions(99)) == 6
        assert list(store.reads.waiting("c", 9)) == []
        store.close()
        return
    assert not [one for one in traces if one in bytes_in(tmp_path)]
    assert [row.event_id for row in store.reads.waiting("c", 9)] == [told]
    assert [one.customer_id for one in store.people.holders()] == [bob.customer_id]
    assert store.people.unfinished() == 0
    assert bytes(alice.customer_id) not in bytes_in(tmp_path)
    store.close()


def test_a_damaged_file_set_aside_holds_nothing_that_opens_for_longer_than_two_days(
    tmp_path: Path,
) -> None:
    everybody = [Somebody(f"canary{n}") for n in range(30)]
    filled(tmp_path, *everybody, served=0)
    sealed = sealed_of(tmp_path, *everybody)
    path = tmp_path / "edge.db"
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(system_chance(4096))
    clock = SettableClock(NOON)
    store = open_store(tmp_path, clock)
    assert store.boot.set_aside is not None
    aside = bytes_in(tmp_path / "quarantine")
    assert sum(one in aside for one in sealed) > len(everybody)
    assert not [c for one in everybody for c in one.canaries if c in bytes_in(tmp_path)]
    assert list(store.people.holders()) == []

    store.sweep()
    assert store.keys.data.of(everybody[0].customer_id) is not None, "not on the first day"
    clock.advance(2 * DAY)
    store.sweep()
    assert not [one for one in everybody if store.keys.data.of(one.customer_id)]
    clock.advance(29 * DAY)
    store.sweep()
    assert bytes_in(tmp_path / "quarantine") == b""
    store.close()


def test_a_copy_of_the_main_database_from_before_opens_nothing_afterwards(tmp_path: Path) -> None:
    alice = Somebody("alice")
    filled(tmp_path, alice, served=0)
    copy = tmp_path.with_name("copy.db")
    shutil.copyfile(tmp_path / "edge.db", copy)
    store = open_store(tmp_path)
    erase(store, alice)
    store.close()

    shutil.copyfile(copy, tmp_path / "edge.db")
    store = open_store(tmp_path)
    assert store.people.profile(alice.customer_id) is None
    assert list(store.people.holders()) == []
    store.close()
