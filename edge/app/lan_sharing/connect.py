"""Build what is shared with the shop's other devices, and the line to them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from edge.app.foundation import Foundation
from edge.app.lan_sharing.sharing import LanSharing, Shared
from edge.app.lan_sharing.shop_counts import ShopCounts
from edge.app.lan_sharing.shop_stock import ShopStock
from edge.app.note_facts import NoteFacts
from edge.app.recognition.runtime import Recognising
from edge.app.record_engagement import RecordEngagement
from edge.catalog.hours import local
from edge.sync.lan import LanLink, LanSettings
from edge.sync.tls import Tls
from edge.web.ports import PartHealth
from edge.wire.topics import Topics


@dataclass(frozen=True, slots=True)
class Shop:
    """What this device knows of its shop: with the others, or alone."""

    sharing: LanSharing
    counts: ShopCounts
    link: LanLink | None

    def health(self) -> PartHealth:
        """Return how the line to the shop's other devices is."""
        if self.link is None:
            return PartHealth("shop", "off", "This device shares nothing with others of the shop.")
        status = self.link.status()
        if status.is_connected:
            detail = f"Connected with the shop's other devices; {status.heard} messages heard."
            return PartHealth("shop", "ok", detail)
        detail = (
            f"The shop's own broker is away since {status.since:%H:%M} UTC: this device knows only "
            f"what happens on itself. {status.last_error or ''}"
        )
        return PartHealth("shop", "degraded", detail.strip())

    def start(self) -> None:
        """Start the line, where there is one."""
        if self.link is not None:
            self.link.start()

    def stop(self) -> None:
        """End the line."""
        if self.link is not None:
            self.link.stop()


def share(
    core: Foundation,
    topics: Topics,
    facts: NoteFacts,
    engage: RecordEngagement,
    recognising: Recognising | None,
) -> Shop:
    """Join the shop's devices; without a broker of the shop, count for this one alone."""
    device = core.settings.device_id
    stock = ShopStock(device, core.store, facts, core.current_site, core.clock)
    counts = ShopCounts(device, core.store, core.clock, _site_day(core))
    shared = Shared(
        device,
        stock,
        counts,
        core.clock,
        used=recognising.used if recognising else None,
        beacons=recognising.beacons if recognising else None,
        place=core.settings.recognition.beacon.place,
    )
    facts.said, engage.count = stock.said, counts.count
    sharing = LanSharing(shared)
    settings = _line(core)
    if settings is None:
        return Shop(sharing, counts, None)
    link = LanLink(topics, settings, heard=sharing.heard, clock=core.clock, chance=core.chance)
    sharing.join(link)
    return Shop(sharing, counts, link)


def _line(core: Foundation) -> LanSettings | None:
    lan, mqtt = core.settings.lan, core.settings.mqtt
    if not lan.on:
        return None
    files = (mqtt.ca_file, mqtt.cert_file, mqtt.key_file)
    tls = Tls(*(file for file in files if file)) if lan.tls == "mutual" else None
    return LanSettings(lan.host, lan.port, tls)


def _site_day(core: Foundation) -> Callable[[datetime], date]:
    return lambda at: local(core.site.header, at).date()
