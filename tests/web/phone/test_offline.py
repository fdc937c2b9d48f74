"""What a phone may keep: a shell without data, and the files it loads."""

import orjson
from flask import Flask
from flask.testing import FlaskClient

from edge.web.phone.offline import FILES
from tests.web.phone.conftest import FakePhone


def test_the_worker_names_files_that_are_there_and_the_shell_only(
    app: Flask, client: FlaskClient
) -> None:
    script = client.get("/p/worker.js")
    kept = orjson.loads(script.text.split("const SHELL = ")[1].split(";\n")[0])

    assert script.mimetype == "text/javascript"
    assert kept[0] == "/p/shell"
    assert len(kept) == len(FILES) + 1
    assert {client.get(path).status_code for path in kept} == {200}


def test_the_shell_loads_nothing_that_the_worker_does_not_keep(client: FlaskClient) -> None:
    script = client.get("/p/worker.js").text
    shell = client.get("/p/shell").text
    wanted = {part.split('"')[0] for part in shell.split('="/static/')[1:]}

    assert wanted
    assert all(f'"/static/{path.split("#")[0]}"' in script for path in wanted)


def test_the_shell_is_the_same_for_everybody(phone: FakePhone, client: FlaskClient) -> None:
    nobody = client.get("/p/shell").text
    phone.enrol()

    assert phone.client.get("/p/shell").text == nobody
    assert "csrf_token" not in nobody


def test_the_manifest_stays_inside_the_phones_pages(client: FlaskClient) -> None:
    manifest = orjson.loads(client.get("/p/manifest.webmanifest").data)

    assert (manifest["scope"], manifest["start_url"]) == ("/p/", "/p/")
    assert manifest["name"] == "Harbour Kitchen"
