"""``edge site approve``, and what ``edge site check`` says about versions and signatures."""

from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from edge.app.approve_command import approve
from edge.app.load_site import site_texts
from edge.app.site_commands import check
from edge.catalog.approved import valid_approvals
from edge.catalog.parse import parse_site
from edge.core.errors import RequestContractError
from tests.fakes.site_texts import SITE_TEXTS, write_folder

RUN: Final = CliRunner()
OFFERS: Final = """\
# What the house says.
- offer: morning-latte   # the first one
  owner: house
  surfaces: [kiosk]
  skus: [latte]
  headline:
    en: Wake up
    de: Wach auf

# Below: another.
- {offer: flat, owner: house, skus: [scone], headline: {en: A, de: A}, surfaces: [kiosk]}
- offer: last
  owner: house
  surfaces: [kiosk]
  headline: {en: B, de: B}
  skus:
    - scone
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    # Its pictures are not delivered, and this is not about pictures.
    texts = {
        name: text.replace(", picture: hot.svg", "").replace("  picture: latte.svg\n", "")
        for name, text in SITE_TEXTS.items()
    }
    return write_folder(tmp_path / "shop", {**texts, "offers/house.yaml": OFFERS})


def _approve(folder: Path, entry_id: str, *more: str, by: str = "sam") -> str:
    arguments = [str(folder), entry_id, "--by", by, "--role", "brand", *more]
    result = RUN.invoke(approve, arguments)
    if isinstance(result.exception, RequestContractError):
        return str(result.exception)
    if result.exception:
        raise result.exception
    return result.output


def test_an_approval_is_one_more_line_and_every_other_one_stays(folder: Path) -> None:
    path = folder / "offers/house.yaml"
    before = path.read_text().splitlines()

    said = _approve(folder, "morning-latte")
    _approve(folder, "morning-latte", by="kim")
    _approve(folder, "last")

    after = path.read_text().splitlines()
    added = [line for line in after if line not in before]
    assert said.startswith(f"{path}: morning-latte approved by sam (brand), text ")
    assert [line for line in after if line in before] == before
    assert [line.split(",")[0] for line in added] == [
        "  approvals:",
        "    - {by: sam",
        "    - {by: kim",
        "  approvals:",
        "    - {by: sam",
    ]
    site = parse_site(site_texts(folder))
    assert [len(valid_approvals(offer)) for offer in site.offers] == [2, 0, 1]


def test_a_change_after_the_approval_is_told_and_the_approval_counts_no_more(
    folder: Path,
) -> None:
    _approve(folder, "morning-latte")
    path = folder / "offers/house.yaml"
    path.write_text(path.read_text().replace("Wake up", "Get up"))

    assert valid_approvals(parse_site(site_texts(folder)).offers[0]) == ()
    assert (
        "warning: 1 entries changed after they were approved (edge site approve): morning-latte"
        in RUN.invoke(check, [str(folder)]).stdout
    )


def test_the_owner_cannot_approve(folder: Path) -> None:
    assert _approve(folder, "last", by="house") == (
        '--by: wanted somebody other than the owner of last, found "house"'
    )


def test_an_entry_in_braces_is_left_alone_and_said(folder: Path) -> None:
    before = (folder / "offers/house.yaml").read_text()

    assert _approve(folder, "flat") == (
        "offers/house.yaml: flat: wanted an entry written over several lines, found one in "
        "braces; lay it out so, and approve again"
    )
    assert (folder / "offers/house.yaml").read_text() == before


def test_an_offer_that_is_not_there_has_a_near_name(folder: Path) -> None:
    assert _approve(folder, "mornin-latte") == (
        'wanted an offer or a module, found "mornin-latte"; did you mean "morning-latte"? '
        "allowed: flat, last, morning-latte"
    )


def _key(path: Path) -> str:
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key.public_key().public_bytes_raw().hex()


def test_somebody_with_a_key_approves_with_it_and_no_other_signature_counts(
    folder: Path, tmp_path: Path
) -> None:
    mine, other = tmp_path / "sam.pem", tmp_path / "other.pem"
    public = _key(mine)
    _key(other)
    (folder / "approvers.yaml").write_text(f'- {{id: sam, roles: [brand], key: "{public}"}}\n')

    assert _approve(folder, "last") == (
        "--key: wanted the private key of sam (approvers.yaml names the public one)"
    )
    assert "wanted somebody of approvers.yaml" in _approve(folder, "last", by="kim")
    _approve(folder, "last", "--key", str(mine))
    assert RUN.invoke(check, [str(folder)]).exit_code == 0

    _approve(folder, "morning-latte", "--key", str(other))
    result = RUN.invoke(check, [str(folder)])
    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        1,
        (
            "morning-latte.approvals: wanted a signature by the key of sam (approvers.yaml), "
            "found another"
        ),
    )


def test_a_text_that_changed_wants_a_higher_version(folder: Path, tmp_path: Path) -> None:
    new = write_folder(tmp_path / "new", site_texts(folder))
    path = new / "offers/house.yaml"
    path.write_text(path.read_text().replace("Wake up", "Get up"))

    def against() -> Result:
        return RUN.invoke(check, [str(new), "--against", str(folder)])

    assert against().stderr.splitlines() == [
        "morning-latte.version: wanted at least 2, since its text changed, found 1",
        f"{new}: 1 mistake",
    ]
    path.write_text(path.read_text().replace("  owner: house", "  owner: house\n  version: 2", 1))
    assert against().exit_code == 0


def test_approving_alone_needs_no_higher_version(folder: Path, tmp_path: Path) -> None:
    new = write_folder(tmp_path / "new", site_texts(folder))
    _approve(new, "last")

    assert RUN.invoke(check, [str(new), "--against", str(folder)]).exit_code == 0


def test_a_key_that_is_none_is_said_with_how_to_make_one(folder: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no key")

    assert _approve(folder, "last", "--key", str(wrong)).endswith(
        "make one with openssl genpkey -algorithm ed25519 -out wrong.pem"
    )
