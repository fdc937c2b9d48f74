"""Assignment: as the seed says, the same everywhere, and of nobody who did not allow it."""

import math
from collections import Counter
from datetime import datetime, timedelta

import pytest

from edge.catalog.experiments import Experiments
from edge.experiment.assign import assign
from edge.experiment.assignment import Units
from edge.experiment.hashing import position

PLAN = Experiments.model_validate(
    {
        "salt": "winter",
        "holdouts": [{"id": "all", "share": 0.05}],
        "layers": [
            {
                "id": "strip",
                "experiments": [
                    {
                        "id": "words",
                        "range": [0.0, 0.6],
                        "arms": {"control": {"share": 0.15}, "short": {"share": 0.85}},
                        "primary": "take-rate",
                    },
                    {
                        "id": "order",
                        "range": [0.6, 0.8],
                        "arms": {"control": {"share": 0.5}, "b": {"share": 0.5}},
                        "primary": "take-rate",
                    },
                ],
            },
            {
                "id": "nudge",
                "unit": "visit",
                "experiments": [
                    {
                        "id": "late",
                        "range": [0.0, 1.0],
                        "arms": {"control": {"share": 0.5}, "late": {"share": 0.5}},
                        "primary": "take-rate",
                    }
                ],
            },
        ],
    }
)
BOARDS = Experiments.model_validate(
    {
        "layers": [
            {
                "id": "boards",
                "unit": "site-daypart",
                "experiments": [
                    {
                        "id": "weather",
                        "range": [0.0, 1.0],
                        "arms": {"control": {"share": 0.5}, "wx": {"share": 0.5}},
                        "primary": "sales",
                        "switchback": {"block": "1h", "washout": "5m"},
                    }
                ],
            }
        ]
    }
)
MORNING = datetime(2026, 11, 2, 9, 0)  # noqa: DTZ001 - the shop's own time
VISITS = [f"visit-{number}" for number in range(8_000)]


def chi_square(counts: Counter[str], shares: dict[str, float]) -> float:
    total = counts.total()
    return sum((counts[name] - total * p) ** 2 / (total * p) for name, p in shares.items())


def uniform_distance(count: int) -> float:
    """Return Kolmogorov's distance from uniform, in units of its standard error."""
    places = sorted(position("winter/strip/", f"token-{number}") for number in range(count))
    gaps = (abs((number + 1) / count - place) for number, place in enumerate(places))
    return max(gaps) * math.sqrt(count)


def test_tokens_fall_evenly_over_the_buckets() -> None:
    assert uniform_distance(20_000) < 1.95  # p = .001, and places are steps of 1/10,000


@pytest.mark.soak
def test_two_hundred_thousand_tokens_fall_evenly() -> None:
    counts = Counter(str(int(position("s/l/", f"t{n}") * 100)) for n in range(200_000))

    assert uniform_distance(200_000) < 1.95
    assert chi_square(counts, {str(n): 0.01 for n in range(100)}) < 149  # 99 degrees, p = .001


def test_holdout_ranges_and_arms_are_as_large_as_the_file_says() -> None:
    found = [assign(PLAN, Units(visit)) for visit in VISITS]
    cells = Counter(
        "held out"
        if one.holdout
        else f"{arm.experiment} {arm.arm}"
        if (arm := one.arms.get("strip"))
        else "in none"
        for one in found
    )
    shares = {
        "held out": 0.05,
        "words control": 0.95 * 0.6 * 0.15,
        "words short": 0.95 * 0.6 * 0.85,
        "order control": 0.95 * 0.2 * 0.5,
        "order b": 0.95 * 0.2 * 0.5,
        "in none": 0.95 * 0.2,
    }

    assert chi_square(cells, shares) < 20.5  # 5 degrees, p = .001


