"""Static files are found by their content, and nothing outside their folder is."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from edge.web.assets import Assets
from tests.fakes.services import UI


def test_the_address_changes_with_the_content(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a {}")
    before = Assets(tmp_path).url("a.css")
    (tmp_path / "a.css").write_text("b {}")

    assert Assets(tmp_path).url("a.css") != before


def test_the_address_is_the_same_on_every_start(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a {}")

    assert Assets(tmp_path).url("a.css") == Assets(tmp_path).url("a.css")


def test_an_old_address_gives_the_new_file_but_not_for_keeping(client: FlaskClient) -> None:
    response = client.get("/static/v-000000000000/css/tokens.css")

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize(
    "name", ["../pyproject.toml", "%2e%2e/pyproject.toml", "v-1/../../i18n/de/board.po", ".keep"]
)
def test_nothing_outside_the_folder_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("css/tokens.css", "text/css"),
        ("js/live.js", "text/javascript"),
        ("art/ui.svg", "image/svg+xml"),
        ("fonts/figtree-latin-wght-normal.woff2", "font/woff2"),
    ],
)
def test_files_have_the_type_a_browser_insists_on(
    app: Flask, client: FlaskClient, name: str, kind: str
) -> None:
    assert client.get(Assets(UI / "static").url(name)).mimetype == kind
