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

GIVEN_FOR: Final[Mapping[str, str]] = MappingProxyType(
    {
        "order_history": "past_orders",
        "stars": "tastes",
        "mutes": "tastes",
        "location": "phone_offers",
    }
)
"""Fact -> the purpose under which it was given; what is not in it was given for none."""

FOR_PARTNERS: Final = "ad_partner"
"""A purpose that nobody can be asked for today, so nothing serves a partner."""


def judge(considered: Considered, scene: Scene, rules: PolicyRules) -> Suppression | None:
    """Return why the candidate breaks what a fact was given for, or None."""
    offer = considered.offer
    if offer is not None and not offer.needs.consent <= scene.purposes:
        missing = ", ".join(sorted(offer.needs.consent - scene.purposes))
        return Suppression(NAME, f"needs {missing}")
    for fact in considered.rests_on:
        wanted = _wanted(fact, considered, rules)
        if wanted is not None and wanted not in scene.purposes:
            return Suppression(NAME, f"{fact.name} without {wanted}")
    return None


def _wanted(fact: Fact, considered: Considered, rules: PolicyRules) -> str | None:
    """Return the purpose that must be granted; "nothing" is granted by nobody."""
    if fact.name in ABOUT_NOBODY:
        return None
    is_paid_for = considered.offer is not None and considered.offer.sponsored
    if is_paid_for or fact.use == "ad-partner":
        return "nothing" if rules.breaking_bonds.exports == "deny" else FOR_PARTNERS
    return GIVEN_FOR.get(fact.name, "nothing")
