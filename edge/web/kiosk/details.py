"""The products and days behind a personal row: for its own customer, after they asked.

The rows and their reasons name a category at most; this is the only place of a kiosk where
something a person bought is said, and only after a touch on "Show details".
"""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Blueprint, render_template
from werkzeug.exceptions import NotFound

from edge.decide.details import Detail, details
from edge.decide.values import Slate
from edge.web.i18n import _, speech, words
from edge.web.kiosk import rows as kiosk_rows
from edge.web.kiosk.request import Kiosk, current, kiosk
from edge.web.kiosk.visit import Visit


def add_to(pages: Blueprint) -> None:
    """Add this page to the kiosk."""
    pages.add_url_rule("/why/<decision_id>/details", "details", details_part)


def details_part(decision_id: str) -> str:
    """Say what is behind each product of a row, as far as it may be used right now."""
    found = kiosk()
    visit = current()
    slate = visit.slate(decision_id)
    if slate is None:
        raise NotFound
    return render_template("kiosk/_details.html", details=list(_said(found, visit, slate)))


def _said(found: Kiosk, visit: Visit, slate: Slate) -> Iterator[str]:
    site = found.services.site()
    for slot, detail in details(slate, found.recognised(visit)).items():
        sku = next(shown.sku for shown in slate.shown if shown.slot == slot)
        shown, behind = site.product(sku), site.product(detail.sku)
        if shown is None or behind is None:
            continue
        name, why = words(shown.name), _why(found, detail)
        if behind == shown:
            yield _("%(name)s: %(why)s", name=name, why=why)
        else:
            liked = words(behind.name)
            yield _("%(name)s, because of %(liked)s: %(why)s", name=name, liked=liked, why=why)


def _why(found: Kiosk, detail: Detail) -> str:
    if detail.days_ago is None:
        return _("you gave it a star.")
    zone = ZoneInfo(found.services.site().header.timezone)
    day = (found.now() - timedelta(days=detail.days_ago)).astimezone(zone).date()
    said = format_date(day, format="long", locale=speech().locale)
    return _("last ordered on %(day)s.", day=said)


def has_details(found: Kiosk, visit: Visit, slate: Slate) -> bool:
    """Return whether there is something to show that the customer still allows."""
    return bool(details(slate, found.recognised(visit)))


def instead(found: Kiosk, visit: Visit, slate: Slate) -> tuple[str, ...] | None:
    """Return the names that the row would show without past orders; None: none were used."""
    ask = found.services.without_past_orders
    if ask is None:
        return None
    skus = ask(kiosk_rows.asked(found, visit, slate.placement_id), slate.decision_id)
    if skus is None:
        return None
    products = (found.services.site().product(sku) for sku in skus)
    return tuple(words(product.name) for product in products if product is not None)
