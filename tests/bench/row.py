"""One line of the table: this code, its floor, and how many times the floor it may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement. ``floor`` is None where only an absolute figure exists; ``budget`` likewise.

    With a floor, the budget is a ratio; without one, it is in ``unit``. ``better`` says which
    way is good.
    """

    group: str
    name: str
    ours: float
    unit: str
    floor: float | None = None
    floor_name: str = ""
    budget: float | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times the floor this is."""
        return self.ours / self.floor if self.floor else None

    @property
    def is_within(self) -> bool | None:
        """Whether the budget is kept; None where there is none."""
        measured = self.ours if self.floor is None else self.ratio
        if self.budget is None or measured is None:
            return None
        return measured >= self.budget if self.more_is_better else measured <= self.budget
