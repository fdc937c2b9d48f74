"""The real service, and what it answers to what it should never be sent."""

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.service import RunningService, free_port, start_service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with RunningService.start(tmp_path_factory.mktemp("bad") / "data") as running:
        yield running


def still_serves(service: RunningService) -> bool:
    status, slate = service.request("POST", "/api/v1/decide", {"placement": "kiosk-strip"})
    return status == 200 and len(slate["items"]) == 3


def raw(service: RunningService, path: str, body: bytes, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json"} | headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_a_body_of_50_megabytes_is_refused_before_it_is_read(service: RunningService) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as client:
        head = (
            f"POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\n"
            "Content-Type: application/json\r\nContent-Length: 52428800\r\n\r\n"
        )
        client.sendall(head.encode())
        answer = client.recv(4096).decode()

    assert answer.startswith("HTTP/1.1 413")
    assert still_serves(service)


def test_an_unknown_host_is_refused_with_what_to_do(service: RunningService) -> None:
    status, text = raw(service, "/api/v1/decide", b"{}", Host="evil.example")

    assert status == 400
    assert "evil.example" in text
    assert "allowed hosts" in text
    assert still_serves(service)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="cut off"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b"[" * 30000, id="depth bomb"),
        pytest.param(b'{"placement": NaN}', id="not a number"),
        pytest.param(b'{"placement": 1' + b"0" * 5000 + b"}", id="huge integer"),
    ],
)
def test_malformed_json_is_refused_in_words(service: RunningService, body: bytes) -> None:
    status, text = raw(service, "/api/v1/decide", body)

    assert 400 <= status < 500
    assert "title" in text
    assert "Traceback" not in text
    assert still_serves(service)


def test_an_unknown_product_is_refused_by_name(service: RunningService) -> None:
    asked = {"placement": "kiosk-strip", "basket": ["caviar"]}
    status, problem = service.request("POST", "/api/v1/decide", asked)

    assert status in (404, 422)
    assert "caviar" in problem["detail"]


def test_a_moment_named_by_a_request_is_refused_by_a_shops_service(
    service: RunningService,
) -> None:
    asked = {"placement": "evaluation", "at": "2026-03-03T12:00:00Z"}
    status, problem = service.request("POST", "/api/v1/decide", asked)

    assert status == 422
    assert "--clock=request" in problem["detail"]


def test_a_taken_port_is_an_error_that_says_what_to_do(
    service: RunningService, tmp_path: Path
) -> None:
    second = start_service(tmp_path / "data", service.port)

    assert second.wait(timeout=30) == 1
    assert "choose another with --port" in (tmp_path / "data.log").read_text("utf-8")


def test_a_second_service_on_the_same_data_is_refused(
    service: RunningService, tmp_path: Path
) -> None:
    with RunningService.start(tmp_path / "data") as first:
        assert first.request("GET", "/api/v1/health")[0] == 200
        second = start_service(tmp_path / "data", free_port())
        assert second.wait(timeout=30) == 1
        assert first.request("GET", "/api/v1/health")[0] == 200
