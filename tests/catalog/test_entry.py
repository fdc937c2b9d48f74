"""What is written in a site folder, and its words."""

from datetime import date, time

import pytest
from pydantic import ValidationError

from edge.catalog.entry import in_language
from edge.catalog.offer import Offer
from edge.catalog.site import OpeningDay


@pytest.mark.parametrize(
    ("language", "text"),
    [
        pytest.param("de", "Tee", id="as asked"),
        pytest.param("de-AT", "Tee", id="in the base language"),
        pytest.param("fr", "Tea", id="else in the first one written"),
    ],
)
def test_a_text_is_found_in_the_nearest_language(language: str, text: str) -> None:
    assert in_language({"en": "Tea", "de": "Tee"}, language) == text


def test_an_entry_cannot_be_changed() -> None:
    day = OpeningDay(opens=time(8), closes=time(9))

    with pytest.raises(ValidationError, match="frozen"):
        day.opens = time(7)  # type: ignore[misc]


def offer(**fields: object) -> Offer:
    values: dict[str, object] = {
        "offer": "tea",
        "owner": "house",
        "skus": ["tea"],
        "headline": {"en": "Tea"},
        "surfaces": ["kiosk"],
    }
    return Offer.model_validate(values | fields)


@pytest.mark.parametrize(
    "condition",
    [
        {"valid_from": date(2026, 1, 1)},
        {"valid_to": "2026-01-01"},
        {"dayparts": ["morning"]},
        {"weather": {"wet": True}},
    ],
    ids=str,
)
def test_an_offer_is_evergreen_until_it_has_a_condition(condition: dict[str, object]) -> None:
    assert offer().is_evergreen()
    assert not offer(**condition).is_evergreen()


def test_a_moment_is_no_date() -> None:
    with pytest.raises(ValidationError, match="wanted a date such as 2026-03-01"):
        offer(valid_from="2026-03-01T10:00:00")
