"""An order is handed over: written once, its number shown, and then the screen forgets."""

import uuid
from dataclasses import replace

from flask import Blueprint, Response, render_template, request

from edge.catalog.order import Order
from edge.core.errors import EdgeError, RequestContractError, UnavailableError
from edge.identity.consent import Purpose
from edge.web.kiosk.basket import Basket
from edge.web.kiosk.order import review_stage
from edge.web.kiosk.request import Kiosk, current, go, kiosk, part
from edge.web.kiosk.review import review
from edge.web.kiosk.standing import standing
from edge.web.kiosk.visit import Stage, Visit
from edge.web.ports import OrderDraft


def add_to(pages: Blueprint) -> None:
    """Add these pages to the kiosk."""
    pages.add_url_rule("/order", "order", hand_over, methods=["POST"])
    pages.add_url_rule("/done/<int:number>", "done", done)


def hand_over() -> Response:
    """Write the order and show its number; or say kindly what stands in its way."""
    found = kiosk()
    visit = found.change(_with_order_id)
    order = review(found.shelf(visit), visit.basket)
    if not order.can_be_ordered:
        return part(review_stage(visit))
    draft = OrderDraft(
        order_id=visit.order_id or "",
        lines=tuple(item.line for item in visit.basket.lines),
        service=visit.service,
        screen_id=visit.screen_id,
        visit_id=_joined_id(found, visit),
    )
    try:
        taken = found.services.take_order(draft).order
    except UnavailableError:
        return part(review_stage(visit, problem="storage"))
    except RequestContractError:
        return part(review_stage(visit, problem="refused"))
    _remember(found, visit, taken)
    found.change(
        lambda v: replace(
            v.with_basket(Basket()),
            stage=Stage.DONE,
            display_no=taken.display_no,
            touched_at=found.now(),
        )
    )
    return go("kiosk.done", number=taken.display_no)


def done(number: int) -> str | Response:
    """K8: the number, and a ring that shows when the screen forgets."""
    visit = current()
    if visit.stage is not Stage.DONE or visit.display_no != number:
        return go("kiosk.menu")
    found = kiosk()
    return render_template(
        "kiosk/done.html",
        visit=visit,
        stands=standing(found, visit),
        is_forgotten="forgotten" in request.args,
        timers=found.services.settings.timers,
        site=found.services.site(),
    )


def _with_order_id(visit: Visit) -> Visit:
    # Kept until the basket changes, so that sending an order twice makes one order.
    if visit.order_id:
        return visit
    order_id = str(uuid.UUID(bytes=kiosk().services.chance(16), version=4))
    return replace(visit, order_id=order_id)


def _joined_id(found: Kiosk, visit: Visit) -> str | None:
    """Return the id under which the order is kept.

    It joins the order to the rows of the visit, and rows that relied on a consent to that: an
    order of a customer who does not let us use their orders stands for itself.
    """
    stands = standing(found, visit)
    return None if stands.is_known and Purpose.PAST_ORDERS not in stands.uses else visit.visit_id


def _remember(found: Kiosk, visit: Visit, order: Order) -> None:
    """Add the order to a recognised customer's own, where they allow that."""
    recognition = found.services.recognition
    if recognition is None or visit.presence is None:
        return
    try:
        recognition.bought(visit.presence, order)
    except EdgeError:
        # The order is taken and paid for all the same; health reports it where it happens.
        return
