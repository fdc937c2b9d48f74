"""``kill -9`` at any step of publishing leaves a repository that every client can use."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.central.fleet.releases.ceremony import replace_key
from edge.central.fleet.releases.package_file import Label, model_package
from edge.central.fleet.releases.sign import add_package, sign_pending
from edge.core.chance import draws
from edge.wire.rollout import read_document, rollout_path
from tests.fakes.killed_publisher import JOBS, NEXT, Job, Killed, killed_publisher, work
from tests.fakes.repository import SignedRepository
from tests.fakes.tuf_client import TufClient

FACTORY = Path(__file__).parents[4] / "models/factory"
OLD, NEW = NEXT.target, "models/ranker/1.1.0/ranker-1.1.0.tar"
ROLLOUT = rollout_path("ranker")


@dataclass(frozen=True)
class Bases:
    """For each job, a repository in which everything is prepared for it, and a client of it."""

    folder: Path
    client: Path


@pytest.fixture(scope="module")
def publisher() -> Iterator[Killed]:
    with killed_publisher() as found:
        yield found


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Bases:
    top = tmp_path_factory.mktemp("bases")
    signed = SignedRepository(top / "package")
    signed.make()
    signed.publish_model(FACTORY, "1.0.0")
    signed.set_rollout(stable=signed.release("1.0.0"))
    client = top / "client"
    assert TufClient(signed.served, signed.root, client).fetch(OLD, ROLLOUT).keys() == {
        OLD,
        ROLLOUT,
    }
    for job in JOBS[1:]:
        shutil.copytree(signed.folder, top / job)
    add_package(signed.desk, model_package(FACTORY, Label("ranker", "1.1.0")))
    sign_pending(signed.desk, signed.keepers[1:])
    rotating = SignedRepository(top / "rotation")
    for role in ("timestamp", "snapshot"):
        old = rotating.online.public(role)[0].keyid
        replace_key(rotating.desk, role, old, rotating.online.make(role))
    sign_pending(rotating.desk, rotating.keepers[1:])
    return Bases(top, client)


def check_clients(base: Bases, folder: Path) -> dict[str, bytes]:
    """A client that follows all along and one that just enrolled both take what they find."""
    signed, known = SignedRepository(folder), folder / "known"
    if not known.exists():
        shutil.copytree(base.client, known)
    fresh = Path(tempfile.mkdtemp(dir=folder))
    found = [
        TufClient(signed.served, signed.root, client).fetch(OLD, NEW, ROLLOUT)
        for client in (known, fresh)
    ]
    assert found[0] == found[1]
    assert {OLD, ROLLOUT} <= found[0].keys()
    return found[0]


def run_one(bases: Bases, publisher: Killed, folder: Path, seed: str) -> int:
    """Kill one job one to three times, then let it finish; return how often it was killed."""
    which, first, more = draws(seed, 3)
    job = JOBS[int(which * len(JOBS))]
    shutil.copytree(bases.folder / job, folder)
    kills = 0
    for at in (first, more, draws(seed, 4)[3])[: 1 + int(more * 3)]:
        kills += publisher.run(Job(str(folder), job, int(at * 13)))
        check_clients(bases, folder)
    work(Job(str(folder), job, -1), lambda _: None)
    found = check_clients(bases, folder)
    assert (NEW in found) == (job == "package")
    assert read_document(found[ROLLOUT]).version == (2 if job == "rollout" else 1)
    return kills


@pytest.mark.broker
def test_a_kill_at_any_step_of_publishing_leaves_what_clients_can_use(
    bases: Bases, publisher: Killed, tmp_path: Path
) -> None:
    kills, seed = 0, 0
    while kills < 20:
        kills += run_one(bases, publisher, tmp_path / str(seed), f"kill/{seed}")
        seed += 1


@pytest.mark.broker
@pytest.mark.soak
@pytest.mark.timeout(600)
def test_five_hundred_kills_of_publishing_leave_what_clients_can_use(
    bases: Bases, publisher: Killed, tmp_path: Path
) -> None:
    kills, seed = 0, 1000
    while kills < 500:
        kills += run_one(bases, publisher, tmp_path / str(seed), f"kill/{seed}")
        seed += 1
