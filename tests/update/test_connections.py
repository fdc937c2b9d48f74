"""What a server may do to the update client: little, and not for long."""

import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tuf.api.exceptions import DownloadError, DownloadHTTPError, SlowRetrievalError

from edge.update.connections import Connections
from tests.fakes import mirror
from tests.fakes.certificates import Fleet
from tests.fakes.mirror import Asked, Mirror, serving
from tests.fakes.release_client import QUICK, SHORT

FILES = {"a": b"0123456789" * 1000, "b": b"elsewhere"}


@pytest.fixture
def server() -> Iterator[Mirror]:
    with serving(FILES) as found:
        yield found


def got(server: Mirror, path: str = "a", **more: int) -> bytes:
    with (
        Connections(SHORT) as connections,
        connections.get(f"{server.url}/{path}", **more) as body,
    ):
        return b"".join(body.chunks)


def test_a_file_comes_whole_or_from_a_byte_on(server: Mirror) -> None:
    assert got(server) == FILES["a"]
    assert got(server, offset=9_995) == b"56789"


@pytest.mark.parametrize("headers", [True, False], ids=["headers", "body"])
def test_whoever_drips_is_cut_off(server: Mirror, headers: bool) -> None:
    over = threading.Event()
    server.manners.append(mirror.drips(over, headers=headers))

    with pytest.raises(SlowRetrievalError):
        got(server)
    over.set()


def test_whoever_is_slow_and_brings_enough_is_waited_for(server: Mirror) -> None:
    def slowly(asked: Asked) -> bool:
        asked.send_response(200)
        asked.send_header("Content-Length", "8")
        asked.end_headers()
        for _ in range(8):
            asked.send(b"x")
            threading.Event().wait(0.02)
        return True

    server.manners.append(slowly)
    patient = replace(SHORT, window_s=0.05, least_bytes=0)

    with Connections(patient) as connections, connections.get(f"{server.url}/a") as body:
        assert b"".join(body.chunks) == b"x" * 8


def test_a_file_that_is_not_there_is_told_by_its_status(server: Mirror) -> None:
    with pytest.raises(DownloadHTTPError) as refused:
        got(server, "none")

    assert refused.value.status_code == 404


def test_a_redirect_within_the_host_is_followed_twice_at_most(server: Mirror) -> None:
    def around(asked: Asked) -> bool:
        path = asked.path.lstrip("/")
        if path.startswith("to/"):
            asked.answer(302, b"", Location=f"/{path.removeprefix('to/')}")
        return path.startswith("to/")

    server.manners.append(around)

    assert got(server, "to/to/b") == FILES["b"]
    with pytest.raises(DownloadError, match="redirects"):
        got(server, "to/to/to/b")


def test_a_redirect_to_another_host_is_not_followed(server: Mirror) -> None:
    with serving(FILES) as other:

        def away(asked: Asked) -> bool:
            asked.answer(302, b"", Location=f"{other.url}/a")
            return True

        server.manners.append(away)
        with pytest.raises(DownloadError, match="another host"):
            got(server)

        assert other.asked == []


def test_the_environments_proxy_is_not_asked(
    server: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving({}) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)

        assert got(server) == FILES["a"]
        assert proxy.asked == []


def test_what_says_that_it_is_compressed_is_taken_as_it_is(server: Mirror) -> None:
    def compressed(asked: Asked) -> bool:
        asked.answer(200, b"\x1f\x8bno gzip", Content_Encoding="gzip")
        return True

    server.manners.append(compressed)

    assert got(server) == b"\x1f\x8bno gzip"


def test_one_connection_serves_several_requests(server: Mirror) -> None:
    begun: list[object] = []
    accept = server.get_request

    def counted() -> object:
        found = accept()
        begun.append(found)
        return found

    server.get_request = counted  # type: ignore[method-assign,assignment]
    with Connections(QUICK) as connections:
        for path in ("a", "b", "a"):
            with connections.get(f"{server.url}/{path}") as body:
                assert b"".join(body.chunks) == FILES[path]
        with pytest.raises(DownloadHTTPError), connections.get(f"{server.url}/none"):
            pass
        with connections.get(f"{server.url}/b") as body:
            assert b"".join(body.chunks) == FILES["b"]

    assert len(begun) == 2  # this server hangs up after an error page


def test_a_server_must_prove_its_name(server: Mirror, tmp_path: Path) -> None:
    fleet = Fleet.make(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    files = fleet.server("127.0.0.1")
    context.load_cert_chain(files.cert_file, files.key_file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    url = f"https://127.0.0.1:{server.server_address[1]}/b"

    with (
        pytest.raises(DownloadError),
        Connections(SHORT) as nobody_known,
        nobody_known.get(url),
    ):
        pass

    known = replace(SHORT, ca_file=files.ca_file)
    with Connections(known) as connections, connections.get(url) as body:
        assert b"".join(body.chunks) == FILES["b"]
    with (
        pytest.raises(DownloadError),
        Connections(known) as connections,
        connections.get(url.replace("127.0.0.1", "localhost")),
    ):
        pass
