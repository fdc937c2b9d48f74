"""What runs at central for the fleet, as threads: the watch over devices, and the stepping.

``edge fleet watch`` runs just this; ``edge fleet serve`` runs it beside its pages.
"""

import threading
from pathlib import Path

from edge.central.fleet.devices.link import LinkParts
from edge.central.fleet.devices.watch import Watch, WatchParts
from edge.central.fleet.provision.names import CentralRole, role_of
from edge.central.fleet.releases.central_keys import CentralKeys
from edge.central.fleet.releases.key_folder import KeyFolder
from edge.central.fleet.releases.repository import Repository
from edge.central.fleet.rollout.published import PublishedRollouts
from edge.central.fleet.rollout.publishing import Publishing
from edge.central.fleet.rollout.rollouts import Rollouts
from edge.central.fleet.rollout.stepping import EVERY_S, Stepping
from edge.central.own_name import tls_of
from edge.central.settings import CentralBroker, CentralSettings
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.core.errors import SettingsContractError
from edge.sync.mqtt import BrokerAddress
from edge.wire.topics import CentralTopics

CLIENT_ID = "ops"
"""Without certificates; with them, the broker takes the certificate's CN instead."""


class FleetServer:
    """The threads of one server."""

    def __init__(
        self,
        settings: CentralSettings,
        clock: Clock,
        chance: Chance,
        *,
        every_s: float = EVERY_S,
    ) -> None:
        self.rollouts = Rollouts(settings.database, clock)
        repository = published_rollouts(settings, clock)
        publishing = Publishing(settings.database, repository, clock)
        link = LinkParts(
            address=broker_address(settings.mqtt),
            topics=CentralTopics(settings.tenant),
            clock=clock,
            chance=chance,
        )
        keys = CentralKeys(online_keys(settings))
        self.watch = Watch(WatchParts(settings.database, link, publishing, keys.sign_command))
        self._stepping = Stepping(self.rollouts, publishing, every_s)
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=one.run, args=(self._stopping.is_set,), name=name, daemon=True)
            for name, one in (("fleet-watch", self.watch), ("fleet-steps", self._stepping))
        ]

    def start(self) -> None:
        """Make the tables if they are missing, and begin.

        Raises:
            StorageUnavailableError: The database is not there.
        """
        self.rollouts.prepare()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End both threads and wait for them."""
        self._stopping.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout=30)

    @property
    def is_alive(self) -> bool:
        """Say whether both threads run."""
        return all(thread.is_alive() for thread in self._threads)


def published_rollouts(settings: CentralSettings, clock: Clock) -> PublishedRollouts:
    """Return the rollout documents of the repository in the settings.

    Raises:
        SettingsContractError: The settings name no online keys.
    """
    repository = Repository(settings.repository, KeyFolder(online_keys(settings)), clock)
    return PublishedRollouts(repository, settings.repository)


def online_keys(settings: CentralSettings) -> Path:
    """Return the folder of the online keys.

    Raises:
        SettingsContractError: The settings name none.
    """
    if settings.keys.online is None:
        msg = "wanted the folder of the online keys in keys.online, got none"
        raise SettingsContractError(msg)
    return settings.keys.online


def broker_address(broker: CentralBroker) -> BrokerAddress:
    """Return the broker's address with the certificate in the settings.

    Raises:
        SettingsContractError: The certificate cannot be read, or is another client's.
    """
    tls = tls_of(broker, lambda name: role_of(name) is CentralRole.OPS, CLIENT_ID)
    return BrokerAddress(broker.host, broker.port, CLIENT_ID, tls)
