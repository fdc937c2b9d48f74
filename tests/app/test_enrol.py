from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from edge.app.device_overlay import settled_in
from edge.app.enrol import Asked, Joined, enrol
from edge.app.enrolled_files import EnrolledFiles
from edge.app.renew_certificate import CertificateRenewal
from edge.app.run_commands import read_settings
from edge.central.fleet.provision.certificate import new_key
from edge.core.clock import SettableClock
from edge.core.errors import (
    RequestContractError,
    SettingsContractError,
    TrustError,
    UnavailableError,
    WireContractError,
)
from tests.fakes.central_side import CentralSide
from tests.fakes.certificates import Fleet, system_now


@pytest.fixture
def central(tmp_path: Path) -> CentralSide:
    return CentralSide(Fleet.make(tmp_path / "central"), SettableClock(system_now()))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def _join(central: CentralSide, data: Path) -> Joined:
    asked = Asked("EC1-x", "https://central.example", central.fleet.authority.pem)
    return enrol(asked, data, central.post, central.clock)


def _renewal(central: CentralSide, data: Path) -> CertificateRenewal:
    return CertificateRenewal(data, central.clock, central.at)


def test_the_key_is_made_on_the_device_and_readable_by_its_owner_only(
    central: CentralSide, data: Path
) -> None:
    _join(central, data)
    key_file = data / "identity/current/device.key"
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert (data / "identity").stat().st_mode & 0o777 == 0o700
    assert not (data / "identity/pending.key").exists()


def test_the_service_runs_with_what_joining_settled(central: CentralSide, data: Path) -> None:
    _join(central, data)
    settings = read_settings(None, "kiosk", {"data": data})
    assert settings.device_id == "kiosk-7"
    assert settings.mqtt.tls == "mutual"
    assert (settings.mqtt.host, settings.mqtt.port) == ("broker.example", 8883)
    assert settings.mqtt.key_file == data / "identity/current/device.key"
    assert settings.update.ring == "early"
    assert read_settings(None, "kiosk", {"data": data, "device": "other"}).device_id == "other"


def test_an_enrolled_device_forgets_only_what_central_confirms(
    central: CentralSide, data: Path
) -> None:
    central.changes["settings"] = {"mqtt.host": "b", "mqtt.acked_key": "ab" * 32}
    _join(central, data)
    mqtt = read_settings(None, "kiosk", {"data": data}).mqtt
    assert (mqtt.acknowledged_by, mqtt.acked_key) == ("central", "ab" * 32)


def test_a_central_without_such_a_key_leaves_it_to_the_broker(
    central: CentralSide, data: Path
) -> None:
    _join(central, data)
    assert read_settings(None, "kiosk", {"data": data}).mqtt.acknowledged_by == "broker"


def test_the_root_that_was_brought_along_is_the_one_the_service_pins(
    central: CentralSide, data: Path
) -> None:
    root = b'{"signed": "a root"}'
    central.changes["settings"] = {
        "mqtt.host": "b",
        "update.repository": "https://releases.example",
    }
    central.changes["root_sha256"] = sha256(root).hexdigest()
    asked = Asked("EC1-x", "https://central.example", central.fleet.authority.pem, root)
    enrol(asked, data, central.post, central.clock)
    settings = read_settings(None, "kiosk", {"data": data})
    assert settings.update.repository == "https://releases.example"
    assert settings.update.trust_file is not None
    assert settings.update.trust_file.read_bytes() == root


def test_a_lost_answer_is_asked_for_again_with_the_same_key(
    central: CentralSide, data: Path
) -> None:
    central.is_answer_lost = True
    with pytest.raises(UnavailableError):
        _join(central, data)
    assert settled_in(data) == {}
    central.is_answer_lost = False
    _join(central, data)
    assert central.keys[0] == central.keys[1]


def test_a_machine_that_is_enrolled_is_not_enrolled_again(central: CentralSide, data: Path) -> None:
    _join(central, data)
    with pytest.raises(RequestContractError, match="not enrolled yet"):
        _join(central, data)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"device": "kiosk-8"}, "another name"),
        ({"ca": "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"}, "another"),
        ({"certificate": "x"}, "another"),
        ({"root_sha256": "0" * 64, "settings": {"update.repository": "https://x"}}, "root.json"),
    ],
)
def test_an_answer_that_does_not_fit_is_not_taken(
    central: CentralSide, data: Path, changes: dict[str, object], why: str
) -> None:
    central.changes = changes
    with pytest.raises(TrustError, match=why):
        _join(central, data)
    assert not (data / "device.toml").exists()
    assert EnrolledFiles(data).in_use() is None


