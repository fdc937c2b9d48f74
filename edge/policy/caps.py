"""An offer's own caps: to a person, in a visit, on a board.

Nothing is counted here: what was seen is read before a decision, and passed in. An offer over its
cap is left out; its product stays as itself.
"""

from datetime import datetime
from typing import Final

from edge.catalog.caps import Cap
from edge.catalog.policy_rules import PolicyRules
from edge.policy.contacts import Moments
from edge.policy.scene import Considered, Scene, Suppression

NAME: Final = "caps"


def judge(considered: Considered, scene: Scene, _rules: PolicyRules) -> Suppression | None:
    """Return which cap is reached, or None; the shop's rules are about other things."""
    return cap_rule(considered, scene)


def cap_rule(considered: Considered, scene: Scene) -> Suppression | None:
    """Return which cap of its offer is reached, or None."""
    offer, contacts = considered.offer, scene.contacts
    if offer is None:
        return None
    caps, name = offer.caps, offer.offer
    if caps.per_visit is not None and contacts.of_visit.get(name, 0) >= caps.per_visit:
        return Suppression(NAME, "per_visit")
    if _is_reached(caps.per_board, contacts.of_board.get(name, ()), scene.at):
        return Suppression(NAME, "per_board")
    if _is_reached(caps.per_person, contacts.of_person.get(name, ()), scene.at):
        return Suppression(NAME, "per_person")
    return None


def _is_reached(cap: Cap | None, seen: Moments, now: datetime) -> bool:
    # A moment that lies ahead counts: a clock that was set back shows nothing more often.
    return cap is not None and sum(now - at < cap.per for at in seen) >= cap.n
