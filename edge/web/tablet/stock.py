"""Mark a product sold out, or back in stock: two taps, and ten seconds to take it back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest

from edge.catalog.product import Product
from edge.catalog.site import Section
from edge.web.commit import committed
from edge.web.parts import parts
from edge.web.ports import Services, StockChange

UNDO: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class StockRow:
    """One product on the list."""

    product: Product
    is_sold_out: bool


@dataclass(frozen=True, slots=True)
class StockSection:
    """A section of the menu with its products."""

    section: Section
    rows: tuple[StockRow, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What was changed a moment ago and can still be taken back."""

    row: StockRow
    left_ms: int


def add(pages: Blueprint, services: Services) -> None:
    """Add the list of products to the tablet's pages."""

    @pages.get("/stock")
    def stock() -> str:
        return render_template(
            "tablet/stock.html", sections=_sections(services), changed=_changed(services)
        )

    @pages.post("/stock")
    def change() -> Response:
        sku, state = request.form.get("sku", ""), request.form.get("state", "")
        if state not in {"in", "out"}:
            msg = f'wanted the state "in" or "out", got {state[:20]!r}'
            raise BadRequest(msg)
        # Back in stock means that nobody has counted: it is there until it is not.
        available = 0 if state == "out" else None
        committed(services.set_stock([StockChange(sku, available)]))
        parts().boards.refresh()
        at_ms = int(services.clock().timestamp() * 1000)
        address = url_for("tablet.stock", changed=sku, at=at_ms)
        if request.form.get("from") == "now":
            address = url_for("tablet.now")
        return make_response(redirect(address, HTTPStatus.SEE_OTHER))


def _sections(services: Services) -> tuple[StockSection, ...]:
    site, gone = services.site(), services.sold_out()
    found = (
        StockSection(
            section,
            tuple(StockRow(p, p.sku in gone) for p in site.products if p.section == section.id),
        )
        for section in site.sections
    )
    return tuple(section for section in found if section.rows)


def _changed(services: Services) -> Changed | None:
    product = services.site().product(request.args.get("changed", ""))
    at_ms = request.args.get("at", 0, type=int)
    if product is None or not 0 < at_ms < 1 << 45:
        return None
    left = datetime.fromtimestamp(at_ms / 1000, UTC) + UNDO - services.clock()
    left_ms = int(left / timedelta(milliseconds=1))
    if not 0 < left_ms <= UNDO / timedelta(milliseconds=1):
        return None
    return Changed(StockRow(product, product.sku in services.sold_out()), left_ms)
