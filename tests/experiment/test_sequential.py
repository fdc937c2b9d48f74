"""An interval that holds at every look: against published figures, and against chance itself."""

import math

import numpy as np
import pytest

from edge.experiment.sequential import (
    EVERYTHING,
    Rule,
    Sample,
    difference,
    falls_below,
    rises_above,
    width_factor,
)


def test_the_interval_is_that_of_gbstats() -> None:
    old, new = Sample.of_takes(10_000, 1_000), Sample.of_takes(10_000, 1_080)
    found = difference(old, new, Rule(alpha=0.05, tune_n=5_000))
    assert found.low == pytest.approx(-0.00550, abs=5e-6)
    assert found.high == pytest.approx(0.02150, abs=5e-6)


def test_it_is_wider_than_for_one_look_and_narrowest_near_where_it_is_tuned() -> None:
    rule = Rule(tune_n=5_000)
    widths = {units: width_factor(units, rule) for units in (500, 5_000, 50_000)}
    assert min(widths.values()) > 1.96
    assert widths[5_000] == min(widths.values())


def test_too_little_says_nothing() -> None:
    few, many = Sample.of_takes(10, 0), Sample.of_takes(10_000, 5_000)
    assert difference(many, few, Rule()) == EVERYTHING
    assert not falls_below(many, few, 0.0, Rule())


def test_a_share_that_halves_is_seen_and_one_that_rises_is_no_fall() -> None:
    old = Sample.of_takes(1_000, 300)
    assert falls_below(old, Sample.of_takes(1_000, 150), 0.005, Rule())
    assert not falls_below(old, Sample.of_takes(1_000, 600), 0.005, Rule())


def test_orders_that_take_longer_are_seen() -> None:
    quick = Sample(400, 400 * 60.0, 400 * (60.0**2 + 15.0**2))
    slow = Sample(400, 400 * 80.0, 400 * (80.0**2 + 15.0**2))
    assert rises_above(quick, slow, 5.0, Rule())
    assert not rises_above(slow, quick, 5.0, Rule())
    assert math.isclose(quick.variance, 15.0**2, rel_tol=0.01)


def stops(runs: int, *, share: float, worse: float, visits: int, every: int, seed: int) -> float:
    """Return how many of ``runs`` trials are stopped, with a look after each ``every`` visits."""
    rng = np.random.default_rng(seed)
    rule, stopped = Rule(), 0
    for _ in range(runs):
        is_new = rng.random(visits) < 0.5
        takes = rng.random(visits) < np.where(is_new, share * (1 - worse), share)
        sums = [np.cumsum(one) for one in (~is_new, ~is_new & takes, is_new, is_new & takes)]
        for at in range(every - 1, visits, every):
            old = Sample.of_takes(int(sums[0][at]), int(sums[1][at]))
            new = Sample.of_takes(int(sums[2][at]), int(sums[3][at]))
            if falls_below(old, new, 0.0, rule):
                stopped += 1
                break
    return stopped / runs


@pytest.mark.parametrize("share", [0.05, 0.3])
def test_two_equal_models_are_hardly_ever_told_apart_however_often_one_looks(share: float) -> None:
    found = stops(100, share=share, worse=0.0, visits=2_000, every=10, seed=7)
    assert found <= 0.05


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("share", [0.02, 0.05, 0.2, 0.4])
def test_of_a_thousand_equal_pairs_at_most_one_in_twenty_is_told_apart(share: float) -> None:
    found = stops(1_000, share=share, worse=0.0, visits=20_000, every=20, seed=11)
    print(f"\nA/A, share {share}: {found:.1%} of 1,000 trials stopped")  # noqa: T201
    assert found <= 0.05


def test_a_model_that_halves_the_takes_is_stopped_within_a_thousand_visits() -> None:
    found = stops(50, share=0.3, worse=0.5, visits=1_000, every=20, seed=3)
    assert found >= 0.9
