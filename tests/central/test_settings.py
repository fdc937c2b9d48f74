from pathlib import Path

import pytest

from edge.central.settings import CentralSettings
from edge.core.errors import SettingsContractError

SHIPPED = Path(__file__).parents[2] / "firmware_config/central.toml"


def test_the_shipped_file_is_complete_and_right() -> None:
    settings = CentralSettings.read(SHIPPED)
    assert settings.mqtt.tls == "mutual"
    assert settings.serve.token_file is None


def test_what_the_command_line_says_wins() -> None:
    settings = CentralSettings.read(SHIPPED, {"mqtt.port": 1883, "database": None})
    assert settings.mqtt.port == 1883
    assert settings.database == "postgresql:///instore"


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    path = tmp_path / "central.toml"
    path.write_text('tenant = "A/B"\nrepository = "x"\ncolour = 1\n[mqtt]\ntls = "mutual"\n')
    with pytest.raises(SettingsContractError) as caught:
        CentralSettings.read(path)
    text = str(caught.value)
    assert all(word in text for word in ("tenant", "database", "colour", "ca_file"))


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1:80", "10.0.0.0/8", "1"])
def test_a_trusted_proxy_is_an_address_and_nothing_else(address: str) -> None:
    with pytest.raises(SettingsContractError, match=r"serve\.trusted_proxy"):
        CentralSettings.read(SHIPPED, {"serve.trusted_proxy": address})
    found = CentralSettings.read(SHIPPED, {"serve.trusted_proxy": "2001:db8::7"})
    assert found.serve.trusted_proxy == "2001:db8::7"
