"""What a decision needs to know and does not find out by itself: read before, passed in.

Source: decided.md 16.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.experiment.assignment import UNASSIGNED, Assignment
from edge.policy.contacts import NO_CONTACTS, Contacts
from edge.policy.scene import Linkage


class Learner(Protocol):
    """A small head on top of the model, learned from what was explored on this device."""

    @property
    def version(self) -> str:
        """Which state it is in; recorded with every draw."""
        ...

    def adjust(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what to add to each predicted reward: float32[n, d] -> float32[n]."""
        ...


@dataclass(frozen=True, slots=True)
class State:
    """Facts of the moment about this visit, this screen and this device."""

    contacts: Contacts = field(default=NO_CONTACTS, repr=False)
    assignment: Assignment = UNASSIGNED
    learner: Learner | None = None
    located_at: datetime | None = field(default=None, repr=False)
    """When a beacon said that the recognised person came."""
    pressure: Mapping[str, float] = field(default_factory=dict)
    """Offer -> how much it has to catch up with its forecast, 1 for on time; see arbitration."""
    linkage: Linkage | None = field(default=None, repr=False)
    """How categories belong together in the shop's own baskets; None: that was not counted yet."""


NO_STATE: Final = State()
