"""Digging too deep: only what a customer did or said here, themselves.

What was worked out about them, bought, or brought along from elsewhere is not used, however well
it would work.
"""

from typing import Final

from edge.catalog.policy_rules import PolicyRules
from edge.catalog.taxonomy import ABOUT_NOBODY
from edge.policy.scene import Considered, Scene, Suppression

NAME: Final = "digging_too_deep"


def judge(considered: Considered, scene: Scene, rules: PolicyRules) -> Suppression | None:
    """Return why the candidate rests on a source that is too deep, or None."""
    for fact in considered.rests_on:
        is_allowed = fact.source in rules.digging_too_deep.allow_sources
        if not is_allowed and fact.name not in ABOUT_NOBODY:
            return Suppression(NAME, f"{fact.name} is {fact.source}")
    return None
