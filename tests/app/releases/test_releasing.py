"""A release on its way through a whole device: real repository, real models, real database."""

import re
import shutil
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from edge.app.main import edge
from edge.app.releases.folder import POINTER
from edge.core.clock import SettableClock
from edge.decide.engagement import Engagement
from edge.store.store import FILE_NAME
from edge.wire.releases import Phase
from tests.fakes.appliance import client
from tests.fakes.released import Device, device
from tests.fakes.repository import RunningRepository

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
WAY = ("offered", "downloading", "verified", "staged", "preflight", "trial", "committed")


def brought(shop: Device, repository: RunningRepository, version: str) -> None:
    """Commit a release on the device, and make it what central calls stable."""
    repository.set_rollout(candidate=repository.candidate(version, trial_minutes=1))
    assert shop.look() is Phase.TRIAL
    shop.ask()
    assert shop.watch(2) is Phase.COMMITTED
    repository.set_rollout(stable=repository.release(version))
    assert shop.look() is Phase.COMMITTED


def events_of(shop: Device) -> list[str]:
    """The phases that wait in the outbox for central, in lane t."""
    waiting = shop.built.store.reads.waiting("t", 100)
    return [orjson.loads(one.body + b"")["data"]["properties"]["phase"] for one in waiting]


def serving(shop: Device) -> str | None:
    return shop.releasing.state.serving.version


