"""Asking a running service: kept connections, and failures told apart in words."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from edge.app.tickets.client import DecideClient
from edge.core.errors import RequestContractError, UnavailableError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DECIDED = (
    b'{"items": [{"sku": "tea", "explored": false}, {"sku": "jam", "explored": true}],'
    b' "degraded": null}'
)


@contextmanager
def answering(*answers: bytes) -> Iterator[tuple[str, list[int]]]:
    """A server that gives each answer to one request, closing where the answer is empty."""
    waiting = list(answers)
    connections: list[int] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            connections.append(1)
            while waiting and self.rfile.readline():
                length = 0
                while (line := self.rfile.readline().strip()) != b"":
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                self.rfile.read(length)
                answer = waiting.pop(0)
                if not answer:
                    return
                self.wfile.write(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", connections
        finally:
            server.shutdown()
            thread.join()


def http(status: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


def test_answers_come_over_one_kept_connection() -> None:
    with answering(*[http(b"200 OK", DECIDED)] * 3) as (url, connections):
        client = DecideClient(url)
        answers = [client.decide("strip", ["ink"], NOON) for _ in range(3)]
        client.close()

    assert [answer.skus for answer in answers] == [("tea", "jam")] * 3
    assert [answer.explored for answer in answers] == [1, 1, 1]
    assert len(connections) == 1


def test_a_connection_closed_while_idle_is_opened_again() -> None:
    with answering(http(b"200 OK", DECIDED), b"", http(b"200 OK", DECIDED)) as (url, connections):
        client = DecideClient(url)
        answers = [client.decide("strip", [], NOON) for _ in range(2)]
        client.close()

    assert len(answers) == 2
    assert len(connections) == 2


def test_a_service_that_went_away_is_said_so() -> None:
    with answering(b"", b"") as (url, _):
        client = DecideClient(url)
        with pytest.raises(UnavailableError, match="wanted the appliance at http"):
            client.decide("strip", [], NOON)
        client.close()


def test_a_refusal_is_repeated_in_the_services_own_words() -> None:
    with answering(http(b"422 Nope", b'{"detail": "at: wanted no at"}')) as (url, _):
        client = DecideClient(url)
        with pytest.raises(RequestContractError, match="422: at: wanted no at"):
            client.decide("strip", [], NOON)
        client.close()


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b'{"status": "fine"}'])
def test_somebody_elses_server_is_told_apart(body: bytes) -> None:
    with answering(http(b"200 OK", body)) as (url, _):
        client = DecideClient(url)
        with pytest.raises(RequestContractError, match="wanted the appliance"):
            client.health()
        client.close()


@pytest.mark.parametrize(
    "url", ["", "ftp://127.0.0.1", "https://shop.example", "http://", "http://a:b"]
)
def test_an_address_that_cannot_be_asked_is_refused(url: str) -> None:
    with pytest.raises(RequestContractError, match="--url"):
        DecideClient(url)


def test_the_scheme_may_be_left_out() -> None:
    assert DecideClient("127.0.0.1:8081").address == "http://127.0.0.1:8081"
