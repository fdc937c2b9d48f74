"""A site folder on disk becomes a shop."""

from pathlib import Path

import pytest

from edge.app.load_site import load_site, site_texts
from edge.app.shipped import shipped
from edge.catalog.parse import parse_site
from edge.core.errors import SiteContractError, UnavailableError
from tests.fakes.site_texts import SITE_TEXTS, broken, ship, write_folder


def test_a_folder_is_read_as_its_texts(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "site")
    (folder / "items.csv").write_text("till_id,sku\n")
    (folder / "README.md").write_text("for people")
    root = ship(tmp_path / "shipped")

    assert load_site(folder, shipped=root.joinpath) == parse_site(SITE_TEXTS)


def test_pictures_and_regions_must_be_delivered(tmp_path: Path) -> None:
    def nothing(path: str) -> Path:
        raise UnavailableError(path)

    with pytest.raises(SiteContractError) as caught:
        load_site(write_folder(tmp_path), shipped=nothing)

    assert [line.partition(": wanted a known ")[2].partition(",")[0] for line in caught.value.mistakes] == [
        "region", "picture", "picture", "picture"
    ]  # fmt: skip


def test_files_in_bytes_other_than_utf8_or_too_long_are_mistakes_among_others(
    tmp_path: Path,
) -> None:
    folder = write_folder(tmp_path / "site", broken("site.yaml", "GBP", "pounds"))
    (folder / "boards.yaml").write_bytes("# café".encode("latin-1"))
    (folder / "guide.yaml").write_bytes(b"#" * 2_000_000)

    with pytest.raises(SiteContractError) as caught:
        load_site(folder, shipped=ship(tmp_path / "shipped").joinpath)

    assert caught.value.mistakes == (
        'site.yaml: currency: wanted text of the form [A-Z]{3}, found "pounds"',
        "boards.yaml: line 1: wanted UTF-8 text, found other bytes; save the file as UTF-8",
        "guide.yaml: wanted at most 1000000 bytes, found 1000001 or more; split the file",
    )


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_a_folder_that_is_none_is_one_mistake(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SiteContractError, match=f"{name}: wanted a site folder .* not a folder"):
        load_site(tmp_path / name)


def test_a_yaml_file_in_the_wrong_place_is_a_mistake(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, {"drafts/new/offer.yaml": "", "products/a.yml": ""})

    assert sorted(site_texts(folder)) == ["drafts/new/offer.yaml", "products/a.yml"]


def test_the_delivered_demo_shop_has_no_mistakes() -> None:
    folder = shipped("firmware_config/sites/harbour_kitchen")

    assert load_site(folder).header.site == "harbour-kitchen"


def test_what_is_delivered_is_found_and_what_is_not_is_an_error() -> None:
    assert shipped("models/contract.toml").read_text()
    with pytest.raises(UnavailableError, match=r"wanted 'models/none' below .* install edge again"):
        shipped("models/none")
