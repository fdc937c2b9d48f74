"""Experiments as they are written: holdouts, layers, arms; and how one slot explores.

Source: decisioning.md 2, 4, 5, 6.
"""

from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from edge.catalog.content import ModuleId
from edge.catalog.entry import Entry, Id
from edge.catalog.span import Span

UnitName = Literal["visit", "customer-else-visit", "site-daypart"]
Share = Annotated[float, Field(ge=0, le=1)]


class HoldoutShare(Entry):
    """Units that are never personalised, to measure the whole."""

    id: Id
    share: Annotated[float, Field(ge=0, le=0.2)] = 0.05
    unit: UnitName = "customer-else-visit"


class Guardrail(Entry):
    """A metric that must not get worse than by ``margin``."""

    metric: Id
    margin: float


class Switchback(Entry):
    """Blocks of time that take turns, where nobody can be randomised."""

    block: Span = timedelta(hours=1)
    washout: Span = timedelta(minutes=5)


class ArmPlan(Entry):
    """One variant: what changes in it. A control changes nothing."""

    share: Share
    module_variants: dict[ModuleId, Id] = Field(default_factory=dict)
    """Of a module, the variant that this arm shows."""
    offers_off: frozenset[Id] = frozenset()
    exploration_off: bool = False


class ExperimentPlan(Entry):
    """A test; its range of its layer is locked when it starts."""

    id: Id
    range: tuple[Share, Share]
    arms: Annotated[dict[Id, ArmPlan], Field(min_length=2, max_length=8)]
    primary: Id
    guardrails: tuple[Guardrail, ...] = ()
    switchback: Switchback | None = None
    min_days: Annotated[int, Field(ge=1, le=180, strict=True)] = 14

    @model_validator(mode="after")
    def _is_a_test(self) -> Self:
        begin, end = self.range
        total = sum(arm.share for arm in self.arms.values())
        if begin >= end:
            msg = f"wanted a range that begins before it ends, found {begin:g} to {end:g}"
            raise ValueError(msg)
        if abs(total - 1) > 1e-9:
            msg = f"wanted shares of the arms that sum to 1, found {total:g}"
            raise ValueError(msg)
        control = self.arms.get("control")
        if control is None or not 0.1 <= control.share <= 0.5:
            msg = 'wanted an arm "control" with a share of 0.1 to 0.5'
            raise ValueError(msg)
        return self


class Layer(Entry):
    """Experiments that exclude each other; different layers are independent."""

    id: Id
    unit: UnitName = "customer-else-visit"
    placements: frozenset[Id] = frozenset()
    """Where it acts; empty: everywhere."""
    experiments: tuple[ExperimentPlan, ...] = ()

    @model_validator(mode="after")
    def _ranges_do_not_meet(self) -> Self:
        ranges = sorted(one.range for one in self.experiments)
        for before, after in pairwise(ranges):
            if before[1] > after[0]:
                msg = f"wanted ranges that do not overlap, found {before} and {after}"
                raise ValueError(msg)
        return self


class Rewards(Entry):
    """What an engagement is worth to the learner, clipped to -1..1."""

    impression: float = 0.0
    dwell: float = 0.02
    dwell_after: Span = timedelta(seconds=5)
    tap: float = 0.1
    add: float = 0.4
    purchase: float = 1.0
    dismiss: float = -0.2
    hide_topic: float = -1.0


class Attribution(Entry):
    """How long an impression may earn, and which one does."""

    visit: Span = timedelta(minutes=30)
    identified: Span = timedelta(days=7)
    credit: Literal["last-tap-else-view"] = "last-tap-else-view"
    view_discount: Share = 0.25


class Learning(Entry):
    """How the explored slot is drawn and learned from."""

    on: bool = True
    gamma0: Annotated[float, Field(ge=0, le=100_000)] = 400.0
    gamma_exponent: Annotated[float, Field(ge=0, le=1)] = 0.5
    floor: Annotated[float, Field(ge=0.01, le=1)] = 0.05
    analysis_slice: Annotated[float, Field(ge=0, le=0.5)] = 0.10
    """Share of draws that nothing is ever learned from, so that it can be judged by them."""
    forgetting: Annotated[float, Field(ge=0.9, le=1)] = 0.998


class Experiments(Entry):
    """The whole file."""

    salt: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")] = "first"
    holdouts: Annotated[tuple[HoldoutShare, ...], Field(max_length=1)] = ()
    layers: Annotated[tuple[Layer, ...], Field(max_length=16)] = ()
    rewards: Rewards = Rewards()
    attribution: Attribution = Attribution()
    learning: Learning = Learning()
