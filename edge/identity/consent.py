"""What a customer's data may be used for, and what they said about it.

Consent is a list of events that only grows; what holds follows from it. A withdrawal wins over
everything that was given without knowing of it, whatever the clocks say.

Source: security.md, "Consent record"; ISO/IEC TS 27560:2023; decided.md 28, 35, 36.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal


class Purpose(StrEnum):
    """What data may be used for. All are off until the customer says otherwise."""

    TASTES = "tastes"
    """Remember what they told us (stars, mutes, help, surprise) under their token."""
    PAST_ORDERS = "past_orders"
    """Use what they bought here."""
    PHONE_OFFERS = "phone_offers"
    """Tell them about offers on their own phone."""


DPV: Final[Mapping[Purpose, str]] = MappingProxyType(
    {
        Purpose.TASTES: "dpv:Personalisation",
        Purpose.PAST_ORDERS: "dpv:ProvidePersonalisedRecommendations",
        Purpose.PHONE_OFFERS: "dpv:DirectMarketing",
    }
)
"""Purpose -> its term in the W3C Data Privacy Vocabulary."""

VALID_FOR: Final = timedelta(days=396)
"""Consent ends by itself after 13 months, or when its notice changes materially."""

State = Literal["requested", "given", "refused", "withdrawn", "expired", "renewed", "invalidated"]
Method = Literal["app_toggle", "kiosk_button", "associate_assisted"]


@dataclass(frozen=True, slots=True)
class Notice:
    """The very text and page a customer read before they answered."""

    notice_id: str
    version: str
    text_sha256: bytes  # (32,) of the text, in the language that was shown
    ui_sha256: bytes  # (32,) of the page
    language: str


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One thing said about one purpose. ``at`` is aware UTC."""

    event_id: str
    record_id: str
    purpose: Purpose
    state: State
    at: datetime
    method: Method
    notice: Notice
    valid_until: datetime | None = None


HOLDS: Final[frozenset[State]] = frozenset({"given", "renewed"})


def purposes_in_force(events: Iterable[ConsentEvent], now: datetime) -> Mapping[Purpose, str]:
    """Return purpose -> record id for what ``events`` (in the order they were kept) allow now.

    Events of one record are in the order of their chain, so a later one replaces an earlier one;
    a purpose given again after a withdrawal is a new record.
    """
    latest: dict[Purpose, ConsentEvent] = {}
    for event in events:
        latest[event.purpose] = event
    return {
        purpose: event.record_id
        for purpose, event in latest.items()
        if event.state in HOLDS and (event.valid_until is None or now < event.valid_until)
    }
