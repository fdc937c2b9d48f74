"""Signed files are passed on as they are, and nothing else is."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from edge.web.app import create_app
from tests.fakes.services import FakeShop

FILES = {"targets/a/b/1.tar": b"0123456789"}


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    file = tmp_path / "1.tar"
    file.write_bytes(FILES["targets/a/b/1.tar"])
    services = replace(
        FakeShop().services(), passes_on=lambda path: file if path in FILES else None
    )
    return create_app(services).test_client()


def test_a_file_is_passed_on_whole_or_in_part(client: FlaskClient) -> None:
    path = "/repository/targets/a/b/1.tar"
    with client.get(path) as whole:
        assert whole.data == b"0123456789"
    with client.get(path, headers={"Range": "bytes=4-"}) as rest:
        assert (rest.status_code, rest.data) == (206, b"456789")
        assert rest.headers["Content-Range"] == "bytes 4-9/10"


@pytest.mark.parametrize(
    "path", ["targets/other", "../edge.db", "%2e%2e/edge.db", "targets/a/b/../../../edge.db", ""]
)
def test_whatever_is_no_such_file_is_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(f"/repository/{path}").status_code == 404


def test_nothing_is_passed_on_unless_the_settings_say_so() -> None:
    client = create_app(FakeShop().services()).test_client()
    assert client.get("/repository/metadata/timestamp.json").status_code == 404
