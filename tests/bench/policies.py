"""What all policies cost over the candidates of one decision, and as candidates grow."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from edge.catalog.offer import Offer
from edge.catalog.policy_rules import SHIPPED
from edge.policy.all_rules import RULES, suppression
from edge.policy.row import row_rule
from edge.policy.scene import Considered, Fact, Scene
from tests.bench.cpu import interleaved_us
from tests.bench.row import Row
from tests.fakes import shop

SIZES: Final = (50, 500)
BUDGET_US: Final = 150.0
"""Fifty candidates that rest on nobody."""
AT: Final = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)


def rows() -> Iterator[Row]:
    """Yield the rows of this file."""
    scene = Scene("kiosk", 1, AT, 6, basket_categories=frozenset({"c1"}))
    known = Scene(
        "kiosk",
        1,
        AT,
        6,
        purposes=frozenset({"past_orders", "tastes"}),
        known_categories=frozenset(f"c{n}" for n in range(9)),
    )
    for size in SIZES:
        plain, offered, personal = _candidates(size)
        took = interleaved_us(
            {
                "products": _judged(plain, scene),
                "authored offers": _judged(offered, scene),
                "that rest on past orders": _judged(personal, known),
            },
            calls=20,
        )
        for name, spent in took.items():
            budget = BUDGET_US if size == SIZES[0] and "rest" not in name else None
            group = f"{len(RULES)} policies, {size} candidates"
            yield Row(group, name, spent, "µs", budget=budget)
    row = _candidates(6)[0]
    took = interleaved_us({"row": lambda: row_rule(row, scene, SHIPPED)}, calls=50)
    yield Row("the finished row", "six products", took["row"], "µs")


def _judged(some: Sequence[Considered], scene: Scene) -> Callable[[], object]:
    return partial(_judge, some, scene)


def _judge(some: Sequence[Considered], scene: Scene) -> None:
    for one in some:
        suppression(one, scene, SHIPPED)


def _candidates(size: int) -> tuple[list[Considered], list[Considered], list[Considered]]:
    products = [shop.product(f"p{n}", f"c{n % 9}") for n in range(size)]
    offers = [
        Offer.model_validate(
            {
                "offer": f"o{n}",
                "owner": "bench",
                "skus": [f"p{n}"],
                "headline": {"en": "A warm bun"},
                "surfaces": ["kiosk"],
            }
        )
        for n in range(size)
    ]
    fact = Fact("order_history", "addon")
    return (
        [Considered(one, None) for one in products],
        [Considered(one, offer) for one, offer in zip(products, offers, strict=True)],
        [Considered(one, None, (fact,)) for one in products],
    )
