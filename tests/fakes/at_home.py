"""A customer at home: a browser with a home key at central's page, and central behind it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edge.central.fleet.web.app import create_fleet_app
from edge.central.fleet.web.parts import FleetParts, Running
from edge.central.fleet.web.people import People
from edge.central.my_data.part import my_data_part
from edge.central.settings import CentralSettings
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.shipped import shipped
from edge.identity.day_keys import day_of
from edge.identity.home_key import home_day_key, home_key, home_tag
from edge.identity.proof import proof

SITES = Path(__file__).parents[2] / "firmware_config/sites"
HERE = {"Sec-Fetch-Site": "same-origin"}


def central_app(settings: CentralSettings, clock: SettableClock) -> Flask:
    """Return what ``edge fleet serve`` serves with these settings; nobody may change the fleet."""
    return create_fleet_app(
        FleetParts(
            tenant=settings.tenant,
            database=settings.database,
            repository=settings.repository,
            hosts=("127.0.0.1", "localhost", "my.example"),
            people=People(None),
            clock=clock,
            chance=system_chance,
            running=lambda: Running(is_hearing=True, is_alive=True),
            ui_folder=shipped("kiosk_ui"),
            version="0.1.0",
            my_data=my_data_part(settings, clock, system_chance),
        )
    )


@dataclass
class AtHome:
    """A browser that holds the home key of the phone with ``beacon_key``."""

    app: Flask
    clock: SettableClock
    beacon_key: bytes = field(repr=False)
    group: int = 1
    seen: str = ""
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    @property
    def key(self) -> bytes:
        return home_key(self.beacon_key, self.group)

    def shown(self, key: bytes | None = None) -> dict[str, str]:
        """What the page's script sends to open the data of ``key``."""
        key, now = key or self.key, self.clock()
        code = proof(home_day_key(key, day_of(now)), now, system_chance(4))
        return {"who": home_tag(key).hex(), "code": code}

    def prove(self, said: object | None = None) -> TestResponse:
        """Show that the key is held."""
        return self.client.post("/my/prove", json=said or self.shown(), headers=HERE)

    def open(self) -> str:
        """Open "My data" and return the page."""
        assert self.prove().get_json() == {"next": "/my/me"}
        return self.get("/my/me").text

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        answer = self.client.get(path)
        if answer.mimetype == "text/html":
            self.seen = answer.text
        return answer

    def post(self, path: str, **fields: object) -> TestResponse:
        """Send a form of the last page."""
        found = re.search(r'name="csrf_token" value="([^"]*)"', self.seen)
        token = found[1] if found else ""
        return self.client.post(path, data={"csrf_token": token, **fields}, headers=HERE)
