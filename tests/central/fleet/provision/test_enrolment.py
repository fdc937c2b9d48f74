from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from edge.app.enrol import request_for
from edge.central.fleet.provision.certificate import PrivateKey, common_name, new_key
from edge.central.fleet.provision.claims import Place
from edge.central.fleet.provision.enrolment import Membership
from edge.central.fleet.provision.ledger import Ledger
from edge.central.fleet.provision.renewal import Renewal
from edge.central.postgres import connect
from edge.core.errors import RequestContractError, TrustError
from edge.wire.renewal import signed_renewal
from tests.fakes.joining import PLACE, Joining
from tests.fakes.postgres import PostgresServer


@pytest.fixture(scope="module")
def one_database(postgres_server: PostgresServer) -> str:
    return postgres_server.url()


@pytest.fixture
def joining(one_database: str, tmp_path: Path) -> Joining:
    return Joining.make(one_database, tmp_path).emptied()


def _enrol(joining: Joining, key: PrivateKey, claim: str | None = None) -> Membership:
    return joining.enrolment.enrol(claim or joining.claim(), request_for(key).encode())


def _renewal(joining: Joining, old: Membership, old_key: PrivateKey, new: PrivateKey) -> Renewal:
    request, at = request_for(new).encode(), joining.clock().isoformat()
    proof = old_key.sign(signed_renewal(at, request), ec.ECDSA(hashes.SHA256()))
    return Renewal(old.certificate.encode(), request, at, proof)


def test_a_claim_and_a_key_become_a_device_of_its_shop(joining: Joining) -> None:
    key = new_key()
    found = _enrol(joining, key)
    certificate = x509.load_pem_x509_certificate(found.certificate.encode())
    assert common_name(certificate) == "kiosk-7"
    assert certificate.public_key() == key.public_key()
    assert found.place == PLACE
    acl = (joining.folder / "acl").read_text()
    assert "site/shop-7/down/#" in acl
    assert "ring/early/down/#" in acl
    assert joining.reloads == [1]
    assert joining.log() == [("claimed", "kiosk-7"), ("enrolled", "kiosk-7")]


def test_a_used_claim_is_refused_to_anybody_else(joining: Joining) -> None:
    claim = joining.claim()
    _enrol(joining, new_key(), claim)
    with pytest.raises(TrustError, match="used"):
        _enrol(joining, new_key(), claim)


def test_the_same_key_is_answered_again_for_an_hour(joining: Joining) -> None:
    claim, key = joining.claim(), new_key()
    first = _enrol(joining, key, claim)
    joining.clock.advance(timedelta(minutes=59))
    assert _enrol(joining, key, claim).certificate == first.certificate
    joining.clock.advance(timedelta(minutes=2))
    with pytest.raises(TrustError, match="used"):
        _enrol(joining, key, claim)
    assert joining.reloads == [1]


def test_a_revoked_device_does_not_come_back_by_asking_again(joining: Joining) -> None:
    claim, key = joining.claim(), new_key()
    _enrol(joining, key, claim)
    joining.revoke("kiosk-7")
    with pytest.raises(TrustError, match="revoked"):
        _enrol(joining, key, claim)


def test_whose_place_another_machine_took_is_not_answered_again(joining: Joining) -> None:
    claim, key = joining.claim(), new_key()
    _enrol(joining, key, claim)
    _enrol(joining, new_key())
    with pytest.raises(TrustError, match="replaced meanwhile"):
        _enrol(joining, key, claim)


def test_an_expired_or_replaced_claim_is_refused(joining: Joining) -> None:
    old = joining.claim(lasts=timedelta(hours=1))
    newer = joining.claim(lasts=timedelta(hours=1))
    with pytest.raises(TrustError, match="replaced"):
        _enrol(joining, new_key(), old)
    joining.clock.advance(timedelta(hours=1))
    with pytest.raises(TrustError, match="expired"):
        _enrol(joining, new_key(), newer)


def test_the_database_holds_no_claim(joining: Joining) -> None:
    letters = joining.claim().replace("-", "")
    with connect(joining.database) as con:
        rows = con.execute("SELECT provision_claim::text FROM provision_claim").fetchall()
    assert letters not in str(rows)
    assert letters.encode().hex() not in str(rows)


