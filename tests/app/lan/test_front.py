"""Phones of the shop's network reach the phone's pages over TLS 1.3, and nothing else."""

import http.client
import shutil
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from edge.app.lan.certificate import Issued, issue
from edge.app.lan.front import CONFIGURATION, Door, Front
from edge.app.shipped import shipped

pytestmark = pytest.mark.skipif(
    shutil.which("nginx", path="/usr/sbin:/usr/bin") is None,
    reason="nginx is not installed: apt-get install nginx-light",
)


class Echo(BaseHTTPRequestHandler):
    """Stands for the service: answers with what reached it."""

    def do_GET(self) -> None:
        body = "\n".join(f"{k.lower()}: {v}" for k, v in self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def issued(tmp_path: Path) -> Issued:
    return issue(tmp_path / "tls", ("127.0.0.1", "localhost"), datetime.now(UTC))  # noqa: TID251


@pytest.fixture
def port(tmp_path: Path, issued: Issued) -> Iterator[int]:
    service = HTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    outside = free_port()
    template = shipped(CONFIGURATION).read_text("utf-8")
    front = Front(template, Door(outside, service.server_port, tmp_path / "nginx"), issued)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", outside)) == 0:
                    break
            time.sleep(0.02)
        yield outside
    finally:
        front.close()
        service.shutdown()
        service.server_close()


def get(port: int, path: str, issued: Issued, **headers: str) -> tuple[int, str]:
    context = ssl.create_default_context(cafile=str(issued.authority))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_the_phones_pages_are_reached_and_marked_as_from_the_network(
    port: int, issued: Issued
) -> None:
    status, reached = get(port, "/p/", issued, **{"X-Edge-Lan": "0", "X-Forwarded-For": "1.2.3.4"})

    assert status == 200
    assert "x-edge-lan: 1" in reached
    assert "x-forwarded-for" not in reached
    assert f"host: 127.0.0.1:{port}" in reached


@pytest.mark.parametrize(
    "path", ["/ops/", "/tablet/", "/kiosk/", "/metrics", "/api/v1/decisions", "/demo", "/p/../ops/"]
)
def test_no_other_page_is_reached_over_the_network(path: str, port: int, issued: Issued) -> None:
    assert get(port, path, issued)[0] == 404


@pytest.mark.parametrize("path", ["/", "/p"])
def test_the_first_page_of_a_phone_is_its_own(path: str, port: int, issued: Issued) -> None:
    assert get(port, path, issued)[0] == 302


def test_an_address_typed_without_https_leads_to_the_phones_page(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/p/")
    answer = connection.getresponse()
    connection.close()

    assert (answer.status, answer.headers["Location"]) == (302, f"https://127.0.0.1:{port}/p/")


def test_an_older_tls_is_refused(port: int, issued: Issued) -> None:
    context = ssl.create_default_context(cafile=str(issued.authority))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as raw,
        pytest.raises(ssl.SSLError),
        context.wrap_socket(raw, server_hostname="127.0.0.1"),
    ):
        pass


def test_the_servers_key_is_its_owners_alone(issued: Issued) -> None:
    assert issued.key.stat().st_mode & 0o777 == 0o600
    assert not list(issued.key.parent.glob("*ca.key"))
