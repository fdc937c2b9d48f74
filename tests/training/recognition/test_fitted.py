"""Past orders weigh what does best on validation households, cut to what an appliance keeps."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from edge.identity.day_keys import day_of
from edge.identity.profile import MAX_PURCHASES, Purchase
from models.training.additive import History
from models.training.recognition.fitted import (
    VALIDATION_BASKETS,
    choose_history,
    first_model,
    past_orders,
    tickets_of,
)
from models.training.recognition.households import (
    Basket,
    Case,
    Household,
    cases,
    of_products,
    read_purchases,
    split_households,
)
from tests.fakes.small_households import write_households

ZONE = ZoneInfo("America/New_York")
NOON = datetime(2017, 3, 1, 12, tzinfo=UTC)


def basket(days: float, *items: str) -> Basket:
    return Basket(NOON + timedelta(days=days), items, len(items))


def test_tickets_are_of_the_shops_wall_clock() -> None:
    late = Basket(datetime(2017, 3, 2, 3, 30, tzinfo=UTC), ("b", "a"), 2)

    found = tickets_of([Household("h", (basket(0, "a"), basket(0), late))], ("a", "b"), ZONE)

    assert found.hour.tolist() == [7, 22]
    assert np.diff(found.day).tolist() == [0]
    assert [
        found.item[s:e].tolist() for s, e in zip(found.start, found.start[1:], strict=False)
    ] == [
        [0],
        [1, 0],
    ]


def test_past_orders_count_the_baskets_of_a_day() -> None:
    case = Case("h", (basket(0, "a", "b"), basket(0.1, "a"), basket(2, "b")), basket(3, "a"))
    first = day_of(NOON)

    assert past_orders(case) == (
        Purchase("b", first + 2, 1),
        Purchase("a", first, 2),
        Purchase("b", first, 1),
    )


def test_central_sends_the_newest_two_hundred() -> None:
    many = tuple(basket(day, *(f"p{i}" for i in range(30))) for day in range(10))

    found = past_orders(Case("h", many, basket(11, "a")))

    assert len(found) == MAX_PURCHASES
    assert {p.day - day_of(NOON) for p in found} == set(range(3, 10))


def test_past_orders_get_the_weight_that_does_best_on_validation(tmp_path: Path) -> None:
    read = read_purchases(write_households(tmp_path))
    split = split_households(read.households, seed=1)
    kept = {str(100 + p): f"sku-{p}" for p in range(36)}
    model = first_model(of_products(split.train, kept), tuple(kept.values()), ZONE)
    validation = cases(of_products(split.validation, kept), VALIDATION_BASKETS)
    steps: list[int] = []

    found = choose_history(model, validation, ZONE, lambda: steps.append(1))

    assert found.validation.ndcg_10 > found.unknown.ndcg_10 + 0.2
    assert found.validation.ndcg_10 >= found.by_rule.ndcg_10
    assert found.cases == len(validation) == 12
    assert len(steps) == 5
    assert isinstance(found.history, History)
