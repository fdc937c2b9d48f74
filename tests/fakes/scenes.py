"""Candidates and scenes for policies, in the corner cafe."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from edge.catalog.approval import Approval, ApproverRole
from edge.catalog.approved import entry_digest
from edge.catalog.offer import Offer
from edge.policy.scene import Considered, Fact, Scene
from tests.fakes import shop

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

BUN: Final = shop.product("bun", "scone")
HISTORY: Final = Fact("order_history", "addon")
STARS: Final = Fact("stars", "addon")

BOARD: Final = Scene("signage", 2, shop.NOON, 6)
KIOSK: Final = Scene("kiosk", 1, shop.NOON, 6)
PHONE: Final = Scene("phone", 0, shop.NOON, 6)
SCREENS: Final = (BOARD, KIOSK, PHONE)


def known_on(scene: Scene, **more: Any) -> Scene:  # noqa: ANN401 - any field of a scene
    """Return ``scene`` with somebody who allows everything and knows scones."""
    known = replace(
        scene,
        purposes=frozenset({"tastes", "past_orders", "phone_offers"}),
        known_categories=frozenset({"scone"}),
    )
    return replace(known, **more)


def offer(**more: object) -> Offer:
    """Return an offer of a bun; ``more`` overrides any field."""
    return Offer.model_validate(
        {
            "offer": "warm-bun",
            "owner": "bakery",
            "skus": ["bun"],
            "headline": {"en": "A warm bun"},
            "surfaces": ["kiosk", "signage", "phone"],
            **more,
        }
    )


def approved(given: Offer, *roles: ApproverRole, by: str = "robin") -> Offer:
    """Return ``given`` with a yes to this very text in each of ``roles``."""
    digest = entry_digest(given)
    yes = (Approval(by=by, role=role, on=shop.NOON.date(), digest=digest) for role in roles)
    return given.model_copy(update={"approvals": tuple(yes)})


def considered(given: Offer | None = None, *facts: Fact, **more: Any) -> Considered:  # noqa: ANN401
    """Return a bun as a candidate, proposed by ``given`` and resting on ``facts``."""
    return Considered(more.pop("product", BUN), given, facts, **more)
