"""What the commands about provisioning need, opened from central's settings."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from edge.central.fleet.provision.authority import Authority
from edge.central.fleet.provision.enrolment import Enrolment, Handed, Office
from edge.central.fleet.provision.ledger import Ledger
from edge.central.fleet.provision.rollover import opened
from edge.central.fleet.provision.schema import STEPS
from edge.central.fleet.provision.told import BrokerTold, hang_up, nobody
from edge.central.fleet.releases.repository_folder import RepositoryFolder
from edge.central.postgres import connect, migrate, storing
from edge.central.settings import CentralSettings
from edge.core.clock import Clock
from edge.core.errors import SettingsContractError

SHARE: Final = "share"


@dataclass(frozen=True, slots=True)
class Desk:
    """Central's settings, with what provisioning opens from them."""

    settings: CentralSettings
    clock: Clock

    @property
    def authority_folder(self) -> Path:
        """Return where the authority is.

        Raises:
            SettingsContractError: The settings do not say.
        """
        if self.settings.keys.authority is None:
            msg = "keys.authority: wanted the authority's folder, got none; devices are enrolled there"
            raise SettingsContractError(msg)
        return self.settings.keys.authority

    def authority(self) -> Authority:
        """Return the authority that signs, with the one beside it during a change."""
        return opened(self.authority_folder)

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Open the ledger; what was done is committed at the end."""
        with storing(), connect(self.settings.database, name="edge fleet provision") as con:
            migrate(con, STEPS)
            yield Ledger(con)

    def told(self) -> BrokerTold:
        """Return where the broker reads who may say what.

        Raises:
            SettingsContractError: The settings do not say.
        """
        provision = self.settings.provision
        if provision.broker_folder is None:
            msg = "provision.broker_folder: wanted where the broker reads acl and crl.pem, got none"
            raise SettingsContractError(msg)
        pid_file = provision.broker_pid_file
        reload = nobody if pid_file is None else hang_up(pid_file)
        return BrokerTold(provision.broker_folder, self.settings.tenant, reload)

    def enrolment(self, keys: Mapping[str, str]) -> Enrolment:
        """Return what enrols devices; ``keys`` are central's, as devices' settings name them."""
        handed = handed_to_devices(self.settings, keys)
        office = Office(self.settings.database, self.authority(), self.told(), handed, self.clock)
        return Enrolment(office)


def handed_to_devices(settings: CentralSettings, keys: Mapping[str, str]) -> Handed:
    """Return what a device is given beside its certificate.

    Args:
        settings: Central's.
        keys: Central's public keys by the setting of a device, as ``CentralKeys.settings`` gives.

    Raises:
        SettingsContractError: Devices are to have a repository, and there is none yet.
    """
    provision = settings.provision
    found: dict[str, str | int] = {
        "mqtt.host": provision.broker_host or settings.mqtt.host,
        "mqtt.port": provision.broker_port,
        **keys,
    }
    if not provision.repository_url:
        return Handed(found)
    found["update.repository"] = provision.repository_url
    return Handed(found, sha256(newest_root(settings)).hexdigest())


def newest_root(settings: CentralSettings) -> bytes:
    """Return the root that a new device pins: keys that keepers lost meanwhile count for nothing.

    Raises:
        SettingsContractError: There is no repository yet.
    """
    folder = RepositoryFolder(settings.repository)
    versions = folder.root_versions()
    if not versions:
        msg = (
            f"provision.repository_url: wanted a repository in {settings.repository}, got none; "
            "publish the first metadata before a device joins (edge/docs/ceremony.md)"
        )
        raise SettingsContractError(msg)
    return (folder.metadata / f"{versions[-1]}.root.json").read_bytes()
