"""Things are called at home what the customer's own shop calls them."""

from pathlib import Path

import pytest

from edge.central.my_data.menus import controller_of, load_menus
from edge.core.errors import SettingsContractError
from tests.fakes.at_home import SITES


def test_a_shop_is_found_by_its_name_and_the_first_stands_for_others() -> None:
    menus = load_menus(SITES)

    assert menus.site("harbour-kitchen").product("latte") is not None
    assert menus.site("nowhere") is menus.first
    assert controller_of(menus.first).contact
    assert menus.languages[:2] == ("en", "de")


def test_without_shops_or_somebody_responsible_it_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(SettingsContractError, match=r"customers\.sites: .*controller"):
        load_menus(tmp_path)
    with pytest.raises(SettingsContractError, match=r"customers\.sites"):
        load_menus(tmp_path / "missing")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/site.yaml").write_text("site: [")
    with pytest.raises(SettingsContractError, match=r"customers\.sites"):
        load_menus(tmp_path)
