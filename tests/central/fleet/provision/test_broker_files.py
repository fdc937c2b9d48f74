import re
from pathlib import Path

import pytest

from edge.central.fleet.provision.broker_files import CENTRAL, SHOP, BrokerPlace, filled
from edge.core.errors import SettingsContractError
from edge.core.shipped import shipped

PLACE = BrokerPlace(Path("/etc/mosquitto/instore"), Path("/var/lib/mosquitto"), 8883)


def _lines(name: str) -> set[str]:
    text = filled(shipped(name).read_text("utf-8"), PLACE)
    return {line for line in text.splitlines() if line and not line.startswith("#")}


@pytest.mark.parametrize("name", [CENTRAL, SHOP])
def test_every_word_is_filled_in(name: str) -> None:
    assert not [line for line in _lines(name) if re.search(r"@[A-Z]+@", line)]
    assert "cafile /etc/mosquitto/instore/ca.crt" in _lines(name)


@pytest.mark.parametrize("name", [CENTRAL, SHOP])
def test_nobody_is_believed_who_has_no_certificate(name: str) -> None:
    assert {
        "require_certificate true",
        "allow_anonymous false",
        "use_identity_as_username true",
        "use_username_as_clientid true",
        "tls_version tlsv1.3",
        "max_topic_alias 0",
        "max_inflight_messages 20",
    } <= _lines(name)
    assert len([line for line in _lines(name) if line.startswith("listener")]) == 1


def test_a_path_cannot_begin_another_setting() -> None:
    with pytest.raises(SettingsContractError, match="FOLDER"):
        filled("cafile @FOLDER@/x", BrokerPlace(Path("/etc/a\nallow_anonymous true"), Path("/b")))
