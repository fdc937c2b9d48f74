"""What came of an impression, as one number in [-1, 1].

Small signs count a little and once each, an order the most; what was never seen has no reward at all,
not even zero.
"""

from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Literal

from edge.catalog.experiments import Rewards

Sign = Literal["impression", "dwell", "tap", "add", "dismiss", "hide_topic"]
"""What may happen to something shown, but for an order."""


def reward_of(rewards: Rewards, signs: AbstractSet[Sign], *, credit: float) -> float:
    """Return the reward of an impression.

    Args:
        rewards: What each is worth in this shop.
        signs: What happened to it, each counted once.
        credit: The share of an order that it earned, 0 to 1.
    """
    worth: dict[Sign, float] = {
        "impression": rewards.impression,
        "dwell": rewards.dwell,
        "tap": rewards.tap,
        "add": rewards.add,
        "dismiss": rewards.dismiss,
        "hide_topic": rewards.hide_topic,
    }
    total = sum(worth[sign] for sign in signs) + credit * rewards.purchase
    return min(1.0, max(-1.0, total))


def was_looked_at(rewards: Rewards, dwell_ms: int | None) -> bool:
    """Say whether it was in sight long enough to count as looked at."""
    return dwell_ms is not None and timedelta(milliseconds=dwell_ms) >= rewards.dwell_after
