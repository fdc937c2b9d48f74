"""Cut what is known of a recognised customer to what this screen may use of it.

Whoever made the ``Recognised`` cut it to the purposes already. It is done once more here, where
it is used, and fails closed: a fact without its consent is not there.
"""

from edge.decide.values import Basis, Recognised
from edge.identity.consent import Purpose
from edge.identity.presence import Presented
from edge.policy.recognition import permitted


def allowed(recognised: Recognised | None, surface: str) -> Recognised | None:
    """Return what ``surface`` may use of ``recognised``; None: treat the visitor as anonymous."""
    if recognised is None:
        return None
    given = {one.purpose for one in recognised.basis}
    # A Recognised is made from a living presence only, and anew for every decision.
    may_use = permitted(surface, given, Presented.CODE) & {Purpose.PAST_ORDERS, Purpose.TASTES}
    if not may_use:
        return None
    has_tastes = Purpose.TASTES in may_use
    return Recognised(
        basis=_of(recognised.basis, may_use),
        bought=recognised.bought if Purpose.PAST_ORDERS in may_use else (),
        starred=recognised.starred if has_tastes else frozenset(),
        muted=recognised.muted if has_tastes else frozenset(),
        less=recognised.less if has_tastes else frozenset(),
        surprise=recognised.surprise if has_tastes else "usual",
    )


def _of(basis: tuple[Basis, ...], purposes: frozenset[Purpose]) -> tuple[Basis, ...]:
    return tuple(one for one in basis if one.purpose in purposes)
