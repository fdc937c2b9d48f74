"""What holds of the policies whatever they are asked, in a small form."""

from collections import Counter

import pytest

from edge.catalog.policy_rules import SHIPPED
from edge.catalog.tighten import directions
from tests.fakes import any_scene
from tests.fakes.policy_properties import (
    public_screens_stay_public,
    raising_is_monotone,
    tightening_is_monotone,
    without_consent_there_is_no_fact,
)

EXAMPLES = 200


def test_raising_publicity_age_or_source_never_shows_more() -> None:
    seen = raising_is_monotone(EXAMPLES)

    assert _are_among(seen, "publicity, shown after", "age, shown after", "source")


def test_a_file_that_is_taken_as_tighter_never_lets_more_through() -> None:
    seen = tightening_is_monotone(EXAMPLES)

    assert _are_among(seen, "refused", "shown after", "left out after")


def test_nothing_intimate_private_or_of_a_person_stands_on_a_public_screen() -> None:
    seen = public_screens_stay_public(EXAMPLES)

    assert _are_among(seen, "shown", "left out")


def test_nothing_rests_on_a_person_without_the_purpose_the_fact_was_given_for() -> None:
    seen = without_consent_there_is_no_fact(EXAMPLES)

    assert _are_among(seen, "personal", "for everybody")


def test_the_properties_write_every_field_that_decides_something() -> None:
    decides = {name for name in directions(type(SHIPPED)) if not name.startswith("values.")}
    fixed = {"helicoptering.name_on_public_screen", "boudoir.one_to_one"}

    assert decides - fixed == any_scene.WRITTEN_FIELDS


def _are_among(seen: Counter[str], *kinds: str) -> bool:
    """Return whether each kind was met, so that a property that holds of nothing is noticed."""
    missing = [kind for kind in kinds if not seen[kind]]
    if missing:
        pytest.fail(f"never met: {', '.join(missing)} (of {dict(seen)})")
    return True
