"""A device, a broker, two bridges and a database, as processes; any of them may be killed at any time.

The broker runs with the delivered files and mutual TLS, device and bridges run their own commands
with settings from files, and shoppers go on shopping whatever happens.
"""

import contextlib
import http.client
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

from edge.central.fleet.provision.acl import Enrolled
from edge.central.fleet.releases.central_keys import CentralKeys
from tests.fakes.broker import free_port, wait_until
from tests.fakes.certificates import Fleet, TlsBroker, tls_broker
from tests.fakes.forked import Forked, forked
from tests.fakes.postgres import running_postgres
from tests.fakes.profiles import demo_profile
from tests.fakes.service import request
from tests.fakes.shoppers import Promised, Shoppers

DEVICE: Final = Enrolled("kiosk-a", "harbour-kitchen", "stable")
TENANT: Final = "demo"
SHARE: Final = "cdp-0123456789abcdef"
CONFIRM_WITHIN_S: Final = 2
_QUIET_S: Final = 10.0
_TRIES: Final = 5


class Part(Protocol):
    """Something that can be killed and comes back."""

    def start(self) -> None:
        """Start it."""

    def kill(self) -> None:
        """Kill -9."""


class CommandPart:
    """A command of ours."""

    def __init__(self, processes: Forked, log: Path, *arguments: str) -> None:
        self._processes = processes
        self._arguments = arguments
        self.log = log
        self.before_kill: Callable[[], None] = lambda: None
        self._pid = 0
        self.restarts = 0

    def start(self) -> None:
        self._pid = self._processes.start(self.log, *self._arguments)

    def kill(self) -> None:
        self.before_kill()
        self._processes.kill(self._pid)

    def tend(self) -> None:
        """Start it again if it ended by itself, as systemd would."""
        if not self._processes.is_running(self._pid):
            self.restarts += 1
            self.start()


class PatientShoppers(Shoppers):
    """Come back as soon as the device does; what it never answered, it never promised."""

    def __init__(self, promised: Promised, pause_s: float) -> None:
        super().__init__(promised, 2)
        self._pause_s = pause_s

    def _shop(self, port: int) -> None:
        visits = 0
        while not self._leaving.is_set():
            visits += 1
            with contextlib.suppress(OSError):
                self._visit(port, orders=visits % 4 == 0)
            self._leaving.wait(self._pause_s)


