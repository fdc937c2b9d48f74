"""Each program of central's speaks to the broker with its own certificate, or not at all."""

from pathlib import Path

import pytest

from edge.central.bridge.command_options import plan_of
from edge.central.fleet.server import broker_address
from edge.central.settings import CentralSettings
from edge.core.errors import SettingsContractError
from tests.fakes.certificates import Fleet


def _settings(folder: Path, client: str) -> CentralSettings:
    files = Fleet.make(folder / "fleet").client(client)
    path = folder / "central.toml"
    path.write_text(
        f'tenant = "harbour"\ndatabase = "x"\nrepository = "x"\n[mqtt]\n'
        f'ca_file = "{files.ca_file}"\ncert_file = "{files.cert_file}"\n'
        f'key_file = "{files.key_file}"\n'
    )
    return CentralSettings.read(path)


def test_a_bridge_has_its_own_certificate_and_so_has_the_fleet_server(tmp_path: Path) -> None:
    bridge = _settings(tmp_path / "bridge", "bridge-1")
    assert plan_of(bridge, "bridge-1", None).address.tls is not None
    assert broker_address(_settings(tmp_path / "ops", "ops").mqtt).tls is not None
    assert broker_address(_settings(tmp_path / "second", "ops-2").mqtt).tls is not None


def test_a_bridge_does_not_start_as_another_bridge_or_as_the_fleet_server(tmp_path: Path) -> None:
    with pytest.raises(SettingsContractError, match=r"of bridge-1, got that of 'ops'.*own"):
        plan_of(_settings(tmp_path / "ops", "ops"), "bridge-1", None)
    with pytest.raises(SettingsContractError, match="of bridge-2, got that of 'bridge-1'"):
        plan_of(_settings(tmp_path / "bridge", "bridge-1"), "bridge-2", None)


def test_the_fleet_server_does_not_start_as_a_bridge(tmp_path: Path) -> None:
    with pytest.raises(SettingsContractError, match="of ops, got that of 'bridge-1'"):
        broker_address(_settings(tmp_path, "bridge-1").mqtt)


def test_a_certificate_that_is_not_there_is_said_with_how_it_is_made(tmp_path: Path) -> None:
    settings = _settings(tmp_path, "bridge-1")
    assert settings.mqtt.cert_file is not None
    settings.mqtt.cert_file.unlink()
    with pytest.raises(SettingsContractError, match="client-cert bridge-1"):
        plan_of(settings, "bridge-1", None)
