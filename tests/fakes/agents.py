"""Many lightweight devices in one process: everything real but the model and the shoppers.

Each has its own MQTT connection, its own verified TUF metadata on disk, and the device's own pure
state machine. What is not there: the model is not loaded, shoppers are not served, nothing is
stored but metadata and package. Their clock runs faster, so that a trial of a minute is over soon.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from edge.core.chance import draws, system_chance
from edge.core.errors import EdgeError
from edge.sync.mqtt import BrokerAddress, Handlers, Limits, MqttConnection, Received, Session
from edge.update.client import Releases
from edge.update.clock_floor import ClockFloor
from edge.update.machine import advance, begin
from edge.update.machine_state import State
from edge.update.machine_words import Do, Done, Found, Result, Seen, Trouble, What
from edge.update.pace import LinePace
from edge.update.trial import Health
from edge.wire.releases import Phase, ReleaseState, release_states
from edge.wire.rollout import RolloutDocument
from edge.wire.status import Birth, offline, online
from edge.wire.topics import Topics

WORKERS: Final = 8
POLL_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where agents connect to, and what is wrong with which version."""

    folder: Path
    broker_port: int
    repository: str
    root: bytes
    bad_versions: frozenset[str] = frozenset()
    within_s: float = 5.0
    """Of a doorbell: a whole fleet does not look at once."""
    faster: int = 20
    """Than ours, the devices' clock; above 60 a trial would not see its own minutes."""


class Agent:
    """One device; driven by one thread."""

    def __init__(self, number: int, place: Place) -> None:
        self.site = f"shop-{number}"
        self.device = f"shop-{number}-1"
        self._topics = Topics("harbour", self.site, self.device)
        self._place = place
        self._began = time.monotonic()
        folder = place.folder / self.device
        folder.mkdir(parents=True)
        self._releases = Releases(
            folder=folder,
            root=place.root,
            sources=(place.repository,),
            clock=lambda: datetime.now(UTC),  # noqa: TID251 - expiry is the repository's time
            pace=LinePace(0),
            floor=ClockFloor(file=folder / "floor", is_synchronised=lambda: False),
            reserve_bytes=0,
        )
        handlers = Handlers(
            connected=self._connected,
            lost=lambda why: None,
            acknowledged=lambda number, code: None,
            received=self._rung,
        )
        address = BrokerAddress("127.0.0.1", place.broker_port, self.device)
        self._link = MqttConnection(address, handlers, system_chance, Session(expiry_s=60))
        self._share = draws(self.device, 1)[0]
        self._look_at_s = 0.0
        self._document: RolloutDocument | None = None
        self._result: Result | None = None
        self.state: State = begin("ranker", self._now())
        self.looks = 0
        self.failures = 0
        self.has_served: set[str] = set()

    def connect(self) -> None:
        self._link.connect(self._topics.status, offline(1, "lost"))

    def step(self) -> None:
        """Do what there is to do; never waits."""
        self._link.step(0)
        if time.monotonic() >= self._look_at_s:
            self._look()
        before = self.state
        do = self._advance()
        while do.what is not What.WAIT and self.state.phase is not Phase.TRIAL:
            self._result = self._done(do)
            do = self._advance()
        if do.what is What.SERVE:
            self._result = self._done(do)
        if (self.state.phase, self.state.seq) != (before.phase, before.seq):
            self._report()

    def close(self) -> None:
        self._link.disconnect()
        self._link.close()
        self._releases.close()

    def _look(self) -> None:
        self.looks += 1
        self._look_at_s = time.monotonic() + POLL_S * (0.8 + 0.4 * self._share)
        try:
            self._releases.refresh()
            self._document = self._releases.rollout("ranker")
        except EdgeError:
            self.failures += 1
            self._look_at_s = time.monotonic() + 2.0

    def _advance(self) -> Do:
        seen = Seen(
            site=self.site,
            document=self._document,
            result=self._result,
            trial=self._health() if self.state.phase is Phase.TRIAL else None,
        )
        self._result = None
        self.state, do = advance(self.state, seen, self._now())
        return do

    def _done(self, do: Do) -> Result | None:
        if do.what == "go_on":
            return None
        try:
            return self._do(do)
        except EdgeError as error:
            self.failures += 1
            return Trouble("network", str(error)[:200], is_passing=True)

    def _do(self, do: Do) -> Result:
        course = self.state.course
        match do.what:
            case What.LOOK_UP if course is not None:
                package = self._releases.package(course.target)
                assert package is not None
                return Found(package.facts, package.length, package.sha256)
            case What.FETCH if course is not None:
                package = self._releases.package(course.target)
                assert package is not None
                self._releases.fetch(package, self._releases.download_path(package), lambda: True)
                return Done()
            case What.SERVE:
                if self.state.phase is Phase.TRIAL and course is not None:
                    self.has_served.add(course.version)
                return Done()
            case _:
                return Done(model="m")

    def _health(self) -> Health:
        course = self.state.course
        is_bad = course is not None and course.version in self._place.bad_versions
        return Health(answers=1, broke="not finite" if is_bad else "")

    def _now(self) -> datetime:
        passed = timedelta(seconds=self._place.faster * (time.monotonic() - self._began))
        return datetime(2026, 3, 2, tzinfo=UTC) + passed

    def _connected(self, _: Limits) -> None:
        self._link.subscribe((self._topics.doorbell("stable"),))
        birth = Birth(self.site, self.device, "0.1.0", "3.45", "e")
        self._link.publish(self._topics.status, online(birth, 1, self._now()), retain=True)

    def _rung(self, _: Received) -> None:
        self._look_at_s = min(
            self._look_at_s, time.monotonic() + self._place.within_s * self._share
        )

    def _report(self) -> None:
        state, course = self.state, self.state.course
        said = ReleaseState(
            site=self.site,
            device=self.device,
            name="ranker",
            seq=state.seq,
            at=self._now(),
            serving=state.serving,
            release_id=course.release_id if course else state.serving.release_id,
            target=course.target if course else None,
            phase=state.phase,
            reason=state.reason,
            detail=state.detail,
            figures=state.figures,
            document_version=state.document_version,
        )
        self._link.publish(self._topics.release, release_states([said]), retain=True)


