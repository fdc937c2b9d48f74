"""How long a swap waits for shoppers to leave."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edge.update.machine import begin
from edge.update.machine_patience import LONGEST_WAIT, must_wait, waiting
from edge.update.machine_words import Seen

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
BUSY = Seen("harbour-kitchen", None, is_busy=True)


def test_a_swap_in_an_empty_shop_does_not_wait() -> None:
    assert not must_wait(begin("ranker", NOON), replace(BUSY, is_busy=False), NOON)
    assert must_wait(begin("ranker", NOON), BUSY, NOON)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (timedelta(0), True),
        (LONGEST_WAIT - timedelta(seconds=1), True),
        (LONGEST_WAIT, False),
        (timedelta(seconds=-1), False),  # the clock was set back
    ],
)
def test_it_waits_no_longer_than_two_hours_by_any_clock(
    later: timedelta, *, expected: bool
) -> None:
    state = waiting(begin("ranker", NOON), NOON)

    assert must_wait(state, BUSY, NOON + later) is expected
    assert waiting(state, NOON + later).waits_since_at == NOON
