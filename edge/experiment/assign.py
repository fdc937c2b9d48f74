"""Assign: held out or not, then a range of each layer, then an arm. No server, nothing remembered.

The same unit falls the same way on every device that has the same file. Every question has a seed of
its own, so that who is held out says nothing of who is in an experiment, and one layer nothing of
another. Whoever has not allowed us to remember them is only ever their visit.

Source: decisioning.md 4.
"""

from datetime import datetime

from edge.catalog.experiments import ExperimentPlan, Experiments, Layer, UnitName
from edge.experiment.assignment import Arm, Assignment, UnitKind, Units
from edge.experiment.hashing import chosen, position, ranges_of
from edge.experiment.switchback import turn


def assign(experiments: Experiments, units: Units, local_at: datetime | None = None) -> Assignment:
    """Return what ``units`` are assigned to.

    Args:
        experiments: The shop's file.
        units: Who or what asks; what of it is "" is not there to be randomised.
        local_at: The shop's own time; without it, no arm takes turns.
    """
    holdout = _holdout(experiments, units)
    if holdout:
        return Assignment(holdout=holdout)
    found = (_arm(experiments.salt, layer, units, local_at) for layer in experiments.layers)
    return Assignment(arms={arm.layer: arm for arm in found if arm is not None})


def _holdout(experiments: Experiments, units: Units) -> str:
    for holdout in experiments.holdouts:
        _, unit = _unit(holdout.unit, units)
        if unit and position(f"{experiments.salt}/holdout/{holdout.id}/", unit) < holdout.share:
            return holdout.id
    return ""


def _arm(salt: str, layer: Layer, units: Units, local_at: datetime | None) -> Arm | None:
    kind, unit = _unit(layer.unit, units)
    if not unit:
        return None
    at = position(f"{salt}/{layer.id}/", unit)
    plan = next((one for one in layer.experiments if one.range[0] <= at < one.range[1]), None)
    if plan is None:
        return None
    seed = f"{salt}/{layer.id}/{plan.id}/"
    if plan.switchback is not None:
        return None if local_at is None else _by_turns(layer, plan, seed + units.site, local_at)
    names = sorted(plan.arms)
    number = chosen(position(seed, unit), ranges_of([plan.arms[name].share for name in names]))
    # Shares sum to 1 but for rounding, and the last arm owns what rounding leaves.
    name = names[-1 if number is None else number]
    return Arm(layer.id, plan.id, name, kind, plan.arms[name])


def _by_turns(layer: Layer, plan: ExperimentPlan, seed: str, local_at: datetime) -> Arm:
    assert plan.switchback is not None
    shares = {name: arm.share for name, arm in plan.arms.items()}
    now = turn(plan.switchback, shares, seed, local_at)
    arm = plan.arms[now.arm]
    return Arm(layer.id, plan.id, now.arm, "site_daypart", arm, is_washout=now.is_washout)


def _unit(name: UnitName, units: Units) -> tuple[UnitKind, str]:
    if name == "site-daypart":
        return "site_daypart", units.site_daypart
    if name == "customer-else-visit" and units.customer:
        return "customer", units.customer
    return "visit", units.visit
