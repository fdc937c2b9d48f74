"""Keepers sign one after the other, each knowing what, and then it is published."""

from pathlib import Path

import pytest

from edge.central.fleet.releases.package_file import Label, config_package, model_package
from edge.central.fleet.releases.sign import add_package, changes, renew, sign_pending, withdraw
from edge.core.errors import RequestContractError, TrustError
from tests.fakes.published import FACTORY, PATH, fetch, files, package
from tests.fakes.repository import SignedRepository


def test_one_keeper_prepares_two_sign_one_after_the_other_and_then_it_is_published(
    signed: SignedRepository,
) -> None:
    add_package(signed.desk, model_package(FACTORY, Label("ranker", "1.1.0")))
    (line,) = sign_pending(signed.desk, [])
    assert (line.role, line.version, line.missing) == ("models", 3, 2)
    (line,) = sign_pending(signed.desk, signed.keepers[:1])
    assert line.missing == 1
    with pytest.raises(TrustError, match="wanted 2 signatures, got 1"):
        signed.repository.publish(signed.pending)
    (line,) = sign_pending(signed.desk, signed.keepers[2:])
    assert line.to_text() == "models version 3: 2 signed, enough"
    assert signed.repository.publish(signed.pending) == ("models",)
    assert fetch(signed, package("1.1.0")).keys() == {package("1.1.0")}


def test_the_same_keeper_signing_twice_is_still_one(signed: SignedRepository) -> None:
    renew(signed.desk, "models")
    sign_pending(signed.desk, signed.keepers[:1])
    (line,) = sign_pending(signed.desk, signed.keepers[:1])
    assert line.missing == 1


def test_a_keeper_reads_what_would_change_before_signing(signed: SignedRepository) -> None:
    add_package(signed.desk, model_package(FACTORY, Label("ranker", "1.1.0")))
    withdraw(signed.desk, PATH)
    lines = list(changes(signed.desk))
    assert lines[0].startswith("models version 3, holds until")
    assert lines[1].startswith(f"  + {package('1.1.0')}: ")
    assert lines[2] == f"  - {PATH}"


def test_what_is_changed_after_a_signature_has_to_be_signed_again(
    signed: SignedRepository,
) -> None:
    add_package(signed.desk, model_package(FACTORY, Label("ranker", "1.1.0")))
    sign_pending(signed.desk, signed.keepers[:2])
    add_package(signed.desk, model_package(FACTORY, Label("ranker", "1.2.0")))
    (line,) = sign_pending(signed.desk, [])
    assert line.missing == 2


def test_a_version_is_never_used_for_other_bytes(signed: SignedRepository, tmp_path: Path) -> None:
    with pytest.raises(RequestContractError, match="new version"):
        add_package(
            signed.desk, model_package(FACTORY, Label("ranker", "1.0.0", minimum_version="1.0.0"))
        )
    again = add_package(signed.desk, model_package(FACTORY, Label("ranker", "1.0.0")))
    assert again == PATH


def test_what_is_published_leaves_the_folder_and_is_not_published_twice(
    signed: SignedRepository,
) -> None:
    renew(signed.desk, "models")
    signed.sign_and_publish()
    before = files(signed)
    assert signed.repository.publish(signed.pending) == ()
    assert files(signed) == before


def test_every_kind_of_package_goes_to_its_own_role(
    signed: SignedRepository, tmp_path: Path
) -> None:
    settings = tmp_path / "kiosk.toml"
    settings.write_text("[update]\npoll_minutes = 10\n")
    path = signed.publish_package(config_package(settings, Label("kiosk", "1.0.0")))
    assert path == "config/kiosk/1.0.0/kiosk-1.0.0.tar"
    state = signed.repository.state()
    assert path in state.targets["config"].signed.targets
    assert fetch(signed, path).keys() == {path}
