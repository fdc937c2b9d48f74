"""A shop made from tickets comes with the description that its model is trained from."""

from pathlib import Path

import pytest

from edge.app.shipped import Shipped
from edge.app.starter.dataset import dataset_path
from edge.app.starter.site_from_tickets import Shop, make_site
from edge.app.starter.till_export import ExportColumns
from edge.core.errors import RequestContractError
from models.training.datasets import read_dataset
from tests.fakes.site_texts import ship

SHOP = Shop('Corner "Café"', "EUR", "Europe/Berlin")
TILL = """\
ticket,item,date,time
1,Latte,2026-03-02,08:10:00
1,NONE,2026-03-02,08:10:00
"""


@pytest.fixture
def shipped(tmp_path: Path) -> Shipped:
    return ship(tmp_path / "shipped").joinpath


def _till(folder: Path, text: str) -> Path:
    folder.mkdir()
    file = folder / "till.csv"
    file.write_text(text)
    return file


def test_the_training_reads_it_as_it_is(tmp_path: Path, shipped: Shipped) -> None:
    till = _till(tmp_path / "exports", TILL)

    made = make_site(till, tmp_path / "shops" / "corner", SHOP, ExportColumns(), shipped=shipped)

    assert made.dataset == tmp_path / "shops" / "corner.toml"
    dataset = read_dataset(made.dataset)
    assert (dataset.name, dataset.title, dataset.currency) == ("corner", 'Corner "Café"', "EUR")
    assert [file.resolve() for file in dataset.files] == [till]
    assert dataset.items == {"Latte": "latte"}
    assert dataset.drop == {"item": ("", "NONE")}
    assert (dataset.columns.date, dataset.columns.time) == ("date", "time")


def test_one_column_of_date_and_time_is_a_moment(tmp_path: Path, shipped: Shipped) -> None:
    till = _till(tmp_path / "exports", "ticket,item,at\n1,Latte,2026-03-02 08:10:00\n")

    made = make_site(till, tmp_path / "shop", SHOP, ExportColumns(date="at"), shipped=shipped)

    assert made.dataset is not None
    assert read_dataset(made.dataset).columns.moment == "at"


def test_tickets_without_a_date_train_no_model(tmp_path: Path, shipped: Shipped) -> None:
    till = _till(tmp_path / "exports", "ticket,item\n1,Latte\n")

    made = make_site(till, tmp_path / "shop", SHOP, ExportColumns(), shipped=shipped)

    assert made.dataset is None
    assert not dataset_path(tmp_path / "shop").exists()


def test_a_description_that_is_there_is_never_overwritten(tmp_path: Path, shipped: Shipped) -> None:
    till = _till(tmp_path / "exports", TILL)
    dataset_path(tmp_path / "shop").write_text("mine")

    with pytest.raises(RequestContractError, match=r"shop\.toml: wanted to write"):
        make_site(till, tmp_path / "shop", SHOP, ExportColumns(), shipped=shipped)

    assert dataset_path(tmp_path / "shop").read_text() == "mine"
    assert not (tmp_path / "shop").exists()


def test_a_time_zone_that_is_none_is_told_by_its_option(tmp_path: Path, shipped: Shipped) -> None:
    till = _till(tmp_path / "exports", TILL)

    with pytest.raises(RequestContractError, match=r'--timezone: wanted .* found "Nowhere"'):
        make_site(till, tmp_path / "shop", Shop("S", "EUR", "Nowhere"), ExportColumns())


def test_an_export_separated_by_semicolons_is_told_so(tmp_path: Path, shipped: Shipped) -> None:
    till = _till(tmp_path / "exports", TILL.replace(",", ";"))

    with pytest.raises(RequestContractError, match="separate columns by commas"):
        make_site(till, tmp_path / "shop", SHOP, ExportColumns(), shipped=shipped)
