from pathlib import Path

import pytest
from flask.testing import FlaskClient

from edge.app.enrol import request_for
from edge.central.fleet.provision.certificate import new_key
from edge.central.fleet.web import proxy
from edge.central.fleet.web.tries import AT_ONCE, Tries
from edge.core.clock import SettableClock
from tests.fakes.certificates import system_now
from tests.fakes.joining import COMMAND_KEY, Joining
from tests.fakes.postgres import PostgresServer


@pytest.fixture(scope="module")
def one_database(postgres_server: PostgresServer) -> str:
    return postgres_server.url()


@pytest.fixture
def joining(one_database: str, tmp_path: Path) -> Joining:
    return Joining.make(one_database, tmp_path).emptied()


@pytest.fixture
def client(joining: Joining) -> FlaskClient:
    return joining.app().test_client()


def test_a_machine_is_answered_with_certificate_place_and_settings(
    joining: Joining, client: FlaskClient
) -> None:
    answer = client.post("/enrol", json={"claim": joining.claim(), "csr": request_for(new_key())})
    assert answer.status_code == 200
    found = answer.get_json()
    assert (found["tenant"], found["site"], found["device"]) == ("harbour", "shop-7", "kiosk-7")
    assert found["settings"] == {
        "mqtt.host": "127.0.0.1",
        "mqtt.port": 8883,
        "mqtt.command_key": COMMAND_KEY,
        "update.ring": "early",
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_claim_that_is_not_good_is_refused(joining: Joining, client: FlaskClient) -> None:
    joining.claim()
    wrong = {"claim": "EC1-" + "A" * 32, "csr": request_for(new_key())}
    assert client.post("/enrol", json=wrong).status_code == 403


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"claim": 1, "csr": "x"}', b"{" * 900, b'"' + b"x" * 20_000]
)
def test_what_is_not_a_request_is_refused(client: FlaskClient, body: bytes) -> None:
    for path in ("/enrol", "/enrol/renew"):
        answer = client.post(path, data=body, content_type="application/json")
        assert answer.status_code == 400
    assert client.post("/enrol", data=b"{}").status_code == 400


def test_a_renewal_with_a_broken_proof_is_refused(joining: Joining, client: FlaskClient) -> None:
    found = client.post(
        "/enrol", json={"claim": joining.claim(), "csr": request_for(new_key())}
    ).get_json()
    asked = {"certificate": found["certificate"], "csr": request_for(new_key())}
    asked |= {"at": joining.clock().isoformat(), "signature": "zz"}
    assert client.post("/enrol/renew", json=asked).status_code == 400
    assert client.post("/enrol/renew", json=asked | {"signature": "00"}).status_code == 403


def test_whoever_asks_too_often_waits(client: FlaskClient) -> None:
    answers = [client.post("/enrol", json={}).status_code for _ in range(int(AT_ONCE) + 1)]
    assert answers == [400] * int(AT_ONCE) + [429]


def behind(joining: Joining, trusted: str) -> FlaskClient:
    app = joining.app()
    proxy.install(app, trusted)
    return app.test_client()


def asked(client: FlaskClient, peer: str, *forwarded: str) -> int:
    headers = [("X-Forwarded-For", value) for value in forwarded]
    return client.post(
        "/enrol", json={}, environ_base={"REMOTE_ADDR": peer}, headers=headers
    ).status_code


def test_behind_a_proxy_each_sender_has_tries_of_their_own(joining: Joining) -> None:
    client = behind(joining, "127.0.0.1")
    for _ in range(int(AT_ONCE)):
        assert asked(client, "127.0.0.1", "203.0.113.7") == 400
    assert asked(client, "127.0.0.1", "203.0.113.7") == 429
    assert asked(client, "127.0.0.1", "203.0.113.8") == 400


def test_nobody_gets_more_tries_by_what_they_say_of_themselves(joining: Joining) -> None:
    for trusted, peer in (("", "198.51.100.1"), ("127.0.0.1", "198.51.100.1"), ("", "127.0.0.1")):
        client = behind(joining, trusted)
        for number in range(int(AT_ONCE)):
            assert asked(client, peer, f"203.0.113.{number}") == 400
        assert asked(client, peer, "203.0.113.200") == 429
    # What came with the request stands before what the proxy added.
    client = behind(joining, "127.0.0.1")
    for number in range(int(AT_ONCE)):
        assert asked(client, "127.0.0.1", f"203.0.113.{number}, 198.51.100.1") == 400
    assert asked(client, "127.0.0.1", "203.0.113.200", "198.51.100.1") == 429


@pytest.mark.parametrize("nonsense", ["", "unknown", "203.0.113.7:443", "x" * 9000, "::1, "])
def test_a_proxy_that_names_nobody_is_the_sender_itself(joining: Joining, nonsense: str) -> None:
    client = behind(joining, "127.0.0.1")
    for _ in range(int(AT_ONCE)):
        assert asked(client, "127.0.0.1", nonsense) == 400
    assert asked(client, "127.0.0.1", nonsense) == 429


def test_one_line_of_ipv6_is_one_sender() -> None:
    tries = Tries(SettableClock(system_now()))
    assert sum(tries.may(f"2001:db8:0:1::{number:x}") for number in range(50)) == AT_ONCE
    assert tries.may("2001:db8:0:2::1")
    assert sum(tries.may(f"::ffff:192.0.2.{number}") for number in range(1, 5)) == 4


def test_one_customer_of_a_provider_cannot_use_up_the_tries_of_all() -> None:
    tries = Tries(SettableClock(system_now()))

    taken = sum(tries.may(f"2001:db8:0:{line:x}::1") for line in range(500))

    assert taken == 40
    assert tries.may("2001:db8:1::1")


def test_a_sender_who_waits_may_try_again_and_others_are_not_held_up() -> None:
    clock = SettableClock(system_now())
    tries = Tries(clock)
    assert all(tries.may("a") for _ in range(10))
    assert not tries.may("a")
    assert tries.may("b")
    clock.at = clock.at.replace(year=clock.at.year + 1)
    assert tries.may("a")


def test_all_senders_together_have_a_limit() -> None:
    tries = Tries(SettableClock(system_now()))
    assert sum(tries.may(f"sender {number}") for number in range(300)) == 200
