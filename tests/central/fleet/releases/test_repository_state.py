"""A repository that was tampered with is not worked with, and devices get its newest root."""

import pytest

from edge.central.fleet.releases.sign import renew
from edge.core.errors import TrustError
from tests.fakes.published import PATH
from tests.fakes.repository import SignedRepository
from tests.fakes.tuf_client import TufClient


def test_a_copy_of_the_repository_that_was_tampered_with_is_not_worked_with(
    signed: SignedRepository,
) -> None:
    path = signed.served / "metadata" / "2.models.json"
    path.write_bytes(path.read_bytes().replace(b'"min_agent":"0.1.0"', b'"min_agent":"0.0.1"'))
    with pytest.raises(TrustError, match="models"):
        signed.repository.state().check()


def test_a_file_that_is_no_metadata_is_refused(signed: SignedRepository) -> None:
    (signed.served / "metadata" / "timestamp.json").write_bytes(b"<html>")
    with pytest.raises(TrustError, match="signed metadata"):
        signed.repository.state()


def test_what_a_device_is_given_at_enrolment_is_the_newest_root(signed: SignedRepository) -> None:
    renew(signed.desk, "root")
    signed.sign_and_publish()
    newest = signed.repository.trusted_root()
    assert newest != signed.root
    assert TufClient(signed.served, newest, signed.folder / "new").fetch(PATH).keys() == {PATH}
