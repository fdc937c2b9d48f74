"""A million codes of every kind: 0 forged, replayed, expired or foreign ones open."""

import os

import pytest

from tests.fakes.presented_codes import OPENS, present_many

CODES = int(os.environ.get("CODES", "1000000"))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_of_a_million_codes_none_opens_that_must_not() -> None:
    answers, wrong = present_many(CODES, "the soak's")

    for (name, told), count in sorted(answers.items()):
        print(f"{count:9,}  {name}: {told}")  # noqa: T201 - the soak's figures
    assert wrong == []
    assert answers.total() == CODES
    opened = {name for name, told in answers if told == OPENS}
    assert opened == {"fresh K1", "fresh K2", "fresh K4"}
