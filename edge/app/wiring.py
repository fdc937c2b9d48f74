"""Build everything once, top to bottom: read this to see what the appliance is made of."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Final

from edge.app.at_start.begin import Begun
from edge.app.at_start.build import Beside
from edge.app.at_start.next_start import Restart
from edge.app.board_heroes import BoardHeroes
from edge.app.catalog_archive import CatalogArchive
from edge.app.check_health import CheckHealth
from edge.app.commands.connect import Reach, connect_commands
from edge.app.commands.doorbell import Doorbell
from edge.app.demo.buttons import DemoButtons
from edge.app.demo.stage import DemoStage
from edge.app.fleet_settings import Mqtt
from edge.app.foundation import Foundation, lay
from edge.app.keep_certificate import KeepCertificate, keep_certificate
from edge.app.lan_sharing.connect import Shop, share
from edge.app.note_facts import NoteFacts
from edge.app.rankers import Rankers
from edge.app.recognition.connect import connect, staff_desk
from edge.app.recognition.health import (
    OFF,
    recognition_figures,
    recognition_health,
    unfit,
)
from edge.app.recognition.runtime import Ground, Recognising, build_recognition
from edge.app.record_engagement import RecordEngagement
from edge.app.releases.connect import JoinedReleases, Serving, join_releases
from edge.app.releases.health import release_figures, release_health
from edge.app.releases.passing_on import passing_on
from edge.app.releases.releasing import Releasing
from edge.app.releases.runtime import Around, lay_rankers
from edge.app.report import Report
from edge.app.serve_placement import Recording, ServePlacement
from edge.app.settings import Settings
from edge.app.shelves import Shelves
from edge.app.supervisor import Job, Supervisor
from edge.app.take_order import TakeOrder
from edge.app.web_settings import web_settings
from edge.catalog.site import Site
from edge.context.trend import trend
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import StorageUnavailableError
from edge.decide.arrange import Exploration
from edge.store.store import Store
from edge.sync.delivery import Confirming, Delivery, DeliveryParts, DeliverySettings
from edge.sync.listeners import of_payload
from edge.sync.tls import Tls
from edge.web.app import WebApp, create_app
from edge.web.board.boards import Boards
from edge.web.kiosk.surface import screens_of
from edge.web.parts import parts_of
from edge.web.ports import PartHealth, Services
from edge.wire.context_message import ContextMessage
from edge.wire.status import About, ForCustomers
from edge.wire.topics import Topics

log = logging.getLogger(__name__)

FIRST_REPORT_S: Final = 20

POPULAR_DAYS: Final = timedelta(days=28)
"""Orders that popularity counts: four of every weekday."""


@dataclass(frozen=True, slots=True)
class Appliance:
    """The built service: its web application, and what runs beside it."""

    app: WebApp
    settings: Settings
    services: Services
    store: Store
    supervisor: Supervisor
    delivery: Delivery
    facts: NoteFacts
    shop: Shop
    doorbell: Doorbell
    """Whoever looks for releases sets its ``look``."""
    releases: JoinedReleases
    certificate: KeepCertificate
    recognising: Recognising | None = None
    """None: recognition is off, nobody may consent here, or the keys do not fit."""

    @property
    def releasing(self) -> Releasing:
        """The releases of the model."""
        return self.releases.model.releasing

    @property
    def restart(self) -> Restart:
        """Asked for by releases; whoever runs the service sets its ``end``."""
        return self.releases.restart

    def start(self) -> None:
        """Start the recurring jobs, the delivery, and what sees tokens."""
        self.supervisor.start()
        self.delivery.start()
        self.shop.start()
        self.releases.start()
        self.certificate.start()
        if self.recognising is not None:
            self.recognising.start()

    def stop(self, close_server: Callable[[], None] = lambda: None) -> None:
        """End in order: no new work, then what is under way, then the file."""
        if self.recognising is not None:
            self.recognising.stop()
        self.supervisor.stop()
        parts_of(self.app).hub.close()
        close_server()
        self.certificate.stop()
        self.releases.stop()
        self.shop.stop()
        self.delivery.stop()
        self.store.close()


def build(
    settings: Settings,
    site: Site,
    *,
    clock: Clock,
    chance: Chance,
    stage: DemoStage | None = None,
) -> Appliance:
    """Build the appliance for ``site``, which nothing but a person changes."""
    return build_begun(Begun(settings, site), clock=clock, chance=chance, stage=stage)


def build_begun(
    begun: Begun, *, clock: Clock, chance: Chance, stage: DemoStage | None = None
) -> Appliance:
    """Build the appliance; nothing runs yet but the store's writer."""
    settings = begun.settings
    core = lay(settings, begun.site, clock, chance)
    laid = lay_rankers(core, lambda: _order_counts(core))
    report = Report(core.events)
    shelves = Shelves(core.state, laid.rankers.now)
    serve = _serve(core, laid.rankers, shelves, report)
    facts = NoteFacts(
        core.store, core.state, core.current_site, clock=clock, events=core.events.stock
    )
    facts.recall()
    orders = TakeOrder(
        core.store,
        core.current_site,
        lambda: core.state.sold_out,
        events=report.order,
        clock=clock,
    )
    recognising = _recognising(core)
    delivery = _delivery(core, facts, recognising)
    engage = RecordEngagement(core.store, core.events.engagement)
    shop = share(core, _topics(core), facts, engage, recognising)
    certificate = keep_certificate(settings.data_folder, delivery.status, clock, chance)
    supervisor = Supervisor([])
    health = CheckHealth(
        store=core.store,
        rankers=laid.rankers,
        counts=serve.counts,
        site=core.current_site,
        supervisor=supervisor,
        delivery=delivery.status,
        clock=clock,
        certificate=lambda: certificate.problem,
        trust=core.trust,
        started_at=clock(),
        recognition=lambda: (*_recognition_health(core, recognising), shop.health()),
        releases=lambda: release_health(releases),
        more_figures=lambda: {
            **release_figures(releases),
            **(recognition_figures(recognising) if recognising else {}),
            **shop.sharing.figures(),
        },
    )
    archive = CatalogArchive(settings.data_folder / "catalogs")
    archive.keep(begun.site)
    services = Services(
        settings=web_settings(settings),
        clock=clock,
        chance=chance,
        site=core.current_site,
        context=lambda _surface: core.state.context(clock()),
        serve=serve,
        without_past_orders=serve.without_past_orders,
        engage=engage,
        take_order=laid.arms.watching(orders),
        orders_since=orders.since,
        sold_out=lambda: core.state.sold_out,
        set_stock=facts.stock,
        set_context=facts.context,
        explain=lambda decision_id: archive.explain(core.store.reads, decision_id),
        health=health,
        board_hero=BoardHeroes(
            serve,
            lambda: core.state.context(clock()),
            lambda: core.state.sold_out,
            clock=clock,
            hold=timedelta(seconds=settings.board.hold_s),
        ),
        recognition=recognising.recognise if recognising else None,
        customers=recognising.pages if recognising else None,
        staff=staff_desk(core.store, recognising, clock, chance) if recognising else None,
        demo=DemoButtons(stage, recognising, clock) if stage and recognising else None,
        passes_on=passing_on(settings),
    )
    app = create_app(services)
    bell = Doorbell(chance)
    supervisor.jobs += [
        *_jobs(core, app, facts, health),
        *shop.sharing.jobs(),
        Job("doorbell", 1, bell.tick),
    ]
    if recognising is not None:
        supervisor.jobs += recognising.jobs()
        connect(recognising, app, core.store)
    reach = Reach(delivery, _topics(core), parts_of(app).hub.publish, health, bell)
    connect_commands(core, reach)
    releases = join_releases(
        laid,
        begun,
        Beside(
            Around(shelves, screens_of(app).has_visits),
            failing=lambda: _failing(supervisor, "boards", "kiosks"),
        ),
        Serving(serve, engage, reach),
    )
    facts.changed = lambda: supervisor.soon("boards", "kiosks")
    return Appliance(
        app,
        settings,
        services,
        core.store,
        supervisor,
        delivery,
        facts,
        shop,
        bell,
        releases,
        certificate,
        recognising,
    )


