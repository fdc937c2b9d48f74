"""What a visit was assigned to: whether it is held out, and its arm in each layer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from edge.catalog.experiments import ArmPlan

UnitKind = Literal["visit", "customer", "site_daypart"]


@dataclass(frozen=True, slots=True)
class Units:
    """What may be randomised over. ``customer`` is "" without their consent to be remembered."""

    visit: str
    customer: str = field(default="", repr=False)
    """A pseudonym that is the same at every device of the shop group; never recorded."""
    site_daypart: str = ""
    site: str = ""
    """Where arms take turns: the order of a day is drawn for each shop."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One unit's place in one experiment."""

    layer: str
    experiment: str
    arm: str
    unit_kind: UnitKind
    plan: ArmPlan = field(repr=False)
    is_washout: bool = False
    """Whether what came before may still act: the arm is shown, and not counted."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Everything a visit is assigned to; kept until it ends."""

    holdout: str = ""
    """The holdout it is in; "" for none. Who is held out is shown what ships, to nobody in particular."""
    arms: Mapping[str, Arm] = field(default_factory=dict)
    """Layer -> arm; a layer in whose experiments it is not has none."""

    def written(self) -> dict[str, object]:
        """Return it for a record and an event: names of arms and kinds of units, never a unit."""
        arms = [
            {
                "layer": one.layer,
                "experiment": one.experiment,
                "arm": one.arm,
                "unit": one.unit_kind,
                "is_washout": one.is_washout,
            }
            for _, one in sorted(self.arms.items())
        ]
        return {"holdout": self.holdout, "arms": arms}


UNASSIGNED: Final = Assignment()
