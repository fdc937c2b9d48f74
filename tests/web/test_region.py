"""The food-law words of a region are all there, in every language we ship."""

from pathlib import Path

import pytest

from edge.core.errors import SiteContractError
from edge.web.region import load_region
from tests.fakes.services import UI

REGIONS = sorted(path.stem for path in (UI / "region").glob("*.toml"))


@pytest.mark.parametrize("name", REGIONS)
def test_every_region_says_everything_in_english_and_german(name: str) -> None:
    region = load_region(UI / "region", name)

    for words in (region.tax_note, region.kcal.statement, region.allergens.ask, region.notice):
        assert {"en", "de"} <= set(words)


def test_a_region_without_rules_says_the_strictest_we_know() -> None:
    assert load_region(UI / "region", "zz").id == "gb"


def test_a_file_that_is_not_a_region_is_named(tmp_path: Path) -> None:
    (tmp_path / "gb.toml").write_text('id = "gb"')

    with pytest.raises(SiteContractError, match=r"region/gb\.toml"):
        load_region(tmp_path, "gb")