def _failing(supervisor: Supervisor, *names: str) -> str:
    """Return what is broken in showing the shop; empty: nothing is."""
    jobs = (job for job in supervisor.jobs if job.name in names)
    return next((f"{job.name}: {job.failing}" for job in jobs if job.failing), "")


def _serve(core: Foundation, rankers: Rankers, shelves: Shelves, report: Report) -> ServePlacement:
    rule = core.settings.exploration
    recording = Recording(
        record=core.store.record_decision,
        events=report.decision,
        site_id=core.site.header.site,
        device_id=core.settings.device_id,
        clock=core.clock,
        chance=core.chance,
    )
    return ServePlacement(shelves, rankers, recording, Exploration(rule.gamma, rule.floor))


def _recognising(core: Foundation) -> Recognising | None:
    """Return recognition; None when it is off, nobody is responsible for it, or keys do not fit."""
    wanted = core.settings.recognition
    if not wanted.on:
        return None
    if core.site.header.controller is None:
        log.warning("nobody is recognised: site.yaml names no controller of customers' data")
        return None
    if core.store.keys.problem is not None:
        return None
    ground = Ground(wanted, core.store, core.site, core.origin, core.clock, core.chance)
    return build_recognition(ground, core.trust.state)


def _recognition_health(core: Foundation, built: Recognising | None) -> tuple[PartHealth, ...]:
    keys = core.store.keys
    if built is not None:
        return recognition_health(built, keys)
    return unfit(keys) if keys.problem is not None else OFF


