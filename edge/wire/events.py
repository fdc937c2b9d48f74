"""The events of the appliance, one function each.

What a shopper said about allergens, and what was left out because of it, has no place here: no
function takes it. ``visit_id`` is random, ends with the visit, and joins nothing beyond it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from edge.context.moment import Context
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.ids import uuid7
from edge.decide.engagement import Engagement, EngagementKind
from edge.decide.values import Shown, Slate
from edge.wire.cloudevents import Event, Origin, Track, event, rfc3339
from edge.wire.lanes import Lane, worth_for

_TITLES: Final[Mapping[EngagementKind, str]] = {
    "exposure": "Offers Exposed",
    "tap": "Offer Tapped",
    "add": "Offer Added",
    "dismiss": "Offer Dismissed",
    "why_opened": "Why Opened",
    "play": "Board Played",
}


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """A decision, for its event. ``model`` and ``site_digest`` say what it was made with."""

    slate: Slate
    surface: str
    screen_id: str
    visit_id: str | None
    basket: Sequence[str]
    context: Context
    site_digest: str
    model: str


@dataclass(frozen=True, slots=True)
class OrderLineFacts:
    """One line of an order; ``options`` maps an option group to the chosen ids."""

    sku: str
    options: Mapping[str, Sequence[str]]
    quantity: int
    unit_minor: int


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order, for its event."""

    order_id: str  # UUID; also the event's id, so a repeated order is a repeated event
    lines: Sequence[OrderLineFacts]
    total_minor: int
    currency: str
    display_no: int
    service: str
    taken_at: datetime
    screen_id: str
    visit_id: str | None


class DroppedRunFacts(Protocol):
    """Events of one lane that went together."""

    @property
    def lane(self) -> str:
        """Their lane."""

    @property
    def count(self) -> int:
        """How many."""

    @property
    def bytes(self) -> int:
        """What they took."""

    @property
    def first_seq(self) -> int:
        """The lowest number among them."""

    @property
    def last_seq(self) -> int:
        """The highest; numbers between may have stayed."""


class DroppedFacts(Protocol):
    """One eviction; ``edge.store.eviction.Dropped`` fits."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def why(self) -> str:
        """In words."""

    @property
    def runs(self) -> Sequence[DroppedRunFacts]:
        """What went, lane by lane."""


class Events:
    """Makes this device's events."""

    def __init__(self, origin: Origin, clock: Clock, chance: Chance) -> None:
        self._origin = origin
        self._clock = clock
        self._chance = chance

    def decision(self, facts: DecisionFacts) -> Event:
        """Return the event of a decision; it has the decision's id."""
        slate, context = facts.slate, facts.context
        weather = context.weather
        properties = {
            "decision_id": slate.decision_id,
            "placement_id": slate.placement_id,
            "surface": facts.surface,
            "screen_id": facts.screen_id,
            "basket": list(facts.basket),
            "context": {
                "local_hour": context.local_at.hour,
                "weekday": context.local_at.isoweekday(),
                "daypart_id": context.daypart_id,
                "temp_c": None if weather is None else weather.temp_c,
                "is_wet": None if weather is None else weather.is_wet,
                "kitchen_load": context.kitchen_load,
            },
            "shown": [_shown(offer) for offer in slate.shown],
            "ranker": slate.ranker,
            "degraded": slate.degraded,
            "model": facts.model,
            "site_digest": facts.site_digest,
        }
        return event(
            self._origin,
            Track(
                event_id=slate.decision_id,
                schema="decision",
                kind="decision",
                title="Decision Made",
                lane=Lane.ENGAGEMENT,
                at=context.at,
                anonymous_id=facts.visit_id or facts.screen_id,
                properties=properties,
            ),
        )

    def engagement(
        self, engagement: Engagement, assigned: Mapping[str, object] | None = None
    ) -> Event:
        """Return the event of something that happened to what was shown.

        ``assigned`` are the arms that it counts for (``edge.experiment.exposure``), if any.
        """
        properties: dict[str, object] = {
            "kind": engagement.kind,
            "decision_id": engagement.decision_id,
            "slot": engagement.slot,
            "screen_id": engagement.screen_id,
            "dwell_ms": engagement.dwell_ms,
        }
        if assigned is not None:
            properties["assigned"] = assigned
        made = event(
            self._origin,
            Track(
                event_id=engagement.event_id,
                schema="engagement",
                kind=engagement.kind,
                title=_TITLES[engagement.kind],
                lane=Lane.ENGAGEMENT,
                at=engagement.at,
                anonymous_id=engagement.visit_id or engagement.screen_id,
                properties=properties,
            ),
        )
        # What was acknowledged is worth delivering from now on, whatever clock a till dated it by.
        now = self._clock()
        return replace(made, created_at=now, expires_at=now + worth_for(Lane.ENGAGEMENT))

    def order(self, facts: OrderFacts) -> Event:
        """Return the event of an order that was handed over."""
        properties = {
            "order_id": facts.order_id,
            "lines": [
                {
                    "sku": line.sku,
                    "options": {group: list(ids) for group, ids in line.options.items()},
                    "qty": line.quantity,
                    "unit_minor": line.unit_minor,
                }
                for line in facts.lines
            ],
            "total_minor": facts.total_minor,
            "currency": facts.currency,
            "display_no": facts.display_no,
            "service": facts.service,
            "taken_at": rfc3339(facts.taken_at),
            "screen_id": facts.screen_id,
        }
        return event(
            self._origin,
            Track(
                event_id=facts.order_id,
                schema="order",
                kind="order",
                title="Order Placed",
                lane=Lane.TRANSACTION,
                at=facts.taken_at,
                anonymous_id=facts.visit_id or facts.screen_id,
                properties=properties,
            ),
        )

    def stock(self, levels: Mapping[str, int | None]) -> Event:
        """Return the event of stock levels that were set; None is unknown again."""
        lines = [{"sku": sku, "available": left} for sku, left in sorted(levels.items())]
        return self._of_device("stock", "Stock Set", {"levels": lines})

    def health(self, figures: Mapping[str, float], degraded: Sequence[str] = ()) -> Event:
        """Return the event of how the device is: figures by name, and parts that are not well."""
        properties = {"figures": dict(sorted(figures.items())), "degraded": list(degraded)}
        return self._of_device("health", "Health Reported", properties)

    def outbox_dropped(self, dropped: DroppedFacts) -> Event:
        """Return the event that says what a full outbox had to drop."""
        runs = [
            {
                "lane": run.lane,
                "count": run.count,
                "bytes": run.bytes,
                "first_seq": run.first_seq,
                "last_seq": run.last_seq,
            }
            for run in dropped.runs
        ]
        properties = {"why": dropped.why, "runs": runs}
        return self._of_device("outbox_dropped", "Events Dropped", properties)

    def _of_device(self, kind: str, title: str, properties: Mapping[str, object]) -> Event:
        at = self._clock()
        return event(
            self._origin,
            Track(
                event_id=uuid7(at, self._chance),
                schema=kind,
                kind=kind,
                title=title,
                lane=Lane.METRICS,
                at=at,
                anonymous_id=self._origin.device,
                properties=properties,
            ),
        )


def _shown(offer: Shown) -> Mapping[str, object]:
    return {
        "slot": offer.slot,
        "offer_id": offer.offer_id,
        "sku": offer.sku,
        "score": offer.score,
        "parts": dict(offer.parts),
        "reason": offer.reason.value,
        "propensity": offer.propensity,
        "is_explored": offer.is_explored,
        "is_sponsored": offer.is_sponsored,
    }
