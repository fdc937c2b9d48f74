"""Creepy or cool: what an offer uses of a person, how far that is, and who said yes to it.

One line per offer, made from the same policies that decide in the shop, for a visitor who allows
everything and knows its category: what the line says is never shown, nobody will ever see.

Source: mission.md 53i.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from edge.catalog.approval import Approval
from edge.catalog.approved import stale_approvals, valid_approvals
from edge.catalog.offer import Offer, SurfaceName
from edge.catalog.policy_rules import PolicyRules
from edge.catalog.product import Product
from edge.policy.all_rules import suppression
from edge.policy.distance import Verdict, distances
from edge.policy.recognition import PUBLICITY
from edge.policy.scene import NAMES, Considered, Scene, Suppression
from edge.policy.sins import moral_hazards
from edge.policy.sins.breaking_bonds import GIVEN_FOR

_SURFACE: Final[Mapping[int, SurfaceName]] = {0: "phone", 1: "kiosk", 2: "signage"}


@dataclass(frozen=True, slots=True)
class GateLine:
    """What the gate says of one offer. Screens are public, semi_private and private."""

    offer_id: str
    facts: tuple[str, ...]
    """Such as "order_history for addon"; empty: it relies on nobody."""
    distance: Mapping[str, int]
    verdict: Mapping[str, Verdict]
    approvals: tuple[Approval, ...]
    """Those of this very text, by somebody else than its owner."""
    problems: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether it may go out."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a screen of one publicity does with an offer."""

    distance: int
    why: Suppression | None

    @property
    def verdict(self) -> Verdict:
        if self.why is None:
            return Verdict.PASS
        return Verdict.ASK if self.why.asks else Verdict.DROP


def judged(
    offer: Offer,
    products: Sequence[Product],
    rules: PolicyRules,
    today: date,
    familiarity: int = 0,
) -> GateLine:
    """Return the gate's line for ``offer``.

    Args:
        offer: As it was read, its modules filled in.
        products: Those that it proposes; what one of them may not, the offer may not.
        rules: The shop's policy.
        today: In the shop's own time.
        familiarity: The most that any of its modules presume.
    """
    considered = [Considered(product, offer, familiarity=familiarity) for product in products]
    screens = {
        level: _worst(considered, _scene(level, considered, today), rules) for level in NAMES
    }
    return GateLine(
        offer_id=offer.offer,
        facts=tuple(f"{one.fact} for {one.use}" for one in offer.uses),
        distance={NAMES[level]: screen.distance for level, screen in screens.items()},
        verdict={NAMES[level]: screen.verdict for level, screen in screens.items()},
        approvals=valid_approvals(offer),
        problems=(*_unapproved(offer, rules, today), *_misplaced(offer, screens)),
    )


def needs_approval(offer: Offer) -> bool:
    """Return whether somebody else than its owner must say yes before it goes out."""
    is_somebodys = moral_hazards.relies_on_a_person(offer) or offer.sensitivity != "none"
    return is_somebodys or offer.sponsored


def _scene(publicity: int, considered: Sequence[Considered], today: date) -> Scene:
    categories = {name for one in considered for name in one.categories}
    for one in considered:
        categories |= one.offer.links.trigger_categories if one.offer else frozenset()
    return Scene(
        surface=_SURFACE[publicity],
        publicity=publicity,
        at=datetime.combine(today, time(12), UTC),
        slots=64,
        purposes=frozenset().union(*GIVEN_FOR.values()),
        basket_categories=frozenset(categories),
        known_categories=frozenset(categories),
    )


def _worst(considered: Sequence[Considered], scene: Scene, rules: PolicyRules) -> _Judged:
    found = [_judged(one, scene, rules) for one in considered]
    order = (Verdict.PASS, Verdict.ASK, Verdict.DROP)
    return max(found, key=lambda one: order.index(one.verdict), default=_Judged(0, None))


def _judged(considered: Considered, scene: Scene, rules: PolicyRules) -> _Judged:
    far = [one.distance for one in distances(considered, scene.publicity, rules)]
    return _Judged(max(far, default=0), suppression(considered, scene, rules))


def _unapproved(offer: Offer, rules: PolicyRules, today: date) -> Iterator[str]:
    for one in stale_approvals(offer):
        yield f"{one.by}'s yes ({one.role}) is to another text: ask again"
    for one in offer.approvals:
        if one.on > today:
            yield f"{one.by}'s yes ({one.role}) is of {one.on}, which is still to come"
    if needs_approval(offer):
        for test in sorted(rules.moral_hazards.require - moral_hazards.passed(offer)):
            yield f"{test}: {_WANTED[test]}"


def _misplaced(offer: Offer, screens: Mapping[int, _Judged]) -> Iterator[str]:
    for surface in sorted(offer.surfaces):
        why = screens[PUBLICITY[surface]].why
        if why is None or why.asks or why.detail.removeprefix("no ") in _WANTED:
            continue
        yield f"never shown on {surface}: {why.rule} ({why.detail})"


_WANTED: Final = {
    "publicity-test": "wanted a yes by somebody in the role privacy or lead",
    "second-approver": "wanted a yes by somebody else than its owner",
}
