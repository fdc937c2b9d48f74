"""Joining and renewing cut off at every step: no half identity, and run again it works."""

import signal
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509

from edge.app.enrol import Asked, enrol
from edge.app.enrol_over_https import poster
from edge.app.enrolled_files import EnrolledFiles, private_key
from edge.app.renew_certificate import CertificateRenewal
from edge.core.clock import SettableClock
from edge.core.errors import EdgeError, RequestContractError, StorageUnavailableError
from tests.fakes.central_side import CentralSide
from tests.fakes.certificates import Fleet, system_now
from tests.fakes.cut_off import full_from, killed_at

ROOT = b'{"signed": "the root that was brought along"}'


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return Fleet.make(tmp_path_factory.mktemp("fleet"))


@pytest.fixture
def central(fleet: Fleet) -> CentralSide:
    return CentralSide(fleet, SettableClock(system_now()))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def join(central: CentralSide, data: Path) -> None:
    asked = Asked("EC1-x", "https://central.example", central.fleet.authority.pem, ROOT)
    enrol(asked, data, central.post, central.clock)


def renew(central: CentralSide, data: Path) -> bool:
    return CertificateRenewal(data, central.clock, central.at).renew()


def is_whole(data: Path) -> bool:
    """Say whether the identity in use is one: key and certificate fit, settings name what is there."""
    pair = EnrolledFiles(data).in_use()
    assert pair is not None
    mqtt = tomllib.loads((data / "device.toml").read_text())["mqtt"]
    assert all(Path(mqtt[name]).is_file() for name in ("ca_file", "cert_file", "key_file"))
    certificate = x509.load_pem_x509_certificate(pair.certificate_pem)
    return private_key(pair.key_pem).public_key() == certificate.public_key()


EFFECTS_OF_JOINING, EFFECTS_OF_RENEWING = 20, 18


@pytest.mark.parametrize("cut", range(1, EFFECTS_OF_JOINING + 1))
def test_a_kill_while_joining_leaves_a_device_or_none_and_run_again_it_joins(
    central: CentralSide, data: Path, cut: int
) -> None:
    assert killed_at(cut, lambda: join(central, data)) == -signal.SIGKILL
    if (data / "device.toml").exists():
        assert is_whole(data)
        with pytest.raises(RequestContractError, match="not enrolled yet"):
            join(central, data)
    else:
        join(central, data)
    assert is_whole(data)
    assert (data / "identity/root.json").read_bytes() == ROOT
    assert renew(central, data)
    assert is_whole(data)
    assert not (data / "identity/pending.key").exists()


@pytest.mark.parametrize("cut", range(1, EFFECTS_OF_RENEWING + 1))
def test_a_kill_while_renewing_leaves_the_old_pair_or_the_new_one(
    central: CentralSide, data: Path, cut: int
) -> None:
    join(central, data)
    assert killed_at(cut, lambda: renew(central, data)) == -signal.SIGKILL
    assert is_whole(data)
    central.clock.advance(timedelta(minutes=1))
    assert renew(central, data)
    assert is_whole(data)
    CertificateRenewal(data, central.clock, central.at).connected()
    assert is_whole(data)
    assert len([one for one in (data / "identity").iterdir() if one.name.isdigit()]) == 1


@pytest.mark.parametrize("cut", range(1, 16))
def test_a_full_disk_while_joining_is_said_and_run_again_it_joins(
    central: CentralSide, data: Path, cut: int
) -> None:
    with full_from(cut), pytest.raises(StorageUnavailableError):
        join(central, data)
    with suppress(RequestContractError):
        join(central, data)
    assert is_whole(data)


class Portal(BaseHTTPRequestHandler):
    """Answers everything as a captive portal does."""

    manner = "page"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b"<html>Welcome to the guest network</html>"
        self.send_response(302 if self.manner == "redirect" else 200)
        self.send_header("Location", "http://portal.example/terms")
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(params=["page", "redirect"])
def portal(request: pytest.FixtureRequest) -> Iterator[str]:
    manner = type("Manner", (Portal,), {"manner": request.param})
    server = ThreadingHTTPServer(("127.0.0.1", 0), manner)
    server.daemon_threads = False
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_captive_portals_page_is_no_answer_to_joining_or_renewing(
    central: CentralSide, data: Path, portal: str
) -> None:
    post = poster(portal, central.fleet.authority.pem)
    asked = Asked("EC1-x", portal, central.fleet.authority.pem)
    with pytest.raises(EdgeError, match="central's answer"):
        enrol(asked, data, post, central.clock)
    assert not (data / "device.toml").exists()
    enrol(asked, data, central.post, central.clock)
    before = EnrolledFiles(data).in_use()
    with pytest.raises(EdgeError, match="central's answer"):
        CertificateRenewal(data, central.clock).renew()
    assert EnrolledFiles(data).in_use() == before
    assert renew(central, data)
