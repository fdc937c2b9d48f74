"""Are the arms as large as they were drawn? Published cases, and chance itself."""

import numpy as np
import pytest

from edge.experiment.srm import chi_square, e_value, is_mismatch, p_of_two

HALVES = (0.5, 0.5)


def test_the_textbook_case_comes_out_as_published() -> None:
    counts = (821_588, 815_482)
    assert chi_square(counts, HALVES) == pytest.approx(22.8, abs=0.05)
    assert p_of_two(counts) == pytest.approx(1.8e-6, rel=0.03)
    assert is_mismatch(counts, HALVES)


def test_three_arms_that_drifted_are_found() -> None:
    drifted = (1_090, 4_670, 4_240)  # 10.9, 46.7 and 42.4 percent (growthbook 6386)
    planned = (0.1, 0.45, 0.45)
    assert chi_square(drifted, planned) > 25
    assert is_mismatch([10 * one for one in drifted], planned)
    assert not is_mismatch((1_000, 4_500, 4_500), planned)


def test_nothing_yet_is_no_evidence() -> None:
    assert e_value((0, 0), HALVES) == pytest.approx(1.0)
    assert chi_square((0, 0), HALVES) == 0


@pytest.mark.parametrize(
    ("counts", "shares"), [((1, 2), (0.5, 0.4)), ((1, 2, 3), HALVES), ((1, 2), (1.0, 0.0))]
)
def test_shares_that_cannot_be_are_refused(
    counts: tuple[int, ...], shares: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match="wanted"):
        e_value(counts, shares)


def found_of(share: float, runs: int, seed: int) -> int:
    """How many of so many experiments of 60 days, 1,000 units each, are called broken at .01."""
    rng = np.random.default_rng(seed)
    days = rng.binomial(1_000, share, size=(runs, 60)).cumsum(axis=1)
    looks = [[(int(n), 1_000 * (day + 1) - int(n)) for day, n in enumerate(run)] for run in days]
    return sum(any(is_mismatch(look, HALVES, 0.01) for look in run) for run in looks)


def test_sound_arms_are_hardly_ever_called_broken_at_sixty_looks() -> None:
    assert found_of(0.5, 300, 5) <= 3


def test_arms_of_51_to_49_are_found_at_sixty_thousand() -> None:
    assert found_of(0.51, 200, 6) >= 170  # the design's figure: 92 %
