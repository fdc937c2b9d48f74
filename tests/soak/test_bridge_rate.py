"""How much one worker of the bridge carries, and how soon an event is a row. Prints, asserts little.

The broker, PostgreSQL, the bridge and the devices share this machine, so the wall clock says what the
machine does; what one worker can do is said by its own processor time.
"""

import os
import statistics
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from edge.central.bridge.reading import Incoming
from edge.central.bridge.tables import opened
from edge.central.bridge.taken import Pace
from edge.central.postgres import Connection, connect
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.ids import uuid7
from edge.wire.batch import pack
from edge.wire.cloudevents import Origin, Track, event, stamp
from edge.wire.lanes import Lane
from edge.wire.topics import Topics
from tests.fakes.bridge import Bridges, Devices, bridges
from tests.fakes.broker import Broker, running_broker, wait_until
from tests.fakes.postgres import PostgresServer, running_postgres

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]

DEVICES = 200
EVENTS_EACH = 20
MESSAGES = int(os.environ.get("BRIDGE_MESSAGES", "6000"))


class Made:
    """Events as a busy kiosk has them: one decision for three things that happened to its offers."""

    def __init__(self) -> None:
        self._seqs: dict[str, int] = {}

    def message(self, number: int, count: int = EVENTS_EACH) -> Incoming:
        device, site = f"kiosk-{number % DEVICES:04d}", f"site-{number % DEVICES:04d}"
        topic = Topics("demo", site, device).events(Lane.ENGAGEMENT)
        return Incoming(topic, pack([self._body(site, device, n) for n in range(count)]).payload)

    def _body(self, site: str, device: str, number: int) -> bytes:
        at = system_clock()
        seq = self._seqs[device] = self._seqs.get(device, 0) + 1
        is_decision = number % 4 == 0
        made = event(
            Origin(site, device, "0.1.0", lambda: "ntp"),
            Track(
                event_id=uuid7(at, system_chance),
                schema="decision" if is_decision else "engagement",
                kind="decision" if is_decision else "exposure",
                title="Decision Made" if is_decision else "Offers Exposed",
                lane=Lane.ENGAGEMENT,
                at=at,
                anonymous_id="019c0000-0000-7000-8000-000000000001",
                properties=decision() if is_decision else exposure(),
            ),
        )
        return stamp(made.body, epoch="ab" * 8, seq=seq, sent_at=at)


def decision() -> dict[str, object]:
    shown = [
        {
            "slot": slot,
            "offer_id": f"product:item-{slot}",
            "sku": f"item-{slot}",
            "score": 0.1234567 * slot,
            "parts": {"moment": 0.12, "trend": 0.05, "basket": 0.3},
            "reason": "goes_with",
            "propensity": 0.95,
            "is_explored": False,
            "is_sponsored": False,
        }
        for slot in range(4)
    ]
    context = {"local_hour": 12, "weekday": 7, "daypart_id": "lunch", "temp_c": 7.5}
    return {
        "decision_id": "019c0000-0000-7000-8000-000000000001",
        "placement_id": "strip",
        "surface": "kiosk",
        "screen_id": "kiosk-1",
        "basket": ["tea", "cake"],
        "context": {**context, "is_wet": True, "kitchen_load": None},
        "shown": shown,
        "ranker": "onnx",
        "degraded": None,
        "model": "cafe 1.0.0",
        "site_digest": "ab" * 32,
    }


def exposure() -> dict[str, object]:
    return {
        "kind": "exposure",
        "decision_id": "019c0000-0000-7000-8000-000000000001",
        "slot": 1,
        "screen_id": "kiosk-1",
        "dwell_ms": None,
    }


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        with (server.folder / "data" / "postgresql.conf").open("a") as file:
            file.write("track_commit_timestamp = on\nmax_wal_size = 4GB\n")
        server.stop()
        server.start()
        yield server


def database_of(server: PostgresServer) -> str:
    url = server.url()
    opened(url, system_clock).close()
    return url


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def count(con: Connection) -> int:
    row = con.execute("SELECT coalesce(sum(arrived + reused), 0) FROM high_water").fetchone()
    assert row is not None
    return int(row[0])