@dataclass
class Agents:
    """All of them, and the threads that drive them."""

    all: Sequence[Agent]
    errors: list[BaseException] = field(default_factory=list)

    def serving(self, version: str) -> int:
        """Return how many serve ``version`` for good."""
        return sum(
            agent.state.committed is not None and agent.state.committed.version == version
            for agent in self.all
        )

    def have_served(self, version: str) -> int:
        """Return how many ever served people with ``version``."""
        return sum(version in agent.has_served for agent in self.all)

    def looks(self) -> int:
        """Return how often the repository was asked for news."""
        return sum(agent.looks for agent in self.all)


@contextmanager
def running_agents(number: int, place: Place) -> Iterator[Agents]:
    """Run ``number`` agents for the length of a ``with``."""
    agents = Agents([Agent(one, place) for one in range(number)])
    stop = threading.Event()
    threads = [
        threading.Thread(target=_drive, args=(agents, at, stop), name=f"agents-{at}")
        for at in range(WORKERS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield agents
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for agent in agents.all:
            agent.close()
    assert not agents.errors, agents.errors[0]


def _drive(agents: Agents, at: int, stop: threading.Event) -> None:
    mine = agents.all[at::WORKERS]
    try:
        for agent in mine:
            agent.connect()
        while not stop.is_set():
            began = time.monotonic()
            for agent in mine:
                if stop.is_set():
                    return
                agent.step()
            time.sleep(max(0.0, 0.1 - (time.monotonic() - began)))
    except BaseException as error:  # noqa: BLE001 - handed to the test's thread
        agents.errors.append(error)
