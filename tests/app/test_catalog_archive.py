"""Old catalogs are kept, so that old decisions can be explained."""

from pathlib import Path

from edge.app.catalog_archive import CatalogArchive
from edge.app.load_site import load_site
from tests.fakes.appliance import DEMO_SITE


def test_a_kept_catalog_reads_back_as_it_was(tmp_path: Path) -> None:
    site = load_site(DEMO_SITE)
    CatalogArchive(tmp_path).keep(site)

    assert CatalogArchive(tmp_path).get(site.digest) == site


def test_a_catalog_that_was_not_kept_or_is_damaged_is_not_there(tmp_path: Path) -> None:
    site = load_site(DEMO_SITE)
    CatalogArchive(tmp_path).keep(site)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:100])

    assert CatalogArchive(tmp_path).get(site.digest) is None
    assert CatalogArchive(tmp_path).get("0" * 64) is None


def test_a_damaged_catalog_is_made_anew_at_the_next_start(tmp_path: Path) -> None:
    site = load_site(DEMO_SITE)
    CatalogArchive(tmp_path).keep(site)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:100])

    CatalogArchive(tmp_path).keep(site)

    assert CatalogArchive(tmp_path).get(site.digest) == site
