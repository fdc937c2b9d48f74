"""What a customer's data may be used for, and what they said about it.

Consent is a set of events that only grows; what holds follows from it. A withdrawal wins over
everything that was given without knowing of it, whatever the clocks say.

Source: security.md, "Consent record"; ISO/IEC TS 27560:2023; decided.md 28, 35, 36.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
    """The very text and page a customer read before they answered.

    ``version`` is "2.1": another first number is a material change, and ends what was consented to
    under the one before.
    """

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
    knows: frozenset[str] = frozenset()
    """Ids of the withdrawals of this purpose that were known where this was said. The store fills
    it in when it keeps what was said here; a withdrawal that is not in it wins."""


HOLDS: Final[frozenset[State]] = frozenset({"given", "renewed"})
SILENT: Final[frozenset[State]] = frozenset({"requested"})
"""Asking changes nothing."""


def ends_at(grant: ConsentEvent) -> datetime:
    """Return when consent that was given ends by itself."""
    latest = grant.at + VALID_FOR
    return latest if grant.valid_until is None else min(grant.valid_until, latest)


def grants_in_force(
    events: Iterable[ConsentEvent], now: datetime
) -> Mapping[Purpose, ConsentEvent]:
    """Return purpose -> the event by which it is allowed now. The order of ``events`` is no matter.

    A withdrawal ends every record of its purpose that did not know of it. Anything else that ends
    consent ends its own record, and among what was said in one record the highest (at, event id)
    holds; so does it among records.
    """
    said: dict[Purpose, list[ConsentEvent]] = {}
    for event in events:
        if event.state not in SILENT:
            said.setdefault(event.purpose, []).append(event)
    found = ((purpose, _grant(of_purpose, now)) for purpose, of_purpose in said.items())
    return {purpose: grant for purpose, grant in found if grant is not None}


def purposes_in_force(events: Iterable[ConsentEvent], now: datetime) -> Mapping[Purpose, str]:
    """Return purpose -> record id for what ``events`` allow now."""
    return {purpose: grant.record_id for purpose, grant in grants_in_force(events, now).items()}


def outdated(
    events: Iterable[ConsentEvent], notice: Notice, now: datetime
) -> tuple[ConsentEvent, ...]:
    """Return what is in force under a notice from which ``notice`` differs materially.

    Keep ``following(one, "invalidated", ...)`` for each, and ask the customer again.
    """
    return tuple(
        grant
        for grant in grants_in_force(events, now).values()
        if grant.notice.notice_id == notice.notice_id
        and _edition(grant.notice.version) != _edition(notice.version)
    )


def following(event: ConsentEvent, state: State, *, event_id: str, at: datetime) -> ConsentEvent:
    """Return what follows ``event`` in its record: withdrawn, expired, invalidated or renewed."""
    until = at + VALID_FOR if state in HOLDS else None
    return replace(
        event, state=state, event_id=event_id, at=at, valid_until=until, knows=frozenset()
    )


def _grant(said: list[ConsentEvent], now: datetime) -> ConsentEvent | None:
    """Return the event by which one purpose is allowed now, of all that was said about it."""
    withdrawn = {event.event_id for event in said if event.state == "withdrawn"}
    latest: dict[str, ConsentEvent] = {}
    for event in sorted(said, key=_order):
        if event.state != "withdrawn" and (event.state not in HOLDS or withdrawn <= event.knows):
            latest[event.record_id] = event
    holding = [e for e in latest.values() if e.state in HOLDS and now < ends_at(e)]
    return max(holding, key=_order, default=None)


def _order(event: ConsentEvent) -> tuple[datetime, str]:
    return event.at, event.event_id


def _edition(version: str) -> str:
    return version.partition(".")[0]
