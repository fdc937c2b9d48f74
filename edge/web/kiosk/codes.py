"""Codes that are shown to a kiosk: a customer's, a product's, or nothing of ours.

A hand scanner types what it reads, and the page sends it; a camera is read elsewhere, and the
page hears of it. Both end in the same few words to the page, which never hold the code.
"""

from typing import Final

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from edge.identity.presence import Refusal
from edge.web.i18n import speak
from edge.web.kiosk import rows as kiosk_rows
from edge.web.kiosk.item import item, starting_line
from edge.web.kiosk.request import asking, current, kiosk
from edge.web.kiosk.standing import is_invited
from edge.web.parts import parts
from edge.web.recognition_ports import (
    CustomerScanned,
    NothingScanned,
    ProductScanned,
    Scan,
    ScanRefused,
)

LENGTHS: Final = range(8, 513)
"""Characters of a code: from EAN-8 to the longest the readers take."""


def add_to(pages: Blueprint) -> None:
    """Add these pages to the kiosk."""
    pages.add_url_rule("/scan", "scan", scan, methods=["POST"])
    pages.add_url_rule("/here", "here", here)
    pages.add_url_rule("/scanned/<sku>", "scanned", scanned_product)
    pages.add_url_rule("/refused/<reason>", "refused", refused_dialog)


def told(found: Scan) -> dict[str, str]:
    """Return what a page is told of a scan: never whose, and never the code."""
    match found:
        case CustomerScanned():
            return {"scanned": "customer"}
        case ProductScanned(sku):
            return {"scanned": "product", "sku": sku}
        case ScanRefused(refusal):
            return {"scanned": "refused", "refusal": refusal.value}
        case NothingScanned():
            return {"scanned": "nothing"}


def scan() -> ResponseReturnValue:
    """Take what a hand scanner typed."""
    body = request.get_json(silent=True)
    sent = body if isinstance(body, dict) else {}
    text, recognition = sent.get("text"), kiosk().services.recognition
    if not isinstance(text, str) or len(text) not in LENGTHS or recognition is None:
        return jsonify(told(NothingScanned()))
    return jsonify(told(recognition.scanned(asking(str(sent.get("screen", ""))), text)))


def here() -> ResponseReturnValue:
    """Say whether somebody is known, or invited, at a screen: for a page that missed an event."""
    found = kiosk()
    screen_id = asking(request.args.get("screen", ""))
    return jsonify(
        known=found.presence(screen_id) is not None, invited=is_invited(found, screen_id)
    )


def scanned_product(sku: str) -> str:
    """K4 for a product somebody holds: its price, its allergens, and what goes with it."""
    found = kiosk()
    product = found.product(sku)
    visit = current()
    shown = item(found.shelf(visit), product, starting_line(product, visit.avoid))
    return render_template(
        "kiosk/_item.html",
        item=shown,
        number=None,
        visit=visit,
        decision="",
        slot="",
        view="review" if request.args.get("view") == "review" else "menu",
        beside=kiosk_rows.ask(found, visit, kiosk_rows.NUDGE, basket=(sku,)),
        is_scanned=True,
        region=parts().region(),
    )


def refused_dialog(reason: str) -> str:
    """Say kindly why a code opens nothing, and what to do next."""
    if reason not in set(Refusal):
        raise NotFound
    if "lang" in request.args:
        speak(request.args["lang"])
    return render_template(
        "kiosk/_refused.html",
        refusal=reason,
        screen_id=asking(request.args.get("screen", "")),
    )
