from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.central.fleet.devices import configs
from edge.central.fleet.devices.commands import Asked, Ready, answer, ask, ready, sent
from edge.central.postgres import connect
from edge.core.clock import SettableClock
from edge.core.errors import RequestContractError, TrustError
from edge.wire.command import Addressee, read_command
from tests.fakes.fleet import Fleet

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


@pytest.fixture
def fleet(fleet_database: str) -> Fleet:
    fleet = Fleet(fleet_database, SettableClock(NOW))
    fleet.come("shop-1.1", "shop-1.2")
    return fleet


def asked(fleet: Fleet, device: str = "shop-1-1") -> str:
    with connect(fleet.database) as con, con.cursor() as cur:
        return ask(cur, Asked(device, "log-tail", {"lines": 20}, "ada"), fleet.clock())


def waiting(fleet: Fleet) -> list[Ready]:
    with connect(fleet.database) as con:
        return ready(con, "harbour", KEY.sign, fleet.clock())


def seq_of(one: Ready, last_seq: int = 0) -> int:
    to = Addressee("harbour", "shop-1", one.device, last_seq)
    public = KEY.public_key().public_bytes_raw()
    return read_command(one.payload, central_key=public, to=to, now=NOW).seq


def test_commands_of_one_device_are_numbered_upwards_and_taken_by_it(fleet: Fleet) -> None:
    for _ in range(3):
        asked(fleet)
    numbers = [seq_of(one) for one in waiting(fleet)]
    assert numbers == sorted(set(numbers))


def test_a_command_that_is_sent_again_is_the_same_bytes(fleet: Fleet) -> None:
    asked(fleet)
    first = waiting(fleet)
    fleet.clock.advance(timedelta(seconds=5))
    again = waiting(fleet)
    assert [one.payload for one in first] == [one.payload for one in again]
    assert again[0].life_s == 15 * 60 - 5


def test_numbers_grow_even_when_the_database_has_forgotten_the_last_one(fleet: Fleet) -> None:
    asked(fleet)
    before = seq_of(waiting(fleet)[0])
    with connect(fleet.database) as con:
        con.execute("DELETE FROM command")
    fleet.clock.advance(timedelta(seconds=1))
    asked(fleet)
    with pytest.raises(TrustError, match="a repeat or older"):
        seq_of(waiting(fleet)[0], last_seq=before + 1000)
    assert seq_of(waiting(fleet)[0], last_seq=before) > before


def test_a_command_that_nobody_sent_in_time_is_never_sent(fleet: Fleet) -> None:
    asked(fleet)
    fleet.clock.advance(timedelta(minutes=16))
    assert waiting(fleet) == []


def test_what_the_broker_has_is_not_sent_again(fleet: Fleet) -> None:
    command_id = asked(fleet)
    with connect(fleet.database) as con, con.cursor() as cur:
        assert not answer(cur, command_id).is_sent
        waiting(fleet)
        sent(con, command_id, fleet.clock())
        assert answer(cur, command_id).is_sent
    assert waiting(fleet) == []


def test_a_device_that_nobody_knows_is_asked_nothing(fleet: Fleet) -> None:
    with pytest.raises(RequestContractError, match="wanted a device"):
        asked(fleet, "shop-9-9")


def test_a_configuration_is_sent_once_and_again_when_it_changes(fleet: Fleet) -> None:
    with connect(fleet.database) as con:
        with con.cursor() as cur:
            configs.desire(cur, "shop-1-1", configs.Pointer(1, "config/a.tar", "0"), "ada", NOW)
            configs.desire(cur, "shop-1-1", configs.Pointer(1, "config/b.tar", "1"), "ada", NOW)
        found = configs.unsent(con)
        assert found == [("shop-1-1", 2, b'{"version":2,"target":"config/b.tar","digest":"1"}')]
        configs.sent(con, "shop-1-1", 1, NOW)  # of the one before: it came too late
        assert configs.unsent(con) == found
        configs.sent(con, "shop-1-1", 2, NOW)
        assert configs.unsent(con) == []