@pytest.mark.parametrize(
    "changes", [{"tenant": "A/B"}, {"settings": {"demo": 1}}, {"settings": 1}, {"more": 1}]
)
def test_an_answer_of_another_shape_is_not_taken(
    central: CentralSide, data: Path, changes: dict[str, object]
) -> None:
    central.changes = changes
    with pytest.raises(WireContractError):
        _join(central, data)


def test_a_certificate_from_another_authority_or_for_a_server_is_not_taken(
    central: CentralSide, data: Path, tmp_path: Path
) -> None:
    rogue = Fleet.make(tmp_path / "rogue").authority
    key = EnrolledFiles(data).pending_key().public_key()
    for made, ca in (
        (rogue.device("kiosk-7", key, central.clock()), rogue),
        (rogue.device("kiosk-7", key, central.clock()), central.fleet.authority),
        (central.fleet.authority.device("kiosk-7", new_key().public_key(), central.clock()), None),
        (central.fleet.authority.server(("kiosk-7",), key, central.clock()), None),
    ):
        central.changes = {"certificate": made.public_bytes(Encoding.PEM).decode()}
        if ca is not None:
            central.changes["ca"] = ca.pem.decode()
        with pytest.raises(TrustError, match="nothing was taken"):
            _join(central, data)


def test_a_certificate_that_does_not_hold_by_this_clock_is_not_taken(
    central: CentralSide, data: Path
) -> None:
    asked = Asked("EC1-x", "https://central.example", central.fleet.authority.pem)
    slow = SettableClock(central.clock() - timedelta(days=400))
    with pytest.raises(TrustError, match="holds now"):
        enrol(asked, data, central.post, slow)


def test_the_next_certificate_is_asked_for_on_day_60(central: CentralSide, data: Path) -> None:
    _join(central, data)
    renewal, files = _renewal(central, data), EnrolledFiles(data)
    first = files.in_use()
    central.clock.advance(timedelta(days=59, hours=22))
    assert not renewal.renew_if_due()
    central.clock.advance(timedelta(hours=3))
    assert renewal.renew_if_due()
    second = files.in_use()
    assert first is not None
    assert second is not None
    assert first.key_pem != second.key_pem
    assert not renewal.renew_if_due()


def test_the_old_pair_stays_until_the_new_one_has_connected(
    central: CentralSide, data: Path
) -> None:
    _join(central, data)
    renewal, files = _renewal(central, data), EnrolledFiles(data)
    first = files.in_use()
    central.clock.advance(timedelta(days=61))
    assert renewal.renew_if_due()
    assert renewal.refused()
    assert files.in_use() == first
    assert renewal.renew_if_due()
    renewal.connected()
    assert not renewal.refused()
    assert [one.name for one in (data / "identity").iterdir() if one.is_dir()].count("1") == 0


def test_central_away_on_day_60_changes_nothing(central: CentralSide, data: Path) -> None:
    _join(central, data)
    first = EnrolledFiles(data).in_use()
    central.clock.advance(timedelta(days=61))
    central.is_answer_lost = True
    with pytest.raises(UnavailableError):
        _renewal(central, data).renew_if_due()
    assert EnrolledFiles(data).in_use() == first


def test_a_power_cut_after_the_new_pair_was_taken_makes_no_key_twice(
    central: CentralSide, data: Path
) -> None:
    _join(central, data)
    files = EnrolledFiles(data)
    pair = files.in_use()
    assert pair is not None
    (data / "identity/pending.key").write_bytes(pair.key_pem)  # what the cut left behind
    (data / "identity/pending.key").chmod(0o600)
    central.clock.advance(timedelta(days=61))
    assert _renewal(central, data).renew_if_due()
    found = files.in_use()
    assert found is not None
    assert found.key_pem != pair.key_pem


def test_a_renewal_for_another_name_is_not_taken(central: CentralSide, data: Path) -> None:
    _join(central, data)
    central.clock.advance(timedelta(days=61))
    central.name, central.changes = "kiosk-8", {"device": "kiosk-8"}
    with pytest.raises(TrustError, match="own name"):
        _renewal(central, data).renew_if_due()


def test_a_device_that_never_enrolled_renews_nothing(central: CentralSide, data: Path) -> None:
    renewal = _renewal(central, data)
    assert not renewal.renew_if_due()
    renewal.connected()
    assert not renewal.refused()


@pytest.mark.parametrize("text", ["device_id = ", "demo = true", "[mqtt]\nhost = 1\nextra = 2"])
def test_settings_beside_the_database_can_say_only_what_joining_settles(
    data: Path, text: str
) -> None:
    (data / "device.toml").write_text(text)
    with pytest.raises(SettingsContractError, match=r"device\.toml"):
        read_settings(None, "kiosk", {"data": data})
