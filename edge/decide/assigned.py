"""What a visit's assignment changes in one decision: the first stage.

Who is held out sees what ships: nothing personal, nothing drawn, nothing learned. What they asked
never to be shown stays away all the same: that is their wish, and no treatment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from edge.catalog.placement import Placement
from edge.catalog.site import Site
from edge.decide.values import Recognised
from edge.experiment.assignment import Arm, Assignment


@dataclass(frozen=True, slots=True)
class Treatment:
    """What the arms that act at a placement make different."""

    is_held_out: bool = False
    explores: bool = True
    offers_off: frozenset[str] = frozenset()
    variants: Mapping[str, str] = field(default_factory=dict)
    """Content module -> the variant to show of it."""


AS_SHIPPED: Final = Treatment()


def treatment(assignment: Assignment, site: Site, placement: Placement) -> Treatment:
    """Return what ``assignment`` makes different at ``placement``."""
    if assignment.holdout:
        return Treatment(is_held_out=True, explores=False)
    plans = [arm.plan for arm in arms_at(assignment, site, placement)]
    if not plans:
        return AS_SHIPPED
    return Treatment(
        explores=not any(plan.exploration_off for plan in plans),
        offers_off=frozenset().union(*(plan.offers_off for plan in plans)),
        variants={module: one for plan in plans for module, one in plan.module_variants.items()},
    )


def arms_at(assignment: Assignment, site: Site, placement: Placement) -> tuple[Arm, ...]:
    """Return the arms of the layers that act at ``placement``."""
    if assignment.holdout or not assignment.arms:
        return ()
    acting = (
        layer.id
        for layer in site.experiments.layers
        if not layer.placements or placement.id in layer.placements
    )
    return tuple(assignment.arms[layer] for layer in acting if layer in assignment.arms)


def held_out(recognised: Recognised | None) -> Recognised | None:
    """Return what is still used of somebody who is held out: their mutes, or nothing at all."""
    if recognised is None or not recognised.muted:
        return None
    return replace(recognised, bought=(), starred=frozenset(), less=frozenset(), surprise="usual")
