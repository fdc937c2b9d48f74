"""The rows that are recommended: asked for, shown with their reason, reported when met."""

from dataclasses import dataclass, replace
from typing import Final

from flask import g

from edge.catalog.entry import Words
from edge.core.errors import EdgeError
from edge.core.ids import uuid7
from edge.decide.engagement import Engagement, EngagementKind
from edge.decide.values import Asked, Reason, Shown, Slate
from edge.web import reasons
from edge.web.as_shown import offer_as_shown
from edge.web.i18n import speech
from edge.web.kiosk.cards import Card, Sale, Shelf
from edge.web.kiosk.request import Kiosk
from edge.web.kiosk.visit import Visit, presence_id

STRIP: Final = "kiosk-strip"
NUDGE: Final = "kiosk-nudge"
EMPTY: Final = "kiosk-empty"


@dataclass(frozen=True, slots=True)
class RowCard:
    """One filled slot. ``chip`` is its own reason where the title does not say it."""

    card: Card
    slot: int
    reason: Reason
    chip: str
    says: str
    """Its reason also where the title says it: for a customer who wants more help."""
    badge: Words | None
    is_sponsored: bool
    legal: Words | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands on the screen."""

    decision_id: str
    title: str
    cards: tuple[RowCard, ...]
    is_personal: bool = False
    """Something the customer shared was used: it leaves the screen when they do."""


def ask(
    kiosk: Kiosk, visit: Visit, placement_id: str, basket: tuple[str, ...] | None = None
) -> Row | None:
    """Return a fresh row for ``visit``, remembered so that it can be asked about.

    ``basket`` stands in for the visit's own: a product somebody asks about. None when the
    shopper switched suggestions off, the shop has no such placement, or nothing is the right
    answer. What is recognised is read here, for each row anew, so that a change on the
    customer's phone holds for the next one.
    """
    is_off = visit.is_in_normal_order and placement_id != EMPTY
    if is_off or kiosk.services.site().placement(placement_id) is None:
        return None
    question = asked(kiosk, visit, placement_id)
    question = question if basket is None else replace(question, basket=basket)
    slate = kiosk.services.serve(question)
    found = row(kiosk.shelf(visit), slate, when(kiosk))
    if found is None:
        return None
    kept = kiosk.change(lambda v: v.with_slate(slate) if v.visit_id == visit.visit_id else v)
    # Whoever it was made for may have left while it was decided.
    is_theirs = presence_id(kept.presence) == presence_id(visit.presence)
    return replace(found, is_personal=question.recognised is not None) if is_theirs else None


def asked(kiosk: Kiosk, visit: Visit, placement_id: str) -> Asked:
    """Return what ``visit`` asks for at a placement, with what its visitor allows right now."""
    return Asked(
        placement_id=placement_id,
        screen_id=visit.screen_id,
        visit_id=visit.visit_id,
        basket=visit.basket.skus,
        avoid=visit.avoid,
        fewer=visit.fewer,
        recognised=kiosk.recognised(visit),
    )


def row(shelf: Shelf, slate: Slate, daypart: str) -> Row | None:
    """Return ``slate`` as a row; None when none of it can be shown."""
    title = reasons.strip_title(slate, daypart, speech())
    found = (_row_card(shelf, slate, shown, (title, daypart)) for shown in slate.shown)
    cards = tuple(card for card in found if card is not None)
    return Row(slate.decision_id, title, cards) if cards else None


def when(kiosk: Kiosk) -> str:
    """Return the present daypart inside a sentence: "this morning"."""
    site = kiosk.services.site()
    return reasons.during(site, kiosk.services.context("kiosk").daypart_id, speech())


def report(kiosk: Kiosk, kind: EngagementKind, decision_id: str, slot: int | None = None) -> None:
    """Record what happened to a row of the visit that asks; a row of nobody is ignored.

    The page does not wait for it, and an order never fails because of it.
    """
    visit: Visit | None = g.get("visit")
    slate = visit.slate(decision_id) if visit else None
    if visit is None or slate is None or not _has(slate, slot):
        return
    now = kiosk.now()
    event = Engagement(
        event_id=uuid7(now, kiosk.services.chance),
        kind=kind,
        decision_id=decision_id,
        slot=slot,
        screen_id=visit.screen_id,
        visit_id=None if slate.is_unlinked else visit.visit_id,
        at=now,
    )
    try:
        kiosk.services.engage([event])
    except EdgeError:
        # A full disk stops the record, not the shopper; health reports it where it happens.
        return


def report_exposure(kiosk: Kiosk, decision_id: str) -> None:
    """Record, once, that a row of the visit was painted and could be read."""
    visit: Visit | None = g.get("visit")
    if visit is None or decision_id in visit.exposed or visit.slate(decision_id) is None:
        return
    kiosk.change(lambda v: replace(v, exposed=v.exposed | {decision_id}))
    report(kiosk, "exposure", decision_id)


def _row_card(shelf: Shelf, slate: Slate, shown: Shown, said: tuple[str, str]) -> RowCard | None:
    title, daypart = said
    product = shelf.site.product(shown.sku)
    if product is None or shelf.sale(product) is not Sale.ON:
        return None
    offer = offer_as_shown(shelf.site, slate, shown)
    chip = reasons.chip(shown.reason, daypart, speech())
    return RowCard(
        card=shelf.card(offer.pictured(product) if offer else product),
        slot=shown.slot,
        reason=shown.reason,
        chip="" if chip == title else chip,
        says=chip,
        badge=offer.badge if offer else None,
        is_sponsored=shown.is_sponsored,
        legal=offer.legal if offer else None,
    )


def _has(slate: Slate, slot: int | None) -> bool:
    return slot is None or any(shown.slot == slot for shown in slate.shown)
