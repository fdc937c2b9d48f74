"""Certificates of a small fleet, made with the product's own authority, and its broker.

fleet = Fleet.make(folder)
with tls_broker(fleet, devices=(Enrolled("kiosk-1", "shop-1", "stable"),)) as broker:
    MqttConnection(broker.address("kiosk-1"), …)      # mutual TLS, as in a shop
"""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from edge.app.shipped import shipped
from edge.central.fleet.provision.acl import Enrolled, central_acl
from edge.central.fleet.provision.authority import (
    Authority,
    Revoked,
    certificate_pem,
    key_pem,
)
from edge.central.fleet.provision.broker_files import CENTRAL, BrokerPlace, filled
from edge.central.fleet.provision.certificate import new_key
from edge.central.fleet.provision.names import role_of
from edge.central.fleet.provision.whole_files import SECRET, put
from edge.core.clock import system_clock
from edge.sync.mqtt import BrokerAddress
from edge.sync.tls import Tls
from tests.fakes.broker import free_port, program, wait_until

TENANT: Final = "harbour"
OWN: Final = ("bridge-1", "bridge-2", "ops")
HOST: Final = "127.0.0.1"


def system_now() -> datetime:
    """Return the machine's time: OpenSSL looks at no other clock."""
    return system_clock()


@dataclass(frozen=True, slots=True)
class Fleet:
    """An authority in a folder, and a folder of files for each name."""

    folder: Path
    authority: Authority
    tenant: str = TENANT

    @classmethod
    def make(cls, folder: Path, tenant: str = TENANT, now: datetime | None = None) -> "Fleet":
        authority = Authority.make(folder / "authority", tenant, now or system_now())
        return cls(folder, authority, tenant)

    def client(self, name: str) -> Tls:
        """Return the files of a device or of one of central's own clients, made once."""
        files = self._files(name)
        if not files.cert_file.exists():
            key = new_key()
            sign = self.authority.central if role_of(name) else self.authority.device
            certificate = sign(name, key.public_key(), system_now())
            put(files.key_file, key_pem(key), SECRET)
            put(files.cert_file, certificate_pem(certificate))
        return files

    def server(self, *hosts: str) -> Tls:
        """Return the files of a server that answers at ``hosts``; 127.0.0.1 if none."""
        files = self._files("server")
        if not files.cert_file.exists():
            key = new_key()
            certificate = self.authority.server(
                hosts or (HOST, "localhost"), key.public_key(), system_now()
            )
            put(files.key_file, key_pem(key), SECRET)
            put(files.cert_file, certificate_pem(certificate))
        return files

    def _files(self, name: str) -> Tls:
        folder = self.folder / "clients" / name
        folder.mkdir(parents=True, exist_ok=True)
        return Tls(self.folder / "authority/ca.crt", folder / f"{name}.crt", folder / f"{name}.key")


class TlsBroker:
    """Mosquitto with the delivered files on a free port; may go away, come back, be told."""

    def __init__(self, fleet: Fleet, folder: Path, more: str = "") -> None:
        self.fleet = fleet
        self.port = free_port()
        self.place = BrokerPlace(folder, folder / "data", self.port, HOST)
        self.place.data.mkdir(parents=True, exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / "mosquitto.log"
        self.take_over(fleet)
        self.configure(shipped(CENTRAL).read_text("utf-8"), more)

    def take_over(self, fleet: Fleet) -> None:
        """Take the files of another authority, as after ``server-cert``; restart it afterwards."""
        self.fleet = fleet
        server = fleet.server()
        put(self.place.folder / "ca.crt", fleet.authority.pem)
        put(self.place.folder / "server.crt", server.cert_file.read_bytes())
        put(self.place.folder / "server.key", server.key_file.read_bytes(), SECRET)
        self.write_revoked(())

    def configure(self, template: str, more: str = "") -> None:
        """Write the configuration; for controls that show what a line is good for."""
        if os.geteuid() == 0:
            more += "\nuser root\n"  # else it changes to a user who may not read the folder
        (self.place.folder / "mosquitto.conf").write_text(filled(template, self.place) + more)

    def write_acl(self, devices: Sequence[Enrolled], own: Sequence[str] = OWN) -> None:
        """Write who may say what; ``hang_up`` makes a running broker read it."""
        put(self.place.folder / "acl", central_acl(self.fleet.tenant, devices, own).encode())

    def write_revoked(self, revoked: Sequence[Revoked]) -> None:
        """Write which certificates are good no longer."""
        put(self.place.folder / "crl.pem", self.fleet.authority.revocations(revoked, system_now()))

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [program("mosquitto"), "-c", str(self.place.folder / "mosquitto.conf")],
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, "the broker answers")

    def stop(self) -> None:
        """End it in order: it writes its sessions down."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a chance to write anything."""
        self._end(signal.SIGKILL)

    def hang_up(self) -> None:
        """Tell it to read its files again (SIGHUP), as after an enrolment."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def address(self, name: str) -> BrokerAddress:
        """Return what ``name`` connects with, its certificate included."""
        return BrokerAddress(HOST, self.port, name, self.fleet.client(name))

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(10)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"mosquitto ended: {self.log.read_text()}"
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 0.2):
            return True
        return False


@contextlib.contextmanager
def tls_broker(
    fleet: Fleet,
    *,
    devices: Sequence[Enrolled] = (),
    own: Sequence[str] = OWN,
    more: str = "",
) -> Iterator[TlsBroker]:
    """Run central's broker, with the delivered files, for the length of a ``with``."""
    folder = Path(tempfile.mkdtemp(prefix="broker-", dir=fleet.folder))
    broker = TlsBroker(fleet, folder, more)
    broker.write_acl(devices, own)
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()
