"""A data set is described in TOML, and all its mistakes are reported at once."""

from pathlib import Path

import pytest

from models.training.datasets import DatasetContractError, read_dataset
from tests.fakes.small_till import DESCRIPTION, write_till

SHIPPED = Path(__file__).parents[2] / "models" / "training" / "datasets"


def test_a_description_names_columns_zone_and_files(tmp_path: Path) -> None:
    found = read_dataset(write_till(tmp_path))

    assert found.columns.all == ("branch", "receipt", "article", "day", "clock")
    assert found.zone.key == "Europe/London"
    assert [file.name for file in found.files] == ["till.csv"]
    assert found.items is None


def test_the_files_may_lie_in_another_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    path = write_till(tmp_path)
    (tmp_path / "till.csv").rename(elsewhere / "till.csv")

    assert read_dataset(path, elsewhere).files == (elsewhere / "till.csv",)
    with pytest.raises(DatasetContractError, match=r"expected the file till\.csv .* --data DIR"):
        read_dataset(path)


def test_all_mistakes_of_a_description_are_reported_at_once(tmp_path: Path) -> None:
    wrong = DESCRIPTION.replace('currency = "GBP"', 'currency = "pounds"\ncolour = "red"')

    with pytest.raises(DatasetContractError) as refused:
        read_dataset(write_till(tmp_path, description=wrong))

    text = str(refused.value)
    assert len(refused.value.mistakes) == 2
    assert "currency: " in text
    assert "got 'pounds'" in text
    assert "colour: Extra inputs are not permitted" in text


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(("Europe/London", "London/Europe"), "time_zone: expected", id="zone"),
        pytest.param(("Europe/London", "../etc/passwd"), "time_zone: expected", id="zone path"),
        pytest.param(('time = "clock"', ""), "both 'date' and 'time'", id="no time"),
        pytest.param(("[columns]", "[columns"), "expected TOML", id="no TOML"),
        pytest.param(
            ("[columns]", "[items]\na = 'b'\n[items_table]\nfile='x'\nfrom='a'\nto='b'\n[columns]"),
            "got both",
            id="two mappings",
        ),
        pytest.param(
            ("[columns]", "[items_table]\nfile='x'\nfrom='a'\nto='b'\n[columns]"),
            "expected the CSV",
            id="no table",
        ),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(
    tmp_path: Path, change: tuple[str, str], why: str
) -> None:
    with pytest.raises(DatasetContractError, match=why):
        read_dataset(write_till(tmp_path, description=DESCRIPTION.replace(*change)))


def test_a_missing_description_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(DatasetContractError, match="expected a TOML file"):
        read_dataset(tmp_path / "none.toml")


def test_an_item_table_with_a_bad_row_is_refused_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("till,sku\n1,tea\n,jam\n", encoding="utf-8")
    table = "[items_table]\nfile='items.csv'\nfrom='till'\nto='sku'\n[columns]"
    path = write_till(tmp_path, description=DESCRIPTION.replace("[columns]", table))

    with pytest.raises(DatasetContractError, match=r"items\.csv: row 3"):
        read_dataset(path)


@pytest.mark.parametrize("name", ["bread_basket.toml", "coffee_shop.toml"])
def test_the_shipped_descriptions_are_sound(tmp_path: Path, name: str) -> None:
    for file in ("BreadBasket_DMS.csv", "coffee_shop_sales.csv.gz"):
        (tmp_path / file).write_bytes(b"")

    assert read_dataset(SHIPPED / name, tmp_path).title


def test_the_demo_menu_maps_every_till_id_and_leaves_syrups_out(tmp_path: Path) -> None:
    (tmp_path / "coffee_shop_sales.csv.gz").write_bytes(b"")
    items = read_dataset(SHIPPED / "coffee_shop.toml", tmp_path).items

    assert items is not None
    assert len(items) == 80
    assert items["38"] == items["39"] == "latte"
    assert sorted(till for till, sku in items.items() if not sku) == ["63", "64", "65", "84"]
