"""What this device learned from its own draws, added to the predicted rewards of what may be drawn.

It changes how likely each is drawn, and nothing else: no score, no order, no reason.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from edge.decide.candidates import Candidates
from edge.decide.shelf import Shelf
from edge.decide.state import Learner
from edge.experiment.features import features

DIGITS: Final = 3
"""What is used is what a record can say in few characters, so that a replay draws the same."""


def adjustments(
    learner: Learner, found: Candidates, shelf: Shelf, basket_count: int
) -> Mapping[int, float]:
    """Return what to add to the predicted reward of each candidate, by its place in the catalog.

    A learner that answers with what is no number is not listened to.
    """
    products = shelf.bundle.site.products
    places = found.places.tolist()
    if not places:
        return {}
    rows = features(shelf.context, basket_count, [products[place] for place in places])
    added = learner.adjust(rows)
    if not np.isfinite(added).all():
        return {}
    rounded = np.round(added.astype(np.float64), DIGITS).tolist()
    return dict(zip(places, rounded, strict=True))
