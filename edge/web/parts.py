"""What the surfaces share, built once per service and reached through the app."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app

from edge.core.ids import uuid7
from edge.web.assets import Assets
from edge.web.board.boards import Boards
from edge.web.help import HelpDesk
from edge.web.live import LiveHub
from edge.web.ports import Services
from edge.web.region import Region, load_region
from edge.web.speech import Speeches

KEY = "edge.parts"


@dataclass(frozen=True, slots=True)
class WebParts:
    """The parts of the web that outlive a request.

    ``app/supervisor.py`` calls ``boards.refresh()`` each second, and ``hub.close()`` at the end.
    """

    services: Services
    assets: Assets
    speeches: Speeches
    hub: LiveHub
    help_desk: HelpDesk
    boards: Boards

    def region(self) -> Region:
        """Return the food-law words of the shop's region."""
        return _region_of(self.services)


def build(app: Flask, services: Services) -> WebParts:
    """Build the parts of ``app`` once."""
    settings = services.settings
    assets = Assets(settings.ui_folder / "static")
    # Revisions stay larger than those before a restart, so no screen takes new for old.
    hub = LiveHub(settings.max_streams, int(services.clock().timestamp()))
    desk = HelpDesk(services.clock, lambda: uuid7(services.clock(), services.chance))
    parts = WebParts(
        services=services,
        assets=assets,
        speeches=Speeches(settings.ui_folder / "i18n"),
        hub=hub,
        help_desk=desk,
        boards=Boards(app, services, hub, assets, lambda: _region_of(services)),
    )
    desk.on_change = lambda: _tell_tablets(parts)
    app.extensions[KEY] = parts
    return parts


def parts_of(app: Flask) -> WebParts:
    """Return the parts of ``app``."""
    parts: WebParts = app.extensions[KEY]
    return parts


def parts() -> WebParts:
    """Return the parts of the app that answers this request."""
    return parts_of(current_app)


def _tell_tablets(parts: WebParts) -> None:
    for screen in parts.services.settings.screens:
        if screen.surface == "tablet":
            parts.hub.publish(screen.screen_id, "help", {"open": len(parts.help_desk.open())})


def _region_of(services: Services) -> Region:
    return _region(services.settings.ui_folder / "region", services.site().header.region)


@lru_cache(maxsize=4)
def _region(folder: Path, region_id: str) -> Region:
    return load_region(folder, region_id)
