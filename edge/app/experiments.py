"""Each visit keeps the arms it began with, also when the visitor turns out to be somebody we know.

Whoever shows their code in the middle of a visit goes on as they began: what they see must not
change its ways under their hands. From their next visit on they are assigned as the customer they
are. How many would have changed is counted: above one visit in twenty a comparison is void.

Held in memory only: a visit's random id and names of arms, never who it was.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from edge.catalog.hours import daypart_at, local
from edge.catalog.site import Site
from edge.decide.engagement import Engagement
from edge.decide.values import Asked
from edge.experiment.assign import assign
from edge.experiment.assignment import UNASSIGNED, Assignment, Units
from edge.experiment.exposure import exposed
from edge.store.decisions import RecordedDecision

MOST_VISITS: Final = 4_096
MAX_JUMPERS: Final = 0.05
"""Share of the visits; above it, what a customer's layer says is not to be trusted."""


@dataclass(slots=True)
class _Kept:
    assignment: Assignment
    is_customers: bool
    """Whether it was made, or compared, with the customer known."""


class Experimenting:
    """Assigns visits and boards. Safe to use from every thread.

    Args:
        site: The catalog in force.
        customer_at: Screen -> a pseudonym of who stands there that is the same at every device of
            the shop group, or "" where there is none.
    """

    def __init__(self, site: Callable[[], Site], customer_at: Callable[[str], str]) -> None:
        self._site = site
        self._customer_at = customer_at
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._visits = 0
        self._held_out = 0
        self._jumpers = 0

    def assignment_of(self, asked: Asked, now: datetime) -> Assignment:
        """Return what is assigned to who asks: kept for a visit, by the clock for a board."""
        site = self._site()
        plans = site.experiments
        if not plans.holdouts and not plans.layers:
            return UNASSIGNED
        if asked.visit_id is None:
            return assign(plans, self._units(site, "", "", now), local(site.header, now))
        customer = self._customer(asked)
        with self._lock:
            kept = self._kept.get(asked.visit_id)
            if kept is None:
                kept = self._begin(site, asked.visit_id, customer, now)
            elif customer and not kept.is_customers:
                self._met(kept, site, asked.visit_id, customer, now)
            return kept.assignment

    def exposed_by(
        self, engagement: Engagement, decision: RecordedDecision
    ) -> Mapping[str, object] | None:
        """Return which arms an exposure or a play counts for, from the decision's record."""
        if engagement.kind not in {"exposure", "play"}:
            return None
        written = orjson.loads(decision.body).get("assignment")
        return exposed(written, self._site().experiments.layers, decision.placement_id)

    def figures(self) -> Mapping[str, float]:
        """Return how many visits were assigned, held out, and would have changed in the middle.

        ``experiment_is_void`` is 1 where the last are too many.
        """
        with self._lock:
            return {
                "experiment_visits": self._visits,
                "experiment_held_out": self._held_out,
                "experiment_jumpers": self._jumpers,
                "experiment_is_void": float(self._jumpers > MAX_JUMPERS * self._visits),
            }

    def _begin(self, site: Site, visit: str, customer: str, now: datetime) -> _Kept:
        made = self._assigned(site, visit, customer, now)
        kept = _Kept(made, is_customers=bool(customer))
        self._kept[visit] = kept
        self._visits += 1
        self._held_out += bool(made.holdout)
        if len(self._kept) > MOST_VISITS:
            self._kept.popitem(last=False)
        return kept

    def _met(self, kept: _Kept, site: Site, visit: str, customer: str, now: datetime) -> None:
        kept.is_customers = True
        theirs = self._assigned(site, visit, customer, now)
        self._jumpers += _said(theirs) != _said(kept.assignment)

    def _assigned(self, site: Site, visit: str, customer: str, now: datetime) -> Assignment:
        units = self._units(site, visit, customer, now)
        return assign(site.experiments, units, local(site.header, now))

    def _units(self, site: Site, visit: str, customer: str, now: datetime) -> Units:
        name, local_at = site.header.site, local(site.header, now)
        daypart = daypart_at(site.header, local_at)
        block = f"{name}/{local_at.date()}/{daypart.id if daypart else 'closed'}"
        return Units(visit, customer, block, name)

    def _customer(self, asked: Asked) -> str:
        # Somebody recognised has consented to be remembered; nobody else has a unit of their own.
        if asked.recognised is None or not asked.recognised.basis:
            return ""
        pseudonym = self._customer_at(asked.screen_id)
        return hashlib.sha256(f"experiment/{pseudonym}".encode()).hexdigest() if pseudonym else ""


def _said(assignment: Assignment) -> tuple[str, Mapping[str, str]]:
    arms = {
        layer: arm.arm for layer, arm in assignment.arms.items() if arm.unit_kind != "site_daypart"
    }
    return assignment.holdout, arms
