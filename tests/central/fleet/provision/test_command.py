"""The commands of central ops, ending with brokers that run from the files they made."""

import os
import socket
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.app.enrol import request_for
from edge.app.main import edge
from edge.central.fleet.provision.certificate import new_key
from edge.central.fleet.provision.claims import Place, hash_of
from edge.central.fleet.provision.desk import handed_to_devices
from edge.central.settings import CentralSettings
from edge.core.errors import RequestContractError, SettingsContractError
from edge.sync.tls import Tls
from tests.fakes.bare_client import DENIED, REFUSED, BareClient, Wanted
from tests.fakes.broker import free_port, program, wait_until
from tests.fakes.joining import Joining

_CENTRAL = """
tenant = "harbour"
database = "{database}"
repository = "{folder}/repository"
[mqtt]
host = "127.0.0.1"
tls = "none"
[keys]
authority = "{folder}/authority"
[provision]
broker_folder = "{folder}/broker"
broker_pid_file = "{folder}/data/mosquitto.pid"
"""


@pytest.fixture
def config(database: str, tmp_path: Path) -> Path:
    path = tmp_path / "central.toml"
    path.write_text(_CENTRAL.format(database=database, folder=tmp_path))
    (tmp_path / "data").mkdir()
    return path


def _run(config: Path, *words: object) -> Result:
    line = ["fleet", "provision", str(words[0]), "--config", str(config), *map(str, words[1:])]
    found = CliRunner().invoke(edge, line)
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


