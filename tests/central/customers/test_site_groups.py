"""A device cannot choose whose customers it is told of: its shop belongs to one shop group."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.central.bridge.command import bridge
from edge.core.chance import system_chance
from edge.core.errors import WireContractError
from edge.identity.consent import Purpose
from tests.fakes.central_customers import GROUP, CentralCustomers, said


@pytest.fixture
def enrolled(central: CentralCustomers) -> bytes:
    key = system_chance(32)
    shop = central.voice("shop-1-1")
    central.born(shop)
    central.take(shop.enrolment(key, [said(Purpose.TASTES, central.clock())]))
    return key


def test_a_device_that_names_another_group_than_its_shop_is_told_of_nobody(
    central: CentralCustomers, enrolled: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    honest, hostile = central.voice("shop-9-1", "shop-9"), central.voice("shop-9-2", "shop-9")
    central.born(honest, group=GROUP + 1)
    central.tell()
    central.born(hostile)  # of the group whose customers it would like to have
    central.tell()
    assert central.written(hostile, "profile") == central.written(honest, "profile") == []
    assert "is told of nobody" in caplog.text

    central.born(honest, conn_seq=2)
    central.tell()
    assert central.written(honest, "profile") == []


def test_an_enrolment_under_another_group_is_not_taken(central: CentralCustomers) -> None:
    elsewhere = central.voice("shop-9-1", "shop-9")
    central.born(elsewhere, group=GROUP + 1)
    central.tell()
    with pytest.raises(WireContractError, match="the group that shop-9 belongs to"):
        central.take(elsewhere.enrolment(system_chance(32), []))


def test_a_person_moves_a_shop_to_another_group(
    central: CentralCustomers, enrolled: bytes, tmp_path: Path
) -> None:
    moved = central.voice("shop-9-1", "shop-9")
    central.born(moved, group=GROUP + 1)
    central.tell()
    config = tmp_path / "central.toml"
    config.write_text(
        f'tenant = "demo"\ndatabase = "{central.settings.database}"\nrepository = "x"\n'
        f'[mqtt]\ntls = "none"\n[keys]\nonline = "{tmp_path}/keys"\n'
    )
    words = ("customers", "group", "--config", config, "--as", "ada", "shop-9", GROUP)
    result = CliRunner().invoke(bridge, [str(word) for word in words])
    assert result.exit_code == 0, result.output

    central.born(moved, conn_seq=2)
    central.tell()
    (message,) = central.written(moved, "profile")
    assert len(message["customers"]) == 1
    (entry,) = central.con.execute(
        "SELECT who, detail FROM customer_log WHERE what = 'group'"
    ).fetchall()
    assert entry == ("ada", f"shop-9 to {GROUP}")
