"""The menu and what is on it: sections, rows, a product to compose."""

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from edge.catalog.entry import Words
from edge.catalog.order import Line
from edge.core.errors import RequestContractError
from edge.web.kiosk import rows as kiosk_rows
from edge.web.kiosk.cards import menu
from edge.web.kiosk.item import Item, item, line_from, starting_line
from edge.web.kiosk.known_rows import rows
from edge.web.kiosk.request import Kiosk, current, is_partial, kiosk, part
from edge.web.kiosk.review import review
from edge.web.kiosk.standing import standing
from edge.web.kiosk.visit import Visit
from edge.web.parts import parts


def add_to(pages: Blueprint) -> None:
    """Add these pages to the kiosk."""
    pages.add_url_rule("/menu", "menu", menu_page, defaults={"section_id": None})
    pages.add_url_rule("/menu/<section_id>", "menu", menu_page)
    pages.add_url_rule("/item/<sku>", "item", item_page)
    pages.add_url_rule("/item/<sku>/sum", "item_sum", item_sum)
    pages.add_url_rule("/line/<int:number>", "line", line_page)
    pages.add_url_rule("/stock", "stock", stock)


def menu_page(section_id: str | None) -> str:
    """K3: the menu; for htmx only the cards of a section, or without one all but the frame."""
    found = kiosk()
    visit = current()
    if is_partial() and section_id is not None:
        shown = menu(found.shelf(visit), section_id)
        return render_template("kiosk/_cards.html", menu=shown, **_law())
    return menu_stage(visit, section_id or request.args.get("section"))


def menu_stage(visit: Visit, section_id: str | None = None) -> str:
    """Return the menu with its row and its basket, in the frame unless htmx asks."""
    found = kiosk()
    shelf = found.shelf(visit)
    stands = standing(found, visit)
    template = "kiosk/_menu.html" if is_partial() else "kiosk/menu.html"
    return render_template(
        template,
        menu=menu(shelf, section_id),
        rows=rows(found, visit, stands),
        stands=stands,
        visit=current(),
        order=review(shelf, visit.basket),
        scanned=_scanned(found),
        daypart=daypart_name(),
        timers=found.services.settings.timers,
        site=shelf.site,
        **_law(),
    )


def item_page(sku: str) -> str:
    """K4: a product to read and to compose. A touch on a recommended card is recorded."""
    found = kiosk()
    product = found.product(sku)
    visit = current()
    shelf = found.shelf(visit)
    _report_tap()
    shown = item(shelf, product, starting_line(product, visit.avoid))
    return _item_dialog(shown, number=None)


def line_page(number: int) -> str:
    """K4 again, for a line of the basket that is to be changed."""
    found = kiosk()
    visit = current()
    line = visit.basket.line(number)
    if line is None:
        raise NotFound
    shown = item(found.shelf(visit), found.product(line.sku), line)
    return _item_dialog(shown, number=number)


def item_sum(sku: str) -> str:
    """What the product costs and holds as it is composed right now."""
    found = kiosk()
    product = found.product(sku)
    shelf = found.shelf(current())
    shown = item(shelf, product, _asked_line(sku))
    number = request.args.get("line", type=int)
    return render_template("kiosk/_item_sum.html", item=shown, number=number, **_law())


def stock() -> Response:
    """The cards of products that sold out or came back, to be put in their places."""
    found = kiosk()
    visit = current()
    shelf = found.shelf(visit)
    asked = request.args.get("skus", "").split(",")[:60]
    products = [p for p in shelf.products() if p.sku in asked]
    has_row = request.args.get("row") == "1"
    stands = standing(found, visit)
    html = render_template(
        "kiosk/_stock.html",
        cards=[shelf.card(product) for product in products],
        rows=rows(found, visit, stands) if has_row else None,
        has_row=has_row,
        stands=stands,
        visit=visit,
        order=review(shelf, visit.basket),
        **_law(),
    )
    return part(html)


def daypart_name() -> Words | None:
    """Return the words of the present daypart, or None outside every one."""
    found = kiosk()
    daypart_id = found.services.context("kiosk").daypart_id
    dayparts = found.services.site().header.dayparts
    return next((p.name for p in dayparts if p.id == daypart_id), None)


def _scanned(found: Kiosk) -> str:
    """Return the product that opens by itself because its code began the visit, or ""."""
    sku = request.args.get("scanned", "")
    has_opened = is_partial() or found.services.recognition is None
    return "" if has_opened or found.services.site().product(sku) is None else sku


def _law() -> dict[str, object]:
    return {"region": parts().region()}


def _item_dialog(shown: Item, number: int | None) -> str:
    html = {"item": shown, "number": number, "visit": current(), **_law()}
    return render_template(
        "kiosk/_item.html",
        decision=request.args.get("decision", ""),
        slot=request.args.get("slot", ""),
        view=request.args.get("view", "menu"),
        **html,
    )


def _asked_line(sku: str) -> Line:
    try:
        return line_from(request.args, sku)
    except RequestContractError as error:
        raise NotFound from error


def _report_tap() -> None:
    decision_id = request.args.get("decision", "")
    if decision_id:
        kiosk_rows.report(kiosk(), "tap", decision_id, request.args.get("slot", type=int))
