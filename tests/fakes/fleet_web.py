"""The fleet's pages over a real database: a fleet, persons with tokens, and a browser's requests."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import orjson
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edge.central.bridge.schema import STEPS
from edge.central.fleet.tables import FLEET
from edge.central.fleet.web.app import create_fleet_app
from edge.central.fleet.web.parts import FleetParts, Running
from edge.central.fleet.web.people import People, Person, Role, line_of
from edge.central.postgres import connect, migrate
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.shipped import shipped
from tests.fakes.fleet import Fleet, line_at_four, small_plan

TENANT = "harbour"
TOKENS = {
    "ada": (Role.APPROVER, "ft-ada"),
    "grace": (Role.APPROVER, "ft-grace"),
    "olga": (Role.OPERATOR, "ft-olga"),
}
HERE = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class FleetWeb:
    """Pages, and what they show."""

    database: str
    folder: Path
    clock: SettableClock
    running: Running = field(default_factory=lambda: Running(is_hearing=True, is_alive=True))
    fleet: Fleet = field(init=False)
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        with connect(self.database) as con:
            migrate(con, FLEET, STEPS)
        self.fleet = Fleet(self.database, self.clock)
        self.people = self.folder / "people"
        self.write_people()
        self.app = create_fleet_app(
            FleetParts(
                tenant=TENANT,
                database=self.database,
                repository=self.folder / "repository",
                hosts=("127.0.0.1", "localhost"),
                people=People(self.people),
                clock=self.clock,
                chance=system_chance,
                running=lambda: self.running,
                ui_folder=shipped("kiosk_ui"),
                version="0.1.0",
            )
        )

    def write_people(self, *more: str, without: str = "") -> None:
        lines = [
            line_of(Person(name, role), token)
            for name, (role, token) in TOKENS.items()
            if name != without
        ]
        self.people.write_text("\n".join([*lines, *more]) + "\n")

    def client(self, who: str = "") -> FlaskClient:
        """Return a browser; ``who`` has signed in."""
        client = self.app.test_client()
        if who:
            answer = self.post(client, "/fleet/sign-in", token=TOKENS[who][1])
            assert answer.status_code == 303, answer.text
        return client

    def post(self, client: FlaskClient, path: str, **form: str) -> TestResponse:
        """Post a form as a page of ours does."""
        page = client.get("/fleet/sign-in").text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        return client.post(path, data={"csrf_token": token, **form}, headers=HERE)

    def ask(self, path: str, who: str = "", **body: str) -> TestResponse:
        """Post JSON as a program does."""
        headers = {"Authorization": f"Bearer {TOKENS[who][1]}"} if who else {}
        return self.app.test_client().post(f"/api/fleet/v1{path}", json=body, headers=headers)

    def see(self, path: str) -> dict[str, object]:
        """Return what a program sees at a path."""
        self.clock.advance(timedelta(seconds=1))
        answer = self.app.test_client().get(f"/api/fleet/v1{path}")
        assert answer.status_code == 200, answer.text
        found = answer.get_json()
        assert isinstance(found, dict)
        return found

    def draft(self, **changes: object) -> str:
        """Write the plan of a rollout and return its id."""
        plan = small_plan(**changes)
        self.fleet.rollouts.create(plan, "ada", line_at_four)
        return plan.release.release_id

    def healthy(self, device: str, *poorly: str, **figures: float) -> None:
        """A device reports its health."""
        with connect(self.database) as con:
            con.execute(
                "INSERT INTO device_health VALUES (%s, %s, %s, %s, %s::jsonb, %s::jsonb)",
                (
                    *(TENANT, device, device.rpartition("-")[0], self.clock()),
                    *(orjson.dumps(figures).decode(), orjson.dumps(poorly).decode()),
                ),
            )
