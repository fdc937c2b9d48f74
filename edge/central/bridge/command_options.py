"""What the commands of ``edge bridge`` have in common: the settings, and what follows from them."""

from pathlib import Path
from typing import Final

from edge.central.bridge.platform_http import Platform
from edge.central.bridge.service import Plan
from edge.central.customers.part import customers_part
from edge.central.fleet.releases.central_keys import CentralKeys
from edge.central.own_name import tls_of
from edge.central.settings import CentralSettings
from edge.central.settings_option import settings_option
from edge.core.chance import system_chance
from edge.core.errors import SettingsContractError
from edge.sync.mqtt import BrokerAddress
from edge.wire.topics import CentralTopics

config_option: Final = settings_option("config")


def plan_of(settings: CentralSettings, worker: str, metrics_port: int | None) -> Plan:
    """Return the plan of ``worker``.

    Raises:
        SettingsContractError: A file that the settings name cannot be read.
        UnavailableError: There is no key "acked" in the folder of the online keys.
        TrustError: It can be read by others.
    """
    return Plan(
        address=_address(settings, worker),
        topics=CentralTopics(settings.tenant, **_share(settings)),
        database=settings.database,
        platform=platform_of(settings),
        customers=customers_part(settings, system_chance),
        metrics_port=metrics_port,
        sign_acked=CentralKeys(settings.keys.online).sign_acked() if settings.keys.online else None,
    )


def platform_of(settings: CentralSettings) -> Platform | None:
    """Return the platform of the settings; None: PostgreSQL alone."""
    platform = settings.platform
    if not platform.url:
        return None
    if platform.write_key_file is None:
        msg = "platform.write_key_file: wanted a file with the platform's write key, got none"
        raise SettingsContractError(msg)
    return Platform(platform.url, _secret(platform.write_key_file, "platform.write_key_file"))


def _address(settings: CentralSettings, worker: str) -> BrokerAddress:
    broker = settings.mqtt
    tls = tls_of(broker, lambda name: name == worker, worker)
    return BrokerAddress(broker.host, broker.port, worker, tls)


def _share(settings: CentralSettings) -> dict[str, str]:
    path = settings.mqtt.share_file
    return {} if path is None else {"share": _secret(path, "mqtt.share_file")}


def _secret(path: Path, name: str) -> str:
    try:
        found = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{name}: wanted a file that can be read, got: {type(error).__name__} at {path}"
        raise SettingsContractError(msg) from error
    if not found:
        msg = f"{name}: wanted a secret in {path}, got an empty file"
        raise SettingsContractError(msg)
    return found
