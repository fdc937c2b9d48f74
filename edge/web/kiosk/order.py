"""From the basket to a number: add, change, review, one nudge at most, hand over."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from flask import Blueprint, Response, render_template, request

from edge.catalog.order import MAX_QUANTITY, price
from edge.core.errors import RequestContractError, UnavailableError
from edge.web.i18n import _, words
from edge.web.kiosk import rows as kiosk_rows
from edge.web.kiosk.basket import Basket
from edge.web.kiosk.item import line_from, starting_line
from edge.web.kiosk.pages import SERVICES
from edge.web.kiosk.request import Kiosk, current, go, is_partial, kiosk, part
from edge.web.kiosk.review import review, without_vanished
from edge.web.kiosk.visits import Stage, Visit
from edge.web.parts import parts
from edge.web.ports import OrderDraft

CLOSE: Final = "close-dialog"
"""The event that closes the open dialog of a page."""


def add_to(pages: Blueprint) -> None:
    """Add these pages to the kiosk."""
    pages.add_url_rule("/basket", "basket", change_basket, methods=["POST"])
    pages.add_url_rule("/review", "review", review_page)
    pages.add_url_rule("/service", "service", change_service, methods=["POST"])
    pages.add_url_rule("/nudge", "nudge", dismiss_nudge, methods=["POST"])
    pages.add_url_rule("/order", "order", hand_over, methods=["POST"])
    pages.add_url_rule("/done/<int:number>", "done", done)


def change_basket() -> Response:
    """Add, change, count, swap or remove a line; answer with what that repaints."""
    found = kiosk()
    visit = current()
    try:
        said = ACTIONS[request.form.get("action", "")](found, visit)
    except (KeyError, RequestContractError):
        # A page from before a change of the catalog: show what is there now.
        return _stage(_("That is not on the menu any more. Please choose again."))
    if request.form.get("view") == "review":
        return part(review_stage(current(), say=said), events=(CLOSE,))
    return _bar(said)


def review_page() -> Response:
    """K6, and over it, once in a visit, K5: the one suggestion before ordering."""
    found = kiosk()
    visit = found.change(lambda v: replace(v, basket=without_vanished(found.shelf(v), v.basket)))
    nudge = None
    is_tap = is_partial() and request.args.get("by") != "stock"
    if visit.basket.lines and not visit.has_seen_nudge and is_tap:
        found.change(lambda v: replace(v, has_seen_nudge=True))
        nudge = kiosk_rows.ask(found, visit, kiosk_rows.NUDGE)
    return part(review_stage(current(), nudge=nudge))


def change_service() -> Response:
    """Eat in after all, or take away."""
    service = SERVICES.get(request.form.get("service", ""))
    if service:
        kiosk().change(lambda v: replace(v, service=service, order_id=None))
    return part(review_stage(current()))


def dismiss_nudge() -> Response:
    """No, thanks."""
    slot = request.form.get("slot", type=int)
    kiosk_rows.report(kiosk(), "dismiss", request.form.get("decision", ""), slot)
    return part("", events=(CLOSE,))


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
        visit_id=visit.visit_id,
    )
    try:
        taken = found.services.take_order(draft).order
    except UnavailableError:
        return part(review_stage(visit, problem="storage"))
    except RequestContractError:
        return part(review_stage(visit, problem="refused"))
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
        timers=found.services.settings.timers,
        site=found.services.site(),
    )


def _add(found: Kiosk, visit: Visit) -> str:
    sku = request.form.get("sku", "")
    product = found.product(sku)
    if sku in found.services.sold_out():
        return _("%(name)s has just sold out.", name=words(product.name))
    line = (
        line_from(request.form, sku)
        if request.form.get("composed")
        else starting_line(product, visit.avoid)
    )
    price(found.services.site(), line)  # refuses choices that do not exist
    number = request.form.get("line", type=int)
    if number is None:
        found.change(lambda v: v.with_basket(v.basket.with_added(line)))
        _report_add()
        return _("%(name)s added.", name=words(product.name))
    found.change(lambda v: v.with_basket(v.basket.with_changed(number, line)))
    return _("%(name)s changed.", name=words(product.name))


def _count(found: Kiosk, visit: Visit) -> str:
    number = request.form.get("line", 0, type=int)
    quantity = min(request.form.get("quantity", 1, type=int), MAX_QUANTITY)
    found.change(lambda v: v.with_basket(v.basket.with_quantity(number, quantity)))
    return ""


def _remove(found: Kiosk, visit: Visit) -> str:
    number = request.form.get("line", 0, type=int)
    line = visit.basket.line(number)
    found.change(lambda v: v.with_basket(v.basket.without(number)))
    product = found.services.site().product(line.sku) if line else None
    return _("%(name)s removed.", name=words(product.name)) if product else ""


def _swap(found: Kiosk, visit: Visit) -> str:
    number = request.form.get("line", 0, type=int)
    old = visit.basket.line(number)
    product = found.product(request.form.get("sku", ""))
    line = replace(starting_line(product, visit.avoid), quantity=old.quantity if old else 1)
    price(found.services.site(), line)
    found.change(lambda v: v.with_basket(v.basket.with_changed(number, line)))
    return _("Swapped for %(name)s.", name=words(product.name))


ACTIONS: Final[Mapping[str, Callable[[Kiosk, Visit], str]]] = {
    "add": _add,
    "count": _count,
    "remove": _remove,
    "swap": _swap,
}


def _report_add() -> None:
    decision_id = request.form.get("decision", "")
    if decision_id:
        kiosk_rows.report(kiosk(), "add", decision_id, request.form.get("slot", type=int))


def _with_order_id(visit: Visit) -> Visit:
    # Kept until the basket changes, so that sending an order twice makes one order.
    if visit.order_id:
        return visit
    order_id = str(uuid.UUID(bytes=kiosk().services.chance(16), version=4))
    return replace(visit, order_id=order_id)


def _bar(said: str) -> Response:
    found = kiosk()
    visit = current()
    html = render_template(
        "kiosk/_bar_and_row.html",
        order=review(found.shelf(visit), visit.basket),
        row=kiosk_rows.ask(found, visit, kiosk_rows.STRIP),
        visit=visit,
        said=said,
        region=parts().region(),
    )
    return part(html, events=(CLOSE,))


def _stage(problem: str) -> Response:
    response = part(review_stage(current(), say=problem), events=(CLOSE,))
    response.headers["HX-Retarget"] = "#stage"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def review_stage(
    visit: Visit, *, say: str = "", problem: str = "", nudge: kiosk_rows.Row | None = None
) -> str:
    """Return the review of ``visit``, in the frame unless htmx asks for the part."""
    found = kiosk()
    shelf = found.shelf(visit)
    order = review(shelf, visit.basket)
    template = "kiosk/_review.html" if is_partial() else "kiosk/review.html"
    return render_template(
        template,
        order=order,
        empty=None if order.lines else kiosk_rows.ask(found, visit, kiosk_rows.EMPTY),
        nudge=nudge,
        problem=problem,
        said=say,
        visit=visit,
        region=parts().region(),
        timers=found.services.settings.timers,
        site=shelf.site,
    )
