"""The whole server as a process: it goes on without database and broker, and comes back with them."""

import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from edge.app.enrol import request_for
from edge.central.fleet.provision.authority import Authority
from edge.central.fleet.provision.certificate import new_key
from edge.central.fleet.releases.central_keys import CentralKeys
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.identity.day_keys import day_of
from edge.identity.home_key import home_day_key
from edge.identity.proof import proof
from edge.wire.status import Birth, online
from edge.wire.topics import Topics
from tests.fakes.at_home import SITES
from tests.fakes.broker import Broker, running_broker, wait_until
from tests.fakes.postgres import PostgresServer, running_postgres
from tests.fakes.repository import SignedRepository

pytestmark = pytest.mark.broker
EDGE = (str(Path(sys.executable).with_name("edge")),)
DEVICE = Topics("harbour", "shop-0", "shop-0-1")


@dataclass
class Server:
    """A central whose parts can be taken away."""

    folder: Path
    postgres: PostgresServer
    broker: Broker
    url: str = ""

    @property
    def settings(self) -> Path:
        return self.folder / "central.toml"

    def make(self) -> "Server":
        signed = SignedRepository(self.folder / "signed")
        signed.make()
        Authority.make(self.folder / "authority", "harbour", system_clock())
        (self.folder / "told").mkdir()
        (self.folder / "people").touch(0o600)
        CentralKeys(signed.online.folder).make_missing()
        self.settings.write_text(
            f'tenant = "harbour"\ndatabase = "{self.postgres.url()}"\n'
            f'repository = "{signed.served}"\n'
            f'[mqtt]\nport = {self.broker.port}\ntls = "none"\n'
            f'[keys]\nonline = "{signed.online.folder}"\n'
            f'authority = "{self.folder / "authority"}"\n'
            f'[provision]\nbroker_folder = "{self.folder / "told"}"\n'
            f'[customers]\npages = true\nsites = "{SITES}"\n'
            f'[serve]\nport = 0\ntoken_file = "{self.folder / "people"}"\n'
        )
        return self

    def run(self, *words: str) -> str:
        done = subprocess.run([*EDGE, "fleet", *words], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    @contextmanager
    def serving(self) -> Iterator[None]:
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*EDGE, "fleet", "serve", "--settings", str(self.settings), "--every", "0.5"],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert process.stdout is not None
        try:
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, (self.folder / "log").read_text()
            self.url = found.group().rstrip("/")
            yield
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def get(self, path: str, body: object = None) -> tuple[int, str]:
        data = None if body is None else orjson.dumps(body)
        request = urllib.request.Request(
            f"{self.url}{path}", data, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


def system_proof() -> str:
    """A proof of now, of nobody's key."""
    now = system_clock()
    return proof(home_day_key(bytes(32), day_of(now)), now, system_chance(4))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_postgres() as postgres, running_broker(tmp_path) as broker:
        yield Server(tmp_path, postgres, broker).make()


def test_it_goes_on_without_database_and_broker_and_comes_back_with_them(server: Server) -> None:
    token = server.run("token", "--settings", str(server.settings), "ada", "--role", "approver")
    assert token.startswith("ft-")
    assert (server.folder / "people").stat().st_mode & 0o077 == 0
    server.postgres.stop()
    with server.serving():
        assert server.get("/healthz")[0] == 200
        assert server.get("/readyz")[0] == 503
        code, page = server.get("/fleet/")
        assert (code, "The database is away." in page) == (503, True)
        assert server.get("/my/")[0] == 200
        claim = {"who": "0" * 32, "code": system_proof()}
        assert server.get("/my/prove", claim)[0] == 503
        assert server.get("/repository/metadata/timestamp.json")[0] == 200

        server.postgres.start()
        wait_until(lambda: server.get("/readyz")[0] == 200, "it hears and steps")
        code, found = server.get("/my/prove", {"who": "0" * 32, "code": system_proof()})
        assert (code, orjson.loads(found)["refusal"]) == (200, "unknown")
        birth = online(Birth("shop-0", "shop-0-1", "0.1.0", "3", "e"), 1, system_clock())
        server.broker.retain(DEVICE.status, birth)
        wait_until(lambda: "1 device in 1 shop" in server.get("/fleet/")[1], "the device is shown")

        server.broker.stop()
        wait_until(lambda: "The broker is away." in server.get("/fleet/")[1], "pages say so")
        server.broker.start()
        wait_until(lambda: server.get("/readyz")[0] == 200, "it hears again")

        server.postgres.kill()
        wait_until(lambda: "This is of" in server.get("/fleet/")[1], "what was known is shown")
        code, found = server.get("/api/fleet/v1/summary")
        assert (code, orjson.loads(found)["is_stale"]) == (200, True)
        server.postgres.start()
        wait_until(lambda: "This is of" not in server.get("/fleet/")[1], "it is of now again")


def test_a_machine_joins_at_the_same_address(server: Server) -> None:
    with server.serving():
        server.run(
            *("provision", "claim", "shop-7", "kiosk-7", "--config", str(server.settings)),
            *("--usb", str(server.folder)),
        )
        claim = re.search(r'claim = "([^"]+)"', (server.folder / "claim.toml").read_text())
        assert claim
        code, found = server.get("/enrol", {"claim": claim.group(1), "csr": request_for(new_key())})
        assert (code, orjson.loads(found).get("device")) == (200, "kiosk-7"), found
        assert server.get("/enrol", {"claim": claim.group(1), "csr": "x"})[0] in (400, 403)
