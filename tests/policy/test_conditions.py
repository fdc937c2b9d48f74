"""Conditions of offers: checked when published, closed when anything goes wrong."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace

import pytest

from edge.catalog.offer import Offer
from edge.context.moment import Weather
from edge.policy.condition_facts import FACTS, MOVING, STANDING, moving_facts, standing_facts
from edge.policy.conditions import Answer, Verdict, check, compile_all
from tests.fakes import shop

WARM = {"weather.temp_c": 25.0, "site.open": True, "time.hour": 12}
LIST = "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30]"


def answered(text: str, facts: Mapping[str, object]) -> Answer:
    return compile_all([text]).about(facts).of(text)  # type: ignore[arg-type] # wrong ones too


def test_a_condition_is_met_only_when_it_is_true() -> None:
    text = "weather.temp_c > 24.0 && site.open"

    assert answered(text, WARM).verdict is Verdict.MET
    assert answered(text, {**WARM, "site.open": False}).verdict is Verdict.NOT_MET
    assert answered("", {}).verdict is Verdict.MET


def test_a_fact_that_is_not_known_makes_it_not_met_and_is_no_failure() -> None:
    assert answered("weather.temp_c > 24.0", {"site.open": True}) == Answer(Verdict.NOT_MET)
    assert answered("!(weather.temp_c > 24.0)", {}) == Answer(Verdict.NOT_MET)


def test_what_is_true_without_the_unknown_fact_is_met() -> None:
    assert answered("weather.is_wet || site.open", WARM).verdict is Verdict.MET


@pytest.mark.parametrize(
    ("text", "facts", "why"),
    [
        ("10 / (time.hour - 12) > 1", WARM, "divide by zero"),
        ("9223372036854775807 + time.hour > 0", WARM, "integer overflow"),
        ("site.open", {"site.open": "yes"}, "Unexpected value type"),
        (f"{LIST}.all(a, {LIST}.all(b, true))", {}, None),
        (f"{LIST}.all(a, {LIST}.all(b, {LIST}.all(c, true)))", {}, "at most 2 loops"),
        ("weather.temp_c", WARM, "true or false"),
    ],
)
def test_what_cannot_be_answered_fails_and_is_never_met(
    text: str, facts: dict[str, object], why: str | None
) -> None:
    answer = answered(text, facts)

    if why is None:
        assert answer == Answer(Verdict.MET)
    else:
        assert answer.verdict is Verdict.FAILED
        assert why in answer.why


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("weather.temp > 24.0", 'column 8: no fact "weather.temp"; did you mean "weather.temp_c"?'),
        ("site.open && weather.temp_c > 24", "such as 24.0"),
        ("site.open &&", "column 13: Syntax error"),
        ("time.hour", "wanted a condition that is true or false, found one of INT"),
        ("dyn(true)", "wanted a condition that is true or false"),
        ("(" * 100 + "true" + ")" * 100, "recursion limit"),
        ("1 / 0 > 1", "divide by zero"),
        ("customer.name == 'Ann'", 'no fact "customer.name"'),
    ],
)
def test_a_mistake_is_named_when_it_is_published(text: str, told: str) -> None:
    assert told in (check(text) or "")


def test_a_condition_that_would_run_out_of_steps_is_refused_when_it_is_published() -> None:
    numbers = "[" + ",".join("1" * 110) + "]"
    bomb = f"{numbers}.all(a, {numbers}.all(b, true))"

    assert len(bomb) <= 500  # so an offer may hold it
    assert "Iteration budget exceeded" in (check(bomb) or "")
    assert answered(bomb, {}).verdict is Verdict.FAILED


def test_a_search_pattern_cannot_make_it_slow() -> None:
    text = "time.weekday.matches('(a+)+$')"  # the interpreter searches in linear time

    assert answered(text, {"time.weekday": "a" * 5_000 + "!"}).verdict is Verdict.NOT_MET


def test_what_a_mistaken_condition_holds_back_is_held_back_for_good() -> None:
    assert answered("site.opened", {"site.open": True}).verdict is Verdict.FAILED
    assert compile_all([]).about(WARM).of("site.open").verdict is Verdict.FAILED  # never compiled


def test_only_conditions_about_the_visit_or_the_kitchen_are_asked_at_each_request() -> None:
    standing, moving = "weather.temp_c > 24.0", "'tea' in basket.categories && time.hour > 9"
    conditions = compile_all([standing, moving, "site.opened"])

    assert conditions.is_moving(moving)
    assert not conditions.is_moving(standing)
    assert not conditions.is_moving("site.opened")


def test_every_declared_fact_is_given_once_it_is_known_and_has_its_type() -> None:
    known = shop.context(weather=Weather(20, is_wet=True), trend={"tea": 10})
    moment = replace(known, kitchen_load=0.5)
    facts = standing_facts(moment) | moving_facts(moment, shop.PRODUCTS[:2])

    assert set(facts) == set(FACTS)
    for name, kind in FACTS.items():
        same = f"{name} == {name}" if kind != "BOOL" else f"{name} || !{name}"
        assert answered(same, facts).verdict is Verdict.MET
    assert facts["basket.total_minor"] == 600


def test_no_fact_is_about_a_person() -> None:
    about = {name.partition(".")[0] for name in FACTS}

    assert about == {"weather", "site", "time", "trend", "kitchen", "basket"}
    assert not STANDING.keys() & MOVING.keys()


def test_a_shop_without_conditions_does_not_load_the_interpreter() -> None:
    code = "import sys, edge.policy.conditions as c; c.compile_all(['']); print('cel_expr_python' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert done.stdout.strip() == "False"


def test_an_offer_without_a_condition_has_an_empty_one() -> None:
    offer = Offer(offer="o", owner="me", skus=("tea",), surfaces=frozenset({"kiosk"}))

    assert check(offer.eligible_when or "true") is None
