"""Permission distance: how far a use is from why a fact was given."""

import pytest

from edge.catalog.policy_rules import SHIPPED
from edge.catalog.tighten import tightened
from edge.policy.distance import Verdict, distances, judge, verdict
from edge.policy.scene import Fact, Scene
from tests.fakes.scenes import BOARD, DAY, HISTORY, KIOSK, PHONE, considered, known_on, offer

REORDER = Fact("order_history", "reorder")
NEW = Fact("order_history", "new-category")


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        (REORDER, ["drop", "pass", "pass"]),
        (HISTORY, ["drop", "pass", "pass"]),
        (NEW, ["drop", "ask", "pass"]),
        (Fact("order_history", "ad-partner"), ["drop", "drop", "ask"]),
        (Fact("stars", "new-category"), ["drop", "pass", "pass"]),
        (Fact("location", "addon"), ["drop", "ask", "pass"]),
        (Fact("segment", "addon"), ["drop", "drop", "ask"]),
        (Fact("stars", "addon", "inferred"), ["drop", "ask", "pass"]),
        (Fact("stars", "addon", "third-party"), ["drop", "drop", "ask"]),
        (Fact("stars", "addon", age=60 * DAY), ["drop", "pass", "pass"]),
        (Fact("stars", "addon", age=120 * DAY), ["drop", "ask", "pass"]),
        (Fact("stars", "addon", age=180 * DAY), ["drop", "drop", "ask"]),
        (Fact("weather", "addon"), ["pass", "pass", "pass"]),
        (Fact("basket", "addon"), ["drop", "pass", "pass"]),
    ],
    ids=lambda value: f"{value.name} {value.use}" if isinstance(value, Fact) else "",
)
def test_a_use_passes_is_asked_for_or_dropped_by_how_far_it_is_on_board_kiosk_and_phone(
    fact: Fact, told: list[str]
) -> None:
    assert [_told(fact, scene) for scene in (BOARD, KIOSK, PHONE)] == told


def _told(fact: Fact, scene: Scene) -> str:
    found = judge(considered(None, fact), known_on(scene), SHIPPED)
    if found is None:
        return "pass"
    assert found.rule == "permission_distance"
    return "ask" if found.asks else "drop"


def test_the_furthest_of_all_facts_counts() -> None:
    found = judge(considered(None, REORDER, NEW, HISTORY), known_on(KIOSK), SHIPPED)

    assert found is not None
    assert found.detail == "order_history for new-category is 2"


def test_what_somebody_pays_for_serves_a_partner_whatever_it_says() -> None:
    (found,) = distances(considered(offer(sponsored=True), REORDER), 0, SHIPPED)

    assert (found.use, found.purpose, found.distance) == ("ad-partner", 3, 3)


def test_the_trace_has_all_four_of_every_fact() -> None:
    aged = Fact("order_history", "addon", age=130 * DAY)

    (found,) = distances(considered(None, aged), 1, SHIPPED)

    assert (found.purpose, found.source, found.screen, found.staleness) == (1, 0, 1, 2)
    assert found.distance == 2


def test_where_the_shop_says_deny_nothing_is_asked() -> None:
    deny = tightened(SHIPPED, {"permission_distance": {"above": "deny"}})

    assert verdict(2, 1, SHIPPED) is Verdict.ASK
    assert verdict(2, 1, deny) is Verdict.DROP


def test_nothing_is_ever_asked_on_a_public_screen() -> None:
    assert [verdict(distance, 2, SHIPPED) for distance in range(4)] == [
        Verdict.PASS,
        Verdict.DROP,
        Verdict.DROP,
        Verdict.DROP,
    ]
