"""Attacks on central by one device with a good certificate: each of these worked once.

The broker lets it publish under its own name only. What it publishes there is its own to choose.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from edge.central.bridge.apart import write_apart
from edge.central.bridge.carrying import Carrying, Graveyard
from edge.central.bridge.postgres_sink import PostgresSink
from edge.central.bridge.reading import Incoming, read
from edge.central.bridge.sink import Arrived, Written
from edge.central.bridge.tables import opened
from edge.central.fleet.devices.heard import read as hear
from edge.central.fleet.devices.rows import MOST_NAMES, take
from edge.central.fleet.provision.schema import STEPS as PROVISION
from edge.central.fleet.rollout import members, rows
from edge.central.fleet.tables import FLEET
from edge.central.fleet.web.delivery import delivery_shown
from edge.central.fleet.web.one_device import device_page
from edge.central.fleet.web.standing import Wanted, devices
from edge.central.fleet.web.summary import summary
from edge.central.postgres import Connection, connect, migrate
from edge.core.clock import SettableClock
from edge.core.errors import WireContractError
from edge.wire.lanes import Lane
from edge.wire.releases import Phase, ReleaseState, Serving, release_states
from edge.wire.topics import CentralTopics
from tests.fakes.device_events import Sender
from tests.fakes.fleet import Fleet, small_plan
from tests.fakes.postgres import PostgresServer

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TOPICS = CentralTopics("demo")
MALLORY = Sender(device="shop-0-1", site="shop-0", at=NOW - timedelta(minutes=1))
HONEST = MALLORY.but(device="shop-1-1", site="shop-1")
UP = "instore/v1/demo/d/shop-0-1/up"


@pytest.fixture(scope="module")
def url(postgres_server: PostgresServer) -> str:
    url = postgres_server.url()
    opened(url, SettableClock(NOW)).close()
    with connect(url) as con:
        migrate(con, FLEET, PROVISION)
    return url


@pytest.fixture
def database(url: str) -> str:
    with connect(url) as con:
        row = con.execute(
            "SELECT string_agg(tablename, ', ') FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename NOT LIKE 'event_2%' AND tablename <> 'schema_step'"
        ).fetchone()
        assert row is not None
        con.execute(f"TRUNCATE {row[0]}".encode())
    return url


@pytest.fixture
def con(database: str) -> Iterator[Connection]:
    with connect(database) as con:
        con.autocommit = True
        yield con


@pytest.fixture
def sink(database: str) -> Iterator[PostgresSink]:
    sink = PostgresSink(database)
    yield sink
    sink.close()


def _deep(levels: int) -> bytes:
    return b"[" * levels + b"1" + b"]" * levels


@pytest.mark.parametrize("levels", [33, 252, 300, 1_000])
def test_an_event_nested_however_deep_is_a_dead_letter_and_ends_nobody(levels: int) -> None:
    body = MALLORY.body(1).replace(b'{"n":1}', b'{"n":' + _deep(levels) + b"}")
    for payload in (body, b"[" + body + b"]"):
        reading = read(Incoming(MALLORY.topic, payload), TOPICS, NOW)
        assert not reading.events
        assert "nested at most 32 deep" in reading.dead[0].why


@pytest.mark.parametrize("levels", [40, 252, 300, 900])
@pytest.mark.parametrize("kind", ["status", "release", "res/1"])
def test_a_word_nested_however_deep_is_not_understood_and_ends_nobody(
    kind: str, levels: int
) -> None:
    birth = {"status": "online", "conn_seq": 1, "at": NOW.isoformat(), "version": "1", "epoch": "a"}
    said = orjson.dumps({**birth, "site": "shop-0", "device": "shop-0-1", "x": 7, "states": []})
    payload = said.replace(b'"x":7', b'"x":' + _deep(levels))
    with pytest.raises(WireContractError, match="nested"):
        hear(TOPICS, f"{UP}/{kind}", payload, NOW)


@pytest.mark.parametrize(
    "said",
    [
        {"degraded": 5},
        {"degraded": {"a": 1}},
        {"degraded": [1, {"a": 2}, "x" * 5_000]},
        {"figures": [1]},
        {"figures": "x"},
        {"figures": {"x" * 3_000: 1, "y": {"z": 1}, "z": "s", "t": True}},
        *({"figures": {"painted_oldest_seconds": value}} for value in (1e300, 1e12, -1e12, 5e-324)),
        *(
            {"figures": {"outbox_events": value, "outbox_oldest_seconds": value}}
            for value in (1e300, -1e300, 9e18)
        ),
    ],
)
def test_no_word_on_its_health_takes_the_fleets_pages_away(
    database: str, con: Connection, sink: PostgresSink, said: Mapping[str, object]
) -> None:
    fleet = Fleet(database, SettableClock(NOW))
    fleet.come("shop-0.1", "shop-1.1")
    reporting = MALLORY.but(lane=Lane.METRICS, schema="health", title="Health Reported")
    for at in (NOW, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)):
        told = reporting.but(again=str(at)).arrived([1], said)
        sink.write([one._replace(at=at) for one in told])

        with con.cursor() as cur:
            assert summary(cur, "demo", NOW)["devices"] == 2
            assert devices(cur, Wanted(tenant="demo"), NOW)["total"] == 2
            assert delivery_shown(cur, "demo", NOW)["lanes"]
            assert device_page(cur, "shop-0-1", "demo", NOW)


def test_health_from_the_future_does_not_hide_what_comes_after(
    con: Connection, sink: PostgresSink
) -> None:
    reporting = MALLORY.but(lane=Lane.METRICS, schema="health", title="Health Reported")
    ahead = [
        one._replace(received_at=NOW)
        for one in replace(reporting, at=NOW + timedelta(days=900)).arrived([1], {})
    ]
    later = NOW + timedelta(minutes=5)
    sink.write(ahead)
    honest = replace(reporting, at=later).arrived([2], {"figures": {"n": 2}})
    sink.write([one._replace(received_at=later) for one in honest])
    assert con.execute("SELECT figures FROM latest_health").fetchall() == [({"n": 2},)]


@pytest.mark.parametrize("value", [1e308, -1e308, 1e17])
def test_figures_that_cannot_be_added_up_do_not_stop_a_rollout_from_stopping(
    database: str, value: float
) -> None:
    fleet = Fleet(database, SettableClock(NOW))
    fleet.come("shop-0.1", "shop-0.2", "shop-0.3", "shop-0.4")
    rollout_id = fleet.start(small_plan())
    names = ("visits_new", "takes_new", "visits_old", "takes_old")
    fleet.say(Phase.TRIAL, "shop-0.1", "shop-0.2", figures=dict.fromkeys(names, value))
    fleet.rollouts.tick()

    fleet.say(Phase.ROLLED_BACK, "shop-0.3", "shop-0.4", reason="crash")
    said = [one.what for done in fleet.rollouts.tick() for one in done.said]

    assert "aborting" in said, rollout_id


def test_a_device_that_lies_about_its_visits_weighs_no_more_than_a_large_shop(
    database: str, con: Connection
) -> None:
    fleet = Fleet(database, SettableClock(NOW))
    fleet.come("shop-0.1", "shop-0.2")
    rollout_id = fleet.start(small_plan())
    fleet.rollouts.tick()
    lie = {"visits_old": 10, "takes_old": 9e9, "visits_new": 9e9, "takes_new": -9e9}
    fleet.say(Phase.TRIAL, "shop-0.1", figures=lie)
    with con.cursor() as cur:
        found = members.count(cur, rows.peek(cur, rollout_id), NOW).takings
    assert (found.visits_old, found.takes_old) == (10, 10)
    assert (found.visits_new, found.takes_new) == (members.MOST_VISITS, 0)


def test_an_event_id_of_another_devices_event_does_not_make_that_a_repeat(
    con: Connection, sink: PostgresSink
) -> None:
    honest = HONEST.arrived(range(1, 4))
    stolen = [
        mine._replace(
            event_id=its.event_id,
            at=its.at,
            event={**mine.event, "id": its.event_id, "time": its.event["time"]},
        )
        for mine, its in zip(MALLORY.arrived(range(1, 4)), honest, strict=True)
    ]
    assert sink.write(stolen).new == 3
    assert sink.write([*stolen, *honest]).new == 3
    assert con.execute("SELECT device, count(*) FROM event GROUP BY 1 ORDER BY 1").fetchall() == [
        ("shop-0-1", 3),
        ("shop-1-1", 3),
    ]
    arrived = "SELECT arrived FROM high_water WHERE device = 'shop-1-1'"
    assert con.execute(arrived).fetchall() == [(3,)]


def _enrol(con: Connection, device: str, *sites: str) -> None:
    for number, site in enumerate(sites):
        con.execute(
            "INSERT INTO provision_claim(hash, site, device, ring, made_at, expires_at, used_at) "
            "VALUES (%s, %s, %s, 'stable', %s, %s, %s)",
            (f"{device}{number}".encode(), site, device, NOW, NOW, NOW),
        )
    con.execute(
        "INSERT INTO provision_device(device, site, ring, enrolled_at) VALUES (%s, %s, 'stable', %s)",
        (device, sites[-1], NOW),
    )


def test_an_event_of_another_site_is_a_dead_letter(
    database: str, con: Connection, sink: PostgresSink
) -> None:
    _enrol(con, "shop-0-1", "shop-9", "shop-0")
    graveyard = Graveyard(database)
    carrying = Carrying(TOPICS, sink, graveyard, SettableClock(NOW))
    lies = MALLORY.but(site="shop-1")

    messages = [MALLORY.message([1]), lies.message([2, 3]), HONEST.message([1])]
    carried = carrying.carry([*messages, MALLORY.but(site="shop-9").message([4])])
    again = carrying.carry(messages)
    graveyard.close()

    # Its own site, where it was before, and the device that the ledger does not know.
    assert (carried.new, carried.dead) == (3, 2)
    assert (again.new, again.repeats, again.dead) == (0, 2, 2)
    rows = con.execute("SELECT DISTINCT device, site FROM event ORDER BY 1, 2").fetchall()
    assert rows == [("shop-0-1", "shop-0"), ("shop-0-1", "shop-9"), ("shop-1-1", "shop-1")]
    (why,) = con.execute("SELECT DISTINCT why FROM dead_letter").fetchall()
    assert why == ("wanted an event of a site that shop-0-1 was enrolled for, got one of shop-1",)


def test_a_device_cannot_choose_its_wave_by_another_site(
    database: str, con: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    _enrol(con, "shop-7-1", "shop-7")
    fleet = Fleet(database, SettableClock(NOW))
    birth = {"status": "online", "conn_seq": 1, "at": NOW.isoformat(), "version": "1", "epoch": "a"}
    said = orjson.dumps({**birth, "site": "shop-0", "device": "shop-7-1"})
    heard = hear(TOPICS, "instore/v1/demo/d/shop-7-1/up/status", said, NOW)
    assert heard is not None
    fleet.hear([heard])
    fleet.start(small_plan())  # the canary is shop-0
    fleet.rollouts.tick()

    assert con.execute("SELECT site FROM device").fetchall() == [("shop-7",)]
    assert con.execute("SELECT count(*) FROM rollout_member").fetchone() == (0,)
    assert "was enrolled for shop-7 and says it is at shop-0" in caplog.text


def test_one_device_reports_a_few_package_names_and_no_more(con: Connection) -> None:
    for number in range(3 * MOST_NAMES):
        name = f"package-{number:03d}"
        state = ReleaseState(
            site="shop-0",
            device="shop-0-1",
            name=name,
            seq=1,
            at=NOW,
            serving=Serving(name=name, digest="factory"),
        )
        heard = hear(TOPICS, f"{UP}/release", release_states([state]), NOW)
        assert heard is not None
        with con.cursor() as cur:
            take(cur, [heard])
    assert con.execute("SELECT count(*) FROM release_state").fetchone() == (MOST_NAMES,)


class Picky:
    """Refuses a batch that holds anything bad, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.kept: list[str] = []

    def write(self, batch: Sequence[Arrived]) -> Written:
        self.asked += 1
        if any(one.properties.get("bad") for one in batch):
            msg = "wanted what central can open, got another"
            raise WireContractError(msg)
        self.kept += [one.event_id for one in batch]
        return Written(new=len(batch))


def test_a_flood_of_events_that_are_refused_holds_the_bridge_up_for_a_few_tries_only() -> None:
    bad = MALLORY.arrived(range(1, 1_001), {"bad": 1})
    good = [
        one
        for number in range(20)
        for one in HONEST.but(device=f"shop-{number}-2").arrived(range(1, 11))
    ]
    sink = Picky()

    written = write_apart(sink, [*good[:100], *bad, *good[100:]])

    assert sorted(sink.kept) == sorted(one.event_id for one in good)
    assert {one.arrived.event_id for one in written.refused} == {one.event_id for one in bad}
    assert sink.asked < 100  # each a transaction; one for each event would be 2,400
