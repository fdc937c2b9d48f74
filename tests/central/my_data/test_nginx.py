"""nginx as shipped brings the internet to the customers' own page, and to nothing else."""

import http.client
import re
import shutil
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from edge.app.lan.certificate import Issued, issue
from edge.app.lan.front import Door, Front
from tests.fakes.broker import free_port, wait_until
from tests.fakes.fleet_pages import served

ROOT = Path(__file__).parents[3]
CONFIGURATION = ROOT / "firmware_config/nginx/my_data.conf"
HOST = "localhost"
OPS = (
    *("/", "/fleet/", "/fleet/sign-in", "/api/fleet/v1/summary", "/api/fleet/v1/openapi.json"),
    *("/enrol", "/enrol/renew", "/repository/metadata/timestamp.json", "/healthz", "/readyz"),
    *("/my/../fleet/", "/my/%2e%2e/fleet/", "/static/css/fleet.css", "//fleet/", "/MY/"),
)

pytestmark = pytest.mark.skipif(
    shutil.which("nginx", path="/usr/sbin:/usr/bin") is None,
    reason="nginx is not installed: apt-get install nginx-light",
)


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Issued:
    return issue(tmp_path_factory.mktemp("tls"), (HOST,), datetime.now(UTC))  # noqa: TID251


@pytest.fixture
def port(app: Flask, tmp_path: Path, issued: Issued) -> Iterator[int]:
    template = CONFIGURATION.read_text("utf-8").replace("@HOST@", HOST)
    with served(app) as url:
        outside, upstream = free_port(), int(url.rpartition(":")[2])
        front = Front(template, Door(outside, upstream, tmp_path / "nginx"), issued)
        try:
            wait_until(lambda: _answers(outside, issued), "nginx answers")
            yield outside
        finally:
            front.close()


def _answers(port: int, issued: Issued) -> bool:
    try:
        return get(port, "/my/", issued).status == 200
    except OSError:
        return False


def get(port: int, path: str, issued: Issued, method: str = "GET") -> http.client.HTTPResponse:
    context = ssl.create_default_context(cafile=str(issued.authority))
    connection = http.client.HTTPSConnection(HOST, port, context=context, timeout=10)
    try:
        connection.request(method, path, headers={"X-Forwarded-For": "203.0.113.9"})
        answer = connection.getresponse()
        answer.text = answer.read().decode()  # type: ignore[attr-defined]
        return answer
    finally:
        connection.close()


def test_the_page_and_all_that_it_loads_are_reached(port: int, issued: Issued) -> None:
    page = get(port, "/my/", issued)
    loaded = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page.text))  # type: ignore[attr-defined]

    assert page.headers["Strict-Transport-Security"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert any(path.endswith("/js/my.js") for path in loaded)
    for path in loaded:
        assert get(port, path, issued).status == 200, path
        for module in re.findall(r'from "\./([a-z-]+\.js)"', get(port, path, issued).text):  # type: ignore[attr-defined]
            assert get(port, f"{path.rpartition('/')[0]}/{module}", issued).status == 200, module


@pytest.mark.parametrize("path", OPS)
def test_nothing_for_ops_or_devices_is_reached(path: str, port: int, issued: Issued) -> None:
    answer = get(port, path, issued)

    assert answer.status == 404 or answer.headers["Location"].endswith("/my/")
    assert "fleet" not in answer.text.lower()  # type: ignore[attr-defined]


def test_another_host_name_is_not_even_shaken_hands_with(port: int, issued: Issued) -> None:
    context = ssl.create_default_context(cafile=str(issued.authority))
    context.check_hostname = False
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=10)
    with pytest.raises(ssl.SSLError):
        connection.request("GET", "/my/")
    connection.close()


def test_a_flood_of_proofs_is_stopped_before_it_reaches_us(port: int, issued: Issued) -> None:
    found = [get(port, "/my/prove", issued, "POST").status for _ in range(20)]

    assert found[-1] == 429
    assert get(port, "/my/", issued).status == 200


def test_the_file_logs_nobody() -> None:
    text = CONFIGURATION.read_text("utf-8")

    assert "access_log off;" in text
    assert "error_log stderr crit;" in text
