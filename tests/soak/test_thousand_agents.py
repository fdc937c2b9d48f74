"""A thousand devices against the real broker, repository and fleet server: a good, a bad release.

``make soak`` runs a dozen and 1,000 (``AGENTS`` changes that). Real are the MQTT
connections, the TUF clients and their metadata on disk, the device's state machine, Mosquitto,
PostgreSQL and the fleet server; the model and the shoppers are not (``tests/fakes/agents.py``).
"""

import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.central.fleet.rollout.plan import WAVES, Gate
from edge.central.fleet.rollout.rollouts import Rollouts
from edge.central.fleet.rollout.shown import rollout_shown
from edge.central.fleet.rollout.state import Line
from edge.central.fleet.server import FleetServer
from edge.central.postgres import connect
from edge.central.settings import CentralSettings
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.wire.releases import site_share, target_path
from tests.fakes.agents import Agents, Place, running_agents
from tests.fakes.bad_models import good_package
from tests.fakes.broker import Broker, running_broker, wait_until
from tests.fakes.broker_memory import rss_mib
from tests.fakes.fleet import small_plan
from tests.fakes.postgres import running_postgres
from tests.fakes.repository import RunningRepository, running_repository

SMALL = 12
AGENTS = int(os.environ.get("AGENTS", "1000"))
GOOD, BAD = "1.1.0", "1.2.0"


@dataclass(frozen=True)
class Size:
    """How many, and how quickly."""

    agents: int
    canary: int
    ring_within_s: float
    faster: int
    within_s: float
    waves: tuple[float, ...] = WAVES


@dataclass
class Central:
    """Everything at central, and its devices."""

    agents: Agents
    rollouts: Rollouts
    repository: RunningRepository
    broker: Broker

    def roll_out(self, version: str, size: Size) -> str:
        """Approve and start; return the rollout's id."""
        release_id = f"ranker-{version}"
        plan = small_plan(
            release={
                "release_id": release_id,
                "target": target_path("model", "ranker", version),
                "version": version,
            },
            salt=release_id,
            canary=frozenset(f"shop-{one}" for one in range(size.canary)),
            waves=size.waves,
            trial_minutes=1,
            gate=Gate(finished=20),
        )
        self.rollouts.create(plan, "ada", lambda name: Line(name=name))
        for who in ("ada", "grace"):
            self.rollouts.approve(release_id, who, plan.digest)
        self.rollouts.start(release_id, "ada")
        return release_id

    def stage(self, rollout_id: str) -> str:
        with connect(self.rollouts.database) as con, con.cursor() as cur:
            return str(rollout_shown(cur, rollout_id, system_clock())["stage"])


@contextmanager
def central(folder: Path, size: Size) -> Iterator[Central]:
    with (
        running_broker(folder, more="max_connections -1") as broker,
        running_postgres() as postgres,
        running_repository(folder / "signed") as repository,
    ):
        for seed, version in enumerate((GOOD, BAD), start=1):
            repository.publish_model(good_package(folder / version, seed=seed), version)
        path = folder / "central.toml"
        path.write_text(
            f'tenant = "harbour"\ndatabase = "{postgres.url()}"\n'
            f'repository = "{repository.served}"\n[mqtt]\nport = {broker.port}\ntls = "none"\n'
            f'[keys]\nonline = "{repository.online.folder}"\n'
        )
        settings = CentralSettings.read(path)
        server = FleetServer(settings, system_clock, system_chance, every_s=0.2)
        server.start()
        place = Place(
            folder / "devices",
            broker.port,
            repository.url,
            repository.root,
            frozenset({BAD}),
            size.ring_within_s,
            size.faster,
        )
        try:
            with running_agents(size.agents, place) as running:
                yield Central(running, server.rollouts, repository, broker)
        finally:
            server.stop()


def a_good_and_a_bad_release(folder: Path, size: Size) -> str:
    """Roll both out, hold them to what is promised, and return what was measured."""
    agents, canary = size.agents, size.canary
    with central(folder, size) as here:
        began = time.monotonic()
        good = here.roll_out(GOOD, size)
        wait_until(lambda: here.stage(good) == "complete", "the good one completes", size.within_s)
        completed_s = time.monotonic() - began
        wait_until(lambda: here.agents.serving(GOOD) == agents, "all serve it", size.within_s)
        requests = len(here.repository.requests)
        began = time.monotonic()
        bad = here.roll_out(BAD, size)
        wait_until(lambda: here.stage(bad) == "aborted", "the bad one is back", size.within_s)
        stopped_s = time.monotonic() - began
        exposed = here.agents.have_served(BAD)
        share = sum(site_share(one.site, bad) < 0.01 for one in here.agents.all[canary:])
        assert 0 < exposed <= canary + share
        assert here.agents.serving(GOOD) == agents
        failures = sum(agent.failures for agent in here.agents.all)
        return (
            f"{agents} agents: complete after {completed_s:.0f} s with {here.agents.looks()} looks "
            f"and {requests} requests, {failures} of them tried again; the bad one back after "
            f"{stopped_s:.1f} s, {exposed} exposed (canary {canary}, 1 % is {share}); "
            f"broker {rss_mib(here.broker):.0f} MiB"
        )


@pytest.mark.soak
def test_a_dozen_agents_complete_a_good_release_and_return_from_a_bad_one(tmp_path: Path) -> None:
    a_good_and_a_bad_release(tmp_path, Size(SMALL, 2, 0.2, 60, 45.0, waves=(1.0,)))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_thousand_agents_complete_a_good_release_and_return_from_a_bad_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(before[1], 65_536), before[1]))
    try:
        said = a_good_and_a_bad_release(tmp_path, Size(AGENTS, 20, 10.0, 10, 1500.0))
        with capsys.disabled():
            sys.stdout.write(f"\n{said}\n")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
