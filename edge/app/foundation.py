"""What every use case stands on: settings, shop, time, chance, store, events."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from edge.app.clock_trust import ClockTrust
from edge.app.settings import Settings
from edge.app.shop_state import ShopState
from edge.catalog.site import Site
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import StorageUnavailableError
from edge.store.store import Store
from edge.store.store_settings import StoreSettings
from edge.wire.cloudevents import ClockState, Origin
from edge.wire.events import Events

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Foundation:
    """What the use cases share."""

    settings: Settings
    site: Site
    clock: Clock
    chance: Chance
    store: Store
    state: ShopState
    origin: Origin
    events: Events
    trust: ClockTrust

    def current_site(self) -> Site:
        """Return the catalog in force."""
        return self.site


def lay(settings: Settings, site: Site, clock: Clock, chance: Chance) -> Foundation:
    """Open the store and put together what everything else is built on."""

    def clock_state() -> ClockState:
        return trust.state()

    origin = Origin(
        site=site.header.site,
        device=settings.device_id,
        version=version("instore-edge"),
        clock_state=clock_state,
    )
    events = Events(origin, clock, chance)
    store = Store.open(
        settings.data_folder,
        clock=clock,
        chance=chance,
        settings=StoreSettings.for_outbox(
            settings.outbox.max_bytes, settings.outbox.reserve_mib << 20
        ),
        announce=events.outbox_dropped,
    )

    trust = ClockTrust(clock, _last_seen_at(store))

    def orders_between(start: datetime, end: datetime) -> list[frozenset[str]]:
        return [skus for _, skus in store.reads.orders_between(start, end)]

    state = ShopState(site, orders_between)
    return Foundation(settings, site, clock, chance, store, state, origin, events, trust)


def _last_seen_at(store: Store) -> datetime | None:
    """Return the latest recorded moment; one in no clock's reach when it cannot be read."""
    try:
        latest = store.reads.latest_decisions(1)
    except (StorageUnavailableError, OverflowError) as error:
        log.error("the clock is not trusted, because decisions cannot be read: %s", error)
        return datetime.max.replace(tzinfo=UTC)
    return latest[0].at if latest else None
