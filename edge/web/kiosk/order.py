"""From the basket to a number: add, change, review, one nudge at most, hand over."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from flask import Blueprint, Response, render_template, request

from edge.catalog.order import MAX_QUANTITY, price
from edge.core.errors import RequestContractError
from edge.web.i18n import _, words
from edge.web.kiosk import rows as kiosk_rows
from edge.web.kiosk.arrival import SERVICES
from edge.web.kiosk.item import line_from, starting_line
from edge.web.kiosk.known_rows import rows
from edge.web.kiosk.request import Kiosk, current, is_partial, kiosk, part
from edge.web.kiosk.review import review, without_vanished
from edge.web.kiosk.standing import standing
from edge.web.kiosk.visit import Visit
from edge.web.parts import parts

CLOSE: Final = "close-dialog"
"""The event that closes the open dialog of a page."""


def add_to(pages: Blueprint) -> None:
    """Add these pages to the kiosk."""
    pages.add_url_rule("/basket", "basket", change_basket, methods=["POST"])
    pages.add_url_rule("/review", "review", review_page)
    pages.add_url_rule("/service", "service", change_service, methods=["POST"])
    pages.add_url_rule("/nudge", "nudge", dismiss_nudge, methods=["POST"])


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
    is_tap = is_partial() and "by" not in request.args
    wants_less = standing(found, visit).help_level == "less"
    if visit.basket.lines and not visit.has_seen_nudge and is_tap and not wants_less:
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


def _bar(said: str) -> Response:
    found = kiosk()
    visit = current()
    stands = standing(found, visit)
    html = render_template(
        "kiosk/_bar_and_row.html",
        order=review(found.shelf(visit), visit.basket),
        rows=rows(found, visit, stands),
        stands=stands,
        visit=current(),
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
        stands=standing(found, visit),
        nudge=nudge,
        problem=problem,
        said=say,
        visit=visit,
        region=parts().region(),
        timers=found.services.settings.timers,
        site=shelf.site,
    )
