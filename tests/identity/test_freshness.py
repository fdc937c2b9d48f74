"""What was presented before the memory of used ones began, and clocks that were wrong then."""

from datetime import UTC, datetime, timedelta

from edge.identity.freshness import Freshness
from edge.identity.presence import Refusal

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
NOON_S = int(NOON.timestamp())


def test_what_was_made_before_the_memory_began_may_have_been_used() -> None:
    freshness = Freshness(NOON)

    assert freshness.refusal(NOON_S - 1, NOON) is Refusal.USED
    assert freshness.refusal(NOON_S, NOON) is None


def test_a_clock_that_was_ahead_at_the_start_and_set_right_refuses_nobody_for_long() -> None:
    freshness = Freshness(NOON + timedelta(hours=1))

    assert freshness.refusal(NOON_S - 1, NOON) is Refusal.USED
    assert freshness.refusal(NOON_S + 1, NOON + timedelta(seconds=1)) is None
