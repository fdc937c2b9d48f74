from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.central.fleet.provision.authority import Authority, Revoked, requested_key
from edge.central.fleet.provision.certificate import PublicKey, common_name, new_key
from edge.core.errors import RequestContractError, SettingsContractError

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def _request(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, name: str = "x") -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(serialization.Encoding.PEM)


def test_its_key_is_readable_by_its_owner_only_or_it_is_not_opened(tmp_path: Path) -> None:
    Authority.make(tmp_path, "harbour", NOW)
    assert (tmp_path / "ca.key").stat().st_mode & 0o777 == 0o600
    assert Authority.open(tmp_path).pem == (tmp_path / "ca.crt").read_bytes()
    (tmp_path / "ca.key").chmod(0o640)
    with pytest.raises(SettingsContractError, match="0600"):
        Authority.open(tmp_path)


def test_its_key_is_in_no_representation(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path, "harbour", NOW)
    assert "key" not in repr(authority).replace("Certificate", "").lower()


def test_it_is_never_made_anew_where_one_is(tmp_path: Path) -> None:
    Authority.make(tmp_path, "harbour", NOW)
    with pytest.raises(SettingsContractError, match="not made anew"):
        Authority.make(tmp_path, "harbour", NOW)


def test_it_is_opened_with_its_own_key_only(tmp_path: Path) -> None:
    Authority.make(tmp_path / "a", "harbour", NOW)
    Authority.make(tmp_path / "b", "harbour", NOW)
    (tmp_path / "a/ca.key").write_bytes((tmp_path / "b/ca.key").read_bytes())
    with pytest.raises(SettingsContractError, match="got another"):
        Authority.open(tmp_path / "a")
    with pytest.raises(SettingsContractError, match="ca-init"):
        Authority.open(tmp_path / "nowhere")


def test_a_devices_certificate_holds_90_days_for_clients_only(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path, "harbour", NOW)
    made = authority.device("kiosk-1", new_key().public_key(), NOW)
    assert common_name(made) == "kiosk-1"
    assert made.not_valid_after_utc == NOW + timedelta(days=90)
    use = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(use) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    made.verify_directly_issued_by(authority.certificate)


def test_no_certificate_outlives_the_authority(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path, "harbour", NOW)
    late = authority.certificate.not_valid_after_utc - timedelta(days=3)
    made = authority.device("kiosk-1", new_key().public_key(), late)
    assert made.not_valid_after_utc == authority.certificate.not_valid_after_utc


def test_names_of_centrals_own_are_for_central_only(tmp_path: Path) -> None:
    authority, key = Authority.make(tmp_path, "harbour", NOW), new_key().public_key()
    assert common_name(authority.central("bridge-1", key, NOW)) == "bridge-1"
    with pytest.raises(RequestContractError, match="central's own"):
        authority.device("bridge-1", key, NOW)
    with pytest.raises(RequestContractError, match="central's own"):
        authority.central("kiosk-1", key, NOW)
    with pytest.raises(RequestContractError, match="host name"):
        authority.server((), key, NOW)


def test_what_a_request_asks_to_be_called_is_not_looked_at() -> None:
    key = new_key()
    assert requested_key(_request(key, "kiosk-b/up/#")) == key.public_key()


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"-----BEGIN CERTIFICATE REQUEST-----\nx\n-----END CERTIFICATE REQUEST-----\n",
        b"x" * 5000,
        _request(ec.generate_private_key(ec.SECP384R1())),
        _request(ed25519.Ed25519PrivateKey.generate()),
    ],
    ids=["nothing", "broken", "long", "p384", "ed25519"],
)
def test_a_request_for_anything_but_an_ec_p256_key_is_refused(bad: bytes) -> None:
    with pytest.raises(RequestContractError, match="EC P-256"):
        requested_key(bad)


def test_a_request_that_its_own_key_did_not_sign_is_refused() -> None:
    request = x509.load_pem_x509_csr(_request(new_key()))
    der = bytearray(request.public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    forged = x509.load_der_x509_csr(bytes(der)).public_bytes(serialization.Encoding.PEM)
    with pytest.raises(RequestContractError, match="broken signature"):
        requested_key(forged)


def test_the_list_of_revocations_holds_as_long_as_the_authority(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path, "harbour", NOW)
    found = x509.load_pem_x509_crl(authority.revocations([Revoked(77, NOW)], NOW))
    assert [one.serial_number for one in found] == [77]
    assert found.next_update_utc == authority.certificate.not_valid_after_utc
    key = authority.certificate.public_key()
    assert isinstance(key, PublicKey)
    assert found.is_signature_valid(key)
