"""The whole way: a claim from central's command line, a machine that joins over TLS, a broker."""

import ssl
import threading
from hashlib import sha256
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.app.enrol_over_https import poster
from edge.app.main import edge
from edge.app.run_commands import read_settings
from edge.central.fleet.provision.enrolment import Handed
from edge.core.errors import RequestContractError, UnavailableError
from edge.sync.tls import Tls
from tests.fakes.bare_client import REFUSED, BareClient, Wanted, pump_until
from tests.fakes.certificates import Fleet, tls_broker
from tests.fakes.joining import HANDED, Joining
from tests.fakes.postgres import running_postgres

_CENTRAL = """
tenant = "harbour"
database = "{database}"
repository = "{folder}/repository"
[mqtt]
host = "127.0.0.1"
tls = "none"
[keys]
authority = "{folder}/fleet/authority"
[provision]
broker_folder = "{folder}"
enrol_url = "{url}"
repository_url = "https://releases.example"
"""
_REPOSITORY = "https://releases.example"


def _run(*words: object) -> Result:
    found = CliRunner().invoke(edge, [str(word) for word in words])
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


@pytest.mark.broker
def test_a_machine_joins_speaks_and_is_thrown_out(tmp_path: Path) -> None:
    with running_postgres() as postgres:
        root = tmp_path / "repository/metadata/1.root.json"
        root.parent.mkdir(parents=True)
        root.write_text('{"signed": "\\n"}')
        handed = {**HANDED.settings, "update.repository": _REPOSITORY}
        digest = sha256(root.read_bytes()).hexdigest()
        joining = Joining.make(postgres.url(), tmp_path, Handed(handed, digest))
        with joining.served() as url:
            config = tmp_path / "central.toml"
            config.write_text(_CENTRAL.format(database=joining.database, folder=tmp_path, url=url))
            usb = tmp_path / "usb"
            usb.mkdir()
            options = ("--config", config)
            _run(
                *("fleet", "provision", "claim", *options, "shop-7", "kiosk-7"),
                *("--usb", usb, "--svg", tmp_path / "claim.svg"),
            )
            assert (usb / "claim.toml").stat().st_mode & 0o777 == 0o600
            data = tmp_path / "data"
            said = _run("enrol", "--claim", usb / "claim.toml", "--data", data)
            assert "kiosk-7 of shop-7 (harbour)" in said.output
            pinned = read_settings(None, "kiosk", {"data": data}).update.trust_file
            assert pinned is not None
            assert pinned.read_bytes() == root.read_bytes()
            assert "kiosk-7" in _run("fleet", "provision", "list", *options).output
            assert _run("fleet", "provision", "renew-check", *options).output == ""
            with pytest.raises(RequestContractError, match="--replace"):
                _run("fleet", "provision", "claim", *options, "shop-7", "kiosk-7")
        _speaks_until_thrown_out(joining, config, data)


def _speaks_until_thrown_out(joining: Joining, config: Path, data: Path) -> None:
    mqtt = read_settings(None, "kiosk", {"data": data}).mqtt
    assert mqtt.ca_file
    assert mqtt.cert_file
    assert mqtt.key_file
    files = Tls(mqtt.ca_file, mqtt.cert_file, mqtt.key_file)
    with tls_broker(joining.fleet) as broker:
        joining = joining.at(broker)
        joining.enrolment.tell()
        device = BareClient(broker.port, Wanted("kiosk-7", files, clean=True))
        assert device.connect() == 0
        topic = "instore/v1/harbour/site/shop-7/lan/stock/kiosk-7"
        pump_until(lambda: device.publish(topic) < 0x80, (device,))
        joining.revoke("kiosk-7")
        pump_until(lambda: device.publish(topic) >= 0x80, (device,))
        device.leave()
        again = BareClient(broker.port, Wanted("kiosk-7", files, clean=True))
        assert again.connect() == REFUSED
    assert "revoked" in _run("fleet", "provision", "list", "--config", config).output


def test_central_with_a_certificate_of_somebody_else_is_not_spoken_to(tmp_path: Path) -> None:
    files = Fleet.make(tmp_path / "real").server()
    other = Fleet.make(tmp_path / "other").authority.pem
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.cert_file, files.key_file)
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            post = poster(f"https://127.0.0.1:{server.server_port}", other)
            with pytest.raises(UnavailableError, match="wanted central"):
                post("/enrol", {})
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("central", ["http://central.example", "ftp://x", "central", ""])
def test_a_claim_is_sent_over_tls_only(tmp_path: Path, central: str) -> None:
    with pytest.raises(RequestContractError, match="https"):
        poster(central, Fleet.make(tmp_path).authority.pem)


def test_without_an_authority_nothing_is_sent(tmp_path: Path) -> None:
    with pytest.raises(RequestContractError, match="--ca"):
        poster("https://central.example", b"nothing")
    with pytest.raises(RequestContractError, match="--central"):
        _run("enrol", "--claim", "EC1-x", "--data", tmp_path)
