"""Attacks on those who run the fleet: their names, their approvals, their terminals, their doors."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click import BadParameter
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import NameOID

from edge.app.commands.log_tail import LogTail
from edge.central.fleet.devices.commands import Asked, ask
from edge.central.fleet.devices.shown import device_shown
from edge.central.fleet.ops_options import person_name, print_pairs, print_table
from edge.central.fleet.provision.authority import requested_key
from edge.central.fleet.provision.claims import hash_of
from edge.central.fleet.provision.renewal import _certificate
from edge.central.fleet.tables import FLEET
from edge.central.postgres import connect, migrate
from edge.core.clock import SettableClock
from edge.core.errors import EdgeError, RequestContractError
from tests.fakes.fleet import Fleet, emptied, line_at_four, small_plan
from tests.fakes.fleet_web import FleetWeb
from tests.fakes.postgres import PostgresServer

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
INJECTIONS = ("'; DROP TABLE device; --", "%s", "%(device)s", '"', "x' OR '1'='1", "$1")


@pytest.fixture(scope="module")
def url(postgres_server: PostgresServer) -> str:
    url = postgres_server.url()
    with connect(url) as con:
        migrate(con, FLEET)
    return url


@pytest.fixture
def fleet(url: str) -> Fleet:
    emptied(url)
    found = Fleet(url, SettableClock(NOW))
    found.come("shop-0.1")
    return found


@pytest.mark.parametrize("name", INJECTIONS)
def test_no_name_reaches_the_database_as_anything_but_a_name(fleet: Fleet, name: str) -> None:
    with connect(fleet.database) as con, con.cursor() as cur:
        with pytest.raises(EdgeError):
            device_shown(cur, name)
        with pytest.raises(EdgeError):
            ask(cur, Asked(name, "identify", {}, name), NOW)
    with pytest.raises(EdgeError):
        fleet.rollouts.approve(name, "ada", name)
    with connect(fleet.database) as con:
        assert con.execute("SELECT count(*) FROM device").fetchone() == (1,)


@pytest.mark.parametrize("name", ["Ada", "ADA", "ada"])
def test_one_person_is_one_whatever_the_capitals(name: str) -> None:
    assert person_name(name) == "ada"


@pytest.mark.parametrize(
    "name", ["\u0430da", "ada\u200b", "ada ", " ada", "ada\n", "\uff41da", "", "a"]
)
def test_a_name_that_only_looks_like_another_is_none(name: str) -> None:
    with pytest.raises(BadParameter):
        person_name(name)


def test_of_two_approvals_of_one_person_at_once_one_counts(fleet: Fleet) -> None:
    plan = small_plan()
    fleet.rollouts.create(plan, "ada", line_at_four)
    done, refused = [], []

    def approve() -> None:
        try:
            done.append(fleet.rollouts.approve("ranker-1.1.0", "ada", plan.digest))
        except RequestContractError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=approve) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert (len(done), len(refused)) == (1, 5)
    assert all("second person" in one for one in refused)
    with pytest.raises(RequestContractError):
        fleet.rollouts.start("ranker-1.1.0", "ada")


def test_a_plan_that_was_edited_after_it_was_approved_does_not_start(fleet: Fleet) -> None:
    plan = small_plan()
    fleet.rollouts.create(plan, "ada", line_at_four)
    for who in ("ada", "grace"):
        fleet.rollouts.approve("ranker-1.1.0", who, plan.digest)
    with connect(fleet.database) as con:
        con.execute("UPDATE rollout SET body = jsonb_set(body, '{plan,gate,bad}', '5000')")

    with pytest.raises(RequestContractError, match="wanted 2 persons who approved plan"):
        fleet.rollouts.start("ranker-1.1.0", "ada")

    with connect(fleet.database) as con:
        con.execute("UPDATE rollout SET body = jsonb_set(body, '{plan,gate,bad}', '1')")
    assert fleet.rollouts.start("ranker-1.1.0", "ada").stage == "canary"


def test_what_a_device_says_does_not_steer_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b]0;owned\x07\x1b[2Jall is well\r\x9b31m[red]"
    print_table("Devices", ("device", "detail"), [("kiosk-01", evil)])
    print_pairs({"version": evil})
    out = capsys.readouterr().out
    assert not set(out) & {"\x1b", "\x07", "\r", "\x9b"}
    assert "all is well" in out


def test_what_is_logged_does_not_steer_a_terminal_at_central() -> None:
    tail = LogTail()
    tail.emit(logging.makeLogRecord({"msg": "a\x1b[2Jb\r\nc\x9b", "levelname": "INFO"}))
    (line,) = tail._lines
    assert line.isprintable()


def _self_signed(key: object) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kiosk-01")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())  # type: ignore[attr-defined]
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
    )
    is_plain = isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    signed = made.sign(key, None if is_plain else hashes.SHA256())  # type: ignore[arg-type]
    return signed.public_bytes(serialization.Encoding.PEM)


def _request(key: object) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ops")])
    made = x509.CertificateSigningRequestBuilder().subject_name(name)
    is_plain = isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    signed = made.sign(key, None if is_plain else hashes.SHA256())  # type: ignore[arg-type]
    return signed.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    "make",
    [
        lambda: rsa.generate_private_key(65537, 2048),
        lambda: dsa.generate_private_key(1024),
        ed25519.Ed25519PrivateKey.generate,
        ed448.Ed448PrivateKey.generate,
        lambda: ec.generate_private_key(ec.SECP384R1()),
        lambda: ec.generate_private_key(ec.SECP256K1()),
    ],
)
def test_a_key_of_another_kind_gets_no_certificate(make: object) -> None:
    key = make()  # type: ignore[operator]
    with pytest.raises(RequestContractError):
        requested_key(_request(key))


def test_a_certificate_whose_key_nobody_knows_is_refused_in_words() -> None:
    pem = _self_signed(ed25519.Ed25519PrivateKey.generate())
    der = x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
    # The object identifier 1.3.101.112 of Ed25519 becomes 1.3.101.99, which is nobody's.
    strange = x509.load_der_x509_certificate(
        der.replace(b"\x06\x03\x2b\x65\x70", b"\x06\x03\x2b\x65\x63")
    )
    with pytest.raises(RequestContractError, match="something else"):
        _certificate(strange.public_bytes(serialization.Encoding.PEM))


@pytest.mark.parametrize(
    "claim", ["", "EC1", "EC1-" + "A" * 31, "EC1-" + "A" * 33, "EC1-" + "0" * 32, *INJECTIONS]
)
def test_what_is_no_claim_is_refused_without_asking_the_database(claim: str) -> None:
    with pytest.raises(RequestContractError):
        hash_of(claim)


@pytest.mark.parametrize(
    "path",
    [
        "devices/%00",
        "devices?after=%00",
        "rollouts/%00",
        "devices?release=%00",
        "devices?words=%00",
    ],
)
def test_no_address_breaks_a_page(fleet: Fleet, tmp_path: Path, path: str) -> None:
    asking = FleetWeb(fleet.database, tmp_path, SettableClock(NOW)).client("")
    for prefix in ("/fleet", "/api/fleet/v1"):
        assert asking.get(f"{prefix}/{path}", headers={"Host": "localhost"}).status_code == 400
