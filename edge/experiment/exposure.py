"""What an exposure counts for: the arms that act where something was painted, and the holdout.

It is read back from the decision's record when a screen says that it painted, not when the decision
was made: what was decided and never seen counts for nothing. The record is on the disk before the
slate leaves, so no crash in between loses an arm. Names of arms and kinds of units, never a unit.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from edge.catalog.experiments import Layer


def exposed(
    written: Mapping[str, Any] | None, layers: Sequence[Layer], placement_id: str
) -> Mapping[str, object] | None:
    """Return what an exposure at ``placement_id`` says, or None where nothing is tried there.

    Args:
        written: The recorded assignment (``Assignment.written``); None in a record from before.
        layers: The shop's layers; one that is gone since acts nowhere any more.
        placement_id: Where it was painted.
    """
    if not written:
        return None
    acting = {one.id for one in layers if not one.placements or placement_id in one.placements}
    arms = [arm for arm in written["arms"] if arm["layer"] in acting]
    if not arms and not written["holdout"]:
        return None
    return {"holdout": written["holdout"], "arms": arms}
