"""What a person gets from the shell: explain, replay, doctor, model check."""

import shutil
import socket
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from edge.app.main import edge
from tests.fakes.appliance import DEMO_SITE, ROOT, appliance, client

FACTORY = ROOT / "models/factory"


def run(*words: object) -> Result:
    return CliRunner().invoke(edge, [str(word) for word in words])


@pytest.fixture
def decided(tmp_path: Path) -> tuple[Path, str]:
    """A data folder with one decision, and its id."""
    with appliance(tmp_path / "data") as built:
        asked = {"placement": "kiosk-strip", "basket": ["latte"]}
        answer = client(built).post("/api/v1/decide", json=asked)
    return tmp_path / "data", orjson.loads(answer.data)["decision_id"]


def test_explain_without_an_id_lists_the_latest_decisions(decided: tuple[Path, str]) -> None:
    data, decision_id = decided

    assert decision_id in run("explain", "--data", data).output


def test_explain_prints_candidates_suppressions_parts_draws_and_reasons(
    decided: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, decision_id = decided
    monkeypatch.setenv("COLUMNS", "160")
    printed = run("explain", decision_id, "--data", data).output

    for word in ("Candidates", "in_basket", "moment", "draws", "propensity", "identical"):
        assert word in printed, word


def test_explain_as_json_is_what_the_api_says(decided: tuple[Path, str]) -> None:
    data, decision_id = decided
    found = orjson.loads(run("explain", decision_id, "--data", data, "--json").output)

    assert found["decision_id"] == decision_id
    assert found["replay"] == "identical"


def test_replay_gives_the_same_slate(decided: tuple[Path, str]) -> None:
    data, decision_id = decided
    found = run("replay", decision_id, "--data", data)

    assert found.exit_code == 0
    assert "identical, byte for byte" in found.output


def test_replay_of_a_changed_record_fails(decided: tuple[Path, str]) -> None:
    data, decision_id = decided
    with appliance(data) as built:
        built.store.writer.submit(
            lambda con: (
                con.execute(
                    "UPDATE decision SET body = CAST(replace(CAST(body AS TEXT),"
                    " 'something_different', 'popular_now') AS BLOB)"
                ).rowcount
            )
        ).result(5)
    found = run("replay", decision_id, "--data", data)

    assert found.exit_code == 1
    assert "DIFFERENT" in found.output


@pytest.mark.parametrize("command", ["explain", "replay"])
def test_an_unknown_decision_is_refused_with_what_to_do(
    command: str, decided: tuple[Path, str]
) -> None:
    found = run(command, "00000000-0000-7000-8000-000000000000", "--data", decided[0])

    assert "without an id lists the latest" in str(found.exception)


def test_a_folder_without_a_database_is_refused_with_what_to_do(tmp_path: Path) -> None:
    assert "name it with --data" in str(run("explain", "--data", tmp_path).exception)


def test_the_doctor_finds_the_delivered_shop_and_model_sound(tmp_path: Path) -> None:
    found = run("doctor", "--data", tmp_path, "--port", 0)

    assert found.exit_code == 0, found.output
    assert "ok       model" in found.output


def test_the_doctor_tells_a_taken_port_from_a_broken_machine(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        found = run("doctor", "--data", tmp_path, "--port", other.getsockname()[1])

    assert found.exit_code == 0, found.output
    assert "taken    port" in found.output
    assert "--port" in found.output


def test_the_doctor_names_a_broken_shop_and_a_broken_model(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(DEMO_SITE, shop)
    (shop / "boards.yaml").write_text("- id: [", "utf-8")
    found = run("doctor", "--site", shop, "--model", tmp_path, "--data", tmp_path, "--port", 0)

    assert found.exit_code == 1
    assert "wrong    site" in found.output
    assert "edge site check" in found.output
    assert "wrong    model" in found.output


def test_model_check_says_what_a_package_holds_and_whether_it_fits_the_shop() -> None:
    found = run("model", "check", FACTORY, "--site", DEMO_SITE)

    assert found.exit_code == 0, found.output
    assert "knows 100% of Harbour Kitchen" in found.output


def test_model_check_says_what_a_broken_package_breaks(tmp_path: Path) -> None:
    shutil.copytree(FACTORY, tmp_path / "model")
    (tmp_path / "model/serving.onnx").write_bytes(b"\x08")
    found = run("model", "check", tmp_path / "model")

    assert "serving.onnx: expected SHA-256" in str(found.exception)


@pytest.mark.parametrize("mqtt", ["localhost", ":1883", "host:port"])
def test_a_broker_address_that_is_none_is_refused(mqtt: str, tmp_path: Path) -> None:
    found = run("run", "--data", tmp_path, "--mqtt", mqtt)

    assert "wanted HOST:PORT such as 127.0.0.1:1883" in str(found.exception)
