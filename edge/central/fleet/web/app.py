"""The fleet's web application: pages and status interface for ops, and what devices fetch and join.

Guard, headers, languages and assets are the appliance's own (``edge.web``), so that a rule that is
made stricter there is stricter here.
"""

from datetime import timedelta
from typing import Final

from flask import Flask
from jinja2 import StrictUndefined

from edge.central.fleet.rollout.rollouts import Rollouts
from edge.central.fleet.web import access, failures, proxy, shown_words, words
from edge.central.fleet.web.acts import acts
from edge.central.fleet.web.api import api
from edge.central.fleet.web.enrolment import enrolment
from edge.central.fleet.web.files import files
from edge.central.fleet.web.looking import Looking
from edge.central.fleet.web.my_data import Coming, my_data
from edge.central.fleet.web.pages import pages
from edge.central.fleet.web.parts import KEY, Built, FleetParts
from edge.central.fleet.web.probes import probes
from edge.central.fleet.web.sessions import Sessions
from edge.central.fleet.web.sign_in import session
from edge.central.fleet.web.tries import Tries
from edge.web import assets, guard, headers
from edge.web.ports import Timers, WebSettings
from edge.web.speech import Speeches

PROOFS_PER_MINUTE: Final = 30.0
"""Of one sender, and of one customer; a person opens their data once."""

FleetApp = Flask
"""The application, by a name that does not say which library made it."""


def create_fleet_app(parts: FleetParts) -> Flask:
    """Return the application over ``parts``; nothing starts by itself."""
    folder = parts.ui_folder.resolve()
    app = Flask("fleet", static_folder=None, template_folder=str(folder / "templates"))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.json.sort_keys = False  # type: ignore[attr-defined]
    found = assets.Assets(folder / "static")
    app.extensions[KEY] = Built(
        parts=parts,
        looking=Looking(parts.database, parts.clock),
        rollouts=Rollouts(parts.database, parts.clock),
        sessions=Sessions(parts.clock, parts.chance),
    )
    app.jinja_env.globals.update(
        asset=found.url, build=found.build, tenant=parts.tenant, version=parts.version
    )
    proxy.install(app, parts.trusted_proxy)
    headers.install(app)
    guard.install(app, _guarded(parts), parts.chance)
    words.install(app, Speeches(folder / "i18n"))
    access.install(app)
    failures.install(app)
    shown_words.install(app)
    app.register_blueprint(assets.blueprint(found))
    for surface in (probes(), files(parts.repository), session(), pages(), acts(), api()):
        app.register_blueprint(surface)
    if parts.my_data is not None:
        mays = [Tries(parts.clock, per_minute=PROOFS_PER_MINUTE).may for _ in range(2)]
        app.register_blueprint(my_data(Coming(parts.my_data, *mays)))
    if parts.joining is not None:
        may = Tries(parts.clock).may
        app.register_blueprint(enrolment(parts.joining.enrol, parts.joining.renew, may))
    return app


def _guarded(parts: FleetParts) -> WebSettings:
    return WebSettings(
        allowed_hosts=parts.hosts,
        screens=(),
        timers=Timers(guest=timedelta(0)),
        ui_folder=parts.ui_folder,
        is_demo=False,
        accepts_at=False,
        version=parts.version,
    )
