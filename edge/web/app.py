"""The web application: every surface, behind one guard and one set of headers."""

from flask import Flask
from jinja2 import StrictUndefined

from edge.web import (
    access,
    assets,
    errors,
    guard,
    headers,
    home,
    i18n,
    json_bodies,
    live,
    metrics,
    ops,
    parts,
    probes,
    repository,
)
from edge.web.api import surface as api
from edge.web.board import surface as board
from edge.web.kiosk import surface as kiosk
from edge.web.parts import WebParts
from edge.web.phone import surface as phone
from edge.web.ports import Services
from edge.web.tablet import surface as tablet

WebApp = Flask
"""The web application, by a name that does not say which library made it."""


def create_app(services: Services) -> Flask:
    """Return the application over ``services``; nothing starts by itself.

    ``parts_of(app)`` gives what the supervisor must call.
    """
    folder = services.settings.ui_folder.resolve()
    app = Flask("edge", static_folder=None, template_folder=str(folder / "templates"))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    built = parts.build(app, services)
    app.jinja_env.globals.update(
        asset=built.assets.url, build=built.assets.build, is_demo=services.settings.is_demo
    )
    app.jinja_env.filters["digest"] = assets.digest
    app.json = json_bodies.JsonBodies(app)
    headers.install(app)
    guard.install(app, services.settings, services.chance)
    access.install(app, services)
    i18n.install(app, built.speeches, services.site)
    errors.install(app)
    _register(app, services, built)
    return app


def _register(app: Flask, services: Services, built: WebParts) -> None:
    screens = {screen.screen_id for screen in services.settings.screens}
    app.register_blueprint(assets.blueprint(built.assets))
    app.register_blueprint(live.blueprint(built.hub, screens.__contains__))
    for surface in (home, kiosk, board, tablet, phone, ops, probes, api, metrics, repository):
        app.register_blueprint(surface.blueprint(services))
