"""``edge bridge customers`` as a person at a shell has it: counts, and a record of every look."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.central.bridge.command import bridge
from edge.core.errors import EdgeError, RequestContractError, SettingsContractError, TrustError
from edge.identity.consent import Purpose
from edge.identity.day_keys import pseudonym_of
from tests.fakes.canary import Canaries
from tests.fakes.central_customers import CentralCustomers, said
from tests.fakes.people import bytes_in

ADA = bytes(range(32))
NAME = pseudonym_of(ADA).hex()


@pytest.fixture
def config(tmp_path: Path, central: CentralCustomers) -> Path:
    shop = central.voice("shop-1-1")
    consents = [said(Purpose.TASTES, central.clock()), said(Purpose.PAST_ORDERS, central.clock())]
    central.take(shop.enrolment(ADA, consents))
    central.tell()
    path = tmp_path / "central.toml"
    path.write_text(
        f'tenant = "demo"\ndatabase = "{central.settings.database}"\nrepository = "x"\n'
        f'[mqtt]\ntls = "none"\n[keys]\nonline = "{tmp_path}/keys"\n'
    )
    return path


def asked(config: Path, command: str, *more: object) -> str:
    words = ("customers", command, "--config", config, *more)
    result = CliRunner().invoke(bridge, [str(word) for word in words])
    if isinstance(result.exception, EdgeError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def log(central: CentralCustomers) -> list[tuple[str, str, str]]:
    rows = central.con.execute("SELECT who, what, detail FROM customer_log ORDER BY entry")
    return [(who, what, detail) for who, what, detail in rows.fetchall()]


def test_the_list_counts_customers_and_names_none(config: Path) -> None:
    found = json.loads(asked(config, "list", "--json"))
    assert (found["customers"], found["erased"], found["messages_waiting"]) == (1, 0, 1)
    (place,) = found["devices"]
    assert (place["device"], place["customers"], place["has_birth"]) == ("shop-1-1", 1, False)
    assert NAME not in asked(config, "list")


def test_a_look_shows_counts_and_is_recorded(config: Path, central: CentralCustomers) -> None:
    before = len(log(central))
    shown = asked(config, "show", "--as", "ada", NAME)

    assert "consent_events     2" in shown
    canaries = Canaries()
    canaries.add("beacon key", ADA)
    assert canaries.found_in(shown.encode()) == set()
    assert log(central)[before:] == [("ada", "show", "known")]
    assert NAME.encode() not in b"\n".join(
        line for line in central.everything().split(b"\n") if line.startswith(b"customer_log")
    )
    assert asked(config, "show", "--as", "ada", "00" * 8) == "not known\n"


def test_central_erases_and_writes_to_every_device_that_holds_them(
    config: Path, central: CentralCustomers
) -> None:
    before = len(log(central))
    assert asked(config, "erase", "--as", "ada", NAME) == "erased; written to 1 devices\n"

    assert not central.is_known(ADA)
    assert central.written_kinds() == ["erase"]
    assert asked(config, "show", "--as", "ada", NAME) == "erased\n"
    assert log(central)[before] == ("ada", "erase", "written to 1 devices")


def test_a_device_is_written_to_again(config: Path, central: CentralCustomers) -> None:
    central.con.execute("UPDATE customer_message SET published_at = now()")
    asked(config, "resend", "--as", "ada", "shop-1-1")
    central.tell()
    waiting = "SELECT count(*) FROM customer_message WHERE published_at IS NULL"
    assert central.con.execute(waiting).fetchone() == (1,)
    with pytest.raises(RequestContractError, match="takes messages"):
        asked(config, "resend", "--as", "ada", "nobody")


def test_what_is_no_pseudonym_and_a_central_without_keys_are_refused(config: Path) -> None:
    result = CliRunner().invoke(
        bridge, ["customers", "show", "--config", str(config), "--as", "ada", "xyz"]
    )
    assert "wanted 16 hexadecimal digits" in result.output
    config.write_text(config.read_text().partition("[keys]")[0])
    with pytest.raises(SettingsContractError, match=r"keys\.online"):
        asked(config, "list")


def test_rows_of_another_key_are_not_touched(config: Path, tmp_path: Path) -> None:
    key = tmp_path / "keys" / "customers-rows.key"
    assert key.stat().st_mode & 0o777 == 0o600
    secret = key.read_bytes()
    key.unlink()
    with pytest.raises(TrustError, match="copy it from"):
        asked(config, "list")
    key.write_bytes(secret)
    key.chmod(0o640)
    with pytest.raises(TrustError, match="chmod 600"):
        asked(config, "list")
    key.chmod(0o600)
    key.write_bytes(b"short")
    with pytest.raises(TrustError, match="32 bytes"):
        asked(config, "list")
    assert ADA not in bytes_in(tmp_path)
