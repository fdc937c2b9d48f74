"""Every setting of the central side, in one TOML file; see ``firmware_config/central.toml``.

Command line options of the same meaning win over the file. Secrets are files, never values.
"""

import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from edge.core.errors import SettingsContractError
from edge.core.setting_group import Broker, DataFolder, Folder, Group, Host, lines_of, put, whole

SEE = "firmware_config/central.toml"


def _address(value: str) -> str:
    if value:
        ip_address(value)
    return value


Name = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9-]{3,32}$"),
    Field(json_schema_extra={"wanted": "3 to 32 lower-case letters, digits or hyphens"}),
]
Address = Annotated[
    str,
    AfterValidator(_address),
    Field(json_schema_extra={"wanted": 'an IP address such as 127.0.0.1, or ""'}),
]


class CentralBroker(Group):
    """The broker between central and the shops."""

    host: Broker = "127.0.0.1"
    """Its name or address."""
    port: Annotated[int, whole(1, 65_535)] = 8883
    """Its port."""
    tls: Literal["none", "mutual"] = "mutual"
    """"none" is for tests on one machine."""
    ca_file: Folder = None
    """Who signed the broker's certificate."""
    cert_file: Folder = None
    """Central's own certificate; its CN is the client id."""
    key_file: Folder = None
    """The certificate's key."""
    share_file: Folder = None
    """The secret name of the bridge's shared subscription, made with ``edge fleet provision
    client-cert``; empty: "cdp", for brokers that check subscriptions, and for tests."""

    @model_validator(mode="after")
    def _mutual_has_files(self) -> Self:
        if self.tls == "mutual" and not (self.ca_file and self.cert_file and self.key_file):
            msg = 'tls = "mutual" needs ca_file, cert_file and key_file'
            raise ValueError(msg)
        return self


class Keys(Group):
    """Where central's own keys lie: files that only their owner may read."""

    online: Folder = None
    """The folder of the online keys: timestamp, snapshot, rollouts, commands, customers."""
    authority: Folder = None
    """The folder of the certificate authority; on the machine that enrols devices only."""


class Provision(Group):
    """How devices join: what a broker of ours is told, and what a device is given."""

    broker_folder: Folder = None
    """Where the broker reads who may say what (acl) and what is revoked (crl.pem)."""
    broker_pid_file: Folder = None
    """The broker's pid_file: it is told to read both again; empty: whoever runs it does."""
    broker_host: Broker = ""
    """The broker as devices reach it; empty: the host of [mqtt]."""
    broker_port: Annotated[int, whole(1, 65_535)] = 8883
    """Its port, as devices reach it."""
    enrol_url: Annotated[str, StringConstraints(pattern=r"^(https?://\S+)?$")] = ""
    """Where devices enrol, such as https://central.example; stands beside each claim."""
    repository_url: Annotated[str, StringConstraints(pattern=r"^(https?://\S+)?$")] = ""
    """The TUF repository as devices reach it."""


class Platform(Group):
    """The customer-data platform's HTTP batch interface, beside PostgreSQL."""

    url: Annotated[str, StringConstraints(pattern=r"^(https?://\S+)?$")] = ""
    """Where batches are posted, such as https://cdp.example/v1/batch; empty: PostgreSQL alone."""
    write_key_file: Folder = None
    """The file with the write key."""


class Customers(Group):
    """Which devices are told of a customer; needs central's keys for customers."""

    reach: Literal["site", "group"] = "site"
    """"site": devices of the shop where they enrolled; "group": of the whole shop group."""
    day_keys_ahead: Annotated[int, whole(1, 31)] = 7
    """Days that a device without a network goes on recognising them."""
    pages: bool = False
    """"My data" for customers outside the shop, at /my/ of ``edge fleet serve``."""
    sites: Folder = None
    """The shops' folders, one each, as their devices have them: the pages name things by them."""


class Serve(Group):
    """The ops page, the status interface, enrolment."""

    host: Broker = "127.0.0.1"
    """The address to listen on; anything but 127.0.0.1 belongs behind nginx with TLS."""
    port: Annotated[int, whole(0, 65_535)] = 8090
    """The port to listen on."""
    allowed_hosts: tuple[Host, ...] = ()
    """More names that pages, devices and programs reach it under, such as a proxy's."""
    trusted_proxy: Address = ""
    """The proxy's address; whom it names in X-Forwarded-For is who asked. Empty: nobody is believed."""
    token_file: Folder = None
    """Who may change something, made with ``edge fleet token``; without it, pages only show."""


class CentralSettings(Group):
    """Every setting of the central side."""

    tenant: Name
    """Whose shops these are; the first name in every topic."""
    database: Annotated[str, StringConstraints(min_length=1)]
    """PostgreSQL: "postgresql://…" or "host=… dbname=…"."""
    repository: DataFolder
    """The TUF repository: metadata/ and targets/, served by any web server."""
    mqtt: CentralBroker
    keys: Keys = Keys()
    provision: Provision = Provision()
    platform: Platform = Platform()
    customers: Customers = Customers()
    serve: Serve = Serve()

    @classmethod
    def read(cls, path: Path, overrides: Mapping[str, object] | None = None) -> Self:
        """Return the settings in the file ``path``, with ``overrides`` (dotted names) on top.

        Raises:
            SettingsContractError: It cannot be read, or has mistakes; all of them are listed.
        """
        try:
            raw = tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            msg = f"wanted central's settings in {path}, got: {error}; see {SEE}"
            raise SettingsContractError(msg) from error
        for name, value in (overrides or {}).items():
            if value is not None:
                put(raw, name, value)
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            raise SettingsContractError("\n".join(lines_of(error, cls, path.name, SEE))) from error
