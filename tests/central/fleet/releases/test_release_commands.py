"""``edge fleet keys|sign|publish|refresh``: the documented ceremony, from the command line."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge.app.main import edge
from edge.central.fleet.command import fleet
from edge.central.fleet.releases.publish_commands import RENEW_SOON
from edge.core.clock import SettableClock, system_clock
from edge.core.errors import EdgeError, RequestContractError, TrustError, UnavailableError
from tests.fakes.repository import SignedRepository
from tests.fakes.tuf_client import TufClient

ROOT = Path(__file__).parents[4]
FACTORY = ROOT / "models/factory"
SITE = ROOT / "firmware_config/sites/harbour_kitchen"
PATH = "models/ranker/1.0.0/ranker-1.0.0.tar"

Run = Callable[[str], Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "central.toml").write_text(
        f'tenant = "harbour"\ndatabase = "x"\nrepository = "{tmp_path}/repository"\n'
        f'[mqtt]\ntls = "none"\n[keys]\nonline = "{tmp_path}/online"\n'
    )
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text(f"the long passphrase of {name}\n")

    def run(line: str) -> Result:
        found = CliRunner().invoke(edge, line.split())
        if isinstance(found.exception, EdgeError):
            raise found.exception
        return found

    return run


def ceremony(run: Run) -> None:
    run("fleet keys init --online online")
    keys = " ".join(f"--keys {name} --passphrase-file {name}.txt" for name in "abc")
    assert run(f"fleet keys init --online online {keys} --pending pending").exit_code == 0
    assert run("fleet publish --settings central.toml --pending pending").exit_code == 0


def keys_of(name: str) -> str:
    return f"--keys {name} --passphrase-file {name}.txt"


def test_the_documented_ceremony_ends_with_a_model_that_a_device_takes(
    run: Run, tmp_path: Path
) -> None:
    ceremony(run)
    shown = run("fleet keys show --online online --repository repository --root root.json").output
    assert re.search(r'^mqtt\.command_key = "[0-9a-f]{64}"$', shown, re.MULTILINE)
    assert 'update.trust_file = "root.json"' in shown
    offline = "fleet sign --repository repository --pending pending"
    prepared = run(f"{offline} --model {FACTORY} --name ranker --version 1.0.0")
    assert f"+ {PATH}: " in prepared.output
    assert "2 more needed" in prepared.output
    assert "1 more needed" in run(f"{offline} {keys_of('a')}").output
    with pytest.raises(TrustError, match="another keeper"):
        run("fleet publish --settings central.toml --pending pending")
    assert "enough" in run(f"{offline} {keys_of('c')}").output
    published = run("fleet publish --settings central.toml --pending pending")
    assert published.output == "published models version 2\n"
    again = run("fleet publish --settings central.toml --pending pending")
    assert "nothing is pending" in again.output
    device = TufClient(
        tmp_path / "repository", (tmp_path / "root.json").read_bytes(), tmp_path / "device"
    )
    assert device.fetch(PATH).keys() == {PATH}


def test_refreshing_says_how_long_each_role_holds(run: Run) -> None:
    ceremony(run)
    found = run("fleet refresh --settings central.toml")
    assert found.exit_code == 0
    assert "signed again: nothing" in found.output
    assert "root version 1 holds until" in found.output


def test_refreshing_ends_with_code_3_when_keepers_have_to_meet(run: Run, tmp_path: Path) -> None:
    clock = SettableClock(system_clock() - timedelta(days=65))
    signed = SignedRepository(tmp_path / "signed", clock)
    signed.make()
    settings = (tmp_path / "central.toml").read_text()
    settings = settings.replace(f"{tmp_path}/repository", str(signed.served))
    settings = settings.replace(f"{tmp_path}/online", str(signed.online.folder))
    (tmp_path / "central.toml").write_text(settings)
    found = run("fleet refresh --settings central.toml")
    assert found.exit_code == RENEW_SOON
    assert "signed again: snapshot, timestamp, rollouts" in found.output
    assert re.search(r"models version 1 holds until .*, 24 days: renew it now", found.output)
    assert run("fleet refresh --settings central.toml").exit_code == RENEW_SOON


def test_keys_are_listed_with_where_they_are_and_exchanged_by_their_first_digits(run: Run) -> None:
    ceremony(run)
    listed = run("fleet keys list --repository repository --in a --in online").output
    assert "2 of 3 sign" in listed
    match = re.search(r"^models .*\n  ([0-9a-f]{8})  a$", listed, re.MULTILINE)
    assert match is not None
    rotated = run(
        f"fleet keys rotate --role models --revoke {match[1]} --into d "
        "--repository repository --pending pending"
    )
    assert f"models: - key {match[1]}" in rotated.output
    offline = "fleet sign --repository repository --pending pending"
    signed = run(f"{offline} {keys_of('b')} {keys_of('c')}")
    assert signed.output.count("enough") == 1  # targets; models had three signatures, two are left
    assert run("fleet publish --settings central.toml --pending pending").exit_code == 0
    assert match[1] not in run("fleet keys list --repository repository --in a").output


def test_a_command_key_is_exchanged_and_printed(run: Run, tmp_path: Path) -> None:
    ceremony(run)
    before = run("fleet keys show --online online").output
    after = run("fleet keys rotate --role commands --into online").output
    assert "devices need the new one" in after
    assert before.splitlines()[0] not in after
    assert len(list((tmp_path / "online").glob("commands.*.retired"))) == 1


def test_a_site_folder_is_checked_as_edge_site_check_does_and_then_signed(
    run: Run, tmp_path: Path
) -> None:
    ceremony(run)
    line = "fleet sign --repository repository --pending pending --name harbour-kitchen"
    found = run(f"{line} --version 1.0.0 --content {SITE} {keys_of('a')} {keys_of('b')}")
    assert "no mistakes" in found.output
    assert "content version 2: 2 signed, enough" in found.output
    broken = tmp_path / "broken"
    broken.mkdir()
    assert run(f"{line} --version 1.1.0 --content {broken}").exit_code == 1
    alone = CliRunner().invoke(fleet, f"{line} --version 1.1.0 --content {SITE}".split()[1:])
    assert isinstance(alone.exception, UnavailableError)


def test_roles_are_renewed_and_packages_withdrawn(run: Run) -> None:
    ceremony(run)
    offline = "fleet sign --repository repository --pending pending"
    run(f"{offline} --model {FACTORY} --name ranker --version 1.0.0 {keys_of('a')} {keys_of('b')}")
    run("fleet publish --settings central.toml --pending pending")
    found = run(f"{offline} --withdraw {PATH} --renew root {keys_of('a')} {keys_of('b')}")
    assert f"- {PATH}" in found.output
    assert found.output.count("enough") == 2
    published = run("fleet publish --settings central.toml --pending pending").output
    assert "published root version 2" in published


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("fleet sign --pending p --model m --config c --name n --version 1.0.0", "wanted one of"),
        ("fleet sign --pending p --model m --name ranker", "with --name and --version"),
        (
            f"fleet sign --pending p {keys_of('a')} {keys_of('b')} --keys c",
            "one --passphrase-file",
        ),
        ("fleet sign --pending p --repository nowhere", "got none"),
        ("fleet keys rotate --role timestamp --into online", "--revoke"),
    ],
)
def test_what_is_asked_for_wrongly_says_what_was_wanted(run: Run, line: str, why: str) -> None:
    with pytest.raises(RequestContractError, match=why):
        run(line)


def test_without_online_keys_in_the_settings_nothing_is_published(run: Run, tmp_path: Path) -> None:
    (tmp_path / "central.toml").write_text(
        'tenant = "harbour"\ndatabase = "x"\nrepository = "r"\n[mqtt]\ntls = "none"\n'
    )
    with pytest.raises(EdgeError, match=r"keys\.online"):
        run("fleet refresh --settings central.toml")
