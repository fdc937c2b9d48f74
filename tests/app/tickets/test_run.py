"""How a replay counts: cases, places, shares."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from edge.app.tickets.baselines import learn
from edge.app.tickets.client import Answer
from edge.app.tickets.file import Ticket
from edge.app.tickets.of_shop import split_days
from edge.app.tickets.run import (
    ask_all,
    completion_cases,
    quality,
    quantile,
    strip_cases,
)
from edge.core.errors import RequestContractError


def ticket(*items: str, day: int = 1, hour: int = 9) -> Ticket:
    return Ticket(datetime(2026, 3, day, hour, tzinfo=UTC), items)


def test_completion_holds_each_item_of_a_shared_ticket_out_in_turn() -> None:
    cases = completion_cases([ticket("tea", "jam", "pen"), ticket("tea")])

    assert [(case.wanted, case.basket) for case in cases] == [
        ("tea", ("jam", "pen")),
        ("jam", ("tea", "pen")),
        ("pen", ("tea", "jam")),
    ]


def test_the_strip_is_asked_before_each_item_with_those_already_rung_up() -> None:
    cases = strip_cases([ticket("tea", "jam")], "strip")

    assert [(case.basket, case.wanted) for case in cases] == [((), "tea"), (("tea",), "jam")]


def test_the_cut_goes_by_trading_days_not_by_tickets() -> None:
    tickets = [ticket("tea", day=day) for day in (1, 1, 1, 1, 2, 4, 5, 9)]

    first, last = split_days(tickets, 0.8)

    assert [each.at.day for each in first] == [1, 1, 1, 1, 2, 4, 5]
    assert [each.at.day for each in last] == [9]


def test_hit_rates_count_places_from_one_and_misses_as_nothing() -> None:
    found = quality([1, 3, 4, None, 20])

    assert (found.hr_1, found.hr_3, found.hr_5) == (0.2, 0.4, 0.6)
    assert found.mrr_10 == pytest.approx((1 + 1 / 3 + 1 / 4) / 5)


def test_no_cases_are_no_hits() -> None:
    assert quality([]).hr_3 == 0.0
    assert quantile([], 0.99) == 0.0


def test_answers_are_matched_to_their_cases_whoever_asked_them() -> None:
    def decide(_placement: str, basket: Sequence[str], _at: datetime) -> Answer:
        return Answer(skus=(*basket, "pen"), explored=1, degraded=None, seconds=0.0)

    tickets = [ticket("tea", "jam", "pen")] * 20
    asked = ask_all(completion_cases(tickets), decide, threads=4, tick=lambda: None)

    assert [one.case.wanted for one in asked[:3]] == ["tea", "jam", "pen"]
    assert [one.place for one in asked] == [None, None, 3] * 20


def test_a_refusal_ends_the_run() -> None:
    def decide(_placement: str, _basket: Sequence[str], _at: datetime) -> Answer:
        raise RequestContractError("refused")

    with pytest.raises(RequestContractError, match="refused"):
        ask_all(strip_cases([ticket("tea")] * 50, "strip"), decide, threads=2, tick=lambda: None)


def test_popular_ranks_by_tickets_and_leaves_the_basket_out() -> None:
    learnt = learn([ticket("tea"), ticket("tea", "jam"), ticket("pen", "jam", "tea")])

    popular, _ = learnt.rankings(["tea"], hour=9, top=10)

    assert popular == ("jam", "pen")


def test_naive_bayes_prefers_what_goes_with_the_basket() -> None:
    pairs = [ticket("tea", "jam")] * 200 + [ticket("ink", "pen")] * 200
    learnt = learn([*pairs, *[ticket("cup")] * 210])

    popular, bayes = learnt.rankings(["ink"], hour=9, top=2)

    assert popular[0] == "cup"
    assert bayes[0] == "pen"


def test_naive_bayes_knows_the_hour() -> None:
    learnt = learn([ticket("egg", hour=8)] * 100 + [ticket("wine", hour=20)] * 101)

    assert learnt.rankings([], hour=8, top=1) == (("wine",), ("egg",))
