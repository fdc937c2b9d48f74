"""Draw one of several actions, mostly good ones, with a probability that is known.

SquareCB: an action a as good as the best gets a large share, a worse one a share that falls
with the gap in predicted reward, ``1 / (K + gamma * gap)``; the best takes what is left. No
action falls below ``floor / K``, so later evaluation by inverse propensity stays possible.

Source: Foster and Rakhlin, "Beyond UCB: Optimal and Efficient Contextual Bandits with
Regression Oracles", ICML 2020; the floor as in Eppo's published bandit test data.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MAX_ACTIONS = 50
"""More than this dilutes every probability below use."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Which action was drawn, and the probability it had."""

    index: int
    propensity: float


def probabilities(rewards: Sequence[float], *, gamma: float, floor: float) -> tuple[float, ...]:
    """Return one probability per action; they sum to 1 and none is below ``floor / K``.

    Args:
        rewards: Predicted reward of each action, in [0, 1]; at least one.
        gamma: How sharply a gap in reward lowers the probability, at least 0.
        floor: Share of all probability that is spread evenly at the least, in [0, 1].

    Raises:
        ValueError: There is no action, or ``gamma`` or ``floor`` is out of range.
    """
    if not rewards:
        msg = "need at least one action"
        raise ValueError(msg)
    if gamma < 0 or not 0 <= floor <= 1:
        msg = f"gamma must be at least 0 and floor in [0, 1], got {gamma} and {floor}"
        raise ValueError(msg)
    count = len(rewards)
    highest = max(rewards)
    least = floor / count
    # The best's own term is 1 / count, above the floor; what the others leave replaces it.
    terms = [1 / (count + gamma * (highest - reward)) for reward in rewards]
    shares = [max(share, least) for share in terms]
    best = rewards.index(highest)
    shares[best] = 0.0
    # The others hold at most 1/K each, so what is left for the best is never below 1/K.
    shares[best] = 1.0 - sum(shares)
    return tuple(shares)


def draw(rewards: Sequence[float], *, gamma: float, floor: float, at: float) -> Draw:
    """Return the action that ``at`` in [0, 1) falls on, and its probability."""
    shares = probabilities(rewards, gamma=gamma, floor=floor)
    reached = 0.0
    for index, share in enumerate(shares):
        reached += share
        if at < reached:
            return Draw(index, share)
    # Rounding may leave the last sum a hair below 1: the last action owns that hair.
    return Draw(len(shares) - 1, shares[-1])
