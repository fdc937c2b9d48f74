"""The fleet's authority changes under a device: the delivered broker, the device's own files."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge.app.enrol import Asked, enrol
from edge.app.enrolled_files import AUTHORITY, CERTIFICATE, KEY, EnrolledFiles
from edge.app.renew_certificate import CertificateRenewal
from edge.central.fleet.provision import rollover
from edge.central.fleet.provision.acl import Enrolled
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import BrokerUnavailableError
from edge.sync.mqtt import BrokerAddress, Handlers, MqttConnection, Refusal
from edge.sync.tls import Tls
from tests.fakes.central_side import CentralSide
from tests.fakes.certificates import HOST, TENANT, Fleet, TlsBroker, system_now, tls_broker

pytestmark = pytest.mark.broker
NAME = "kiosk-7"


class Scene:
    """One device that enrolled years after the authority was made, and its one connection."""

    def __init__(self, folder: Path, broker: TlsBroker, central: CentralSide) -> None:
        self.broker, self.central, self.data = broker, central, folder
        asked = Asked("EC1-x", "https://central.example", central.fleet.authority.pem)
        enrol(asked, folder, central.post, central.clock)
        current = EnrolledFiles(folder).current
        tls = Tls(current / AUTHORITY, current / CERTIFICATE, current / KEY)
        self.greeted: list[object] = []
        handlers = Handlers(self.greeted.append, lambda _: None, lambda *_: None, lambda _: None)
        address = BrokerAddress(HOST, broker.port, NAME, tls)
        self.link = MqttConnection(address, handlers, system_chance)

    def is_let_in(self) -> bool:
        """Try to connect, with the same client as ever: it reads changed files by itself."""
        self.greeted.clear()
        try:
            self.link.connect(None, b"")
            while not self.greeted and self.link.step(5.0):
                pass
        except BrokerUnavailableError:
            return False
        self.link.disconnect()
        return bool(self.greeted)

    def change(self) -> None:
        """Let central and its broker have the authority as its folder has it now."""
        fleet = self.central.fleet
        folder = fleet.folder / "authority"
        now = replace(fleet, authority=rollover.opened(folder))
        for file in (fleet.folder / "clients/server").glob("*"):
            file.unlink()
        self.central.fleet = now
        self.broker.stop()
        self.broker.take_over(now)
        self.broker.start()

    def renew(self) -> None:
        assert CertificateRenewal(self.data, self.central.clock, self.central.at).renew()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    fleet = Fleet.make(tmp_path / "central", now=system_now() - timedelta(days=3000))
    with tls_broker(fleet, devices=(Enrolled(NAME, "shop-7", "early"),)) as broker:
        found = Scene(tmp_path / "data", broker, CentralSide(fleet, SettableClock(system_now())))
        yield found
        found.link.close()


def test_a_device_that_renews_goes_over_to_a_new_authority_without_a_gap(scene: Scene) -> None:
    folder = scene.central.fleet.folder / "authority"
    assert scene.is_let_in()
    rollover.begin(folder, TENANT, system_now())
    scene.change()
    assert scene.is_let_in()  # old certificate, old trust, a broker that trusts both
    scene.renew()
    assert scene.is_let_in()

    rollover.switch(folder, system_now())
    scene.change()
    assert scene.is_let_in()  # old certificate, the broker's is of the new authority
    scene.renew()
    assert scene.is_let_in()

    rollover.retire(folder)
    scene.change()
    assert scene.is_let_in()
    scene.renew()
    assert scene.is_let_in()
    assert (scene.data / "identity/current" / AUTHORITY).read_bytes().count(b"BEGIN") == 1


def test_a_device_that_was_away_meanwhile_learns_of_it_from_the_refusal(scene: Scene) -> None:
    folder = scene.central.fleet.folder / "authority"
    rollover.begin(folder, TENANT, system_now())
    rollover.switch(folder, system_now())
    scene.change()
    assert not scene.is_let_in()
    assert scene.link.refusal is Refusal.AUTHORITY
    scene.renew()
    assert scene.is_let_in()


def test_whoever_has_only_the_old_authoritys_certificate_is_refused_once_it_is_gone(
    scene: Scene,
) -> None:
    folder = scene.central.fleet.folder / "authority"
    rollover.begin(folder, TENANT, system_now())
    scene.change()
    scene.renew()
    rollover.switch(folder, system_now())
    rollover.retire(folder)
    scene.change()
    assert not scene.is_let_in()
    assert scene.link.refusal is Refusal.CERTIFICATE
