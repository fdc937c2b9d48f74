"""What would be shown without something that was used: the answer, and not a story.

The same decision, with the same draw, is made again without it. It is shown on private screens
alone, to whom it is about, and recorded nowhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal

from edge.decide.arrange import Exploration
from edge.decide.decide import decide
from edge.decide.shelf import Shelf
from edge.decide.state import NO_STATE, State
from edge.decide.values import Asked, Recognised

Without = Literal["past_orders", "stars", "wishes", "basket", "everything_personal"]
"""What is taken away."""


@dataclass(frozen=True, slots=True)
class Made:
    """A decision as it was made: the arguments of ``decide``."""

    decision_id: str
    asked: Asked
    shelf: Shelf
    exploration: Exploration | None = None
    state: State = field(default=NO_STATE, repr=False)


def without(what: Without, made: Made) -> tuple[str, ...] | None:
    """Return the skus that ``made`` would show without ``what``; None: it was not used.

    An empty answer means that the row would not be there.

    Raises:
        RequestContractError: As ``decide``.
        ModelContractError: As ``decide``.
    """
    asked = _lacking(what, made.asked)
    if asked is None:
        return None
    decision = decide(made.decision_id, asked, made.shelf, made.exploration, made.state)
    return tuple(one.sku for one in decision.slate.shown)


def without_past_orders(made: Made) -> tuple[str, ...] | None:
    """Return the skus that ``made`` would show without past orders; None: they were not used.

    Raises:
        RequestContractError: As ``decide``.
        ModelContractError: As ``decide``.
    """
    return without("past_orders", made)


def _lacking(what: Without, asked: Asked) -> Asked | None:
    if what == "basket":
        return replace(asked, basket=()) if asked.basket else None
    known = asked.recognised
    less = None if known is None else _LACKING[what](known)
    return None if less == known else replace(asked, recognised=less)


_LACKING: Final[Mapping[Without, Callable[[Recognised], Recognised]]] = MappingProxyType(
    {
        "past_orders": lambda known: replace(known, bought=()),
        "stars": lambda known: replace(known, starred=frozenset()),
        "wishes": lambda known: replace(
            known, starred=frozenset(), less=frozenset(), surprise="usual"
        ),
        # Their mutes stay: without them we would show what they asked never to be shown.
        "everything_personal": lambda known: replace(
            known, bought=(), starred=frozenset(), less=frozenset(), surprise="usual"
        ),
    }
)
