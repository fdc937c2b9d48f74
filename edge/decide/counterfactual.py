"""What would be shown without what somebody bought: the answer, and not a story.

The same decision, with the same draw, is made again without their purchases. It is shown to
them alone and recorded nowhere.
"""

from dataclasses import replace

from edge.decide.arrange import Exploration
from edge.decide.decide import decide
from edge.decide.shelf import Shelf
from edge.decide.values import Asked


def without_past_orders(
    decision_id: str, asked: Asked, shelf: Shelf, exploration: Exploration | None = None
) -> tuple[str, ...] | None:
    """Return the skus that ``asked`` would show without past orders; None: they were not used.

    An empty answer means that the row would not be there.

    Raises:
        RequestContractError: As ``decide``.
        ModelContractError: As ``decide``.
    """
    recognised = asked.recognised
    if recognised is None or not recognised.bought:
        return None
    without = replace(asked, recognised=replace(recognised, bought=()))
    decision = decide(decision_id, without, shelf, exploration)
    return tuple(one.sku for one in decision.slate.shown)