def test_a_good_release_is_fetched_checked_tried_and_committed_while_the_shop_is_served(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    repository.set_rollout(candidate=repository.candidate("1.1.0", trial_minutes=2))
    with device(tmp_path / "data", repository, clock=clock) as shop:
        factory = shop.model_of(shop.ask())
        assert shop.look() is Phase.TRIAL
        assert shop.model_of(shop.ask()) != factory
        assert shop.watch(3) is Phase.COMMITTED

        state = shop.releasing.state
        assert state.committed
        old = shop.ask("a-visit")
        assert shop.model_of(old) == state.committed.model
        assert [one.phase for one in shop.told if one.release_id == "ranker-1.1.0"][-7:] == list(
            WAY
        )
        assert events_of(shop)[-7:] == list(WAY)
        last = shop.told[-1]
        assert (last.serving.version, last.reason) == ("1.1.0", "")
        assert [one.seq for one in shop.told] == sorted({one.seq for one in shop.told})
        assert shop.built.services.health().figures["release_version"] == 1_001_000
        health = {part.part: part for part in shop.built.services.health().parts}
        assert health["release"].state == "ok"

    said = CliRunner().invoke(edge, ["release", "status", "--data", str(tmp_path / "data")]).output
    assert "ranker 1.1.0 serves (ranker-1.1.0)" in said
    arguments = ["explain", old.decision_id, "--data", str(tmp_path / "data")]
    assert "ranker 1.1.0, which serves now" in CliRunner().invoke(edge, arguments).output


def test_a_restart_serves_what_was_committed_and_a_trial_goes_on(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    data = tmp_path / "data"
    with device(data, repository, clock=clock) as shop:
        brought(shop, repository, "1.1.0")
        model = shop.model_of(shop.ask())
        repository.set_rollout(
            stable=repository.release("1.1.0"),
            candidate=repository.candidate("1.2.0", trial_minutes=30),
        )
        assert shop.look() is Phase.TRIAL
        tried = shop.model_of(shop.ask())
        shop.watch(5)
    with device(data, repository, clock=clock) as shop:
        assert shop.phase is Phase.TRIAL
        assert shop.model_of(shop.ask()) == tried
        assert shop.releasing.state.trial.starts == 0
        assert shop.watch(20) is Phase.TRIAL
        assert shop.watch(7) is Phase.COMMITTED
        assert {path.name for path in (data / "releases/ranker").iterdir()} == {
            *(POINTER, shop.releasing.state.committed.digest),  # type: ignore[union-attr]
            shop.releasing.state.previous.digest,  # type: ignore[union-attr]
        }
        repository.set_rollout(stable=repository.release("1.1.0"))
        assert shop.look() is Phase.COMMITTED  # central called it back
        assert shop.model_of(shop.ask()) == model
        repository.set_rollout()
        shop.look()
        assert serving(shop) is None
        assert shop.told[-1].document_version == shop.releasing.state.document_version


def test_a_lost_database_keeps_what_serves_and_forgets_the_trial(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    data = tmp_path / "data"
    with device(data, repository, clock=clock) as shop:
        brought(shop, repository, "1.1.0")
        repository.set_rollout(candidate=repository.candidate("1.2.0"))
        assert shop.look() is Phase.TRIAL
        told = shop.releasing.state.seq
    for path in data.glob(f"{FILE_NAME}*"):
        path.unlink()
    with device(data, repository, clock=clock) as shop:
        assert shop.phase is Phase.IDLE
        assert serving(shop) == "1.1.0"
        assert shop.releasing.state.seq > told
        assert shop.look() is Phase.TRIAL


def test_a_damaged_package_gives_way_to_the_one_before_and_is_fetched_anew(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    data = tmp_path / "data"
    with device(data, repository, clock=clock) as shop:
        factory = shop.model_of(shop.ask())
        brought(shop, repository, "1.1.0")
        folder = data / "releases/ranker" / str(shop.releasing.state.serving.digest)
    (folder / "serving.onnx").write_bytes(b"spoiled")
    with device(data, repository, clock=clock) as shop:
        assert shop.model_of(shop.ask()) == factory
        assert serving(shop) is None
        shutil.rmtree(folder)
        assert shop.look() is Phase.TRIAL


def test_a_shopper_in_the_middle_of_a_visit_is_not_swapped_under(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    repository.set_rollout(candidate=repository.candidate("1.1.0"))
    with device(tmp_path / "data", repository, clock=clock) as shop:
        kiosk = client(shop.built)
        token = re.search(r'name="csrf_token" value="([^"]+)"', kiosk.get("/kiosk/start").text)
        assert token
        kiosk.post("/kiosk/start", data={"csrf_token": token[1]}, headers=SAME_ORIGIN)
        assert shop.built.releasing._rules.is_busy()
        assert shop.look() is Phase.PREFLIGHT
        assert serving(shop) is None
        shop.look(pass_s=200)  # the visit ran out by itself
        next(job for job in shop.built.supervisor.jobs if job.name == "kiosks").run()
        assert shop.look() is Phase.TRIAL


def test_a_candidate_ranks_in_the_shadow_what_guests_ask_before_anybody_sees_it(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    repository.set_rollout(candidate=repository.candidate("1.1.0", shadow_requests=20))
    with device(tmp_path / "data", repository, clock=clock) as shop:
        factory = shop.model_of(shop.ask())
        assert shop.look() is Phase.SHADOW
        for _ in range(25):
            assert shop.model_of(shop.ask()) == factory
        assert shop.watch(1) is Phase.TRIAL
        figures = shop.releasing.state.figures
        assert figures["shadow_requests"] == 25
        assert 0 <= figures["shadow_overlap"] < 1


def test_an_attack_on_what_is_offered_is_told_and_changes_nothing(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    repository.set_rollout(candidate=repository.candidate("1.1.0"))
    spoiled = repository.rollout_file()
    whole = spoiled.read_bytes()
    with device(tmp_path / "data", repository, clock=clock) as shop:
        spoiled.write_bytes(whole.replace(b"1.1.0", b"9.9.9"))
        assert shop.look() is Phase.IDLE
        assert shop.told[-1].reason == "trust"
        assert "LengthOrHashMismatchError" in shop.told[-1].detail
        assert shop.ask().shown
        spoiled.write_bytes(whole)
        assert shop.look() is Phase.TRIAL
        assert shop.told[-1].reason == ""


def test_without_a_network_the_shop_is_served_and_the_release_waits(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    repository.set_rollout(candidate=repository.candidate("1.1.0"))
    with device(tmp_path / "data", repository, clock=clock) as shop:
        repository.faults.only, repository.faults.status = "targets/models", 503
        assert shop.look() is Phase.DOWNLOADING
        assert shop.releasing.state.reason == "network"
        assert shop.ask().shown
        health = {part.part: part for part in shop.built.services.health().parts}
        assert health["release"].state == "degraded"
        repository.faults.heal()
        assert shop.look() is Phase.TRIAL


@pytest.mark.parametrize("kind", ["add", "tap"])
def test_visits_of_a_trial_are_counted_by_the_model_they_met(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock, kind: str
) -> None:
    repository.set_rollout(candidate=repository.candidate("1.1.0"))
    with device(tmp_path / "data", repository, clock=clock) as shop:
        shop.look()
        for number in range(40):
            slate = shop.ask(f"0190a000-0000-7000-8000-{number:012}")
            engaged = Engagement(
                event_id=f"0190b000-0000-7000-8000-{number:012}",
                kind="add" if kind == "add" else "tap",
                decision_id=slate.decision_id,
                slot=0,
                screen_id="kiosk-1",
                visit_id=None,
                at=clock(),
            )
            shop.built.services.engage([engaged]).result(5)
        shop.watch(11)
        figures = shop.releasing.state.figures
    assert figures["visits_old"] + figures["visits_new"] == 40
    assert figures["takes_old"] + figures["takes_new"] == (40 if kind == "add" else 0)
    assert min(figures["visits_old"], figures["visits_new"]) > 8
