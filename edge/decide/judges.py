"""The rules in force over one scene, and what they say of plain products.

Most candidates are products as they are, for everybody: what policies say of one depends on the
product, on how public the screen is and on the length of the row alone, so it is asked once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.catalog.policy_rules import PolicyRules
from edge.decide.bundle import Bundle
from edge.policy.all_rules import suppression
from edge.policy.contacts import NO_CONTACTS
from edge.policy.scene import Considered, Scene, Suppression

UNKNOWN: Final = 0
FINE: Final = 1
FORBIDDEN: Final = 2


@dataclass(frozen=True, slots=True)
class Judges:
    """The rules in force, and the scene they judge."""

    rules: PolicyRules
    scene: Scene
    bundle: Bundle

    def objection(self, one: Considered) -> Suppression | None:
        """Return why ``one`` may not be shown, or None."""
        return suppression(one, self.scene, self.rules)

    def to_plain(self, place: int) -> Suppression | None:
        """Return why the product at ``place`` may not be shown as itself, or None."""
        return self.objection(Considered(self.bundle.site.products[place], None))


def objections(places: NDArray[np.int32], judges: Judges) -> Mapping[int, Suppression]:
    """Return rank -> why a plain product among ``places`` may not be shown."""
    verdicts = _verdicts(judges)
    found = verdicts[places]
    dismissed = judges.scene.contacts.dismissed
    is_fine = bool((found == FINE).all())
    if is_fine and not dismissed:
        return {}
    if not is_fine:
        # Kept for everybody, so it is asked about nobody.
        anybody = replace(judges, scene=replace(judges.scene, contacts=NO_CONTACTS))
        for place in places[found == UNKNOWN].tolist():
            verdicts[place] = FINE if anybody.to_plain(place) is None else FORBIDDEN
        found = verdicts[places]
    ranks = set(np.flatnonzero(found == FORBIDDEN).tolist())
    if dismissed:  # the one thing of a visit that a plain product may meet
        products = judges.bundle.site.products
        ranks |= {n for n, p in enumerate(places.tolist()) if products[p].category in dismissed}
    asked = ((rank, judges.to_plain(int(places[rank]))) for rank in sorted(ranks))
    return {rank: why for rank, why in asked if why is not None}


def _verdicts(judges: Judges) -> NDArray[np.int8]:
    """Return what is known so far of each product on such a screen, in a row of that length."""
    scene, bundle = judges.scene, judges.bundle
    key = (scene.publicity, scene.slots)
    known = bundle.verdicts.get(key)
    if known is None:
        # Two threads may begin at once; they would find the same, so the last one stays.
        known = np.zeros(len(bundle.site.products), dtype=np.int8)
        bundle.verdicts[key] = known
    return known
