"""The learner's head: it finds what the model misses, adds up over shops, and stays within bounds."""

from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.catalog.product import Product
from edge.context.moment import Context, Weather
from edge.core.errors import ContractError
from edge.experiment.features import DIMENSION, features
from edge.experiment.ridge import MAX_ADJUSTMENT, MAX_NORM, MAX_STEP, Head, Lesson, Ridge

AT = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)


def moment(hour: int = 12, temp_c: float | None = None) -> Context:
    weather = None if temp_c is None else Weather(temp_c, is_wet=False)
    at = AT.replace(hour=hour)
    return Context(at, at, "lunch", is_open=True, weather=weather, kitchen_load=None, trend={})


def product(category: str) -> Product:
    return Product(
        sku=f"a-{category}",
        name={"en": "A"},
        section="all",
        category=category,
        price_minor=300,
        allergens=frozenset(),
    )


def row(category: str, hour: int = 12) -> NDArray[np.float32]:
    found: NDArray[np.float32] = features(moment(hour), 0, [product(category)])[0]
    return found


def taught(*lessons: Lesson, forgetting: float = 1.0) -> Ridge:
    ridge = Ridge(forgetting=forgetting)
    for lesson in lessons:
        ridge.learn(lesson)
    return ridge


def adjustment(ridge: Ridge, category: str, hour: int = 12) -> float:
    head = Head("1", ridge.theta.astype(np.float32))
    return float(head.adjust(row(category, hour)[None, :])[0])


def test_what_the_model_misses_is_learned_for_that_kind_of_product_alone() -> None:
    lessons = [Lesson(row("cakes"), 0.3), Lesson(row("soups"), -0.1)] * 600
    ridge = taught(*lessons)

    assert adjustment(ridge, "cakes") == pytest.approx(0.3, abs=0.03)
    assert adjustment(ridge, "soups") == pytest.approx(-0.1, abs=0.03)


def test_the_same_product_may_do_better_at_one_hour_than_at_another() -> None:
    lessons = [Lesson(row("cakes", 15), 0.3), Lesson(row("cakes", 8), -0.2)] * 600
    ridge = taught(*lessons)

    assert adjustment(ridge, "cakes", 15) > adjustment(ridge, "cakes", 8) + 0.3


def test_sums_of_two_shops_are_exactly_those_of_one_that_saw_both() -> None:
    one = [Lesson(row("cakes"), 0.25)] * 30
    other = [Lesson(row("soups", 8), -0.5)] * 20
    together, added = taught(*one, *other), taught(*one)
    added.add(taught(*other))

    assert np.array_equal(added.a, together.a)
    assert np.array_equal(added.b, together.b)
    assert added.lessons == together.lessons == 50


def test_with_forgetting_a_changed_menu_is_learned_again_sooner() -> None:
    before, after = [Lesson(row("cakes"), 0.4)] * 800, [Lesson(row("cakes"), -0.2)] * 300
    forgetful, faithful = taught(*before, *after, forgetting=0.99), taught(*before, *after)

    assert adjustment(forgetful, "cakes") < 0.0 < adjustment(faithful, "cakes")


def test_no_lesson_moves_the_weights_by_more_than_a_step_nor_out_of_the_ball() -> None:
    ridge = Ridge()
    for number in range(300):
        before = ridge.theta
        ridge.learn(Lesson(row("cakes", number % 24), 1e9))
        assert np.linalg.norm(ridge.theta - before) <= MAX_STEP + 1e-12
        assert np.linalg.norm(ridge.theta) <= MAX_NORM + 1e-12
    assert adjustment(ridge, "cakes") <= MAX_ADJUSTMENT


def test_what_is_kept_of_it_has_one_size_and_comes_back_the_same() -> None:
    few, many = taught(Lesson(row("cakes"), 0.3)), taught(*[Lesson(row("soups"), 0.1)] * 500)
    back = Ridge.from_bytes(many.to_bytes())

    assert len(few.to_bytes()) == len(many.to_bytes()) == 8712
    assert back.to_bytes() == many.to_bytes()
    back.learn(Lesson(row("cakes"), 0.1))
    assert back.lessons == 501


@pytest.mark.parametrize("data", [b"", bytes(8711), np.full(1089, np.nan).tobytes()])
def test_bytes_that_are_no_learner_are_refused(data: bytes) -> None:
    with pytest.raises(ContractError, match="it starts anew"):
        Ridge.from_bytes(data)


def test_features_are_bands_of_the_moment_and_the_kind_of_product() -> None:
    several = features(moment(temp_c=30.0), 2, [product("cakes"), product("soups")])

    assert several.shape == (2, DIMENSION)
    assert set(np.unique(several)) == {0.0, 1.0}
    assert several[:, :7].tolist() == [[1, 0, 1, 0, 0, 1, 0]] * 2
    assert features(moment(temp_c=3.0), 5, [product("cakes")])[0, :7].tolist() == [
        *[1, 1, 0, 0, 0, 0, 1]
    ]


def test_one_sku_is_as_any_other_of_its_category() -> None:
    one, other = product("cakes"), product("cakes").model_copy(update={"sku": "another"})
    rows = features(moment(), 0, [one, other])

    assert np.array_equal(rows[0], rows[1])


def test_a_model_that_expects_too_much_of_everything_does_not_fall_upon_what_is_shown() -> None:
    ridge = taught(*[Lesson(row("cakes"), -0.2)] * 500)

    assert adjustment(ridge, "cakes") == pytest.approx(-0.2, abs=0.01)
    assert adjustment(ridge, "soups") == pytest.approx(-0.2, abs=0.01)
