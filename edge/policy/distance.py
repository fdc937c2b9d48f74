"""Permission distance: how far a use is from why a fact was given, as a number from 0 to 3.

The largest of four: purpose (the shop's table), source, how many may look on, and age. As far as
the screen allows passes; one further may be asked for; the rest is dropped. Raising any of the
four never lets more through.

Source: decisioning.md 3.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from edge.catalog.policy_rules import UNRELATED, PolicyRules
from edge.catalog.taxonomy import ABOUT_NOBODY
from edge.policy.decay import staleness
from edge.policy.scene import Considered, Fact, Scene, Suppression, allowed_on

NAME: Final = "permission_distance"

OF_SOURCE: Final[Mapping[str, int]] = MappingProxyType(
    {"declared": 0, "first-party": 0, "inferred": 2, "third-party": 3}
)
OF_SCREEN: Final = (0, 1, 3)
"""By publicity, for a fact about a person."""

_OF_VISIT: Final = (0, 0, 3)
"""By publicity, for what lies in a basket: others may see that somebody stands there."""


class Verdict(StrEnum):
    """What a distance means on a screen."""

    PASS = "pass"  # noqa: S105 - no password
    ASK = "ask"
    DROP = "drop"


class FactDistance(NamedTuple):
    """One used fact, and how far each of the four is."""

    fact: str
    use: str
    purpose: int
    source: int
    screen: int
    staleness: int

    @property
    def distance(self) -> int:
        """The largest of the four."""
        return max(self.purpose, self.source, self.screen, self.staleness)


def judge(considered: Considered, scene: Scene, rules: PolicyRules) -> Suppression | None:
    """Return why the candidate is too far from what was allowed, or None."""
    worst: FactDistance | None = None
    farthest = -1
    for fact in considered.rests_on:
        one = distance_of(fact, considered, scene.publicity, rules)
        if one.distance > farthest:
            worst, farthest = one, one.distance
    if worst is None:
        return None
    found = verdict(farthest, scene.publicity, rules)
    if found is Verdict.PASS:
        return None
    detail = f"{worst.fact} for {worst.use} is {farthest}"
    return Suppression(NAME, detail, asks=found is Verdict.ASK)


def distances(
    considered: Considered, publicity: int, rules: PolicyRules
) -> tuple[FactDistance, ...]:
    """Return the distance of every fact behind the candidate, for its trace."""
    return tuple(distance_of(fact, considered, publicity, rules) for fact in considered.rests_on)


def distance_of(
    fact: Fact, considered: Considered, publicity: int, rules: PolicyRules
) -> FactDistance:
    """Return how far one fact's use is. What somebody pays for serves an ad partner."""
    is_paid_for = considered.offer is not None and considered.offer.sponsored
    use = "ad-partner" if is_paid_for else fact.use
    if fact.name in ABOUT_NOBODY:
        seen = _OF_VISIT[publicity] if fact.name == "basket" else 0
        return FactDistance(fact.name, fact.use, 0, 0, seen, 0)
    row = rules.permission_distance.matrix.get(fact.name)
    return FactDistance(
        fact.name,
        use,
        UNRELATED if row is None else row.get(use, UNRELATED),
        OF_SOURCE.get(fact.source, UNRELATED),
        OF_SCREEN[publicity],
        staleness(fact.age, rules.fact_decay),
    )


def verdict(distance: int, publicity: int, rules: PolicyRules) -> Verdict:
    """Return what ``distance`` means there; nothing is ever asked on a public screen."""
    allowed = rules.permission_distance
    beyond = distance - allowed_on(allowed.max, publicity)
    if beyond <= 0:
        return Verdict.PASS
    may_ask = allowed.above == "ask" and publicity < 2
    return Verdict.ASK if beyond == 1 and may_ask else Verdict.DROP
