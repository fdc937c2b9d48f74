"""One authority follows another: who signs, who is trusted, and what a power cut leaves."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge.app.enrol_authorities import is_issued_by, trusted_now
from edge.central.fleet.provision import rollover
from edge.central.fleet.provision.authority import Authority, Revoked
from edge.central.fleet.provision.certificate import new_key
from edge.core.errors import SettingsContractError, TrustError
from tests.fakes.certificates import system_now

NOW = system_now()
LONG_AGO = NOW - timedelta(days=3000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Authority.make(tmp_path / "authority", "harbour", LONG_AGO)
    return tmp_path / "authority"


def by(folder: Path) -> x509.Certificate:
    """Return who signs a device's certificate now."""
    authority = rollover.opened(folder)
    made = authority.device("kiosk-7", new_key().public_key(), NOW)
    assert is_issued_by(made, authority.certificate)
    return authority.certificate


def trusted(folder: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(rollover.opened(folder).pem)


def test_both_are_trusted_from_the_beginning_of_the_change_to_its_end(folder: Path) -> None:
    first = by(folder)
    assert trusted(folder) == [first]
    rollover.begin(folder, "harbour", NOW)
    assert by(folder) == first
    assert len(trusted(folder)) == 2
    rollover.switch(folder, NOW)
    second = by(folder)
    assert second != first
    assert set(trusted(folder)) == {first, second}
    rollover.retire(folder)
    assert by(folder) == second
    assert trusted(folder) == [second]
    assert rollover.opened(folder).handover_pem == b""
    assert {one.name for one in folder.iterdir()} == {"ca.crt", "ca.key"}


def test_each_that_is_trusted_has_a_list_of_revoked_certificates_under_its_own_name(
    folder: Path,
) -> None:
    rollover.begin(folder, "harbour", NOW)
    authority = rollover.opened(folder)
    made = authority.revocations([Revoked(7, NOW)], NOW).split(b"-----END X509 CRL-----\n")
    lists = [x509.load_pem_x509_crl(one + b"-----END X509 CRL-----\n") for one in made[:-1]]
    assert {one.issuer for one in lists} == authority.names
    assert len(authority.names) == 2
    assert all([entry.serial_number for entry in one] == [7] for one in lists)


def test_a_device_takes_a_new_authority_with_the_word_of_one_it_knows_and_no_other(
    folder: Path, tmp_path: Path
) -> None:
    first = by(folder)
    rollover.begin(folder, "harbour", NOW)
    pem = rollover.opened(folder).pem.decode()
    word = rollover.opened(folder).handover_pem.decode()
    assert len(trusted_now(pem, word, [first])) == 2
    assert trusted_now(pem, "", [first]) == (first,)

    strange = Authority.make(tmp_path / "strange", "harbour", LONG_AGO)
    theirs = strange.vouch_for(Authority.new("harbour", NOW, since="x"))
    with pytest.raises(TrustError):
        trusted_now(strange.pem.decode(), word, [first])
    with pytest.raises(TrustError):
        trusted_now(strange.pem.decode(), rollover_word(theirs), [first])


def rollover_word(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def test_a_device_certificate_is_no_word_for_an_authority(folder: Path) -> None:
    first, signs = by(folder), Authority.open(folder)
    thief = Authority.new("harbour", NOW, since="stolen")
    leaf = signs.device("kiosk-7", thief.certificate.public_key(), NOW)  # type: ignore[arg-type]
    with pytest.raises(TrustError):
        trusted_now(thief.pem.decode(), rollover_word(leaf), [first])


@pytest.mark.parametrize("left", ["nothing", "key", "both"])
def test_a_power_cut_while_the_first_one_goes_leaves_an_authority_that_signs(
    folder: Path, left: str
) -> None:
    rollover.begin(folder, "harbour", NOW)
    rollover.switch(folder, NOW)
    second = by(folder)
    (folder / "next" / rollover.ALONE).touch()
    if left in {"key", "both"}:
        (folder / "ca.key").write_bytes((folder / "next/ca.key").read_bytes())
    if left == "both":
        (folder / "ca.crt").write_bytes((folder / "next/ca.crt").read_bytes())
    assert by(folder) == second
    rollover.retire(folder)
    assert by(folder) == second
    assert trusted(folder) == [second]


def test_the_steps_are_refused_out_of_order(folder: Path) -> None:
    with pytest.raises(SettingsContractError, match="ca-next"):
        rollover.switch(folder, NOW)
    rollover.begin(folder, "harbour", NOW)
    with pytest.raises(SettingsContractError, match="under way"):
        rollover.begin(folder, "harbour", NOW)
    with pytest.raises(SettingsContractError, match="ca-switch"):
        rollover.retire(folder)


def test_a_key_that_was_made_and_not_vouched_for_is_no_change_yet(folder: Path) -> None:
    rollover.begin(folder, "harbour", NOW)
    (folder / "next" / rollover.HANDOVER).unlink()  # a power cut came before it
    assert len(trusted(folder)) == 1
    rollover.begin(folder, "harbour", NOW)
    assert len(trusted(folder)) == 2
