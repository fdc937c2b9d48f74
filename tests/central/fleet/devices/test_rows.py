from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from edge.central.fleet.devices.heard import Heard, Result
from edge.central.fleet.devices.rows import take
from edge.central.postgres import connect
from edge.core.clock import SettableClock
from edge.wire.releases import Phase
from tests.fakes.fleet import Fleet, birth, state

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def fleet(fleet_database: str) -> Fleet:
    return Fleet(fleet_database, SettableClock(NOW))


def device(fleet: Fleet) -> tuple[object, ...]:
    with connect(fleet.database) as con:
        row = con.execute("SELECT is_online, conn_seq, online_s FROM device").fetchone()
    assert row is not None
    return row


def phases(fleet: Fleet) -> list[tuple[object, ...]]:
    with connect(fleet.database) as con:
        return con.execute("SELECT phase, seq FROM release_state").fetchall()


def test_a_will_that_comes_after_a_newer_birth_is_ignored(fleet: Fleet) -> None:
    fleet.come("shop-1.1", conn_seq=5)
    fleet.come("shop-1.1", conn_seq=6)
    fleet.go("shop-1.1", conn_seq=5)
    assert device(fleet)[:2] == (True, 6)
    fleet.go("shop-1.1", conn_seq=6)
    assert device(fleet)[:2] == (False, 6)


def test_an_older_birth_does_not_bring_a_device_back(fleet: Fleet) -> None:
    fleet.come("shop-1.1", conn_seq=6)
    fleet.go("shop-1.1", conn_seq=6)
    fleet.come("shop-1.1", conn_seq=5)
    assert device(fleet)[:2] == (False, 6)


def test_a_device_with_a_new_disk_counts_from_one_again(fleet: Fleet) -> None:
    fleet.come("shop-1.1", conn_seq=600, epoch="old")
    fleet.come("shop-1.1", conn_seq=1, epoch="new")
    fleet.go("shop-1.1", conn_seq=1)
    assert device(fleet)[:2] == (False, 1)


def test_time_online_is_added_up_without_the_nights(fleet: Fleet) -> None:
    fleet.come("shop-1.1", conn_seq=1)
    fleet.clock.advance(timedelta(hours=9))
    fleet.go("shop-1.1", conn_seq=1)
    fleet.clock.advance(timedelta(hours=15))
    fleet.come("shop-1.1", conn_seq=2)
    fleet.clock.advance(timedelta(hours=1))
    fleet.go("shop-1.1", conn_seq=2)
    assert device(fleet)[2] == 10 * 3600


def test_release_states_only_go_forward(fleet: Fleet) -> None:
    new = state("shop-1.1", Phase.TRIAL, 7, NOW, {})
    old = state("shop-1.1", Phase.STAGED, 6, NOW - timedelta(seconds=9), {})
    fleet.hear([Heard("shop-1-1", (one,), NOW) for one in (new, old, new)])
    assert phases(fleet) == [("trial", 7)]


def test_release_states_of_a_new_disk_are_taken_when_they_are_later(fleet: Fleet) -> None:
    before = state("shop-1.1", Phase.COMMITTED, 700, NOW, {})
    after = state("shop-1.1", Phase.OFFERED, 1, NOW + timedelta(hours=1), {})
    fleet.hear([Heard("shop-1-1", (one,), NOW) for one in (before, after)])
    assert phases(fleet) == [("offered", 1)]


def test_a_result_is_kept_once_and_only_from_who_was_asked(fleet: Fleet) -> None:
    fleet.come("shop-1.1", "shop-1.2")
    ids = "00000000-0000-4000-8000-000000000001"
    with connect(fleet.database) as con:
        con.execute(
            "INSERT INTO command(command_id, device, name, arguments, who, asked_at) "
            "VALUES (%s, 'shop-1-1', 'identify', '{}', 'ada', now())",
            (ids,),
        )

    def say(who: str, body: dict[str, object]) -> None:
        fleet.hear([Heard(who, Result(ids, body), NOW)])

    say("shop-1-2", {"mine": False})
    say("shop-1-1", {"text": "a\x00b\\u0000"})
    say("shop-1-1", {"text": "again"})
    with connect(fleet.database) as con:
        assert con.execute("SELECT result FROM command").fetchone() == ({"text": "ab\\u0000"},)


def test_messages_in_any_order_end_in_the_same_rows(fleet: Fleet) -> None:
    said: Sequence[Heard] = [
        birth("shop-1.1", NOW, 1, "e"),
        birth("shop-1.1", NOW, 3, "e"),
        Heard("shop-1-1", (state("shop-1.1", Phase.OFFERED, 1, NOW, {}),), NOW),
        Heard("shop-1-1", (state("shop-1.1", Phase.STAGED, 2, NOW, {}),), NOW),
    ]
    for order in (said, said[::-1]):
        with connect(fleet.database) as con, con.cursor() as cur:
            take(cur, order)
        assert (device(fleet)[:2], phases(fleet)) == ((True, 3), [("staged", 2)])
