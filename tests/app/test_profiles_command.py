"""``edge profiles``: central's word from a file is taken as from the broker, and by its device alone."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.app.main import edge
from edge.app.profiles_command import exchange_key, take_messages
from edge.core.chance import system_chance
from edge.core.clock import system_clock
from edge.core.errors import (
    RequestContractError,
    StorageUnavailableError,
    TrustError,
    WireContractError,
)
from models.training.recognition.messages import enrolled, messages
from tests.fakes.appliance import DEMO_SITE
from tests.fakes.recorded import open_store
from tests.fakes.small_households import one_case


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "appliance.toml"
    folders = {"site_folder": DEMO_SITE, "data_folder": tmp_path / "data"}
    lines = [f"{name} = {json.dumps(str(folder))}" for name, folder in folders.items()]
    path.write_text('device_id = "kiosk-a"\n' + "\n".join(lines) + "\n[recognition]\non = true\n")
    return path


def message(profile: Path, key: bytes, name: str = "message.json") -> Path:
    path = profile.with_name(name)
    people = enrolled([one_case(), one_case()], system_chance)
    (payload,) = messages(people, key, system_clock(), system_chance)
    path.write_bytes(payload)
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(edge, ["profiles", *map(str, words)])


def test_a_message_sealed_to_the_printed_key_is_taken_and_kept(profile: Path) -> None:
    printed = run("key", "--config", profile)
    path = message(profile, bytes.fromhex(printed.stdout.strip()))

    first = run("take", path, "--config", profile)
    again = run("take", path, "--config", profile)

    assert first.stdout == again.stdout == "2 customers can be recognised\n"


def test_a_message_for_another_device_is_refused(profile: Path, tmp_path: Path) -> None:
    path = message(profile, exchange_key(profile, tmp_path / "other"))

    with pytest.raises(TrustError):
        take_messages([path], profile)


def test_what_is_no_message_is_refused_in_words(profile: Path, tmp_path: Path) -> None:
    path = tmp_path / "letter.json"
    path.write_text("{}")

    with pytest.raises(WireContractError, match="wanted"):
        take_messages([path], profile)
    with pytest.raises(RequestContractError, match="cannot read it"):
        take_messages([tmp_path / "none.json"], profile)


def test_beside_a_running_service_nothing_is_taken(profile: Path, tmp_path: Path) -> None:
    path = message(profile, exchange_key(profile))
    store = open_store(tmp_path / "data", system_clock)
    try:
        with pytest.raises(StorageUnavailableError, match="stop the other service"):
            take_messages([path], profile)
    finally:
        store.close()


def test_where_recognition_is_off_nobody_is_taken(profile: Path) -> None:
    path = message(profile, exchange_key(profile))
    profile.write_text(profile.read_text().replace("on = true", "on = false"))

    with pytest.raises(RequestContractError, match="switched off here"):
        take_messages([path], profile)
