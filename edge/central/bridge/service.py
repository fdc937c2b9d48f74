"""The bridge as a process: a worker, partitions ahead of time, and the platform's drain.

The worker works in the calling thread. Beside it, one thread drains into the platform where there is
one, one writes to devices what is new of customers, and one keeps house once a day. Each has its
own connection and waits for nobody: a platform that drips holds up itself alone.
"""

import gc
import logging
import threading
from dataclasses import dataclass, field
from typing import Final

from edge.central.bridge.acks import Acks
from edge.central.bridge.carrying import Carrying, Graveyard
from edge.central.bridge.figures import Figures
from edge.central.bridge.follows import follows
from edge.central.bridge.housekeeping import Housekeeping
from edge.central.bridge.platform_drain import PlatformDrain
from edge.central.bridge.platform_http import Platform, PlatformHttp, PlatformUnavailableError
from edge.central.bridge.platform_sink import PlatformSink
from edge.central.bridge.postgres_sink import PostgresSink
from edge.central.bridge.speaking import Speaking
from edge.central.bridge.tables import opened
from edge.central.bridge.taken import Pace
from edge.central.bridge.worker import Parts, Worker
from edge.central.customers.part import CustomersPart
from edge.central.customers.publishing import Publishing
from edge.central.postgres import connect, storing
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import TrustError, UnavailableError
from edge.sync.backoff import BackOff
from edge.sync.mqtt import BrokerAddress
from edge.wire.acked import Sign
from edge.wire.topics import CentralTopics

log = logging.getLogger(__name__)

_TICK_S: Final = 1.0
_HOUSE_S: Final = 30.0
_NEW_OBJECTS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a bridge takes events from, and where it takes them to."""

    address: BrokerAddress
    topics: CentralTopics = field(repr=False)
    database: str = field(repr=False)
    platform: Platform | None = None
    metrics_port: int | None = None
    customers: CustomersPart | None = None
    """None: central's keys for customers are not here; nothing about them is opened or sent."""
    pace: Pace = field(default_factory=Pace)
    sign_acked: Sign | None = field(default=None, repr=False)
    """Signs what is said to devices about what is written; None: nothing is said."""


def run(plan: Plan, clock: Clock, chance: Chance, stopped: threading.Event) -> None:
    """Carry events until ``stopped``.

    Raises:
        UnavailableError: PostgreSQL is away at the start, or the port for figures is taken.
    """
    _prepare(plan, clock)
    figures = Figures(plan.address.client_id)
    follow = follows(plan.customers, clock)
    sink = PostgresSink(plan.database, name=plan.address.client_id, follow=follow)
    graveyard = Graveyard(plan.database)
    carrying = Carrying(plan.topics, sink, graveyard, clock)
    acks = None if plan.sign_acked is None else Acks(plan.topics, plan.sign_acked)
    if acks is None:
        log.warning("no [keys] online: devices that wait for central's word keep all they send")
    parts = Parts(carrying, sink, figures, chance, acks, _speaking(plan, clock))
    worker = Worker(plan.address, plan.topics.events, parts, plan.pace)
    with figures.served(plan.metrics_port) as port:
        if port is not None:
            log.info("figures on http://127.0.0.1:%d/metrics", port)
        beside = (
            threading.Thread(target=_drain, args=(plan, clock, chance, figures, stopped)),
            threading.Thread(target=_keep_house, args=(plan, clock, chance, figures, stopped)),
            threading.Thread(target=_tell, args=(plan, clock, chance, stopped)),
        )
        for thread in beside:
            thread.start()
        try:
            worker.run(stopped)
        finally:
            stopped.set()
            for thread in beside:
                thread.join()
            sink.close()
            graveyard.close()


def calm_the_collector() -> None:
    """Let Python look for cycles more rarely, in a process that only runs a bridge.

    A batch is a hundred thousand small objects that all go at once, and none is in a cycle. At its
    own pace the collector would look through them dozens of times a second: a fifth of all work.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 100)


def _drain(
    plan: Plan, clock: Clock, chance: Chance, figures: Figures, stopped: threading.Event
) -> None:
    drain = _drain_of(plan, clock)
    if drain is None:
        return
    pauses = BackOff(chance, max_s=60.0)
    pause = _TICK_S
    try:
        while not stopped.wait(pause):
            try:
                pause = _drained(drain, figures)
                pauses.reset()
            except UnavailableError as error:
                asked = error.wait_s if isinstance(error, PlatformUnavailableError) else None
                pause = max(asked or 0.0, pauses.next_s())
                log.warning("waiting %.1f s: %s", pause, error)
    finally:
        drain.close()


def _keep_house(
    plan: Plan, clock: Clock, chance: Chance, figures: Figures, stopped: threading.Event
) -> None:
    house = Housekeeping(plan.database, clock, figures, has_platform=plan.platform is not None)
    pauses = BackOff(chance, min_s=10.0, max_s=600.0)
    pause = _HOUSE_S
    while not stopped.wait(pause):
        try:
            house.turn()
            pause = _HOUSE_S
            pauses.reset()
        except UnavailableError as error:
            pause = pauses.next_s()
            log.warning("housekeeping waits %.1f s: %s", pause, error)


def _drained(drain: PlatformDrain, figures: Figures) -> float:
    done = drain.turn()
    figures.platform(done.sent)
    return 0.0 if done.has_more else _TICK_S


def _drain_of(plan: Plan, clock: Clock) -> PlatformDrain | None:
    if plan.platform is None:
        return None
    return PlatformDrain(plan.database, PlatformSink(PlatformHttp(plan.platform, clock)), clock)


def _prepare(plan: Plan, clock: Clock) -> None:
    with opened(plan.database, clock) as con:
        if plan.customers is not None:
            plan.customers.prepare(con)
        else:
            log.warning("no keys for customers: what devices say of them is kept and not opened")


def _speaking(plan: Plan, clock: Clock) -> Speaking | None:
    return None if plan.customers is None else Publishing(plan.database, plan.topics, clock)


def _tell(plan: Plan, clock: Clock, chance: Chance, stopped: threading.Event) -> None:
    """Write to devices what is new of customers, apart from a platform that may be away for hours."""
    if plan.customers is None:
        return
    telling = plan.customers.telling(clock)
    pauses = BackOff(chance, max_s=60.0)
    pause = 0.0
    while not stopped.wait(pause):
        try:
            with storing(), connect(plan.database, name="bridge customers") as con:
                con.autocommit = True
                while not stopped.wait(pause):
                    pause = 0.0 if telling.turn(con) else _TICK_S
                    pauses.reset()
        except UnavailableError as error:
            pause = pauses.next_s()
            log.warning("customers wait %.1f s: %s", pause, error)
        except TrustError as error:
            pause = 60.0
            log.error("nothing is written to devices about customers: %s", error)
