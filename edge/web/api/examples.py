"""One example for each body that a caller sends or reads, as the OpenAPI description shows it.

The products are those of the demo shop, so each can be tried against ``make demo`` as it is.
"""

from collections.abc import Mapping
from typing import Final

from edge.web.api.bodies import (
    AcknowledgedBody,
    Body,
    ContextBody,
    DecideBody,
    DecidedBody,
    EventsBody,
    HealthBody,
    OrderBody,
    OrdersBody,
    OrderTakenBody,
    ProblemBody,
    ScanBody,
    ScannedBody,
    StockBody,
    StockedBody,
)

_DECISION: Final = "01981f3e-6c00-7aaa-8bbb-0123456789ab"
_EVENT: Final = "01981f3e-7d00-7aaa-8bbb-0123456789ab"
_ORDER_ID: Final = "01981f3e-8e00-7aaa-8bbb-0123456789ab"

_ORDER: Final[Mapping[str, object]] = {
    "order_id": _ORDER_ID,
    "display_no": 42,
    "lines": [
        {
            "sku": "croissant",
            "name": "Butter Croissant",
            "options": {"serve": ["warmed"]},
            "qty": 2,
            "unit_minor": 350,
            "total_minor": 700,
        }
    ],
    "total_minor": 700,
    "currency": "GBP",
    "service": "take_away",
    "taken_at": "2026-03-01T12:00:05Z",
    "screen": "till-1",
}

EXAMPLES: Final[Mapping[type[Body], Mapping[str, object]]] = {
    ScanBody: {"screen": "till-1", "text": "4006381333931"},
    ScannedBody: {"what": "product", "presence": None, "sku": "latte", "refusal": None},
    DecideBody: {
        "placement": "kiosk-strip",
        "screen": "till-1",
        "basket": ["croissant"],
        "avoid": ["nuts"],
    },
    DecidedBody: {
        "decision_id": _DECISION,
        "placement": "kiosk-strip",
        "recognised": False,
        "ranker": "factory",
        "degraded": None,
        "items": [
            {
                "slot": 0,
                "offer": "product:latte",
                "sku": "latte",
                "name": "Latte",
                "price_minor": 375,
                "score": 1.5,
                "parts": {"moment": 0.5, "trend": 0.0, "history": 0.0, "basket": 1.0},
                "reason": "goes_with_basket",
                "propensity": 1.0,
                "explored": False,
                "sponsored": False,
            }
        ],
    },
    EventsBody: {
        "events": [
            {
                "event_id": _EVENT,
                "kind": "tap",
                "decision_id": _DECISION,
                "slot": 0,
                "screen": "till-1",
            }
        ]
    },
    AcknowledgedBody: {"event_ids": [_EVENT]},
    StockBody: {
        "changes": [
            {"sku": "croissant", "available": 12},
            {"sku": "scone-savoury", "available": "out"},
        ]
    },
    StockedBody: {"sold_out": ["scone-savoury"]},
    ContextBody: {"weather": {"temp_c": 24.5, "is_wet": False}, "kitchen_load": 0.4},
    OrderBody: {
        "order_id": _ORDER_ID,
        "lines": [{"sku": "croissant", "options": {"serve": ["warmed"]}, "qty": 2}],
        "service": "take_away",
        "screen": "till-1",
    },
    OrderTakenBody: {"order": _ORDER, "display_no": 42, "event_ids": [_EVENT]},
    OrdersBody: {"orders": [_ORDER]},
    HealthBody: {
        "is_serving": True,
        "version": "0.1.0",
        "site": "harbour-kitchen",
        "catalog": "9f2c",
        "accepts_at": False,
        "parts": [
            {
                "part": "delivery",
                "state": "off",
                "detail": "No broker is set up; events wait in the outbox.",
                "since": "2026-03-01T08:00:00Z",
            }
        ],
        "figures": {"outbox_events": 12.0},
    },
    ProblemBody: {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "basket[0]: wanted a product of harbour-kitchen, got 'lattte'",
        "to_do": "compare the request with /api/v1/openapi.json",
        "mistakes": [
            {"field": "basket[0]", "wanted": "a product of harbour-kitchen", "came": "lattte"}
        ],
    },
}