@dataclass
class Scene:
    """All of it; ``parts`` by name."""

    parts: dict[str, Part]
    port: int
    database: str
    data: Path
    metrics: dict[str, int]
    repeats: float = 0.0
    """Repeats that the bridges removed, as far as they could be asked before they died."""
    down: set[str] = field(default_factory=set)

    def start(self) -> None:
        """Start everything; return when the device answers."""
        for part in self.parts.values():
            part.start()
        self.wait_for_the_device()

    def kill(self, name: str) -> None:
        """Kill one."""
        self.parts[name].kill()
        self.down.add(name)

    def revive(self, name: str) -> None:
        """Start one again; on a busy machine one may take longer than it is given at once."""
        for _ in range(_TRIES):
            try:
                self.parts[name].start()
            except AssertionError:
                self.parts[name].kill()
            else:
                break
        else:
            raise AssertionError(f"{name} did not come back")
        self.down.discard(name)

    def tend(self) -> None:
        """Start again what ended by itself: a bridge does, where PostgreSQL is away at its start."""
        for name, part in self.parts.items():
            if isinstance(part, CommandPart) and name not in self.down:
                part.tend()

    def wait_for_the_device(self) -> None:
        """Return when the device answers."""
        wait_until(lambda: _answers(self.port), "the device answers", 240)

    def outbox(self) -> int:
        """Return how many events wait on the device."""
        return self._number("SELECT sum(waiting) FROM outbox_lane")

    def committed(self) -> tuple[set[str], set[str]]:
        """Return the ids of the decisions and orders that the device has on its disk."""
        return self._ids("decision"), self._ids("shop_order")

    def dead_letters(self) -> int:
        """Return how many events the device set aside."""
        return self._number("SELECT count(*) FROM dead_letter")

    def note_repeats(self, name: str) -> None:
        """Ask a bridge, before it dies, how many repeats it removed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.metrics[name], timeout=2)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/metrics")
            said = connection.getresponse().read().decode()
            found = re.search(r"^bridge_repeats_total{.*} (\S+)$", said, re.MULTILINE)
            self.repeats += float(found.group(1)) if found else 0.0
        connection.close()

    def _number(self, query: str) -> int:
        return int(self._ask(query)[0][0])

    def _ids(self, table: str) -> set[str]:
        return {str(UUID(bytes=row[0])) for row in self._ask(f"SELECT id FROM {table}")}

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.data / "edge.db", timeout=10)) as con:
            return con.execute(query).fetchall()


@contextlib.contextmanager
def scene(folder: Path, acknowledged_by: str = "central") -> Iterator[Scene]:
    """Lay everything out in ``folder``, and take it away afterwards; nothing but PostgreSQL runs."""
    fleet = Fleet.make(folder / "fleet", TENANT)
    keys = CentralKeys(folder / "keys")
    keys.make_missing()
    with (
        running_postgres() as postgres,
        tls_broker(fleet, devices=(DEVICE,)) as broker,
        forked() as processes,
    ):
        database = postgres.url()
        postgres.kill()
        broker.kill()
        port = free_port()
        profile = _profile(folder, broker, acknowledged_by, keys.settings()["mqtt.acked_key"])
        data = folder / "data"
        arguments = ("--config", str(profile), "--data", str(data), "--port", str(port))
        device = CommandPart(processes, folder / "device.log", "run", *arguments)
        metrics = {name: free_port() for name in ("bridge-1", "bridge-2")}
        made = Scene({}, port, database, data, metrics)
        made.parts = {"database": postgres, "broker": broker, "device": device}
        for name, metrics_port in metrics.items():
            config = ("--config", str(_central(folder, broker, database, name)))
            more = ("--worker", name, "--metrics-port", str(metrics_port))
            bridge = CommandPart(processes, folder / f"{name}.log", "bridge", "run", *config, *more)
            bridge.before_kill = lambda name=name: made.note_repeats(name)  # type: ignore[misc]
            made.parts[name] = bridge
        yield made


def settle(
    scene: Scene, promised: Promised, arrived: Callable[[], set[str]], within_s: float
) -> None:
    """Return when the outbox is empty and all has arrived, or nothing more does, or it is too late."""
    deadline = time.monotonic() + within_s
    seen, quiet_since = -1, 0.0
    while (now := time.monotonic()) < deadline:
        here = arrived()
        if len(here) != seen or scene.outbox() > 0:
            seen, quiet_since = len(here), now
        if promised.ids <= here and scene.outbox() == 0:
            return
        if now - quiet_since > _QUIET_S:
            return
        scene.tend()
        time.sleep(0.2)


def _profile(folder: Path, broker: TlsBroker, acknowledged_by: str, key: str) -> Path:
    files = broker.fleet.client(DEVICE.device)
    head, _, rest = demo_profile().partition("\n[mqtt]\n")
    _, _, rest = rest.partition("\n[lan]\n")
    mqtt = f"""
[mqtt]
host = "127.0.0.1"
port = {broker.port}
tls = "mutual"
ca_file = "{files.ca_file}"
cert_file = "{files.cert_file}"
key_file = "{files.key_file}"
reconnect_spread_s = 0
acknowledged_by = "{acknowledged_by}"
acked_key = "{key}"
confirm_within_s = {CONFIRM_WITHIN_S}
"""
    path = folder / "device.toml"
    path.write_text(f"{head}{mqtt}\n[lan]\n{rest}".replace('"demo-1"', f'"{DEVICE.device}"'))
    return path


def _central(folder: Path, broker: TlsBroker, database: str, name: str) -> Path:
    files = broker.fleet.client(name)
    (folder / "share").write_text(SHARE)
    path = folder / f"{name}.toml"
    path.write_text(
        f"""tenant = "{TENANT}"
database = "{database}"
repository = "{folder}/repository"
[mqtt]
host = "127.0.0.1"
port = {broker.port}
ca_file = "{files.ca_file}"
cert_file = "{files.cert_file}"
key_file = "{files.key_file}"
share_file = "{folder}/share"
[keys]
online = "{folder}/keys"
"""
    )
    return path


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        return request(port, "GET", "/api/v1/health", timeout_s=2)[0] == 200
    return False
