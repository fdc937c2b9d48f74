"""The repository behind a web server: the one of the tests with its faults, and nginx as shipped."""

import http.client
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.fakes.broker import free_port, wait_until
from tests.fakes.repository import CAPTIVE_PAGE, RunningRepository, running_repository

ROOT = Path(__file__).parents[4]
FACTORY = ROOT / "models/factory"
CONFIGURATION = ROOT / "firmware_config/nginx/repository.conf"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRepository]:
    with running_repository(tmp_path_factory.mktemp("repository")) as found:
        found.publish_model(FACTORY, "1.0.0")
        yield found


@pytest.fixture
def package(repository: RunningRepository) -> str:
    repository.faults.heal()
    file = repository.file_of("models/ranker/1.0.0/ranker-1.0.0.tar")
    return f"/{file.relative_to(repository.served).as_posix()}"


def get(url: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        try:
            body = answer.read()
        except http.client.IncompleteRead as cut:
            body = cut.partial
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, body
    finally:
        connection.close()


def test_a_download_goes_on_where_it_was_cut(repository: RunningRepository, package: str) -> None:
    whole = (repository.served / package.lstrip("/")).read_bytes()
    repository.faults.cut_after = 10_000
    _, headers, begun = get(repository.url, package)
    assert headers["content-length"] == str(len(whole))
    assert begun == whole[:10_000]
    repository.faults.heal()
    status, headers, rest = get(repository.url, package, Range="bytes=10000-")
    assert status == 206
    assert headers["content-range"] == f"bytes 10000-{len(whole) - 1}/{len(whole)}"
    assert begun + rest == whole
    assert repository.requests[-1] == (package, "bytes=10000-")


def test_faults_are_limited_to_the_paths_that_were_named(
    repository: RunningRepository, package: str
) -> None:
    repository.faults.only, repository.faults.status = "targets/", 503
    assert get(repository.url, package)[0] == 503
    assert get(repository.url, "/metadata/timestamp.json")[0] == 200


def test_a_captive_portal_answers_everything_with_its_page(
    repository: RunningRepository, package: str
) -> None:
    repository.faults.captive = True
    assert get(repository.url, package)[::2] == (200, CAPTIVE_PAGE)
    assert get(repository.url, "/metadata/9.root.json")[::2] == (200, CAPTIVE_PAGE)


def test_nothing_outside_the_repository_is_served(
    repository: RunningRepository, package: str
) -> None:
    assert package  # which heals the server
    assert get(repository.url, "/../keys/online/commands.pem")[0] == 404


class Central(BaseHTTPRequestHandler):
    """Whoever machines join at: says who they are, as the proxy has it."""

    def do_POST(self) -> None:
        said = f"{self.path} {self.headers.get_all('X-Forwarded-For')}".encode()
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def central() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Central)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def nginx(repository: RunningRepository, tmp_path: Path, central: str) -> Iterator[str]:
    if NGINX is None:
        pytest.skip("nginx is not installed: apt-get install nginx-light")
    port = free_port()
    text = CONFIGURATION.read_text("utf-8")
    if os.geteuid() == 0:  # else its workers could not read the folder
        text = f"user root;\n{text}"
    for word, value in (
        ("LISTEN", f"127.0.0.1:{port}"),
        ("REPOSITORY", str(repository.served)),
        ("FOLDER", str(tmp_path)),
        ("CENTRAL", central),
    ):
        text = text.replace(f"@{word}@", value)
    (tmp_path / "nginx.conf").write_text(text, "utf-8")
    command = [NGINX, "-e", "stderr", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _answers(port), "nginx answers")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    try:
        return get(f"http://127.0.0.1:{port}", "/")[0] == 404
    except OSError:
        return False


def test_nginx_as_shipped_keeps_what_never_changes_and_asks_again_for_the_timestamp(
    repository: RunningRepository, package: str, nginx: str
) -> None:
    status, headers, body = get(nginx, "/metadata/timestamp.json")
    assert (status, headers["cache-control"]) == (200, "no-cache")
    assert get(nginx, "/metadata/timestamp.json", **{"If-None-Match": headers["etag"]})[0] == 304
    assert body == (repository.served / "metadata/timestamp.json").read_bytes()
    for path in ("/metadata/1.root.json", package):
        status, headers, _ = get(nginx, path)
        assert status == 200
        assert "immutable" in headers["cache-control"]
    status, headers, rest = get(nginx, package, Range="bytes=70000-")
    assert status == 206
    assert rest == (repository.served / package.lstrip("/")).read_bytes()[70_000:]


def test_nginx_as_shipped_serves_nothing_else_and_keeps_no_404(
    repository: RunningRepository, nginx: str
) -> None:
    (repository.served / ".incoming").mkdir(exist_ok=True)
    (repository.served / ".incoming" / "x.json").write_text("{}")
    assert get(nginx, "/.incoming/x.json")[0] == 404
    assert get(nginx, "/.lock")[0] == 404
    assert get(nginx, "/metadata/")[0] == 404
    status, headers, _ = get(nginx, "/metadata/2.root.json")
    assert status == 404
    assert "cache-control" not in headers


def test_nginx_as_shipped_says_itself_who_joins(nginx: str) -> None:
    for path in ("/enrol", "/enrol/renew"):
        connection = http.client.HTTPConnection(nginx.removeprefix("http://"), timeout=10)
        connection.putrequest("POST", path)
        for value in ("203.0.113.7", "203.0.113.8"):  # somebody who would rather be others
            connection.putheader("X-Forwarded-For", value)
        connection.putheader("Content-Length", "2")
        connection.endheaders(b"{}")
        assert connection.getresponse().read().decode() == f"{path} ['127.0.0.1']"
        connection.close()
    assert get(nginx, "/enrol")[0] == 403
    assert get(nginx, "/enrol/others")[0] == 404
