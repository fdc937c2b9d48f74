"""How the appliance is, part by part, in words for ops and figures for /metrics."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.app.clock_trust import ClockTrust
from edge.app.rankers import Rankers
from edge.app.serve_placement import Counts
from edge.app.supervisor import Supervisor
from edge.catalog.site import Site
from edge.core.clock import Clock
from edge.policy import caps
from edge.store.store import Store
from edge.store.store_health import StoreHealth
from edge.sync.delivery import DeliveryStatus
from edge.web.ports import Health, PartHealth
from edge.wire.cloudevents import ClockState

LANE_NAMES: Final = {"c": "consent", "t": "transaction", "e": "engagement", "m": "metrics"}

MOST_LISTED: Final = 10
"""Offers named in one line for ops."""


@dataclass(frozen=True, slots=True)
class CheckHealth:
    """Asks every part how it is. Calling it is cheap enough for each page of ops."""

    store: Store
    rankers: Rankers
    counts: Counts
    site: Callable[[], Site]
    supervisor: Supervisor
    delivery: Callable[[], DeliveryStatus]
    certificate: Callable[[], str]
    """What is wrong with the one that the broker is shown; empty: nothing."""
    clock: Clock
    trust: ClockTrust
    started_at: datetime
    recognition: Callable[[], tuple[PartHealth, ...]]
    releases: Callable[[], PartHealth]
    more_figures: Callable[[], Mapping[str, float]]

    def __call__(self) -> Health:
        """Return the present health; the service serves as long as it can answer at all."""
        store = self.store.health()
        parts = (
            self._service(),
            self._ranker(),
            self.releases(),
            _storage(store),
            _delivery(self.delivery(), store, self.certificate()),
            self._catalog(),
            _clock(self.trust.state()),
            *self.recognition(),
        )
        return Health(is_serving=True, parts=parts, figures=self._figures(store))

    def _service(self) -> PartHealth:
        failing = [f"{job.name}: {job.failing}" for job in self.supervisor.jobs if job.failing]
        if failing:
            return PartHealth("service", "degraded", "; ".join(failing), self.started_at)
        return PartHealth("service", "ok", "Every job runs.", self.started_at)

    def _ranker(self) -> PartHealth:
        bundle = self.rankers.now()
        why = bundle.scoring.degraded
        if why:
            return PartHealth("ranker", "degraded", f"Ranking by popularity: {why}")
        known = len(bundle.products)
        return PartHealth("ranker", "ok", f"Model {bundle.ranker.digest[:19]} ranks {known} items.")

    def _catalog(self) -> PartHealth:
        site = self.site()
        missing = sum(not product.is_complete() for product in site.products)
        count = len(site.products)
        if missing:
            detail = (
                f"{missing} of {count} products have no price or allergens: no kiosk sells them."
            )
            return PartHealth("catalog", "degraded", detail)
        failed = sorted(dict(self.counts.conditions_failed).items())
        if failed:
            listed = ", ".join(f"{offer} {times} times" for offer, times in failed[:MOST_LISTED])
            detail = (
                f"The conditions of {len(failed)} offers could not be answered, so these were "
                f"left out: {listed}. Correct eligible_when, and run edge site check."
            )
            return PartHealth("catalog", "degraded", detail)
        return PartHealth("catalog", "ok", f"{count} products, catalog {site.digest[:12]}.")

    def _figures(self, store: StoreHealth) -> dict[str, float]:
        counts, delivery = self.counts, self.delivery()
        sent = delivery.sent
        figures = {
            "uptime_seconds": (self.clock() - self.started_at).total_seconds(),
            "decisions_served_total": counts.served,
            "decisions_unrecorded_total": counts.unrecorded,
            "slots_shown_total": counts.shown_slots,
            "slots_explored_total": counts.explored_slots,
            "offer_conditions_failed_total": sum(counts.conditions_failed.copy().values()),
            # All policies together: by name, a quiet shop's figures would tell of one visitor.
            "left_out_by_policies_total": sum(counts.withheld.values()),
            "offers_over_cap_total": counts.withheld.get(caps.NAME, 0),
            "outbox_events": store.waiting,
            "outbox_bytes": store.waiting_bytes,
            "outbox_dropped_total": store.dropped,
            "ranker_degraded": float(self.rankers.now().scoring.degraded is not None),
            "outbox_unheard_messages_total": sent.unheard,
            "outbox_unconfirmed_events": delivery.unconfirmed,
            "outbox_repeated_events_total": sent.repeated,
            "outbox_dead_events_total": sent.dead,
            "outbox_sent_events_total": sent.acknowledged,
            "clock_untrusted": float(self.trust.state() == "none"),
            "storage_failing": float(store.last_error is not None),
        }
        oldest = store.oldest_at
        figures["outbox_oldest_seconds"] = (
            0.0 if oldest is None else max(0.0, (self.clock() - oldest).total_seconds())
        )
        for lane, depth in store.lanes.items():
            figures[f"outbox_events_{LANE_NAMES[lane]}"] = depth.waiting
        return {**figures, **self.more_figures()}


def _storage(store: StoreHealth) -> PartHealth:
    if store.last_error:
        detail = f"Nothing can be recorded: {store.last_error}. Screens keep serving."
        return PartHealth("storage", "failed", detail)
    if store.boot.set_aside:
        detail = (
            f"A damaged database was set aside at start ({store.boot.damage}); "
            f"{store.boot.salvaged} waiting events were saved from it."
        )
        return PartHealth("storage", "degraded", detail)
    return PartHealth("storage", "ok", f"SQLite {store.boot.sqlite_version}, one writer.")


def _delivery(status: DeliveryStatus, store: StoreHealth, certificate: str) -> PartHealth:
    waiting = f"{store.waiting} events wait in the outbox"
    since = status.since
    if certificate and status.state != "off":
        return PartHealth("delivery", "degraded", f"{certificate[:400]}. {waiting}.", since)
    match status.state:
        case "connected" if status.is_unheard:
            detail = f"Connected, but nobody listens at the broker: start the bridge. {waiting}."
            return PartHealth("delivery", "degraded", detail, since)
        case "connected" if status.is_unconfirmed:
            detail = (
                f"Connected, but central confirms too little of what it was sent: look at the bridge "
                f"and at its key. {status.unconfirmed} events are sent; {waiting}."
            )
            return PartHealth("delivery", "degraded", detail, since)
        case "connected":
            detail = f"Connected; {waiting}, {status.sent.acknowledged} were acknowledged."
            return PartHealth("delivery", "ok", detail, since)
        case "off":
            return PartHealth("delivery", "off", f"No broker is set; {waiting}.", since)
        case _:
            why = status.last_error or "not connected yet"
            return PartHealth("delivery", "degraded", f"Broker away ({why}); {waiting}.", since)


def _clock(state: ClockState) -> PartHealth:
    match state:
        case "ntp":
            return PartHealth("clock", "ok", "Set by the network.")
        case "rtc":
            return PartHealth(
                "clock", "ok", "Not set by the network since the start; goes on steadily."
            )
        case "none":
            detail = "The clock jumped and no network has set it: nothing is deleted by its time."
            return PartHealth("clock", "degraded", detail)
