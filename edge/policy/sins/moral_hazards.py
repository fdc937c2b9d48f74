"""Moral hazards: nothing that we would not want to read about ourselves in the newspaper.

Some tags are refused altogether. An offer that relies on a person, or is sensitive, needs a yes
of somebody else than its owner, to the very text that is shown. Of a sponsored offer the gate
demands the same before it goes out (``edge.policy.gate``).
"""

import weakref
from collections.abc import Set as AbstractSet
from typing import Final, Literal

from edge.catalog.approved import valid_approvals
from edge.catalog.offer import Offer
from edge.catalog.policy_rules import PolicyRules
from edge.catalog.taxonomy import ABOUT_NOBODY
from edge.policy.scene import Considered, Scene, Suppression

NAME: Final = "moral_hazards"

Test = Literal["publicity-test", "second-approver"]

PUBLICITY_TESTERS: Final = frozenset({"privacy", "lead"})
"""Whose yes says that it would read well in the newspaper."""

_MOST_REMEMBERED: Final = 4096


def judge(considered: Considered, scene: Scene, rules: PolicyRules) -> Suppression | None:
    """Return why the candidate is a moral hazard, or None."""
    denied, offer = rules.moral_hazards.deny_tags, considered.offer
    if not denied.isdisjoint(considered.product.tags):
        return Suppression(NAME, "a denied tag")
    if offer is None:
        return None
    if not denied.isdisjoint(offer.tags):
        return Suppression(NAME, "a denied tag")
    if relies_on_a_person(offer) or offer.sensitivity != "none":
        missing = sorted(rules.moral_hazards.require - passed(offer))
        if missing:
            return Suppression(NAME, f"no {missing[0]}")
    return None


def relies_on_a_person(offer: Offer) -> bool:
    """Return whether the offer says that it uses a fact about a person."""
    return any(one.fact not in ABOUT_NOBODY for one in offer.uses)


def passed(offer: Offer) -> AbstractSet[Test]:
    """Return which tests this very text has passed; worked out once per offer."""
    kept = _remembered.get(id(offer))
    if kept is not None and kept[0]() is offer:
        return kept[1]
    approvals = valid_approvals(offer)
    tests: set[Test] = set()
    if approvals:
        tests.add("second-approver")
    if any(one.role in PUBLICITY_TESTERS for one in approvals):
        tests.add("publicity-test")
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    _remembered[id(offer)] = (weakref.ref(offer), frozenset(tests))
    return tests


_remembered: Final[dict[int, tuple[weakref.ref[Offer], frozenset[Test]]]] = {}
"""By identity: an offer never changes, and its digest costs more than a decision."""
