"""Scores become p(take) by two fitted numbers, or by none where they cannot be told."""

import numpy as np
import pytest

from models.training.calibrate import Shown, calibrate, reliability, take_probability


def shown(a: float, b: float) -> Shown:
    rng = np.random.default_rng(5)
    score = rng.normal(size=40_000)
    return Shown(score, rng.random(40_000) < take_probability(score, (a, b)))


def test_the_numbers_that_made_the_data_are_found() -> None:
    found = calibrate(shown(1.3, -2.0))

    assert found is not None
    assert found == pytest.approx((1.3, -2.0), abs=0.06)


def test_predicted_and_observed_shares_agree_where_the_model_is_right() -> None:
    data = shown(1.3, -2.0)

    assert reliability(data, (1.3, -2.0)).error < 0.01
    assert reliability(data, (1.3, 0.0)).error > 0.1


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(Shown(np.arange(9.0), np.zeros(9, dtype=np.bool_)), id="nothing taken"),
        pytest.param(Shown(np.arange(9.0), np.ones(9, dtype=np.bool_)), id="all taken"),
        pytest.param(Shown(np.zeros(9), np.arange(9) > 4), id="one score"),
        pytest.param(Shown(np.zeros(0), np.zeros(0, dtype=np.bool_)), id="nothing"),
        pytest.param(shown(-1.0, -2.0), id="better scores are taken less"),
    ],
)
def test_what_cannot_be_told_is_not_claimed(data: Shown) -> None:
    assert calibrate(data) is None
