"""Helicoptering: nobody shall feel watched.

Words presume as little as the screen allows (the minimum exposure in copy), and who was heard
coming in by their beacon meets nothing of their past for a while: an invitation names nothing and
may come at once. A name is in no decision at all.

Source: decided.md 24.
"""

from typing import Final

from edge.catalog.policy_rules import PolicyRules
from edge.policy.scene import Considered, Scene, Suppression, allowed_on

NAME: Final = "helicoptering"

_OF_THE_PAST: Final = frozenset({"order_history", "segment"})


def judge(considered: Considered, scene: Scene, rules: PolicyRules) -> Suppression | None:
    """Return why the candidate would feel like being watched, or None."""
    knows = considered.familiarity
    if knows and knows > allowed_on(rules.helicoptering.familiarity_max, scene.publicity):
        return Suppression(NAME, f"words of familiarity {knows}")
    if scene.located_at is None:
        return None
    is_early = scene.at - scene.located_at < rules.helicoptering.wait_after_location
    if is_early and _speaks_of_the_past(considered):
        return Suppression(NAME, "so soon after location")
    return None


def _speaks_of_the_past(considered: Considered) -> bool:
    return considered.familiarity >= 2 or any(
        fact.name in _OF_THE_PAST for fact in considered.rests_on
    )
