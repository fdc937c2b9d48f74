"""Write the API's answers: values of the appliance as plain JSON, in the shapes of ``api_bodies``.

Written by hand rather than by pydantic, because every value here is already our own and the
answer to ``decide`` is on the path that a shopper waits for.
"""

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from flask import Response

from edge.catalog.entry import in_language
from edge.catalog.order import Order, PricedLine
from edge.catalog.site import Site
from edge.decide.values import Shown, Slate
from edge.web.ports import Health, Services
from edge.web.recognition_ports import (
    CustomerScanned,
    NothingScanned,
    ProductScanned,
    Scan,
    ScanRefused,
)


def respond(body: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return ``body`` as a JSON response."""
    text = orjson.dumps(body, default=_plain)
    return Response(text, status=int(status), content_type="application/json")


def scanned(scan: Scan) -> dict[str, object]:
    """Return ``scan`` as a ``ScannedBody``."""
    body: dict[str, object] = {"what": "nothing", "presence": None, "sku": None, "refusal": None}
    match scan:
        case CustomerScanned(presence):
            return body | {"what": "customer", "presence": presence.presence_id}
        case ProductScanned(sku):
            return body | {"what": "product", "sku": sku}
        case ScanRefused(refusal):
            return body | {"what": "refused", "refusal": refusal}
        case NothingScanned():
            return body


def decided(slate: Slate, site: Site, *, is_recognised: bool) -> dict[str, object]:
    """Return ``slate`` as a ``DecidedBody``, with names in the site's first language."""
    language = site.header.languages[0]
    return {
        "decision_id": slate.decision_id,
        "placement": slate.placement_id,
        "recognised": is_recognised,
        "ranker": slate.ranker,
        "degraded": slate.degraded,
        "items": [_item(shown, site, language) for shown in slate.shown],
    }


def order(taken: Order, site: Site) -> dict[str, object]:
    """Return ``taken`` as a ``TakenOrderBody``; the visit it came from stays here."""
    language = site.header.languages[0]
    return {
        "order_id": taken.order_id,
        "display_no": taken.display_no,
        "lines": [_line(line, language) for line in taken.lines],
        "total_minor": taken.total_minor,
        "currency": taken.currency,
        "service": taken.service,
        "taken_at": taken.taken_at,
        "screen": taken.screen_id,
    }


def health(found: Health, services: Services) -> dict[str, object]:
    """Return ``found`` as a ``HealthBody``."""
    site = services.site()
    return {
        "is_serving": found.is_serving,
        "version": services.settings.version,
        "site": site.header.site,
        "catalog": site.digest,
        "accepts_at": services.settings.accepts_at,
        "parts": [
            {"part": part.part, "state": part.state, "detail": part.detail, "since": part.since}
            for part in found.parts
        ],
        "figures": dict(found.figures),
    }


def _item(shown: Shown, site: Site, language: str) -> dict[str, object]:
    product = site.product(shown.sku)
    return {
        "slot": shown.slot,
        "offer": shown.offer_id,
        "sku": shown.sku,
        "name": in_language(product.name, language) if product else None,
        "price_minor": product.price_minor if product else None,
        "score": shown.score,
        "parts": dict(shown.parts),
        "reason": shown.reason,
        "propensity": shown.propensity,
        "explored": shown.is_explored,
        "sponsored": shown.is_sponsored,
    }


def _line(priced: PricedLine, language: str) -> dict[str, object]:
    return {
        "sku": priced.line.sku,
        "name": in_language(priced.product.name, language),
        "options": {group: list(ids) for group, ids in priced.line.options.items()},
        "qty": priced.line.quantity,
        "unit_minor": priced.unit_minor,
        "total_minor": priced.total_minor,
    }


def _plain(value: object) -> object:
    """Return what orjson does not know as something it does; sets in a stable order."""
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, float):  # numpy's own floats
        return float(value)
    msg = f"wanted a value that JSON can hold, got {type(value).__name__}"
    raise TypeError(msg)
