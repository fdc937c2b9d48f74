"""What is not kept any longer goes, once, and nothing else: not what the platform has yet to get."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.central.bridge.partitions import days_of_partitions
from edge.central.bridge.postgres_sink import PostgresSink
from edge.central.bridge.retention import Retention
from edge.central.bridge.retention_rows import Retained, retain
from edge.central.bridge.sink import Arrived, Written
from edge.central.bridge.tables import opened
from edge.central.postgres import Connection, connect, storing
from edge.core.clock import SettableClock
from edge.core.errors import StorageUnavailableError
from edge.wire.lanes import Lane
from tests.fakes.device_events import NOON, Sender
from tests.fakes.postgres import PostgresServer

RULES = Retention({"health": 90, "engagement": 396, "consent": 1491}, ordinary=396, answers=90)
TAP = Sender()
HEALTH = Sender(schema="health", lane=Lane.METRICS, title="Health Reported")
CONSENT = Sender(schema="consent", lane=Lane.CONSENT, title="Consent Changed")


@pytest.fixture
def url(postgres_server: PostgresServer) -> str:
    found = postgres_server.url()
    opened(found, SettableClock(NOON)).close()
    return found


@pytest.fixture
def con(url: str) -> Iterator[Connection]:
    with connect(url) as con:
        con.autocommit = True
        yield con


@pytest.fixture
def sink(url: str) -> Iterator[PostgresSink]:
    sink = PostgresSink(url)
    yield sink
    sink.close()


def on(days: float) -> datetime:
    return NOON + timedelta(days=days)


def again(events: tuple[Arrived, ...], days: float) -> list[Arrived]:
    return [one._replace(received_at=on(days)) for one in events]


def left(con: Connection) -> list[str]:
    rows = con.execute("SELECT split_part(body->>'dataschema', ':', 4) FROM event ORDER BY 1")
    return [row[0] for row in rows]


def marks(con: Connection) -> list[tuple[int, ...]]:
    rows = con.execute(
        "SELECT contiguous_seq, highest_seq, arrived, reused FROM high_water ORDER BY lane"
    )
    return rows.fetchall()


def test_a_day_goes_as_a_whole_and_proof_of_consent_stays(
    con: Connection, sink: PostgresSink
) -> None:
    for sender in (TAP, HEALTH, CONSENT):
        sink.write(sender.arrived([1, 2]))

    assert retain(con, RULES, on(90)) == Retained()
    assert retain(con, RULES, on(91)).rows == 2
    assert left(con) == ["consent", "consent", "engagement", "engagement"]
    assert retain(con, RULES, on(396)).days == 31
    done = retain(con, RULES, on(397))
    assert (done.days, done.moved) == (1, 2)
    assert NOON.date() not in days_of_partitions(con)
    assert con.execute("SELECT count(*) FROM event_default").fetchone() == (2,)
    assert left(con) == ["consent", "consent"]
    retain(con, RULES, on(1491))
    assert left(con) == ["consent", "consent"]
    assert retain(con, RULES, on(1492)).rows == 2
    assert left(con) == []


def test_it_does_nothing_the_second_time_and_a_dry_run_does_nothing_at_all(
    con: Connection, sink: PostgresSink
) -> None:
    for sender in (TAP, HEALTH, CONSENT):
        sink.write(sender.arrived([1, 2]))
    con.execute("INSERT INTO device_health VALUES ('t', 'd', 's', %s, '{}', '[]')", (NOON,))

    dry = retain(con, RULES, on(400), is_dry=True)
    assert left(con) == ["consent"] * 2 + ["engagement"] * 2 + ["health"] * 2
    assert retain(con, RULES, on(400)) == dry
    assert (dry.moved, dry.others) == (2, 2)
    assert retain(con, RULES, on(400)) == Retained()


def test_what_comes_again_after_it_was_deleted_is_no_new_event(
    con: Connection, sink: PostgresSink
) -> None:
    once = TAP.arrived([1, 2, 3])
    sink.write(once)
    retain(con, RULES, on(397))

    late = TAP.arrived([3, 4])
    assert sink.write(again(late, 397)) == Written(late=2)
    assert sink.write(again(late, 500)) == Written(late=2)
    assert left(con) == []
    assert marks(con) == [(4, 4, 4, 0)]  # 4 came, for the first time, and is missing nowhere


def test_late_and_new_events_share_a_batch(con: Connection, sink: PostgresSink) -> None:
    sink.write(TAP.arrived([1]))
    fresh = TAP.but(at=on(399)).arrived([3])
    mixed = [*again(TAP.arrived([1, 2]), 400), *again(fresh, 400)]
    assert sink.write(mixed) == Written(new=1, late=2)
    assert marks(con) == [(3, 3, 3, 0)]


def test_a_consent_that_is_late_for_its_day_is_kept(con: Connection, sink: PostgresSink) -> None:
    sink.write(TAP.arrived([1]))
    retain(con, RULES, on(500))
    late = again(CONSENT.arrived([1]), 500)
    assert sink.write(late) == Written(new=1)
    assert sink.write(late) == Written(repeats=1)
    assert retain(con, RULES, on(501)) == Retained()
    assert left(con) == ["consent"]


def test_nothing_goes_that_the_platform_has_not_had(con: Connection, sink: PostgresSink) -> None:
    sink.write(TAP.arrived([1]))
    sink.write(HEALTH.arrived([1]))
    con.execute("INSERT INTO platform_cursor(row_id, updated_at) VALUES (1, %s)", (on(90),))

    assert retain(con, RULES, on(100), has_platform=True).rows == 0
    done = retain(con, RULES, on(400), has_platform=True)
    assert (done.held, left(con)) == (1, ["engagement", "health"])
    con.execute("UPDATE platform_cursor SET row_id = 2")
    done = retain(con, RULES, on(400), has_platform=True)
    assert (done.held, done.days, left(con)) == (0, 1, [])


def test_a_platform_that_is_not_in_the_settings_holds_for_thirty_days_more(
    con: Connection, sink: PostgresSink
) -> None:
    sink.write(HEALTH.arrived([1]))
    con.execute("INSERT INTO platform_cursor(row_id, updated_at) VALUES (0, %s)", (on(80),))
    assert retain(con, RULES, on(105)).held == 1
    assert retain(con, RULES, on(111)).rows == 1
    assert con.execute("SELECT count(*) FROM platform_cursor").fetchone() == (0,)


def test_somebody_who_reads_for_long_puts_it_off_and_loses_nothing(
    con: Connection, sink: PostgresSink, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.central.bridge.retention_rows.WAITS_MS", 50)
    sink.write(TAP.arrived([1]))
    sink.write(CONSENT.arrived([1]))
    with connect(url) as reading:
        reading.execute("SELECT count(*) FROM event")
        with pytest.raises(StorageUnavailableError), storing():
            retain(con, RULES, on(400))
    assert left(con) == ["consent", "engagement"]
    assert retain(con, RULES, on(400)).moved == 1
    assert left(con) == ["consent"]


def test_dead_letters_words_on_health_and_answers_go_in_their_time(con: Connection) -> None:
    con.execute("INSERT INTO device_health VALUES ('t', 'd', 's', %s, '{}', '[]')", (NOON,))
    con.execute(
        "INSERT INTO dead_letter(at, target, tenant, device, topic, encoding, why, payload, digest)"
        " VALUES (%s, 'bridge', 't', 'd', 'x', '', 'why', 'x', 'y')",
        (NOON,),
    )
    assert [retain(con, RULES, on(days)).others for days in (90, 91, 396, 397)] == [0, 1, 0, 1]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    what=st.tuples(
        st.sampled_from(["health", "engagement", "consent", "of_tomorrow"]),
        st.sampled_from(["ntp", "none"]),
        st.floats(-500, 500),
    ),
    age=st.integers(0, 1600),
    number=st.integers(0, 2**60),
)
def test_what_is_kept_at_arrival_stays_and_what_is_not_would_have_gone(
    sink: PostgresSink, con: Connection, what: tuple[str, str, float], age: int, number: int
) -> None:
    """The rule for what arrives and the one for what lies there are the same rule."""
    schema, clock, happened = what
    sender = Sender(schema=schema, at=on(happened), epoch=f"{number:016x}")
    (one,) = sender.arrived([1])
    raw = one.raw.replace(b'"clock":"ntp"', b'"clock":"%b"' % clock.encode())
    one = one._replace(event={**one.event, "clock": clock}, raw=raw)
    con.execute("DELETE FROM event")
    con.execute("DELETE FROM retained_day")
    sink.write([one])
    was_kept = bool(left(con))
    assert was_kept is not RULES.is_over(one)
    retain(con, RULES, NOON)
    assert bool(left(con)) is was_kept
    # Of a clock that is believed, it does not matter when it came.
    if was_kept and clock == "ntp" and -400 < happened <= 0:
        retain(con, RULES, on(age))
        later = one._replace(received_at=on(age))
        assert bool(left(con)) is not RULES.is_over(later)
