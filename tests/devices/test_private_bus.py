from pathlib import Path

import pytest

from edge.core.clock import system_clock
from edge.core.errors import DeviceUnavailableError
from edge.devices.private_bus import PrivateBus
from edge.devices.simulated_radio import SimulatedRadio
from tests.fakes.air import air, needs_bus


def test_without_dbus_daemon_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceUnavailableError, match="apt-get install dbus"):
        PrivateBus(tmp_path).start()


@needs_bus
def test_a_folder_whose_path_is_too_long_for_a_socket_is_said(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    with pytest.raises(DeviceUnavailableError, match="wanted dbus-daemon to listen"):
        PrivateBus(folder).start()


@needs_bus
def test_a_second_bluez_on_the_same_bus_is_refused(tmp_path: Path) -> None:
    with air(tmp_path) as held:
        another = SimulatedRadio(held.bus.address, system_clock)
        with pytest.raises(DeviceUnavailableError, match="another org"):
            another.start()


@needs_bus
def test_no_bus_at_the_address_is_said(tmp_path: Path) -> None:
    radio = SimulatedRadio(f"unix:path={tmp_path}/none", system_clock)
    with pytest.raises(DeviceUnavailableError, match="No such file"):
        radio.start()
    with pytest.raises(DeviceUnavailableError, match="start it"):
        radio.plug_in()