def test_another_machine_under_the_same_name_ends_the_first_ones_certificates(
    joining: Joining,
) -> None:
    first = _enrol(joining, new_key())
    _enrol(joining, new_key())
    revoked = x509.load_pem_x509_crl((joining.folder / "crl.pem").read_bytes())
    serial = x509.load_pem_x509_certificate(first.certificate.encode()).serial_number
    assert [one.serial_number for one in revoked] == [serial]


def test_a_revoked_device_is_in_the_list_and_denied_in_the_acl(joining: Joining) -> None:
    _enrol(joining, new_key())
    joining.revoke("kiosk-7")
    assert "user kiosk-7\ntopic deny #" in (joining.folder / "acl").read_text()
    assert len(list(x509.load_pem_x509_crl((joining.folder / "crl.pem").read_bytes()))) == 1
    assert joining.log()[-1] == ("revoked", "kiosk-7")


def test_a_device_renews_with_the_key_of_its_old_certificate(joining: Joining) -> None:
    key, following = new_key(), new_key()
    old = _enrol(joining, key)
    joining.clock.advance(timedelta(days=60))
    found = joining.enrolment.renew(_renewal(joining, old, key, following))
    certificate = x509.load_pem_x509_certificate(found.certificate.encode())
    assert certificate.public_key() == following.public_key()
    assert common_name(certificate) == "kiosk-7"
    assert joining.reloads == [1]  # nothing that the broker reads has changed
    assert joining.log()[-1] == ("renewed", "kiosk-7")


def test_a_renewal_whose_answer_was_lost_is_answered_again(joining: Joining) -> None:
    key, following = new_key(), new_key()
    old = _enrol(joining, key)
    joining.clock.advance(timedelta(days=60))
    asked = _renewal(joining, old, key, following)
    first = joining.enrolment.renew(asked)
    assert joining.enrolment.renew(asked).certificate == first.certificate


def test_a_shop_that_was_closed_renews_up_to_30_days_late(joining: Joining) -> None:
    key = new_key()
    old = _enrol(joining, key)
    joining.clock.advance(timedelta(days=119))
    joining.enrolment.renew(_renewal(joining, old, key, new_key()))
    joining.clock.advance(timedelta(days=2))
    with pytest.raises(TrustError, match="enrol the device again"):
        joining.enrolment.renew(_renewal(joining, old, key, new_key()))


def test_nobody_renews_without_the_old_key(joining: Joining) -> None:
    key = new_key()
    old = _enrol(joining, key)
    joining.clock.advance(timedelta(days=60))
    with pytest.raises(TrustError, match="old certificate's key"):
        joining.enrolment.renew(_renewal(joining, old, new_key(), new_key()))


def test_a_certificate_of_another_authority_renews_nothing(
    joining: Joining, tmp_path: Path
) -> None:
    other = Joining.make(joining.database, tmp_path / "other")
    key = new_key()
    rogue = other.fleet.authority.device("kiosk-7", key.public_key(), joining.clock())
    _enrol(joining, new_key())
    asked = _renewal(joining, _enrol(joining, new_key()), key, new_key())
    asked = Renewal(rogue.public_bytes(Encoding.PEM), asked.request_pem, asked.at, asked.signature)
    with pytest.raises(TrustError, match="this authority issued"):
        joining.enrolment.renew(asked)


def test_a_revoked_device_does_not_renew(joining: Joining) -> None:
    key = new_key()
    old = _enrol(joining, key)
    joining.revoke("kiosk-7")
    with pytest.raises(TrustError, match="revoked"):
        joining.enrolment.renew(_renewal(joining, old, key, new_key()))


def test_a_renewal_of_another_day_or_too_soon_after_the_last_is_refused(joining: Joining) -> None:
    key = new_key()
    old = _enrol(joining, key)
    asked = _renewal(joining, old, key, new_key())
    with pytest.raises(RequestContractError, match="an hour"):
        joining.enrolment.renew(asked)
    joining.clock.advance(timedelta(days=2))
    with pytest.raises(TrustError, match="of today"):
        joining.enrolment.renew(asked)


def test_who_belongs_can_be_listed(joining: Joining) -> None:
    _enrol(joining, new_key())
    joining.claim(Place("shop-8", "kiosk-8"))
    with connect(joining.database) as con:
        members = Ledger(con).members()
    assert [(one.place.device, one.revoked_at) for one in members] == [("kiosk-7", None)]
    assert members[0].expires_at is not None
    assert members[0].expires_at - joining.clock() > timedelta(days=89)
