"""How a trial is judged, figure by figure."""

from dataclasses import replace

import pytest

from edge.update.trial import LEAST_SAMPLES, Arm, Arms, Health, Limits, figures, is_slow, judge

LIMITS = Limits()
COMPARED = Health(answers=900, samples=LEAST_SAMPLES, before_samples=LEAST_SAMPLES)
ALONE = replace(COMPARED, before_samples=LEAST_SAMPLES - 1)


@pytest.mark.parametrize(
    ("before_us", "p99_us", "expected"),
    [
        (100.0, 10_000.0, False),  # fast enough, however fast the other was
        (100.0, 10_001.0, True),
        (5_000.0, 15_000.0, False),  # three times as slow is allowed
        (5_000.0, 15_001.0, True),
    ],
)
def test_a_model_is_slow_beside_the_one_before(
    before_us: float, p99_us: float, *, expected: bool
) -> None:
    health = replace(COMPARED, before_p99_us=before_us, p99_us=p99_us)

    assert is_slow(health, LIMITS) is expected


@pytest.mark.parametrize(("p99_us", "expected"), [(50_000.0, False), (50_001.0, True)])
def test_without_a_comparison_only_what_is_slow_by_any_measure_is(
    p99_us: float, *, expected: bool
) -> None:
    assert is_slow(replace(ALONE, p99_us=p99_us), LIMITS) is expected


def test_of_a_few_answers_nothing_is_said() -> None:
    assert not is_slow(Health(answers=9, samples=LEAST_SAMPLES - 1, p99_us=9e9), LIMITS)


FEWER_TAKES = Arms(old=Arm(visits=2_000, takes=800), new=Arm(visits=2_000, takes=400))


def test_fewer_takes_end_a_trial_where_the_arms_are_as_drawn() -> None:
    fault = judge(Health(answers=900, arms=FEWER_TAKES), LIMITS)

    assert fault is not None
    assert (fault.reason, fault.detail) == ("business", "takes 20.0% of visits, before 40.0%")


def test_where_visits_went_missing_in_one_arm_the_arms_are_not_compared() -> None:
    lost = FEWER_TAKES.model_copy(update={"old": Arm(visits=4_000, takes=1_600)})

    assert judge(Health(answers=900, arms=lost), LIMITS) is None
    assert figures(Health(arms=lost))["arms_mismatch"] == 1.0
    assert figures(Health(arms=FEWER_TAKES))["arms_mismatch"] == 0.0


def test_orders_that_take_much_longer_end_a_trial() -> None:
    def orders(seconds: float) -> Arm:
        spread = 1_000 * (seconds**2 + 25.0)
        return Arm(visits=2_000, takes=800, orders=1_000, order_s=1_000 * seconds, order_s2=spread)

    slower = Arms(old=orders(60.0), new=orders(90.0))

    fault = judge(Health(answers=900, arms=slower), LIMITS)

    assert fault is not None
    assert (fault.reason, fault.detail) == ("business", "orders take 90 s, before 60 s")
    assert judge(Health(answers=900, arms=Arms(old=orders(60.0), new=orders(61.0))), LIMITS) is None
