"""Build everything once, top to bottom: read this to see what the appliance is made of."""

from datetime import timedelta

from edge.app.appliance import Appliance
from edge.app.at_start.begin import Begun
from edge.app.at_start.build import Beside
from edge.app.board_heroes import BoardHeroes
from edge.app.build_delivery import build_delivery, topics_of
from edge.app.build_recognising import build_recognising, health_of
from edge.app.catalog_archive import CatalogArchive
from edge.app.category_linkage import join_linkage
from edge.app.check_health import CheckHealth
from edge.app.commands.connect import Reach, connect_commands
from edge.app.commands.doorbell import Doorbell
from edge.app.demo.buttons import DemoButtons
from edge.app.demo.stage import DemoStage
from edge.app.foundation import Foundation, lay
from edge.app.join_contacts import join_contacts
from edge.app.join_experiments import build_trying, join_experiments
from edge.app.keep_certificate import keep_certificate
from edge.app.lan_sharing.connect import share
from edge.app.note_facts import NoteFacts
from edge.app.order_counts import order_counts, sold_lately
from edge.app.rankers import Rankers
from edge.app.recognition.connect import connect, staff_desk
from edge.app.recognition.health import recognition_figures
from edge.app.record_engagement import RecordEngagement
from edge.app.recurring import failing_of, recurring_jobs
from edge.app.releases.connect import Serving, join_releases
from edge.app.releases.health import release_figures, release_health
from edge.app.releases.passing_on import passing_on
from edge.app.releases.runtime import Around, lay_rankers
from edge.app.report import Report
from edge.app.serve_placement import Recording, ServePlacement
from edge.app.settings import Settings
from edge.app.shelves import Shelves
from edge.app.supervisor import Job, Supervisor
from edge.app.take_order import TakeOrder
from edge.app.web_settings import web_settings
from edge.catalog.site import Site
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.decide.arrange import Exploration
from edge.web.app import create_app
from edge.web.kiosk.surface import screens_of
from edge.web.parts import parts_of
from edge.web.ports import Services

__all__ = ["Appliance", "build", "build_begun"]


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
    laid = lay_rankers(core, lambda: order_counts(core))
    report = Report(core.events)
    shelves = Shelves(core.state, laid.rankers.now)
    serve = _serve(core, laid.rankers, shelves, report)
    facts = _facts(core)
    orders = TakeOrder(
        core.store,
        core.current_site,
        lambda: core.state.sold_out,
        events=report.order,
        clock=clock,
    )
    recognising = build_recognising(core)
    delivery = build_delivery(core, facts, recognising)
    engage = RecordEngagement(core.store, core.events.engagement)
    trying = build_trying(core, recognising)
    shop = share(core, topics_of(core), facts, engage, recognising)
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
        recognition=lambda: (*health_of(core, recognising), shop.health()),
        releases=lambda: release_health(releases),
        more_figures=lambda: {
            **release_figures(releases),
            **(recognition_figures(recognising) if recognising else {}),
            **shop.sharing.figures(),
            **trying.figures(),
        },
    )
    archive = _archive(settings, begun.site)
    services = Services(
        settings=web_settings(settings),
        clock=clock,
        chance=chance,
        site=core.current_site,
        context=lambda _surface: core.state.context(clock()),
        serve=serve,
        without_past_orders=serve.without_past_orders,
        engage=engage,
        take_order=trying.learning.watching(laid.arms.watching(orders)),
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
        *recurring_jobs(core, app, facts, health),
        *shop.sharing.jobs(),
        *trying.jobs(),
        Job("doorbell", 1, bell.tick),
        Job("sold", 600, lambda: shelves.sold_is(sold_lately(core))),
        join_linkage(core, serve),
        join_contacts(core, serve, engage),
    ]
    if recognising is not None:
        supervisor.jobs += recognising.jobs()
        connect(recognising, app, core.store)
    reach = Reach(delivery, topics_of(core), parts_of(app).hub.publish, health, bell)
    connect_commands(core, reach)
    releases = join_releases(
        laid,
        begun,
        Beside(
            Around(shelves, screens_of(app).has_visits),
            failing=lambda: failing_of(supervisor, "boards", "kiosks"),
        ),
        Serving(serve, engage, reach),
    )
    join_experiments(trying, serve, engage)
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
        trying,
        recognising,
    )


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


def _facts(core: Foundation) -> NoteFacts:
    facts = NoteFacts(
        core.store, core.state, core.current_site, clock=core.clock, events=core.events.stock
    )
    facts.recall()
    return facts


def _archive(settings: Settings, site: Site) -> CatalogArchive:
    archive = CatalogArchive(settings.data_folder / "catalogs")
    archive.keep(site)
    return archive
