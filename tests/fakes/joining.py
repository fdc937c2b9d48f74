"""Central as a machine meets it when it joins: the real authority, ledger and pages, over TLS."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from edge.central.fleet.provision.claims import LASTS, Place, hash_of, new_claim
from edge.central.fleet.provision.enrolment import Enrolment, Handed, Office
from edge.central.fleet.provision.ledger import Ledger
from edge.central.fleet.provision.told import BrokerTold
from edge.central.fleet.web.enrolment import enrolment
from edge.central.fleet.web.tries import Tries
from edge.central.postgres import connect
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from tests.fakes.certificates import TENANT, Fleet, TlsBroker, system_now

COMMAND_KEY: Final = "ab" * 32
HANDED: Final = Handed(
    {"mqtt.host": "127.0.0.1", "mqtt.port": 8883, "mqtt.command_key": COMMAND_KEY}
)
PLACE: Final = Place("shop-7", "kiosk-7", "early")


@dataclass(slots=True)
class Joining:
    """Central, with a clock that can be set."""

    fleet: Fleet
    database: str
    folder: Path
    """Where the broker would read acl and crl.pem."""
    clock: SettableClock
    office: Office
    enrolment: Enrolment
    reloads: list[int]

    @classmethod
    def make(cls, database: str, folder: Path, handed: Handed = HANDED) -> "Joining":
        fleet = Fleet.make(folder / "fleet")
        clock, reloads = SettableClock(system_now()), list[int]()
        told = BrokerTold(folder, TENANT, lambda: reloads.append(1))
        office = Office(database, fleet.authority, told, handed, clock)
        return cls(fleet, database, folder, clock, office, Enrolment(office), reloads)

    def emptied(self) -> "Joining":
        """Forget who belongs: another test used the database."""
        with connect(self.database) as con:
            con.execute(
                "TRUNCATE provision_claim, provision_device, provision_certificate, provision_log"
            )
        return self

    def at(self, broker: TlsBroker) -> "Joining":
        """Return the same central, telling ``broker`` who may say what."""
        told = BrokerTold(broker.place.folder, TENANT, broker.hang_up)
        office = replace(self.office, told=told)
        return replace(self, office=office, enrolment=Enrolment(office))

    def claim(self, place: Place = PLACE, lasts: timedelta = LASTS) -> str:
        """Return a new claim for ``place``."""
        made = new_claim(place, lasts, self.clock(), system_chance)
        with connect(self.database) as con:
            Ledger(con).add_claim(made, hash_of(made.text), self.clock())
        return made.text

    def revoke(self, name: str) -> None:
        """Throw out ``name``."""
        with connect(self.database) as con:
            Ledger(con).revoke(name, self.clock())
        self.enrolment.tell()

    def log(self) -> list[tuple[str, str]]:
        """Return what was logged."""
        with connect(self.database) as con:
            rows = con.execute("SELECT what, name FROM provision_log ORDER BY n").fetchall()
        return [(what, name) for what, name in rows]

    def app(self) -> Flask:
        """Return the pages."""
        app = Flask("joining")
        app.register_blueprint(
            enrolment(self.enrolment.enrol, self.enrolment.renew, Tries(self.clock).may)
        )
        return app

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve the pages over TLS, with a certificate of the fleet's own authority."""
        files = self.fleet.server()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.cert_file, files.key_file)
        server = make_server(
            "127.0.0.1", 0, self.app(), ssl_context=context, request_handler=_Quiet
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""
