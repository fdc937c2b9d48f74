"""Ten thousand scenes for each property of the policies."""

import os

import pytest

from tests.fakes.policy_properties import PROPERTIES, Property

CASES = int(os.environ.get("POLICY_CASES", "10000"))


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda one: one.__name__)
def test_of_ten_thousand_scenes_none_breaks_a_property_of_the_policies(holds: Property) -> None:
    seen = holds(CASES)

    print(holds.__name__, dict(seen))  # noqa: T201 - the soak's figures
    assert seen.total() >= CASES
