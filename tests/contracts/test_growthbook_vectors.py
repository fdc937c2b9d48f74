"""Assignment falls as GrowthBook's published cases say, so that any of its SDKs agrees with us.

Re-typed from ``packages/sdk-js/test/cases.json`` of growthbook/growthbook, specification 0.7:
Copyright (c) GrowthBook, Inc., MIT licence (Expat). The 15th case of ``hash`` is a version that
does not exist; here there is no such argument to pass.
"""

import pytest

from edge.experiment.hashing import Range, chosen, position, position_v1, ranges_of


@pytest.mark.parametrize(
    ("seed", "unit", "at"),
    [
        ("", "a", 0.22),
        ("", "b", 0.077),
        ("b", "a", 0.946),
        ("ef", "d", 0.652),
        ("asdf", "8952klfjas09ujk", 0.549),
        ("", "123", 0.011),
        ("", '___)((*":&', 0.563),
    ],
)
def test_the_first_version_of_the_hash_is_the_published_one(
    seed: str, unit: str, at: float
) -> None:
    assert position_v1(seed, unit) == at


@pytest.mark.parametrize(
    ("seed", "unit", "at"),
    [
        ("seed", "a", 0.0505),
        ("seed", "b", 0.2696),
        ("foo", "ab", 0.2575),
        ("foo", "def", 0.2019),
        ("89123klj", "8952klfjas09ujkasdf", 0.124),
        ("90850943850283058242805", "123", 0.7516),
        ("()**(%$##$%#$#", '___)((*":&', 0.0128),
    ],
)
def test_the_hash_that_is_assigned_with_is_the_published_one(
    seed: str, unit: str, at: float
) -> None:
    assert position(seed, unit) == at


EQUAL_2, EQUAL_4 = [0.5, 0.5], [0.25] * 4
HALVES: list[Range] = [(0, 0.5), (0.5, 1)]
QUARTERS: list[Range] = [(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)]


@pytest.mark.parametrize(
    ("shares", "coverage", "ranges"),
    [
        pytest.param(EQUAL_2, 1, HALVES, id="normal 50/50"),
        pytest.param(EQUAL_2, 0.5, [(0, 0.25), (0.5, 0.75)], id="reduced coverage"),
        pytest.param(EQUAL_2, 0, [(0, 0), (0.5, 0.5)], id="zero coverage"),
        pytest.param(EQUAL_4, 1, QUARTERS, id="4 variations"),
        pytest.param([0.4, 0.6], 1, [(0, 0.4), (0.4, 1)], id="uneven weights"),
        pytest.param([0.2, 0.3, 0.5], 1, [(0, 0.2), (0.2, 0.5), (0.5, 1)], id="3 uneven"),
        pytest.param(
            [0.2, 0.3, 0.5], 0.2, [(0, 0.04), (0.2, 0.26), (0.5, 0.6)], id="3 uneven, reduced"
        ),
        pytest.param(EQUAL_2, -0.2, [(0, 0), (0.5, 0.5)], id="negative coverage"),
        pytest.param(EQUAL_2, 1.5, HALVES, id="coverage above 1"),
        pytest.param([0.4, 0.1], 1, HALVES, id="weights sum below 1"),
        pytest.param([0.7, 0.6], 1, HALVES, id="weights sum above 1"),
        pytest.param([0.4, 0.5999], 1, [(0, 0.4), (0.4, 0.9999)], id="almost 1"),
    ],
)
def test_ranges_are_the_published_ones(
    shares: list[float], coverage: float, ranges: list[Range]
) -> None:
    made = ranges_of(shares, coverage)

    assert [end for one in made for end in one] == pytest.approx(
        [end for one in ranges for end in one]
    )


REDUCED: list[Range] = [(0, 0.25), (0.5, 0.75)]


@pytest.mark.parametrize(
    ("at", "ranges", "number"),
    [
        (0.2, HALVES, 0),
        (0.4, HALVES, 0),
        (0.6, HALVES, 1),
        (0.8, HALVES, 1),
        (0, HALVES, 0),
        (0.5, HALVES, 1),
        (0.2, REDUCED, 0),
        (0.4, REDUCED, None),
        (0.6, REDUCED, 1),
        (0.8, REDUCED, None),
        (0.25, REDUCED, None),
        (0.5, REDUCED, 1),
        (0.5, [(0, 0.5), (0.5, 0.5), (0.5, 1)], 2),
    ],
)
def test_a_place_is_in_the_published_range(
    at: float, ranges: list[Range], number: int | None
) -> None:
    assert chosen(at, ranges) == number
