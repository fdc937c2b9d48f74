"""The fleet demo: a small piece of it in every run, the whole story in `make soak`."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from edge.central.demo.central import Central
from edge.central.demo.counts import count
from edge.central.demo.database import Database
from edge.central.demo.place import emptied
from edge.central.demo.programs import Programs
from edge.central.demo.shoppers import Shoppers
from edge.central.demo.shops import DEVICES, join, start, write_sites
from edge.core.chance import system_chance
from tests.fakes.broker import free_port, wait_until

pytestmark = pytest.mark.broker

STATION = DEVICES[-1]


@pytest.mark.timeout(180)  # five programs start: 23 s measured, 48 s beside much other work
def test_a_machine_joins_by_a_claim_and_what_it_acknowledges_is_at_central_once(
    tmp_path: Path,
) -> None:
    with ExitStack() as stack:
        place = stack.enter_context(emptied(tmp_path / "demo", free_port()))
        programs = Programs(place.logs)
        database = Database.make(place)
        stack.callback(database.clean)
        stack.callback(programs.stop)
        database.start(programs)
        central = Central.make(place, database, programs)
        central.start()
        write_sites(place)
        devices = join(place, central, [STATION])
        start(central, devices)
        about = (STATION.placement, STATION.screen)
        shoppers = Shoppers(devices[0].url, about, (("latte",),), system_chance, 0.01)
        shoppers.start()
        wait_until(lambda: shoppers.counter.orders >= 3, "three orders were taken", 30)
        shoppers.stop()
        acknowledged = {STATION.name: shoppers.counter.acknowledged}
        assert len(shoppers.counter.acknowledged) >= 3 * 6
        wait_until(lambda: count(database.url, acknowledged)[0].agrees, "the counts agree", 30)
        assert count(database.url, {STATION.name: {_NOBODY}})[0].found == 0


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_whole_story_ends_with_counts_that_agree_and_so_does_the_next_run(
    tmp_path: Path,
) -> None:
    for _ in range(2):
        done = _told(tmp_path / "demo")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "rollout ranker-1.1.0: complete" in done.stdout
        assert "rollout ranker-1.2.0: aborted" in done.stdout
        assert done.stdout.count(" agrees") == len(DEVICES)
        assert not _left(tmp_path)


def _told(folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["-m", "edge.app.main", "fleet", "demo", "--fast", "--data", str(folder)]
    return subprocess.run(
        [sys.executable, *command, "--port", str(free_port())],
        capture_output=True,
        text=True,
        check=False,
        timeout=800,
    )


def _left(folder: Path) -> list[str]:
    """Return the commands that still run with something of ``folder``."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = one.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it ended meanwhile
        if str(folder) in words:
            found.append(words)
    return found


_NOBODY = "00000000-0000-4000-8000-000000000000"
