from datetime import UTC, datetime

import pytest

from edge.central.fleet.web import looking
from edge.central.fleet.web.looking import Looking
from edge.central.postgres import Cursor
from edge.core.clock import SettableClock
from edge.core.errors import StorageUnavailableError

AWAY = "host=/nowhere dbname=none"


def one(cur: Cursor) -> int:
    row = cur.execute("SELECT count(*) FROM device").fetchone()
    return int(row[0]) if row else -1


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(datetime(2026, 3, 2, 9, tzinfo=UTC))


def test_looks_within_two_seconds_are_one_look(fleet_database: str, clock: SettableClock) -> None:
    now_s, looks = [0.0], []

    def look(cur: Cursor) -> int:
        looks.append(1)
        return one(cur)

    looked = Looking(fleet_database, clock, lambda: now_s[0])
    for now_s[0] in (0.0, 1.9, 2.1):
        assert looked.see("devices", look).value == 0
    assert len(looks) == 2
    looked.forget()
    looked.see("devices", look)
    assert len(looks) == 3


def test_what_was_never_seen_cannot_be_shown_without_the_database(clock: SettableClock) -> None:
    with pytest.raises(StorageUnavailableError):
        Looking(AWAY, clock).see("devices", one)


def test_what_was_seen_is_shown_with_its_age_and_nobody_waits_for_the_same_failure(
    fleet_database: str, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = [0.0]
    looked = Looking(fleet_database, clock, lambda: now_s[0])
    seen = looked.see("devices", one)
    tries = []

    def away(*_: object, **__: object) -> None:
        tries.append(1)
        msg = "wanted PostgreSQL, got nobody"
        raise StorageUnavailableError(msg)

    with monkeypatch.context() as broken:
        broken.setattr(looking, "connect", away)
        for now_s[0] in (3.0, 3.5, 4.0):
            again = looked.see("devices", one)
            assert (again.value, again.at, again.is_stale) == (0, seen.at, True)
    assert len(tries) == 1
    now_s[0] = 6.0
    assert not looked.see("devices", one).is_stale


def test_a_look_changes_nothing(fleet_database: str, clock: SettableClock) -> None:
    looked = Looking(fleet_database, clock)
    with pytest.raises(Exception, match="read-only"):
        looked.fresh(lambda cur: cur.execute("DELETE FROM device"))