@contextmanager
def _running(folder: Path, port: int) -> Iterator[None]:
    if os.geteuid() == 0:
        with (folder / "mosquitto.conf").open("a") as file:
            file.write("user root\n")
    process = subprocess.Popen(
        [program("mosquitto"), "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL
    )

    def answers() -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return True
        return False

    try:
        wait_until(answers, "the broker answers")
        yield
    finally:
        process.kill()
        process.wait(10)


def _files(folder: Path, name: str) -> Tls:
    return Tls(folder / "ca.crt", folder / f"{name}.crt", folder / f"{name}.key")


@pytest.mark.broker
def test_a_broker_runs_from_the_files_that_the_commands_make(config: Path, tmp_path: Path) -> None:
    broker, port = tmp_path / "broker", free_port()
    _run(config, "ca-init")
    _run(config, "server-cert", "--out", broker, "127.0.0.1")
    own = tmp_path / "own"
    place = ("--port", port, "--data", tmp_path / "data")
    _run(config, "broker-files", "--out", broker, *place, "--address", "127.0.0.1")
    assert "told" in _run(config, "acl").output
    assert "nothing has changed" in _run(config, "acl").output
    _run(config, "client-cert", "--out", own, "bridge-1")
    assert (own / "share").read_text().startswith("cdp-")
    with _running(broker, port):
        bridge = BareClient(port, Wanted("bridge-1", _files(own, "bridge-1"), clean=True))
        assert bridge.connect() == 0
        assert bridge.publish("instore/v1/harbour/d/kiosk-1/down/cmd") == DENIED
        bridge.leave()
        assert "1 certificates" in _run(config, "revoke", "bridge-1").output
        wait_until(lambda: _answer(port, own) == REFUSED, "the broker knows who is revoked")


def _answer(port: int, own: Path) -> int:
    again = BareClient(port, Wanted("bridge-1", _files(own, "bridge-1"), clean=True))
    answer = again.connect()
    again.leave()
    return answer


@pytest.mark.broker
def test_a_shops_own_broker_lets_its_devices_talk_to_each_other_only(
    database: str, tmp_path: Path
) -> None:
    joining, port, shop = Joining.make(database, tmp_path), free_port(), tmp_path / "shop"
    config = tmp_path / "central.toml"
    text = _CENTRAL.format(database=database, folder=tmp_path)
    config.write_text(text.replace("/authority", "/fleet/authority"))
    for place in (Place("shop-1", "kiosk-1"), Place("shop-2", "kiosk-2")):
        joining.enrolment.enrol(joining.claim(place), request_for(new_key()).encode())
    (tmp_path / "data").mkdir()
    _run(config, "server-cert", "--out", shop, "127.0.0.1")
    options = ("--site", "shop-1", "--port", port, "--data", tmp_path / "data")
    _run(config, "broker-files", "--out", shop, *options, "--address", "127.0.0.1")
    assert _run(config, "acl", "--site", "shop-1").output == (shop / "acl").read_text()
    with _running(shop, port):
        fleet = joining.fleet
        own = BareClient(port, Wanted("kiosk-1", fleet.client("kiosk-1"), clean=True))
        other = BareClient(port, Wanted("kiosk-2", fleet.client("kiosk-2"), clean=True))
        assert own.connect() == other.connect() == 0
        lan = "instore/v1/harbour/site/shop-1/lan/stock"
        own.subscribe(f"{lan}/+")
        assert own.publish(f"{lan}/kiosk-1") == 0
        assert own.publish(f"{lan}/kiosk-9") == DENIED
        assert own.publish("instore/v1/harbour/d/kiosk-1/up/status") == DENIED
        assert other.publish(f"{lan}/kiosk-2") == DENIED
        own.leave()
        other.leave()


def test_a_claim_is_for_a_device_and_made_for_an_existing_one_only_when_said(
    config: Path,
) -> None:
    _run(config, "ca-init")
    text = _run(config, "claim", "shop-7", "kiosk-7").output.splitlines()
    assert any(line.startswith("EC1-") and hash_of(line) for line in text)
    with pytest.raises(RequestContractError, match="central's own"):
        _run(config, "claim", "shop-7", "ops")
    with pytest.raises(SettingsContractError, match="not made anew"):
        _run(config, "ca-init")


def test_a_claim_brings_the_newest_root_and_is_not_made_before_there_is_one(
    config: Path, tmp_path: Path
) -> None:
    text = config.read_text()
    config.write_text(
        text.replace("[provision]", '[provision]\nrepository_url = "https://r.example"')
    )
    _run(config, "ca-init")
    with pytest.raises(SettingsContractError, match="publish the first metadata"):
        _run(config, "claim", "shop-7", "kiosk-7")
    metadata = tmp_path / "repository/metadata"
    metadata.mkdir(parents=True)
    for version in (2, 10):
        (metadata / f"{version}.root.json").write_text(f"root {version}")
    said = _run(config, "claim", "shop-7", "kiosk-7", "--usb", tmp_path).output
    assert "edge enrol` needs --central URL" in said
    brought = tomllib.loads((tmp_path / "claim.toml").read_text())["root"]
    assert brought == "root 10"
    handed = handed_to_devices(CentralSettings.read(config), {})
    assert handed.root_sha256 == sha256(brought.encode()).hexdigest()


def test_that_the_broker_was_told_is_said_only_when_it_was(config: Path, tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    text = config.read_text()
    config.write_text("\n".join(one for one in text.splitlines() if "pid_file" not in one))
    _run(config, "ca-init")
    said = _run(config, "acl").output
    assert "SIGHUP" in said
    assert "was told" not in said


def test_settings_that_do_not_say_where_are_said_to_be_incomplete(
    config: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.toml"
    text = config.read_text().split("[keys]")[0]
    bare.write_text(text)
    with pytest.raises(SettingsContractError, match=r"keys\.authority"):
        _run(bare, "ca-init")
    with pytest.raises(SettingsContractError, match=r"provision\.broker_folder"):
        _run(bare, "acl")


def test_another_authority_takes_over_command_by_command_and_leaves_nobody_behind(
    database: str, tmp_path: Path
) -> None:
    joining, config = Joining.make(database, tmp_path), tmp_path / "central.toml"
    text = _CENTRAL.format(database=database, folder=tmp_path)
    config.write_text(text.replace("/authority", "/fleet/authority"))
    joining.enrolment.enrol(joining.claim(), request_for(new_key()).encode())
    trusted = tmp_path / "broker/ca.crt"
    (tmp_path / "broker").mkdir()

    assert "no change" in _run(config, "ca-status").output
    _run(config, "ca-next")
    assert trusted.read_bytes().count(b"BEGIN") == 2
    assert (tmp_path / "broker/crl.pem").read_bytes().count(b"BEGIN") == 2
    said = _run(config, "ca-status").output
    assert "the first one signs" in said
    _run(config, "ca-switch")
    said = _run(config, "ca-status").output
    assert "1 devices without a certificate of the new authority\nkiosk-7" in said
    with pytest.raises(RequestContractError, match="kiosk-7"):
        _run(config, "ca-retire")
    assert trusted.read_bytes().count(b"BEGIN") == 2
    _run(config, "ca-retire", "--leave-behind")
    assert trusted.read_bytes().count(b"BEGIN") == 1
    assert (tmp_path / "broker/crl.pem").read_bytes().count(b"BEGIN") == 1
    assert "no change" in _run(config, "ca-status").output
