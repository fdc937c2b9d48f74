from dataclasses import replace

import pytest

from edge.central.fleet.rollout.plan import Gate, OnFailure
from edge.central.fleet.rollout.state import Stage
from edge.central.fleet.simulate.faults import FAULTS, Kind
from edge.central.fleet.simulate.figures import figures, summary
from edge.central.fleet.simulate.simulation import Outcome, Setup, simulate

SMALL = Setup(shops=20_000)


def stages(outcome: Outcome) -> list[Stage]:
    return [one.stage for one in outcome.moments]


def test_a_good_release_reaches_everybody_who_is_there() -> None:
    outcome = simulate(SMALL)
    assert stages(outcome)[-1] is Stage.COMPLETE
    assert outcome.stopped_at_min is None
    assert outcome.exposed > 0.99 * 20_000


@pytest.mark.parametrize("kind", [Kind.CRASH, Kind.SLOW, Kind.NAN])
def test_a_bad_release_reaches_the_canary_and_the_first_wave_at_most(kind: Kind) -> None:
    outcome = simulate(Setup(kind=kind))
    assert stages(outcome)[-2:] == [Stage.ABORTING, Stage.ABORTED]
    assert 0 < outcome.exposed <= outcome.target


def test_a_release_that_earns_less_is_stopped_by_the_sum_of_a_wave() -> None:
    outcome = simulate(Setup(kind=Kind.BUSINESS))
    assert "take something" in outcome.why
    assert outcome.exposed <= 2 * outcome.target


def test_without_the_guard_a_release_that_earns_less_reaches_everybody() -> None:
    outcome = simulate(replace(SMALL, kind=Kind.BUSINESS, gate=Gate()))
    assert stages(outcome)[-1] is Stage.COMPLETE


def test_a_fault_that_shows_in_few_shops_is_found_by_a_larger_wave() -> None:
    rare = replace(FAULTS[Kind.NAN], shows=0.04, preflight=0.0)
    outcome = simulate(Setup(kind=Kind.NAN, fault=rare, seed=1))
    assert Stage.WAVE in stages(outcome)
    assert stages(outcome)[-1] is Stage.ABORTED


def test_a_rollout_that_only_pauses_stays_paused() -> None:
    gate = Gate(on_failure=OnFailure.PAUSE)
    outcome = simulate(replace(SMALL, kind=Kind.CRASH, gate=gate, longest_min=3_000))
    assert stages(outcome)[-1] is Stage.PAUSED


def test_the_same_seed_gives_the_same_figures() -> None:
    setup = replace(SMALL, kind=Kind.CRASH)
    assert figures(simulate(setup)) == figures(simulate(setup))
    assert figures(simulate(setup)) != figures(simulate(replace(setup, seed=8)))


def test_a_summary_counts_what_stayed_within_the_target() -> None:
    found = [figures(simulate(replace(SMALL, kind=Kind.SLOW, seed=seed))) for seed in range(2)]
    said = summary(found)
    assert (said["seeds"], said["stopped"], said["within_target"]) == (2, 2, 2)
