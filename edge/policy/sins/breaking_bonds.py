"""Breaking bonds: a fact serves the purpose for which it was given, and no other.

Nothing of a person is used without the purpose under which they gave it, and nothing of it serves
whoever pays for an offer, unless they allowed exactly that.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from edge.catalog.policy_rules import PolicyRules
from edge.catalog.taxonomy import ABOUT_NOBODY
from edge.policy.scene import Considered, Fact, Scene, Suppression

NAME: Final = "breaking_bonds"

GIVEN_FOR: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "order_history": frozenset({"past_orders"}),
        "stars": frozenset({"tastes"}),
        "mutes": frozenset({"tastes"}),
        "location": frozenset({"phone_offers"}),
    }
)
"""Fact -> the purpose under which it was given; what is not in it was given for none."""

FOR_PARTNERS: Final = frozenset({"ad_partner"})
"""A purpose that nobody can be asked for today, so nothing serves a partner."""

_NONE: Final = frozenset({"any purpose"})
"""Granted by nobody."""


def judge(considered: Considered, scene: Scene, rules: PolicyRules) -> Suppression | None:
    """Return why the candidate breaks what a fact was given for, or None."""
    offer = considered.offer
    if offer is not None and not offer.needs.consent <= scene.purposes:
        return Suppression(NAME, f"needs {min(offer.needs.consent - scene.purposes)}")
    for fact in considered.rests_on:
        missing = _wanted(fact, considered, rules) - scene.purposes
        if missing:
            return Suppression(NAME, f"{fact.name} without {min(missing)}")
    return None


def _wanted(fact: Fact, considered: Considered, rules: PolicyRules) -> frozenset[str]:
    """Return the purposes that must be granted for the fact's use."""
    if fact.name in ABOUT_NOBODY:
        return frozenset()
    own = GIVEN_FOR.get(fact.name, _NONE)
    is_paid_for = considered.offer is not None and considered.offer.sponsored
    if not is_paid_for and fact.use != "ad-partner":
        return own
    return own | (_NONE if rules.breaking_bonds.exports == "deny" else FOR_PARTNERS)