def test_layers_are_independent_of_each_other_and_of_the_holdout() -> None:
    found = [assign(PLAN, Units(visit)).arms for visit in VISITS]
    pairs = Counter(f"{a['strip'].arm} {a['nudge'].arm}" for a in found if "strip" in a)
    words = {
        f"{a} {b}": sum(c for k, c in pairs.items() if k.startswith(f"{a} "))
        / pairs.total()
        * sum(c for k, c in pairs.items() if k.endswith(f" {b}"))
        / pairs.total()
        for a in ("control", "short", "b")
        for b in ("control", "late")
    }

    assert chi_square(pairs, words) < 13.8  # 2 degrees, p = .001


def test_the_same_unit_gets_the_same_arm_on_every_device() -> None:
    again = Experiments.model_validate(PLAN.model_dump(mode="json"))

    assert all(assign(PLAN, Units(one)) == assign(again, Units(one)) for one in VISITS[:200])


def test_who_is_held_out_is_in_no_experiment() -> None:
    found = (assign(PLAN, Units(visit)) for visit in VISITS[:2000])
    held_out = [one for one in found if one.holdout]

    assert held_out
    assert all(not one.arms for one in held_out)


def test_a_known_customer_falls_alike_in_every_visit_where_the_layer_says_so() -> None:
    found = [assign(PLAN, Units(visit, customer="of-somebody")) for visit in VISITS[:200]]

    assert {one.holdout for one in found} == {""}
    assert all(one.arms.get("strip") == found[0].arms.get("strip") for one in found)
    assert {one.arms["nudge"].arm for one in found} == {"control", "late"}
    assert {one.arms["nudge"].unit_kind for one in found} == {"visit"}


def test_the_holdout_is_decided_on_the_customer_who_is_known() -> None:
    customers = [f"customer-{number}" for number in range(400)]
    out = [one for one in customers if assign(PLAN, Units("visit-1", one)).holdout]

    assert out
    assert all(assign(PLAN, Units("visit-2", one)).holdout for one in out)


def test_without_consent_to_be_remembered_the_visit_is_the_unit() -> None:
    kinds = {arm.unit_kind for v in VISITS[:50] for arm in assign(PLAN, Units(v)).arms.values()}

    assert kinds == {"visit"}


def test_nothing_is_assigned_where_there_is_no_unit() -> None:
    assert assign(PLAN, Units("")).arms == {}
    assert assign(BOARDS, Units("visit-1"), MORNING).arms == {}


def test_what_is_written_of_an_assignment_names_no_unit() -> None:
    units = Units("visit-77", customer="pseudonym-77", site_daypart="shop-77/lunch")
    written = str(assign(PLAN, units).written())

    assert "words" in written or "order" in written or "late" in written
    assert "77" not in written


def board_arm(at: datetime, site: str = "shop") -> tuple[str, bool]:
    units = Units("", site_daypart=f"{site}/{at.date()}/all-day", site=site)
    arm = assign(BOARDS, units, at).arms["boards"]
    return arm.arm, arm.is_washout


def test_arms_take_turns_on_a_board_and_each_has_its_share_of_every_day() -> None:
    for day in range(30):
        blocks = Counter(
            board_arm(MORNING.replace(hour=hour, minute=30) + timedelta(days=day))[0]
            for hour in range(24)
        )
        assert blocks == {"control": 12, "wx": 12}


def test_no_arm_keeps_the_same_hour_nor_the_same_order_in_every_shop() -> None:
    at_nine = Counter(board_arm(MORNING + timedelta(days=day))[0] for day in range(60))

    assert min(at_nine.values()) >= 15
    assert len({board_arm(MORNING, f"shop-{n}")[0] for n in range(20)}) == 2


def test_the_first_minutes_of_a_block_are_shown_and_not_counted() -> None:
    assert board_arm(MORNING)[1]
    assert board_arm(MORNING + timedelta(minutes=4, seconds=59))[1]
    assert not board_arm(MORNING + timedelta(minutes=5))[1]
    assert board_arm(MORNING)[0] == board_arm(MORNING + timedelta(minutes=59))[0]
