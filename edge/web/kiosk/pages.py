"""From the first picture to a composed product: attract, start, menu, item."""

from typing import Final

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from edge.catalog.entry import Words
from edge.catalog.order import Line, Service
from edge.core.errors import RequestContractError
from edge.web.i18n import asked_language, speak
from edge.web.kiosk import rows as kiosk_rows
from edge.web.kiosk.cards import menu
from edge.web.kiosk.item import Item, item, line_from, starting_line
from edge.web.kiosk.known_rows import rows
from edge.web.kiosk.request import COOKIE, Kiosk, current, go, is_partial, keep_key, kiosk, part
from edge.web.kiosk.review import review
from edge.web.kiosk.standing import standing, standing_at
from edge.web.kiosk.visit import Stage, Visit
from edge.web.parts import parts

SERVICES: Final[dict[str, Service]] = {"eat_in": "eat_in", "take_away": "take_away"}


def add_to(pages: Blueprint) -> None:
    """Add these pages to the kiosk."""
    pages.add_url_rule("/", "attract", attract)
    pages.add_url_rule("/start", "start", start)
    pages.add_url_rule("/start", "begin", begin, methods=["POST"])
    pages.add_url_rule("/menu", "menu", menu_page, defaults={"section_id": None})
    pages.add_url_rule("/menu/<section_id>", "menu", menu_page)
    pages.add_url_rule("/item/<sku>", "item", item_page)
    pages.add_url_rule("/item/<sku>/sum", "item_sum", item_sum)
    pages.add_url_rule("/line/<int:number>", "line", line_page)
    pages.add_url_rule("/stock", "stock", stock)


def attract() -> str:
    """K1: the first picture. Nothing personal, and the whole screen is the target."""
    found = kiosk()
    screen_id = found.screen_id(request.args.get("screen"))
    # Whoever comes back to this page has left: what they did is not for the next person.
    found.end(request.cookies.get(COOKIE))
    found.leave(screen_id)
    site = found.services.site()
    speeches = parts().speeches
    return render_template(
        "kiosk/attract.html",
        site=site,
        screen_id=screen_id,
        greetings=[speeches.speech(site.header, name) for name in site.header.languages[1:3]],
        **_law(),
    )


def start() -> str:
    """K2: eat in or take away, in which language. The visit begins with the answer."""
    found = kiosk()
    site = found.services.site()
    screen_id = found.screen_id(request.args.get("screen"))
    language = request.args.get("lang") or asked_language(site)
    speak(language)
    return render_template(
        "kiosk/start.html",
        site=site,
        screen_id=screen_id,
        stands=standing_at(found, screen_id),
        refusal=request.args.get("refused", ""),
        timers=found.services.settings.timers,
    )


def begin() -> Response:
    """Begin a visit with a new key; one that was going on in this browser ends.

    Whoever is recognised at the screen stays so; a product that was scanned opens at once.
    """
    found = kiosk()
    language = speak(request.form.get("lang")).language
    service = SERVICES.get(request.form.get("service", ""), "take_away")
    before = found.end(request.cookies.get(COOKIE), leaves=False)
    if before is not None and before.stage is Stage.DONE:
        found.leave(before.screen_id)  # they had their number: this is the next person
    visit = found.visits.begin(found.screen_id(request.form.get("screen")), language, service)
    sku = request.form.get("scanned", "")
    scanned = {"scanned": sku} if found.services.site().product(sku) else {}
    return keep_key(go("kiosk.menu", **scanned), visit)


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
