"""The fleet's pages served to a browser, with something of everything to show."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

from edge.central.postgres import connect
from edge.wire.releases import Phase
from tests.fakes.fleet import small_plan
from tests.fakes.fleet_web import FleetWeb

MOVING = "ranker-1.1.0"
TAMPERED = "shop-4-1"
_LETTERS = """
INSERT INTO dead_letter(at, target, tenant, device, topic, encoding, why, payload, digest)
VALUES (%(at)s, 'postgres', 'harbour', 'shop-9-1', 't', '', 'wanted a title', 'x', 'y')
"""
_LOG = """
INSERT INTO command(command_id, device, seq, name, arguments, who, asked_at, sent_at, expires_at,
  result, result_at)
VALUES (gen_random_uuid(), %(device)s, 1, 'log-tail', '{}', 'ada', %(at)s, %(at)s, %(at)s,
  '{"outcome": "done", "data": {"lines": ["refused: BadVersionNumberError", "serves as before"]}}',
  %(at)s)
"""
SEEN = (
    *("/fleet/", "/fleet/devices", "/fleet/devices?state=problem", f"/fleet/devices/{TAMPERED}"),
    *("/fleet/rollouts", f"/fleet/rollouts/{MOVING}", "/fleet/models", "/fleet/delivery"),
    *("/fleet/sign-in", "/fleet/devices/nobody"),
)


def with_everything(web: FleetWeb) -> FleetWeb:
    """Let the fleet have good and bad devices, a rollout on its way, a dead letter, a log."""
    fleet, devices = web.fleet, [f"shop-{number}.1" for number in range(120)]
    fleet.rollouts.prepare()
    fleet.come(*devices)
    fleet.go("shop-7.1", "shop-8.1")
    fleet.start(small_plan(bake_minutes=60))
    fleet.step()
    fleet.say(Phase.COMMITTED, "shop-0.1")
    fleet.step()
    detail = "BadVersionNumberError: new version 3 must be >= 7, from http://cache/"
    fleet.say(Phase.FAILED, "shop-4.1", reason="trust", detail=detail, figures={"p95_ms": 3.25})
    fleet.say(Phase.ROLLED_BACK, "shop-5.1", reason="latency", detail="31 ms")
    web.healthy(TAMPERED, outbox_events=1204, outbox_oldest_seconds=7200, painted_oldest_seconds=9)
    web.healthy("shop-9-1", "ranker", "storage", outbox_events=3, outbox_oldest_seconds=4)
    with connect(web.database) as con:
        con.execute(_LETTERS, {"at": web.clock()})
        con.execute(_LOG, {"at": web.clock(), "device": TAMPERED})
    return web


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve ``app`` on a free port."""
    opened: dict[int, Any] = {}
    server: Any = create_server(app, host="127.0.0.1", port=0, threads=8, map=opened)
    stopping = Event()

    def loop() -> None:
        while not stopping.is_set():
            wasyncore.loop(timeout=0.2, map=opened, count=1)

    thread = Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
    finally:
        stopping.set()
        server.pull_trigger()
        thread.join(5)
        server.task_dispatcher.shutdown(cancel_pending=True, timeout=2)
        server.close()
        for channel in list(opened.values()):
            channel.close()
