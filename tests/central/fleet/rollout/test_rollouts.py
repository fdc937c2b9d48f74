"""Rollouts in a real PostgreSQL: what is stored, locked, counted and published."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from edge.central.fleet.rollout.members import count, join
from edge.central.fleet.rollout.publishing import Publishing, line_of
from edge.central.fleet.rollout.rows import locked
from edge.central.fleet.rollout.state import Stage, candidate_of
from edge.central.postgres import connect
from edge.core.clock import SettableClock
from edge.core.errors import RequestContractError, UnavailableError
from edge.wire.releases import Phase, Serving, target_path
from edge.wire.rollout import Release, takes_candidate
from tests.fakes.fleet import CANDIDATE, STABLE, Fleet, KeptDocuments, line_at_four, small_plan

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHOP_0 = ("shop-0.1", "shop-0.2")
SHOP_1 = ("shop-1.1",)


@pytest.fixture
def fleet(fleet_database: str) -> Fleet:
    return Fleet(fleet_database, SettableClock(NOW))


def publishing(fleet: Fleet, repository: KeptDocuments) -> Publishing:
    return Publishing(fleet.database, repository, fleet.clock)


def query(fleet: Fleet, sql: str) -> list[tuple[object, ...]]:
    with connect(fleet.database) as con:
        return con.execute(sql.encode()).fetchall()


def test_two_shops_with_three_devices_complete(fleet: Fleet) -> None:
    fleet.come(*SHOP_0, *SHOP_1)
    fleet.start(small_plan())
    assert fleet.step() == []
    fleet.say(Phase.COMMITTED, "shop-0.1")
    assert fleet.step() == []
    fleet.say(Phase.COMMITTED, "shop-0.2")
    assert [fleet.step() for _ in range(4)] == [["bake"], ["wave"], ["wave"], ["wave"]]
    assert fleet.step() == ["wave"]
    assert fleet.step() == []  # the other shop was offered it and has not finished
    fleet.say(Phase.COMMITTED, *SHOP_1)
    assert fleet.step() == ["complete"]
    assert query(fleet, "SELECT version, stable->>'release_id' FROM rollout_line") == [
        (10, CANDIDATE.release_id)
    ]


@pytest.mark.parametrize("kind", ["content", "config"])
def test_texts_and_settings_are_offered_to_those_who_follow_them_and_wait_for_no_other(
    fleet: Fleet, kind: str
) -> None:
    menu = Release(
        release_id="shop-0-1.1.0",
        target=target_path(kind, "shop-0", "1.1.0"),
        version="1.1.0",
    )
    plan = small_plan(name="shop-0", release=menu, waves=(1.0,))
    fleet.come(*SHOP_0, *SHOP_1)
    fleet.say(Phase.IDLE, *SHOP_0, *SHOP_1)  # all of them rank
    fleet.start(plan)
    fleet.step()
    known = {"content": 2, "config": 0}[kind]  # whose shop it is, and who says so
    assert query(fleet, "SELECT count(*) FROM rollout_member") == [(known,)]
    said = {"name": "shop-0", "release_id": menu.release_id}
    fleet.say(Phase.OFFERED, *SHOP_0, **said)
    fleet.step()
    serving = Serving(name="shop-0", version="1.1.0", digest="0" * 64, release_id=menu.release_id)
    fleet.say(Phase.COMMITTED, *SHOP_0, **said, serving=serving)
    assert [fleet.step() for _ in range(3)] == [["bake"], ["wave"], ["complete"]]
    assert query(fleet, "SELECT DISTINCT device FROM rollout_member ORDER BY 1") == [
        ("shop-0-1",),
        ("shop-0-2",),
    ]


def test_a_bad_release_returns_before_anybody_but_the_canary_saw_it(fleet: Fleet) -> None:
    fleet.come(*SHOP_0, "shop-0.3", *SHOP_1)
    rollout_id = fleet.start(small_plan())
    fleet.step()
    fleet.say(Phase.TRIAL, *SHOP_0, "shop-0.3")
    fleet.say(Phase.ROLLED_BACK, "shop-0.1", reason="crash")
    assert fleet.step() == []  # one is allowed
    fleet.say(Phase.ROLLED_BACK, "shop-0.2", reason="crash")
    assert fleet.step() == ["aborting"]
    assert fleet.step() == []  # the third still serves it
    fleet.say(Phase.ROLLED_BACK, "shop-0.3", reason="superseded", document_version=6)
    assert fleet.step() == ["aborted"]
    assert query(fleet, "SELECT DISTINCT device FROM rollout_member ORDER BY 1") == [
        ("shop-0-1",),
        ("shop-0-2",),
        ("shop-0-3",),
    ]
    with pytest.raises(RequestContractError):
        fleet.rollouts.resume(rollout_id, "ada")


def test_a_device_that_still_serves_an_aborted_release_is_waited_for(fleet: Fleet) -> None:
    fleet.come(*SHOP_0)
    rollout_id = fleet.start(small_plan())
    fleet.say(Phase.COMMITTED, *SHOP_0)
    fleet.step()
    fleet.rollouts.abort(rollout_id, "ada", "not today")
    assert fleet.step() == []
    fleet.say(Phase.IDLE, *SHOP_0, document_version=9)
    assert fleet.step() == ["aborted"]


def test_a_shop_counts_as_late_only_for_the_time_it_was_online(fleet: Fleet) -> None:
    fleet.come(*SHOP_0)
    rollout_id = fleet.start(small_plan(finish_within_hours=10))
    fleet.step()
    for day in range(3):  # nine hours a day
        fleet.clock.advance(timedelta(hours=3))
        fleet.go(*SHOP_0, conn_seq=day + 1)
        fleet.clock.advance(timedelta(hours=21))
        fleet.come(*SHOP_0, conn_seq=day + 2)
        assert fleet.step() == []
    fleet.clock.advance(timedelta(hours=2))
    assert fleet.step() == ["aborting"]
    why = query(fleet, f"SELECT body->>'why' FROM rollout WHERE rollout_id = '{rollout_id}'")
    assert "2 are overdue" in str(why)


def test_a_line_that_is_lost_for_a_moment_does_not_stop_the_clock(fleet: Fleet) -> None:
    fleet.come(*SHOP_0)
    fleet.start(small_plan(finish_within_hours=1))
    fleet.step()
    for number in range(30):
        fleet.clock.advance(timedelta(minutes=1))
        fleet.go(*SHOP_0, conn_seq=number + 1)
        fleet.clock.advance(timedelta(minutes=1))
        fleet.come(*SHOP_0, conn_seq=number + 2)
    assert fleet.step() == ["aborting"]


def test_whoever_falls_silent_in_the_middle_holds_the_next_wave_up(fleet: Fleet) -> None:
    fleet.come("shop-0.1", "shop-0.2", "shop-0.3")
    fleet.start(small_plan())
    fleet.step()
    fleet.say(Phase.COMMITTED, "shop-0.1")
    fleet.say(Phase.TRIAL, "shop-0.2", "shop-0.3")
    fleet.go("shop-0.2", "shop-0.3")
    assert fleet.step() == []
    fleet.come("shop-0.2", "shop-0.3", conn_seq=2)
    fleet.say(Phase.COMMITTED, "shop-0.2", "shop-0.3")
    assert fleet.step() == ["bake"]


def test_a_device_that_was_never_online_is_neither_good_nor_bad(fleet: Fleet) -> None:
    fleet.come(*SHOP_0)
    fleet.go("shop-0.2")
    fleet.start(small_plan())
    fleet.step()
    fleet.say(Phase.COMMITTED, "shop-0.1")
    fleet.clock.advance(timedelta(days=30))
    assert fleet.step() == ["bake"]


def test_postgresql_and_the_devices_agree_on_who_takes_a_release(fleet: Fleet) -> None:
    shops = [f"shop-{number}.1" for number in range(2_000)]
    fleet.come(*shops)
    rollout_id = fleet.start(small_plan(gate={"finished": 1}))
    with connect(fleet.database) as con, con.cursor() as cur:
        rollout = locked(cur, rollout_id).rollout
        for wave in range(4):
            here = rollout.model_copy(update={"stage": Stage.WAVE, "wave": wave})
            candidate = candidate_of(here)
            assert candidate is not None
            join(cur, here, NOW)
            rows = cur.execute("SELECT device FROM rollout_member").fetchall()
            takes = {one for one in shops if takes_candidate(candidate, one.split(".")[0])}
            assert {device for (device,) in rows} == {one.replace(".", "-") for one in takes}
            assert wave < 3 or len(takes) == 2_000


def test_figures_of_a_trial_are_added_up(fleet: Fleet) -> None:
    fleet.come(*SHOP_0, "shop-0.3")
    rollout_id = fleet.start(small_plan())
    fleet.step()
    figures = {"visits_new": 50, "takes_new": 9, "visits_old": 48, "takes_old": 12}
    fleet.say(Phase.TRIAL, *SHOP_0, figures=figures)
    fleet.say(Phase.TRIAL, "shop-0.3", figures={**figures, "arms_mismatch": 1})
    with connect(fleet.database) as con, con.cursor() as cur:
        takings = count(cur, locked(cur, rollout_id), fleet.clock()).takings
    assert (takings.visits_new, takings.takes_old) == (100, 24)


@pytest.mark.broker
def test_servers_that_step_at_once_step_once(fleet: Fleet) -> None:
    fleet.come(*SHOP_0, *SHOP_1)
    fleet.start(small_plan())
    fleet.step()
    fleet.say(Phase.COMMITTED, *SHOP_0, *SHOP_1)
    together(8, fleet.rollouts.tick)
    for _ in range(5):
        together(4, fleet.rollouts.tick)
    said = [what for (what,) in query(fleet, "SELECT what FROM rollout_log ORDER BY entry")]
    assert said[4:] == ["bake", "wave", "wave", "wave", "wave", "complete"]
    versions = query(fleet, "SELECT version FROM rollout_document ORDER BY 1")
    assert [version for (version,) in versions] == [5, 6, 7, 8, 9, 10]


def test_a_second_rollout_of_the_same_name_waits(fleet: Fleet) -> None:
    fleet.start(small_plan())
    other = small_plan(
        release={
            "release_id": "ranker-1.2.0",
            "target": "models/ranker/2/r.tar",
            "version": "1.2.0",
        }
    )
    with pytest.raises(RequestContractError, match="at a time"):
        fleet.start(other)


def test_a_release_id_is_used_once(fleet: Fleet) -> None:
    fleet.rollouts.create(small_plan(), "ada", line_at_four)
    with pytest.raises(RequestContractError, match="is new"):
        fleet.rollouts.create(small_plan(), "grace", line_at_four)


@pytest.mark.parametrize("change", ["UPDATE rollout_log SET who = 'x'", "DELETE FROM rollout_log"])
def test_nobody_rewrites_the_log(fleet: Fleet, change: str) -> None:
    fleet.start(small_plan())
    with connect(fleet.database) as con, pytest.raises(Exception, match="only grows"):
        con.execute(change.encode())


def test_a_halt_reaches_every_name_and_ends(fleet: Fleet) -> None:
    fleet.come(*SHOP_0)
    fleet.start(small_plan())
    fleet.step()
    fleet.say(Phase.COMMITTED, *SHOP_0)
    assert fleet.rollouts.halt("ada", "fire", halted=True) == ("ranker",)
    assert fleet.rollouts.halt("grace", "fire", halted=True) == ()
    assert fleet.step(9_999) == []
    halted = query(fleet, "SELECT body->'halted' FROM rollout_document ORDER BY version")
    assert halted == [(False,), (True,)]
    fleet.rollouts.halt("ada", "", halted=False)
    assert fleet.step() == ["bake"]


def test_a_name_that_comes_during_a_halt_is_halted(fleet: Fleet) -> None:
    fleet.rollouts.create(small_plan(), "ada", line_at_four)
    fleet.rollouts.halt("ada", "fire", halted=True)
    plan = small_plan(name="menu", release={**CANDIDATE.model_dump(), "release_id": "menu-1"})
    fleet.rollouts.create(plan, "ada", line_at_four)
    for who in ("ada", "grace"):
        fleet.rollouts.approve("menu-1", who, plan.digest)
    with pytest.raises(RequestContractError, match="unhalt"):
        fleet.rollouts.start("menu-1", "ada")


def test_a_decided_document_is_published_when_the_repository_is_back(fleet: Fleet) -> None:
    repository = KeptDocuments(is_away=True)
    fleet.start(small_plan())
    with pytest.raises(UnavailableError):
        publishing(fleet, repository).publish_open()
    repository.is_away = False
    assert publishing(fleet, repository).publish_open() == 1
    assert publishing(fleet, repository).publish_open() == 0
    assert [one.version for one in repository.documents] == [5]


def test_a_server_that_ends_after_publishing_does_no_harm(fleet: Fleet) -> None:
    def end() -> None:
        raise UnavailableError("the machine is gone")

    repository = KeptDocuments(then=end)
    fleet.start(small_plan())
    with pytest.raises(UnavailableError):
        publishing(fleet, repository).publish_open()
    repository.then = lambda: None
    assert publishing(fleet, repository).publish_open() == 1
    assert [one.version for one in repository.documents] == [5]


def test_only_the_newest_of_several_open_documents_is_published(fleet: Fleet) -> None:
    repository = KeptDocuments()
    rollout_id = fleet.start(small_plan())
    fleet.rollouts.abort(rollout_id, "ada", "oh")
    publishing(fleet, repository).publish_open()
    assert [(one.version, one.candidate, one.stable) for one in repository.documents] == [
        (6, None, STABLE)
    ]


def test_a_database_from_a_backup_publishes_above_what_is_out(fleet: Fleet) -> None:
    repository = KeptDocuments()
    rollout_id = fleet.start(small_plan())
    publishing(fleet, repository).publish_open()
    newer = repository.documents[0].model_copy(update={"version": 40})
    repository.documents.append(newer)
    fleet.rollouts.abort(rollout_id, "ada", "oh")
    publishing(fleet, repository).publish_open()
    assert [one.version for one in repository.documents] == [5, 40, 41]
    assert line_of(repository, "ranker").version == 41


def test_the_doorbell_of_every_ring_is_rung_once(fleet: Fleet) -> None:
    fleet.come(*SHOP_0)
    fleet.start(small_plan())
    rung: list[tuple[str, bytes]] = []
    where = publishing(fleet, KeptDocuments())
    assert where.ring_open(lambda ring, word: rung.append((ring, word))) == 0
    where.publish_open()
    where.ring_open(lambda ring, word: rung.append((ring, word)))
    where.ring_open(lambda ring, word: rung.append((ring, word)))
    assert rung == [("stable", b'{"release_id":"ranker-1.1.0","min_version":5}')]


def together(number: int, act: Callable[[], object]) -> None:
    failed: list[BaseException] = []

    def guarded() -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - handed to the test's thread
            failed.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