def enlist(broker: Broker, url: str, processes: Bridges, workers: Sequence[str]) -> None:
    """Let each worker subscribe once, so that the broker keeps for it what comes from now on."""
    devices, made = Devices(broker), Made()
    for number, worker in enumerate(workers):
        pid = processes.start(worker)
        with connect(url) as con:
            con.autocommit = True
            before = count(con)

            def is_heard(before: int = before, number: int = number) -> bool:
                devices.publish([made.message(DEVICES - 1 - number, 1)])
                return count(con) > before

            wait_until(is_heard, "the worker has subscribed", 20)
        processes.stop(pid)
    devices.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_what_workers_carry(tmp_path: Path, server: PostgresServer, workers: int) -> None:
    url = database_of(server)
    names = [f"bridge-{n}" for n in range(1, workers + 1)]
    with (
        running_broker(tmp_path, more="max_inflight_messages 1000") as broker,
        bridges(broker.port, url, Pace()) as processes,
        connect(url) as con,
    ):
        con.autocommit = True
        enlist(broker, url, processes, names)
        before = count(con)
        devices, made = Devices(broker), Made()
        for first in range(0, MESSAGES, 200):
            devices.publish([made.message(n) for n in range(first, min(first + 200, MESSAGES))])
        devices.close()
        total = before + MESSAGES * EVENTS_EACH
        started = system_clock()
        pids = [processes.start(name) for name in names]
        wait_until(lambda: count(con) >= total, "all is written", 300)
        took_s = (system_clock() - started).total_seconds()
        used_s = sum(cpu_s(pid) for pid in pids)
        assert count(con) >= total  # and what came while they enlisted
        row = con.execute(
            "SELECT sum(pg_table_size(inhrelid)), sum(pg_indexes_size(inhrelid)), "
            "(SELECT count(*) FROM event), (SELECT avg(pg_column_size(body)) FROM event) "
            "FROM pg_inherits WHERE inhparent = 'event'::regclass"
        ).fetchone()
        assert row is not None
        table, indexes, rows, body = (float(value) for value in row)
    print(  # noqa: T201
        f"\n{workers} workers: {MESSAGES} messages of {EVENTS_EACH} in {took_s:.1f} s wall "
        f"({MESSAGES / took_s:.0f} msg/s, {MESSAGES * EVENTS_EACH / took_s:.0f} ev/s); "
        f"worker CPU {used_s:.1f} s: {MESSAGES / used_s:.0f} msg/s and "
        f"{MESSAGES * EVENTS_EACH / used_s:.0f} ev/s for each second of one core; "
        f"{table / rows:.0f} + {indexes / rows:.0f} bytes of table and indexes an event, "
        f"body {body:.0f}"
    )


def test_how_soon_an_event_is_a_row(tmp_path: Path, server: PostgresServer) -> None:
    url = database_of(server)
    pause = threading.Event()
    with (
        running_broker(tmp_path) as broker,
        bridges(broker.port, url, Pace()) as processes,
        connect(url) as con,
    ):
        con.autocommit = True
        enlist(broker, url, processes, ["bridge-1"])
        pid = processes.start()
        devices, made = Devices(broker), Made()
        devices.publish([made.message(0, 1)])
        wait_until(lambda: count(con) > 1, "it works")
        began = system_clock()
        for number in range(1000):
            devices.publish([made.message(number, 1)])
            pause.wait(0.005)
        wait_until(lambda: count(con) >= 1000, "all is written", 60)
        pause.wait(1)
        processes.stop(pid)
        devices.close()
        rows = con.execute(
            "SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - time) * 1000 "
            "FROM event WHERE time >= %s",
            (began.astimezone(UTC) + timedelta(milliseconds=1),),
        ).fetchall()
    ms = sorted(float(row[0]) for row in rows)
    assert len(ms) >= 990
    print(  # noqa: T201
        f"\nfrom an event's making to its commit, {len(ms)} single events: "
        f"p50 {statistics.median(ms):.1f} ms, p99 {ms[int(len(ms) * 0.99)]:.1f} ms"
    )
