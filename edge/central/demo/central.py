"""Central of the demo: authority, broker, keys, repository, bridge and fleet server.

Made with the very commands that central ops would type, in the order of ``edge/docs/ceremony.md``;
nothing of it is taken into any real fleet: all keys are made anew at each start.
"""

import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge.central.demo.database import Database
from edge.central.demo.place import HOST, DemoPlace, answers, free_port
from edge.central.demo.programs import EDGE, Program, Programs, debian, fleet
from edge.central.settings import CentralSettings

TENANT: Final = "demo"
KEEPERS: Final = ("a", "b", "c")
APPROVERS: Final = ("ada", "grace")
_SETTINGS: Final = """\
tenant = "{tenant}"
database = "{database}"
repository = "{folder}/repository"

[mqtt]
host = "127.0.0.1"
port = {broker}
ca_file = "{folder}/clients/ca.crt"
cert_file = "{folder}/clients/{client}.crt"
key_file = "{folder}/clients/{client}.key"
share_file = "{folder}/clients/share"

[keys]
online = "{folder}/keys"
authority = "{folder}/authority"

[provision]
broker_folder = "{folder}/broker"
broker_pid_file = "{folder}/broker/data/mosquitto.pid"
broker_host = "127.0.0.1"
broker_port = {broker}
enrol_url = "http://127.0.0.1:{port}"
repository_url = "http://127.0.0.1:{port}/repository"

[serve]
port = {port}
token_file = "{folder}/tokens"
"""


@dataclass(slots=True)
class Central:
    """Central's files and programs."""

    folder: Path
    port: int
    broker_port: int
    programs: Programs
    broker: Program | None = None
    tokens: dict[str, str] = field(default_factory=dict)
    """What persons sign in with on the ops page."""

    @classmethod
    def make(cls, place: DemoPlace, database: Database, programs: Programs) -> "Central":
        """Write settings, make the authority, certificates, keys and the repository."""
        made = cls(place.below("central"), free_port(place.port), free_port(), programs)
        made._write_settings(database.url)
        place.below("central", "broker", "data")
        made._make_certificates()
        made._make_keys()
        for person in APPROVERS:
            of = ("--settings", made.settings_file, person, "--role", "approver")
            made.tokens[person] = fleet("token", *of).strip()
        return made

    @property
    def settings_file(self) -> Path:
        """Return the fleet server's settings."""
        return self.folder / "central.toml"

    @property
    def settings(self) -> CentralSettings:
        """Return the fleet server's settings, read."""
        return CentralSettings.read(self.settings_file)

    @property
    def root(self) -> Path:
        """Return the root that devices pin."""
        return self.folder / "root.json"

    def start(self) -> None:
        """Start broker, bridge and fleet server, and wait until they answer."""
        self.broker = self.start_broker("broker", self.folder / "broker", self.broker_port)
        bridge = (*EDGE, "bridge", "run", "--config", str(self.folder / "bridge.toml"))
        self.programs.start("bridge", *bridge, "--worker", "bridge-1")
        serve = (*EDGE, "fleet", "serve", "--settings", str(self.settings_file), "--every", "1")
        self.programs.start("fleet-server", *serve)
        self.programs.wait_until(lambda: answers(self.port), "the fleet server answers")

    def start_broker(self, name: str, folder: Path, port: int) -> Program:
        """Start a broker with the files in ``folder``."""
        conf = str(folder / "mosquitto.conf")
        started = self.programs.start(name, debian("mosquitto"), "-c", conf)
        self.programs.wait_until(lambda: answers(port), f"{name} answers")
        return started

    def kill_broker(self) -> None:
        """Kill the broker, as a power cut would: nothing is written down, nobody is told."""
        assert self.broker is not None
        self.broker.stop(signal.SIGKILL)

    def revive_broker(self) -> None:
        """Start the broker again."""
        assert self.broker is not None
        self.broker.start()
        self.programs.wait_until(lambda: answers(self.broker_port), "the broker answers")

    def broker_files(self, out: Path, port: int, site: str = "") -> None:
        """Fill in the delivered broker file, with a certificate beside it."""
        config = ("--config", self.settings_file)
        fleet("provision", "server-cert", *config, "--out", out, HOST)
        place = ("--data", out / "data", "--port", str(port), "--address", HOST)
        of = ("--site", site) if site else ()
        fleet("provision", "broker-files", *config, "--out", out, *place, *of)
        if os.geteuid() == 0:  # else it becomes a user who may not read this folder
            with (out / "mosquitto.conf").open("a") as file:
                file.write("\nuser root\n")

    def sign(self, model: Path, version: str) -> None:
        """Have two of the three keepers sign a model's package, and publish it."""
        pending = self.folder / f"pending-{version}"
        keys = self._keys(*KEEPERS[:2])
        package = ("--model", model, "--name", "ranker", "--version", version)
        repository = ("--repository", self.folder / "repository", "--pending", pending)
        fleet("sign", *repository, *package, *keys)
        fleet("publish", "--settings", self.settings_file, "--pending", pending)

    def _write_settings(self, database: str) -> None:
        for name, client in (("central", "ops"), ("bridge", "bridge-1")):
            text = _SETTINGS.format(
                tenant=TENANT,
                database=database,
                folder=self.folder,
                broker=self.broker_port,
                port=self.port,
                client=client,
            )
            (self.folder / f"{name}.toml").write_text(text)

    def _make_certificates(self) -> None:
        config = ("--config", self.settings_file)
        fleet("provision", "ca-init", *config)
        self.broker_files(self.folder / "broker", self.broker_port)
        for client in ("bridge-1", "ops"):
            fleet("provision", "client-cert", *config, "--out", self.folder / "clients", client)

    def _make_keys(self) -> None:
        pending, online = self.folder / "pending-first", self.folder / "keys"
        for keeper in KEEPERS:
            secret = self.folder / f"{keeper}.txt"
            secret.touch(mode=0o600)
            secret.write_text(f"the demo's keeper {keeper}, not a secret\n")
        init = ("keys", "init", "--online", online, "--pending", pending)
        fleet(*init, *self._keys(*KEEPERS))
        fleet("publish", "--settings", self.settings_file, "--pending", pending)
        repository = ("--repository", self.folder / "repository")
        fleet("keys", "show", "--online", online, *repository, "--root", self.root)

    def _keys(self, *keepers: str) -> tuple[str | Path, ...]:
        found: list[str | Path] = []
        for one in keepers:
            found += ["--keys", self.folder / "keepers" / one]
            found += ["--passphrase-file", self.folder / f"{one}.txt"]
        return tuple(found)
