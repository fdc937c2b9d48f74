"""The draw: mostly good actions, each with the probability that is logged."""

import itertools
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.chance import draws
from edge.experiment.squarecb import draw, probabilities

rewards = st.lists(st.floats(0, 1), min_size=1, max_size=50)


@given(rewards, st.floats(0, 1e6), st.floats(0, 1))
def test_probabilities_sum_to_one_and_none_is_below_the_floor(
    predicted: list[float], gamma: float, floor: float
) -> None:
    shares = probabilities(predicted, gamma=gamma, floor=floor)

    assert sum(shares) == pytest.approx(1.0)
    assert min(shares) >= floor / len(predicted) - 1e-12


@given(rewards)
def test_a_better_prediction_never_gets_a_smaller_share(predicted: list[float]) -> None:
    shares = probabilities(predicted, gamma=400, floor=0.05)
    by_reward = sorted(zip(predicted, shares, strict=True))

    assert all(a[1] <= b[1] + 1e-12 for a, b in itertools.pairwise(by_reward))


def test_the_shares_are_those_of_the_published_rule() -> None:
    shares = probabilities([0.5, 0.4, 0.1], gamma=10, floor=0.0)

    assert shares == pytest.approx((1 - 1 / 4 - 1 / 7, 1 / 4, 1 / 7))


def test_without_gamma_every_action_is_equally_likely() -> None:
    assert probabilities([0.9, 0.1], gamma=0, floor=0) == pytest.approx((0.5, 0.5))


@given(rewards)
def test_the_logged_propensity_is_the_share_of_draws_that_give_the_action(
    predicted: list[float],
) -> None:
    drawn = [draw(predicted, gamma=20, floor=0.05, at=n / 2000) for n in range(2000)]

    for index in {one.index for one in drawn}:
        logged = [one.propensity for one in drawn if one.index == index]
        assert len(logged) / 2000 == pytest.approx(logged[0], abs=0.002)


def test_the_last_possible_draw_stays_within_the_actions() -> None:
    assert draw([0.1] * 7, gamma=0, floor=1.0, at=1 - 2**-53).index == 6


@pytest.mark.parametrize(
    ("predicted", "gamma", "floor", "why"),
    [
        pytest.param([], 1, 0.1, "at least one action", id="no action"),
        pytest.param([0.5], -1, 0.1, "gamma must be at least 0", id="negative gamma"),
        pytest.param([0.5], 1, 1.1, r"floor in \[0, 1\]", id="floor above one"),
    ],
)
def test_arguments_out_of_range_are_refused(
    predicted: list[float], gamma: float, floor: float, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        probabilities(predicted, gamma=gamma, floor=floor)


def test_the_floor_is_shared_among_the_actions_and_not_given_to_each() -> None:
    shares = probabilities([0.0, 0.0, 1.0], gamma=1000, floor=0.3)

    assert shares == pytest.approx((0.1, 0.1, 0.8))


def test_of_equally_good_actions_the_first_takes_what_is_left() -> None:
    shares = probabilities([0.2, 0.9, 0.9], gamma=10, floor=0.0)

    assert shares == pytest.approx((0.1, 1 - 0.1 - 1 / 3, 1 / 3))


def test_the_weights_of_a_log_have_a_mean_of_one_whatever_policy_is_judged_by_it() -> None:
    judged = (0.5, 0.3, 0.2, 0.0, 0.0)
    weights = []
    for number in range(4000):
        predicted = draws(f"context-{number}", 5)
        one = draw(predicted, gamma=40, floor=0.1, at=draws(f"decision-{number}", 1)[0])
        weights.append(judged[one.index] / one.propensity)
    error = statistics.stdev(weights) / len(weights) ** 0.5

    assert abs(statistics.fmean(weights) - 1) <= 3 * error
    assert max(weights) <= 5 / 0.1