def _delivery(core: Foundation, facts: NoteFacts, built: Recognising | None) -> Delivery:
    settings = core.settings
    broker = settings.mqtt
    parts = DeliveryParts(
        store=core.store,
        topics=_topics(core),
        version=version("instore-edge"),
        clock=core.clock,
        chance=core.chance,
        about=lambda: _about(core, built),
    )
    address = _address(broker) if broker.host else None
    from_central = built.from_central if built else None
    others = (
        {
            parts.topics.profile: of_payload(from_central.heard_profile),
            parts.topics.erase: of_payload(from_central.heard_erase),
        }
        if from_central and settings.recognition.central_sign_key
        else {}
    )
    return Delivery(parts, address, lambda message: _noted(facts, message), others)


def _topics(core: Foundation) -> Topics:
    header = core.site.header
    return Topics(header.tenant, header.site, core.settings.device_id)


def _address(broker: Mqtt) -> DeliverySettings:
    files = (broker.ca_file, broker.cert_file, broker.key_file)
    tls = Tls(*(file for file in files if file)) if broker.tls == "mutual" else None
    confirming = None
    if broker.acknowledged_by == "central":
        confirming = Confirming(bytes.fromhex(broker.acked_key), broker.confirm_within_s)
    return DeliverySettings(
        broker.host,
        broker.port,
        tls=tls,
        reconnect_spread_s=broker.reconnect_spread_s,
        confirming=confirming,
    )


def _about(core: Foundation, built: Recognising | None) -> About:
    return About(
        ring=core.settings.update.ring,
        clock=core.trust.state(),
        screens=Counter(screen.surface for screen in core.settings.screens),
        customers=_for_customers(core, built),
    )


def _for_customers(core: Foundation, built: Recognising | None) -> ForCustomers | None:
    wanted = core.settings.recognition
    if built is None or not wanted.central_sign_key:
        return None
    key = core.store.keys.exchange_key.hex()
    return ForCustomers(key, wanted.group, built.from_central.heard())


def _noted(facts: NoteFacts, message: ContextMessage) -> None:
    facts.heard(message)


def _order_counts(core: Foundation) -> Mapping[str, int]:
    """Return orders per sku by the rule for boards: no single order may decide a hero."""
    now = core.clock()
    try:
        orders = core.store.reads.orders_between(now - POPULAR_DAYS, now)
    except StorageUnavailableError as error:
        log.error("popularity starts from nothing, because orders cannot be read: %s", error)
        return {}
    return trend(skus for _, skus in orders)


def _jobs(core: Foundation, app: WebApp, facts: NoteFacts, health: CheckHealth) -> list[Job]:
    parts = parts_of(app)
    kiosks = screens_of(app)
    return [
        Job("trend", 5, lambda: core.state.refresh_trend(core.clock())),
        Job("forecast", 60, facts.follow_forecast),
        Job("boards", 1, parts.boards.refresh),
        Job("kiosks", 1, kiosks.refresh),
        # Not at once: what connects needs a moment, and this report stands for five minutes.
        Job(
            "health report",
            300,
            lambda: _report_health(core, health, parts.boards),
            due_s=time.monotonic() + FIRST_REPORT_S,
        ),
        Job("retention", 3600, lambda: _sweep(core)),
    ]


def _sweep(core: Foundation) -> int:
    kept = timedelta(days=core.settings.retention.decisions_days)
    return core.store.sweep(kept, trusts_clock=core.trust.may_delete())


def _report_health(core: Foundation, health: CheckHealth, boards: Boards) -> Future[int]:
    found = health()
    poorly = [part.part for part in found.parts if part.state not in ("ok", "off")]
    figures = {**found.figures, **_painted(core, boards)}
    return core.store.add_events([core.events.health(figures, poorly)])


def _painted(core: Foundation, boards: Boards) -> dict[str, float]:
    """Return how long ago the board was painted that was painted longest ago, if any was."""
    moments = [boards.last_painted_at(screen.id) for screen in core.settings.screens]
    oldest = min((at for at in moments if at is not None), default=None)
    if oldest is None:
        return {}
    return {"painted_oldest_seconds": max(0.0, (core.clock() - oldest).total_seconds())}
