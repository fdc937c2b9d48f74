from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from edge.central.fleet.web.files import ASK_AGAIN, FOREVER, files
from edge.web import headers


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    top = tmp_path / "repository"
    for name, content in (
        ("metadata/timestamp.json", b"{}"),
        ("metadata/3.snapshot.json", b"{}"),
        ("targets/models/r/1.0.0/ab.r.tar", bytes(range(100))),
        ("targets/.hidden", b"x"),
        (".incoming/half", b"x"),
        (".lock", b""),
    ):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(content)
    (tmp_path / "secret").write_text("x")
    (top / "targets" / "out").symlink_to(tmp_path / "secret")
    app = Flask("files")
    headers.install(app)
    app.register_blueprint(files(top))
    return app.test_client()


def test_a_part_of_a_package_is_served(client: FlaskClient) -> None:
    with client.get(
        "/repository/targets/models/r/1.0.0/ab.r.tar", headers={"Range": "bytes=40-"}
    ) as answer:
        assert (answer.status_code, answer.data) == (206, bytes(range(40, 100)))
        assert answer.headers["Content-Range"] == "bytes 40-99/100"
        assert answer.headers["Cache-Control"] == FOREVER


def test_only_the_timestamp_is_asked_for_again(client: FlaskClient) -> None:
    with client.get("/repository/metadata/timestamp.json") as answer:
        assert answer.headers["Cache-Control"] == ASK_AGAIN
        etag = answer.headers["ETag"]
    with client.get(
        "/repository/metadata/timestamp.json", headers={"If-None-Match": etag}
    ) as again:
        assert again.status_code == 304
    with client.get("/repository/metadata/3.snapshot.json") as answer:
        assert answer.headers["Cache-Control"] == FOREVER


@pytest.mark.parametrize(
    "path",
    [
        *(".lock", ".incoming/half", "targets/.hidden", "targets/out", "metadata", "metadata/"),
        *("metadata/4.root.json", "targets/../.lock", "targets/%2e%2e/.lock", "../secret"),
        *("targets/..%2f..%2fsecret", "targets//models", "/etc/passwd", "metadata/%00"),
    ],
)
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/repository/{path}")
    assert answer.status_code in (404, 308)
    if answer.status_code == 308:  # two slashes become one, and that is not there either
        assert client.get(answer.location).status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
