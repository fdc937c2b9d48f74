"""The policy once more, over a finished row: what only a whole row can break.

Every candidate is judged again, whatever an earlier stage said. Of what was chosen for one person
the best stay, as many as the shop allows in a row; and an intimate topic goes where too few others
are left beside it.
"""

from collections.abc import Mapping, Sequence

from edge.catalog.policy_rules import PolicyRules
from edge.policy.all_rules import failed, suppression
from edge.policy.scene import Considered, Scene, Suppression
from edge.policy.sins import boudoir, overcrowding


def row_rule(
    row: Sequence[Considered], scene: Scene, rules: PolicyRules
) -> Mapping[int, Suppression]:
    """Return place in ``row`` -> why it must go; empty: the row stands as it is."""
    try:
        return _row_rule(row, scene, rules)
    except Exception as error:  # noqa: BLE001 - whatever it is, a policy without an answer forbids
        return dict.fromkeys(range(len(row)), failed("row", error))


def _row_rule(
    row: Sequence[Considered], scene: Scene, rules: PolicyRules
) -> Mapping[int, Suppression]:
    found = {
        place: why
        for place, one in enumerate(row)
        if (why := suppression(one, scene, rules)) is not None
    }
    most, personal = overcrowding.most_personal(scene, rules), 0
    for place, one in enumerate(row):
        if place not in found and one.is_personal:
            personal += 1
            if personal > most:
                found[place] = Suppression(overcrowding.NAME, "share of the row")
    if not boudoir.may_stand_among(len(row) - len(found), rules):
        for place, one in enumerate(row):
            if place not in found and boudoir.is_intimate(one, rules):
                found[place] = Suppression(boudoir.NAME, "not among enough others")
    return found
